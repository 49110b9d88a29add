//! The description in OpenAPI 3.0, for generators that do not read 3.1.
//!
//! It has the same paths and schemas. What 3.0 cannot express is left out: a maximum that does not fit into 64 bits
//! with a sign, and the rights in security requirements.

use serde_json::{Map, Value, json};

/// The version that the converted description states.
const VERSION: &str = "3.0.3";

/// Returns a description in OpenAPI 3.1 as one in 3.0.
#[must_use]
pub fn version_3_0(mut description: Value) -> Value {
    description["openapi"] = VERSION.into();
    if let Some(info) = description["info"].as_object_mut() {
        info.remove("summary");
        info.insert("license".to_owned(), license(&info["license"]));
    }
    for methods in members(&mut description["paths"]) {
        for operation in members(methods) {
            operation["security"] = requirements(&operation["security"]);
            for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
                convert_schema(parameter);
            }
            convert_contents(&mut operation["requestBody"]);
            for response in members(&mut operation["responses"]) {
                convert_contents(response);
                members(&mut response["headers"]).for_each(convert_schema);
            }
            without_nulls(operation);
        }
    }
    let components = &mut description["components"];
    for group in ["parameters", "headers"] {
        members(&mut components[group]).for_each(convert_schema);
    }
    members(&mut components["schemas"]).for_each(|schema| *schema = converted(schema.take()));
    description
}

/// Returns the members of an object; none of any other value.
fn members(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(Map::values_mut)
}

/// Returns a licence, which has an address instead of an identifier.
fn license(license: &Value) -> Value {
    let url =
        format!("https://spdx.org/licenses/{}.html", license["identifier"].as_str().unwrap_or_default());
    json!({"name": license["name"], "url": url})
}

/// Returns security requirements without rights, which 3.0 allows for OAuth 2.0 only.
fn requirements(security: &Value) -> Value {
    let mut requirements: Vec<Value> = Vec::new();
    for requirement in security.as_array().into_iter().flatten() {
        let schemes = requirement.as_object().into_iter().flat_map(Map::keys);
        let requirement = schemes.map(|scheme| (scheme.clone(), json!([]))).collect::<Map<_, _>>().into();
        if !requirements.contains(&requirement) {
            requirements.push(requirement);
        }
    }
    requirements.into()
}

/// Removes the members that indexing has added.
fn without_nulls(value: &mut Value) {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
}

/// Converts the schema of a parameter or a header, which may be a reference.
fn convert_schema(described: &mut Value) {
    if let Some(schema) = described.get_mut("schema") {
        *schema = converted(schema.take());
    }
}

/// Converts the schemas of a request body or a response.
fn convert_contents(described: &mut Value) {
    if let Some(content) = described.get_mut("content") {
        members(content).for_each(convert_schema);
    }
}

/// Returns a schema in the form of 3.0.
fn converted(schema: Value) -> Value {
    let Value::Object(mut members) = schema else { return schema };
    for (name, member) in &mut members {
        match name.as_str() {
            "properties" => self::members(member).for_each(|schema| *schema = converted(schema.take())),
            "items" | "additionalProperties" | "not" => *member = converted(member.take()),
            "oneOf" | "anyOf" | "allOf" => {
                for schema in member.as_array_mut().into_iter().flatten() {
                    *schema = converted(schema.take());
                }
            }
            _ => {}
        }
    }
    if let Some(text) = members.remove("const") {
        members.insert("enum".to_owned(), json!([text]));
    }
    if members.get("maximum").and_then(Value::as_u64).is_some_and(|maximum| i64::try_from(maximum).is_err()) {
        members.remove("maximum");
    }
    convert_types(&mut members);
    convert_alternatives(&mut members);
    // Nothing besides a reference counts.
    if members.len() > 1
        && let Some(reference) = members.remove("$ref")
    {
        members.insert("allOf".to_owned(), json!([{"$ref": reference}]));
    }
    members.into()
}

/// Converts several types to `nullable` and alternatives.
fn convert_types(members: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = members.get("type") else { return };
    let mut types = types.clone();
    if take_null(&mut types, &json!("null")) {
        members.insert("nullable".to_owned(), true.into());
    }
    if let [one] = &types[..] {
        members.insert("type".to_owned(), one.clone());
    } else {
        members.remove("type");
        let types = types.into_iter().map(|one| json!({"type": one})).collect();
        members.insert("oneOf".to_owned(), types);
    }
}

/// Converts an alternative to `null` to `nullable`, which requires a type besides it. All references that can be `null`
/// are to objects.
fn convert_alternatives(members: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = members.get("anyOf") else { return };
    let mut alternatives = alternatives.clone();
    if !take_null(&mut alternatives, &json!({"type": "null"})) {
        return;
    }
    members.remove("anyOf");
    members.insert("nullable".to_owned(), true.into());
    for alternative in alternatives {
        match alternative {
            Value::Object(mut own) if !own.contains_key("$ref") => {
                if let Some(names) = own.get_mut("enum").and_then(Value::as_array_mut) {
                    names.push(Value::Null);
                }
                members.append(&mut own);
            }
            reference => {
                members.insert("type".to_owned(), "object".into());
                members.insert("allOf".to_owned(), json!([reference]));
            }
        }
    }
}

