//! The properties of mobile signatures and users: definitions, rules and changes.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Value, json};

use super::authorisation::Admission;
use super::bodies::{Kind, changes, fields, invalid_names, merge, naming, object};
use super::operations::{missing, page, shown, text, version};
use super::reference::{Reference, extend, sha256};
use super::steps::Body;
use crate::support::answer::{outside_data_room, refused_for};
use crate::support::{Answer, created, ok_at, refused};

/// The visible attributes of a definition that are not numbers.
const DEFINITION: [&str; 14] = [
    "scope",
    "clientExtId",
    "name",
    "description",
    "displayName",
    "type",
    "stringRegex",
    "uniquenessScope",
    "accessCreate",
    "accessModify",
    "allowedValues",
    "encrypted",
    "propagated",
    "mandatoryOnGui",
];

/// The visible attributes of a definition that are numbers, which items store as text.
const NUMBERS: [&str; 3] = ["propertyId", "stringMaxLen", "guiPrecedence"];

/// The fields of a new definition that the model knows.
const PROPERTY_FIELDS: [(&str, Kind); 7] = [
    ("scope", Kind::RequiredText),
    ("clientExtId", Kind::Name),
    ("name", Kind::RequiredText),
    ("type", Kind::RequiredText),
    ("stringRegex", Kind::Name),
    ("description", Kind::Remark),
    ("displayName", Kind::Texts),
];

/// The fields of a changed definition that the model knows.
const CHANGED_FIELDS: [(&str, Kind); 4] = [
    ("stringRegex", Kind::Name),
    ("uniquenessScope", Kind::Name),
    ("description", Kind::Remark),
    ("displayName", Kind::Texts),
];

/// The identifiers of created definitions in the model are above this one.
const FIRST_ID: u64 = 9_007_199_250_000_000;

