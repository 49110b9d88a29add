//! The mobile signatures of users.

use serde_json::{Map, Value, json};

use super::authorisation::Admission;
use super::bodies::{Kind, changes, fields, merge, naming};
use super::operations::{missing, shown, text, version};
use super::reference::Reference;
use super::steps::Body;
use crate::support::{Answer, created, no_content, ok_at, refused};

/// The fields that the model knows.
const FIELDS: [(&str, Kind); 5] = [
    ("identificator", Kind::RequiredText),
    ("msspIdentifier", Kind::Uri),
    ("msisdn", Kind::RequiredText),
    ("stateName", Kind::Name),
    ("modificationComment", Kind::Remark),
];

/// The visible attributes that the model knows.
const SHOWN: [&str; 7] =
    ["extId", "userExtId", "stateName", "identificator", "msspIdentifier", "msisdn", "modificationComment"];

/// The scope of the properties.
pub(super) const SCOPE: &str = "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL";

/// Checks the state, the external identifier and the phone number, as far as they are there.
fn check(members: &Map<String, Value>) -> Result<(), Answer> {
    let states =
        ["initial", "active", "tmp-locked", "fail-locked", "reset-code", "admin-changed", "disabled"];
    if let Some(state) = members.get("stateName").and_then(Value::as_str)
        && !states.contains(&state)
    {
        return Err(refused(
            422,
            "errors.invalidParameter",
            &format!("Invalid CredentialState name '{state}'"),
        ));
    }
    naming(&[(members.get("extId").map(text).as_deref(), true)], &[])?;
    let is_number =
        |text: &str| text.starts_with('+') && text[1..].chars().all(|digit| digit.is_ascii_digit());
    match members.get("msisdn").and_then(Value::as_str) {
        Some(number) if !is_number(number) => {
            Err(refused(422, "errors.msisdnFormat", "Invalid format of msisdn"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns a mobile signature as responses show it.
pub(super) fn shown_signature(item: &Value) -> Value {
    shown(item, &SHOWN)
}

fn place_of(client: &str, user: &str) -> String {
    format!("USER#{client}#{user} | CREDENTIAL#MOBILE_SIGNATURE")
}

impl Reference {
    fn signature(&self, admission: &Admission<'_>, client: &str, user: &str) -> Result<&Value, Answer> {
        self.user(admission, client, user, "")?;
        let message = format!("Mobile Signature credential does not exist under the user {user}");
        self.items.get(&place_of(client, user)).ok_or_else(|| missing(&message))
    }

    pub(super) fn create_signature(
        &mut self,
        admission: &Admission<'_>,
        (client, user): (&str, &str),
        body: &Body,
    ) -> Result<Answer, Answer> {
        let mut signature = fields(body, &[&[("extId", Kind::Name)], &FIELDS[..]].concat())?;
        check(&signature)?;
        self.user(admission, client, user, "")?;
        self.require_open(client, user)?;
        let place = place_of(client, user);
        if self.items.contains_key(&place) {
            let message = format!("Mobile Signature credential already exists under the user {user}");
            return Err(refused(422, "errors.mobileSignatureExists", &message));
        }
        self.created += 1;
        let ext_id = signature.get("extId").map_or_else(|| format!("<signature-{}>", self.created), text);
        for (name, value) in [
            ("extId", json!(ext_id)),
            ("clientExtId", json!(client)),
            ("userExtId", json!(user)),
            ("properties", json!({})),
        ] {
            signature.insert(name.to_owned(), value);
        }
        signature.entry("stateName").or_insert(json!("active"));
        self.put(admission.caller, &place, "MobileSignature", signature.into());
        let path = format!("/{client}/users/{user}/mobile-signature");
        Ok(created(&path, shown_signature(&self.items[&place])).with("etag", "\"0\""))
    }

    pub(super) fn get_signature(
        &self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
    ) -> Result<Answer, Answer> {
        let item = self.signature(admission, client, user)?;
        Ok(ok_at(version(item), shown_signature(item)))
    }

    pub(super) fn get_signature_properties(
        &self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
    ) -> Result<Answer, Answer> {
        let item = self.signature(admission, client, user)?;
        Ok(ok_at(version(item), item["properties"].clone()))
    }

    pub(super) fn update_signature(
        &mut self,
        admission: &Admission<'_>,
        (client, user): (&str, &str),
        body: &Body,
    ) -> Result<Answer, Answer> {
        let changes = changes(body, &FIELDS)?;
        check(&changes)?;
        let mut next = self.signature(admission, client, user)?.clone();
        merge(&mut next, changes, &FIELDS);
        if next["stateName"].is_null() {
            next["stateName"] = json!("active");
        }
        let item = self.replace(admission.caller, &place_of(client, user), next);
        Ok(ok_at(version(item), shown_signature(item)))
    }

    pub(super) fn delete_signature(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
    ) -> Result<Answer, Answer> {
        let item = self.signature(admission, client, user)?.clone();
        self.items.remove(&place_of(client, user));
        for place in self.places_of_values((client, user), SCOPE, &item) {
            self.items.remove(&place);
        }
        Ok(no_content())
    }
}
