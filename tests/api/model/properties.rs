//! The properties of mobile signatures and users: definitions, rules and changes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::authorisation::Admission;
use super::bodies::{Kind, fields, invalid_names, naming, object};
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

/// The identifiers of created definitions in the model are above this one.
const FIRST_ID: u64 = 9_007_199_250_000_000;

/// An error of one property.
type Failure = (&'static str, String);

/// Returns the first violation by a value of a property of users, or of mobile signatures.
fn failure(of_user: bool, name: &str, value: &str, client: &str, overrides: bool) -> Option<Failure> {
    let is_removal = value.is_empty();
    let is_broken =
        |is_broken: bool, code, message: &str| (!is_removal && is_broken).then(|| (code, message.to_owned()));
    match (of_user, name) {
        (false, "employee_id") | (true, "staff_number") => {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            is_broken(value.chars().count() > 10, "errors.property.stringmaxlen", name)
                .or_else(|| is_broken(!digits, "errors.property.stringregex", name))
        }
        (false, "color") => {
            let message = format!("Value '{value}' is not allowed for property 'color'.");
            is_broken(!["green", "red"].contains(&value), "errors.invalidData", &message)
        }
        (false, "badge") if !overrides => {
            Some(("errors.modifyReadonlyData", "Property 'badge' is read-only.".to_owned()))
        }
        (false, "secret") if !overrides => {
            Some(("errors.attrAccessForbidden", "Access to property 'secret' is forbidden.".to_owned()))
        }
        (false, "nickname" | "badge" | "secret") | (true, "floor") => {
            is_broken(value.chars().count() > 4000, "errors.property.stringmaxlen", name)
        }
        (false, "department") if client == "client-123" => None,
        _ => {
            Some(("errors.invalidData", format!("No property exists with the name '{name}' for the scope.")))
        }
    }
}

impl Reference {
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

        let overrides = admission.overrides(&units);
        let failures = members.iter().filter_map(|(name, value)| {
            failure(of_user, name, value.as_str().unwrap_or_default(), client, overrides)
        });
        refuse(&failures.collect::<Vec<_>>())?;
        let mut next = now.clone();
        for (name, value) in &members {
            next[name] = if value == "" { Value::Null } else { value.clone() };
        }
        next.as_object_mut().expect("properties").retain(|_, value| !value.is_null());
        if next == now {
            return Ok(ok_at(present, next));
        }

        let (scope, name) = if of_user {
            ("USER_GLOBAL", "staff_number")
        } else {
            ("CREDENTIAL_MOBILE_SIGNATURE_GLOBAL", "employee_id")
        };
        self.reserve_value(admission, (scope, name), &owner, [&now[name], &next[name]])?;
        let unique = if next[name].is_null() { Value::Null } else { json!([name]) };
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

    /// Releases the old value of a unique property and reserves the new one.
    fn reserve_value(
        &mut self,
        admission: &Admission<'_>,
        (scope, name): (&str, &str),
        owner: &str,
        [old, new]: [&Value; 2],
    ) -> Result<(), Answer> {
        if old == new {
            return Ok(());
        }
        let place_of = |value: &Value| {
            let hash = sha256(value.as_str().unwrap_or_default());
            format!("PROPERTY_VALUE#{scope}#{name}#{hash} | PROPERTY_VALUE")
        };
        if let (Some(value), true) = (new.as_str(), self.items.contains_key(&place_of(new))) {
            let message = format!(
                "Property Uniqueness (uScope is 'absolute') constraints violated by value '{value}' for property '{name}'."
            );
            refuse(&[("errors.propertyUniquenessViolated", message)])?;
        }
        self.items.remove(&place_of(old));
        if !new.is_null() {
            let reserved = json!({"owner": owner, "name": name});
            self.put(admission.caller, &place_of(new), "PropertyValue", reserved);
        }
        Ok(())
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