/// An error of one property.
type Failure = (&'static str, String);

/// Returns the first violation of a definition by a value of a property.
fn failure(definition: Option<&Value>, name: &str, value: &str, overrides: bool) -> Option<Failure> {
    let failure = |code, message: &str| Some((code, message.to_owned()));
    let Some(definition) = definition else {
        return failure(
            "errors.invalidData",
            &format!("No property exists with the name '{name}' for the scope."),
        );
    };
    match definition["accessModify"].as_str() {
        Some("READ_ONLY") if !overrides => {
            return failure("errors.modifyReadonlyData", &format!("Property '{name}' is read-only."));
        }
        Some("OFF") if !overrides => {
            return failure(
                "errors.attrAccessForbidden",
                &format!("Access to property '{name}' is forbidden."),
            );
        }
        _ => {}
    }
    if value.is_empty() {
        return None;
    }
    let most = definition["stringMaxLen"].as_str().map_or(4000, |most| most.parse().expect("a number"));
    if value.chars().count() > most {
        return failure("errors.property.stringmaxlen", name);
    }
    let pattern = definition["stringRegex"].as_str();
    if pattern
        .is_some_and(|pattern| !Regex::new(&format!("^(?:{pattern})$")).expect("a pattern").is_match(value))
    {
        return failure("errors.property.stringregex", name);
    }
    let is_allowed =
        definition["allowedValues"].as_array().is_none_or(|allowed| allowed.contains(&json!(value)));
    if is_allowed {
        return None;
    }
    failure("errors.invalidData", &format!("Value '{value}' is not allowed for property '{name}'."))
}

/// Returns the place of the entry of a user among those that have a value of a property.
fn entry_place(definition: &Value, owner: &str) -> String {
    format!("PROPERTY_VALUES#{}#{} | {owner}", text(&definition["propertyId"]), shard_of(owner))
}

/// Returns the number of the partition with the entries of a user.
pub(super) fn shard_of(owner: &str) -> u8 {
    u8::from_str_radix(&sha256(owner)[..2], 16).expect("a byte") % 16
}

/// Returns the place of the reservation of a unique value.
fn value_place(scope: &str, name: &str, value: &str) -> String {
    format!("PROPERTY_VALUE#{scope}#{name}#{} | PROPERTY_VALUE", sha256(value))
}

impl Reference {
    /// Returns the places of what depends on the properties in an item of a user: the entries, of which some may not
    /// exist, and the reservations of unique values.
    pub(super) fn places_of_values(
        &self,
        (client, user): (&str, &str),
        scope: &str,
        item: &Value,
    ) -> Vec<String> {
        let owner = format!("USER#{client}#{user}");
        let names = item["properties"].as_object().into_iter().flatten().map(|(name, _)| name);
        let definitions = names.flat_map(|name| {
            let at = |holder: &str| format!("PROPERTIES#{holder} | PROPERTY#{scope}#{name}");
            [at(client), at("*")]
        });
        let definitions = definitions.filter_map(|place| self.items.get(&place));
        let entries = definitions.map(|definition| entry_place(definition, &owner));
        let unique = item["uniqueProperties"].as_array().into_iter().flatten().map(text);
        let reserved = unique.map(|name| value_place(scope, &name, &text(&item["properties"][&name])));
        entries.chain(reserved).collect()
    }

    /// Returns a definition by its identifier.
    pub(super) fn get_property(&self, admission: &Admission<'_>, id: &str) -> Result<Answer, Answer> {
        let item = self.items.get(&format!("PROPERTY_ID#{id} | PROPERTY_ID"));
        let item = item.ok_or_else(|| missing(&format!("Property doesn't exist with propertyId '{id}'")))?;
        if !item["clientExtId"].is_null() && !admission.covers(&text(&item["clientExtId"])) {
            return Err(outside_data_room("PropertyView"));
        }
        Ok(ok_at(version(item), definition(item)))
    }

    /// Returns the definitions that the caller can view and that match the parameters.
    pub(super) fn search_properties(&self, admission: &Admission<'_>, query: &[(&str, &str)]) -> Answer {
        let is_visible = |item: &&Value| {
            let client = item["clientExtId"].as_str();
            client.is_none_or(|client| admission.covers(client))
                && query.iter().all(|(name, wanted)| match *name {
                    "clientExtId" => client.is_none_or(|client| client == *wanted),
                    "name" => text(&item["name"]).to_lowercase().contains(&wanted.to_lowercase()),
                    name => item[name] == **wanted,
                })
        };
        let entries = self.beginning_with("PROPERTIES | PROPERTY#").map(|(_, item)| item);
        page(entries.filter(is_visible).map(definition))
    }

    /// Returns the definitions of a client.
    pub(super) fn list_properties(&self, client: &str) -> Result<Answer, Answer> {
        self.client(client)?;
        let start = format!("PROPERTIES#{client} | PROPERTY#");
        Ok(page(self.beginning_with(&start).map(|(_, item)| definition(item))))
    }

    /// Creates a definition.
    pub(super) fn create_property(
        &mut self,
        admission: &Admission<'_>,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let mut definition = fields(body, &PROPERTY_FIELDS)?;
        let (scope, name) = (text(&definition["scope"]), text(&definition["name"]));
        naming(&[(Some(&name), true)], &[])?;
        let client = definition.get("clientExtId").map(text);
        // Only a right over all clients covers `*`.
        let owner = client.as_deref().unwrap_or("*");
        if !admission.covers(owner) {
            return Err(outside_data_room("PropertyCreate"));
        }
        if let Some(client) = &client {
            self.client(client)?;
        }
        let place = format!("PROPERTIES#{owner} | PROPERTY#{scope}#{name}");
        if self.items.contains_key(&place) {
            let message = format!("Property already exists with name '{name}'");
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        self.created += 1;
        let id = (FIRST_ID + u64::from(self.created)).to_string();
        definition.insert("propertyId".to_owned(), json!(id));
        definition.entry("displayName").or_insert_with(|| json!({}));
        self.put(admission.caller, &place, "PropertyDefinition", definition.clone().into());
        let entry = format!("PROPERTIES | PROPERTY#{scope}#{owner}#{name}");
        self.put(admission.caller, &entry, "PropertyEntry", definition.clone().into());
        let copy = format!("PROPERTY_ID#{id} | PROPERTY_ID");
        self.put(admission.caller, &copy, "PropertyId", definition.into());
        let answer = created("/properties/<propertyId>", Value::Null);
        Ok(Answer { leads_to: Some(format!("/properties/{id}")), ..answer })
    }

    /// Returns the properties of a user.
    pub(super) fn get_user_properties(
        &self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
    ) -> Result<Answer, Answer> {
        self.user(admission, client, user, "")?;
        let item = self.items.get(&format!("USER#{client}#{user} | PROPERTIES"));
        Ok(item.map_or_else(|| ok_at(0, json!({})), |item| ok_at(version(item), item["properties"].clone())))
    }

    /// Sets and removes properties of a user, or of their mobile signature.
    pub(super) fn update_properties(
        &mut self,
        of_user: bool,
        admission: &Admission<'_>,
        (client, user): (&str, &str),
        body: &Body,
    ) -> Result<Answer, Answer> {
        let members = object(body)?;
        let is_valid = |value: &Value| value.is_null() || value.is_string();
        let invalid: BTreeSet<String> =
            members.iter().filter(|(_, value)| !is_valid(value)).map(|(name, _)| name.clone()).collect();
        if !invalid.is_empty() {
            return Err(invalid_names(invalid));
        }
        let (_, units) = self.user(admission, client, user, "")?;
        let owner = format!("USER#{client}#{user}");
        let place =
            format!("{owner} | {}", if of_user { "PROPERTIES" } else { "CREDENTIAL#MOBILE_SIGNATURE" });
        let (now, present) = match self.items.get(&place) {
            Some(item) => (item["properties"].clone(), version(item)),
            None if of_user => (json!({}), 0),
            None => {
                let message = format!("Mobile Signature credential does not exist under the user {user}");
                return Err(refused(404, "errors.noRecord", &message));
            }
        };

        self.require_open(client, user)?;

        let scope = if of_user { "USER_GLOBAL" } else { "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL" };
        let definitions = |name: &str| {
            let at = |owner: &str| self.items.get(&format!("PROPERTIES#{owner} | PROPERTY#{scope}#{name}"));
            [at(client), at("*")].into_iter().flatten().cloned().collect::<Vec<Value>>()
        };
        let overrides = admission.overrides(&units);
        let failures = members.iter().filter_map(|(name, value)| {
            failure(definitions(name).first(), name, value.as_str().unwrap_or_default(), overrides)
        });
        refuse(&failures.collect::<Vec<_>>())?;
        let unique_now = self.items.get(&place).and_then(|item| item["uniqueProperties"].as_array());
        let unique_now: BTreeSet<String> = unique_now.into_iter().flatten().map(text).collect();
        let (mut next, mut unique) = (now.clone(), unique_now.clone());
        for (name, value) in &members {
            next[name] = if value == "" { Value::Null } else { value.clone() };
            unique.remove(name);
            if !next[name].is_null() && definitions(name)[0]["uniquenessScope"] == "ABSOLUTE" {
                unique.insert(name.clone());
            }
        }
        next.as_object_mut().expect("properties").retain(|_, value| !value.is_null());
        if next == now && unique == unique_now {
            return Ok(ok_at(present, next));
        }

        let changed = members.keys().filter(|name| now[*name] != next[*name]);
        let changed: Vec<(&String, Vec<Value>)> = changed.map(|name| (name, definitions(name))).collect();
        let reserved = |values: &Value, unique: &BTreeSet<String>, name: &str| {
            unique.contains(name).then(|| text(&values[name]))
        };
        let names: BTreeSet<&String> = unique_now.union(&unique).collect();
        let values = names
            .into_iter()
            .map(|name| (name, [reserved(&now, &unique_now, name), reserved(&next, &unique, name)]));
        self.reserve_values(admission, scope, &owner, &values.collect::<Vec<_>>())?;
        for (name, definitions) in changed {
            let [is_new, is_removed] = [&now, &next].map(|values| values[name].is_null());
            for definition in definitions.iter().skip(usize::from(!is_removed)) {
                self.items.remove(&entry_place(definition, &owner));
            }
            // The old value may have been set under another definition.
            if !is_removed && (is_new || definitions.len() > 1) {
                let place = entry_place(&definitions[0], &owner);
                self.put(admission.caller, &place, "PropertyHolder", json!({}));
            }
        }
        let unique = if unique.is_empty() { Value::Null } else { json!(unique) };
        let values = json!({"properties": next, "uniqueProperties": unique});
        if self.items.contains_key(&place) {
            self.change(admission.caller, &place, values);
        } else {
            let mut first =
                json!({"clientExtId": client, "userExtId": user, "version": "1", "revision": "1"});
            extend(&mut first, values);
            self.put(admission.caller, &place, "UserProperties", first);
        }
        Ok(ok_at(present + 1, next))
    }

    /// Releases the old values of unique properties and reserves the new ones.
    fn reserve_values(
        &mut self,
        admission: &Admission<'_>,
        scope: &str,
        owner: &str,
        values: &[(&String, [Option<String>; 2])],
    ) -> Result<(), Answer> {
        let place_of = |name: &str, value: &str| value_place(scope, name, value);
        let changed = values.iter().filter(|(_, [old, new])| old != new);
        let taken = changed.clone().filter_map(|(name, [_, new])| {
            let value = new.as_ref().filter(|value| self.items.contains_key(&place_of(name, value)))?;
            let message = format!(
                "Property Uniqueness (uScope is 'absolute') constraints violated by value '{value}' for property '{name}'."
            );
            Some(("errors.propertyUniquenessViolated", message))
        });
        refuse(&taken.collect::<Vec<_>>())?;
        for (name, [old, new]) in changed {
            if let Some(old) = old {
                self.items.remove(&place_of(name, old));
            }
            if let Some(new) = new {
                let reserved = json!({"owner": owner, "name": name});
                self.put(admission.caller, &place_of(name, new), "PropertyValue", reserved);
            }
        }
        Ok(())
    }

    /// Changes a definition.
    pub(super) fn update_property(
        &mut self,
        admission: &Admission<'_>,
        id: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let changes = changes(body, &CHANGED_FIELDS)?;
        let copy = format!("PROPERTY_ID#{id} | PROPERTY_ID");
        let item = self.items.get(&copy);
        let present =
            item.ok_or_else(|| missing(&format!("Property doesn't exist with propertyId '{id}'")))?.clone();
        let (scope, name) = (text(&present["scope"]), text(&present["name"]));
        let owner = present["clientExtId"].as_str().unwrap_or("*").to_owned();
        if !admission.covers(&owner) {
            return Err(outside_data_room("PropertyModify"));
        }
        let mut next = present.clone();
        merge(&mut next, changes.clone(), &CHANGED_FIELDS);
        if present["type"] == "ENUM" && !next["stringRegex"].is_null() {
            return Err(invalid_names(BTreeSet::from(["stringRegex".to_owned()])));
        }
        let main = format!("PROPERTIES#{owner} | PROPERTY#{scope}#{name}");
        let becomes = |name: &str, value: &Value| {
            next[name] != present[name] && next[name] == *value && !value.is_null()
        };
        if becomes("stringRegex", &next["stringRegex"]) || becomes("uniquenessScope", &json!("ABSOLUTE")) {
            let entries = format!("PROPERTY_VALUES#{id}#");
            if self.beginning_with(&entries).next().is_some() {
                let message =
                    format!("Property with propertyId '{id}' has values that the change could make invalid");
                return Err(refused(422, "errors.invalidData", &message));
            }
            // The mark is a change of the item, which no reader sees.
            let revision = text(&self.items[&main]["revision"]).parse::<u64>().expect("a number") + 1;
            self.items.get_mut(&main).expect("a definition")["revision"] = json!(revision.to_string());
        }
        for place in [&main, &format!("PROPERTIES | PROPERTY#{scope}#{owner}#{name}"), &copy] {
            self.merge_into(admission, place, &changes, &CHANGED_FIELDS);
        }
        let item = &self.items[&copy];
        Ok(ok_at(version(item), definition(item)))
    }
}

/// Returns a definition as responses show it.
fn definition(item: &Value) -> Value {
    let mut answer = shown(item, &DEFINITION);
    for name in NUMBERS.into_iter().filter(|name| !item[*name].is_null()) {
        answer[name] = json!(text(&item[name]).parse::<u64>().expect("a number"));
    }
    answer
}

/// Returns an error response with all failures, if there are any.
fn refuse(failures: &[Failure]) -> Result<(), Answer> {
    if failures.is_empty() {
        return Ok(());
    }
    let is_forbidden = failures.iter().all(|(code, _)| *code == "errors.attrAccessForbidden");
    let errors: Vec<(&str, &str)> =
        failures.iter().map(|(code, message)| (*code, message.as_str())).collect();
    Err(refused_for(if is_forbidden { 403 } else { 422 }, &errors))
}