/// Removes what stands for `null`. Returns true if it was there.
fn take_null(values: &mut Vec<Value>, null: &Value) -> bool {
    let before = values.len();
    values.retain(|value| value != null);
    values.len() < before
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{converted, requirements, version_3_0};

    #[test]
    fn schemas_are_converted() {
        for (schema, expected) in [
            (json!(false), json!(false)),
            (json!({"type": "string"}), json!({"type": "string"})),
            (json!({"type": ["string", "null"]}), json!({"type": "string", "nullable": true})),
            (
                json!({"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}], "description": "b"}),
                json!({"type": "string", "enum": ["a", null], "nullable": true, "description": "b"}),
            ),
            (
                json!({"type": ["integer", "string"]}),
                json!({"oneOf": [{"type": "integer"}, {"type": "string"}]}),
            ),
            (json!({"type": "string", "const": "a"}), json!({"type": "string", "enum": ["a"]})),
            (json!({"$ref": "#/a"}), json!({"$ref": "#/a"})),
            (
                json!({"$ref": "#/a", "description": "b"}),
                json!({"allOf": [{"$ref": "#/a"}], "description": "b"}),
            ),
            (
                json!({"anyOf": [{"$ref": "#/a"}, {"type": "null"}]}),
                json!({"allOf": [{"$ref": "#/a"}], "nullable": true, "type": "object"}),
            ),
            (
                json!({"anyOf": [{"$ref": "#/a"}, {"$ref": "#/b"}]}),
                json!({"anyOf": [{"$ref": "#/a"}, {"$ref": "#/b"}]}),
            ),
            (json!({"maximum": u64::MAX}), json!({})),
            (json!({"maximum": i64::MAX}), json!({"maximum": i64::MAX})),
            (
                json!({"items": {"const": 1}, "additionalProperties": {"const": 2}, "not": {"const": 3}}),
                json!({"items": {"enum": [1]}, "additionalProperties": {"enum": [2]}, "not": {"enum": [3]}}),
            ),
            // A property is not a keyword, whatever its name.
            (
                json!({"properties": {"const": {"const": 1}, "type": {"oneOf": [{"const": 2}]}}}),
                json!({"properties": {"const": {"enum": [1]}, "type": {"oneOf": [{"enum": [2]}]}}}),
            ),
        ] {
            assert_eq!(converted(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn requirements_keep_their_schemes_and_lose_their_rights() {
        let security = json!([{"a": ["x"]}, {"a": ["y"]}, {"a": ["z"], "b": []}]);
        assert_eq!(requirements(&security), json!([{"a": []}, {"a": [], "b": []}]));
        assert_eq!(requirements(&json!([])), json!([]));
    }

    #[test]
    fn schemas_are_converted_wherever_a_description_has_them() {
        let media = |schema: &str| json!({"content": {"application/json": {"schema": {"const": schema}}}});
        let in_3_0 = |schema: &str| json!({"content": {"application/json": {"schema": {"enum": [schema]}}}});
        let header = |schema| json!({"name": "a", "schema": schema});
        let mut response = [media("c"), in_3_0("c")];
        response[0]["headers"] = json!({"d": header(json!({"const": 1})), "e": {"$ref": "#/f"}});
        response[1]["headers"] = json!({"d": header(json!({"enum": [1]})), "e": {"$ref": "#/f"}});
        let [before, after] = response;
        let description = json!({
            "openapi": "3.1.0",
            "info": {"title": "t", "summary": "s", "license": {"name": "MIT", "identifier": "MIT"}},
            "paths": {"/a": {"post": {
                "parameters": [header(json!({"const": 1})), {"$ref": "#/p"}],
                "requestBody": media("b"),
                "responses": {"200": before},
                "security": [{"a": ["x"]}],
            }, "get": {"responses": {}, "security": []}}},
            "components": {
                "schemas": {"A": {"const": 1}},
                "parameters": {"P": header(json!({"const": 1}))},
                "headers": {"H": header(json!({"const": 1}))},
            },
        });
        let expected = json!({
            "openapi": "3.0.3",
            "info": {"title": "t", "license": {"name": "MIT", "url": "https://spdx.org/licenses/MIT.html"}},
            "paths": {"/a": {"post": {
                "parameters": [header(json!({"enum": [1]})), {"$ref": "#/p"}],
                "requestBody": in_3_0("b"),
                "responses": {"200": after},
                "security": [{"a": []}],
            }, "get": {"responses": {}, "security": []}}},
            "components": {
                "schemas": {"A": {"enum": [1]}},
                "parameters": {"P": header(json!({"enum": [1]}))},
                "headers": {"H": header(json!({"enum": [1]}))},
            },
        });
        assert_eq!(version_3_0(description), expected);
    }
}
