//! The dispatch targets of users, and their app attestations.

use serde_json::{Map, Value, json};

use super::authorisation::Admission;
use super::bodies::{Kind, changes, fields, merge, naming};
use super::operations::{missing, page, shown, text, version};
use super::reference::{Reference, extend, sha256};
use super::steps::Body;
use crate::support::{Answer, created, created_as, no_content, ok_at, refused};

/// The fields of a target that the model knows.
pub(super) const TARGET_FIELDS: [(&str, Kind); 8] = [
    ("extId", Kind::Name),
    ("deviceId", Kind::RequiredText),
    ("target", Kind::RequiredText),
    ("signingKey", Kind::RequiredText),
    ("appId", Kind::RequiredText),
    ("name", Kind::RequiredText),
    ("userAgent", Kind::Name),
    ("stateName", Kind::Name),
];

/// The visible attributes of a target that the model knows.
const TARGET: [&str; 9] =
    ["extId", "type", "deviceId", "target", "signingKey", "appId", "name", "userAgent", "stateName"];

/// The fields of an app attestation that the model knows.
pub(super) const ATTESTATION_FIELDS: [(&str, Kind); 5] = [
    ("name", Kind::Name),
    ("deviceId", Kind::RequiredText),
    ("receipt", Kind::RequiredText),
    ("publicKey", Kind::RequiredText),
    ("environment", Kind::Name),
];

/// The visible attributes of an app attestation that are texts.
const ATTESTATION: [&str; 5] = ["name", "deviceId", "receipt", "publicKey", "environment"];

/// A user by client and extId.
type User<'a> = (&'a str, &'a str);

pub(super) fn no_target(target: &str, user: &str, client_name: &str) -> Answer {
    missing(&format!(
        "No DispatchTarget found with extId '{target}' for user with extId '{user}' on client with name '{client_name}'"
    ))
}

fn no_attestation(target: &str) -> Answer {
    missing(&format!("No AppAttestation found for DispatchTarget with extId '{target}'"))
}

pub(super) fn known_state(kind: &str, members: &Map<String, Value>) -> Result<(), Answer> {
    match members.get("stateName").and_then(Value::as_str) {
        Some(state) if !["active", "disabled"].contains(&state) => {
            let message = format!("Invalid {kind} name '{state}'");
            Err(refused(422, "errors.invalidParameter", &message))
        }
        Some(_) | None => Ok(()),
    }
}

pub(super) fn target_place((client, user): User<'_>, target: &str) -> String {
    format!("USER#{client}#{user} | DISPATCH_TARGET#{target}")
}

fn attestation_place((client, user): User<'_>, target: &str) -> String {
    format!("USER#{client}#{user} | APP_ATTESTATION#{target}")
}

pub(super) fn name_place((client, user): User<'_>, name: &str) -> String {
    format!("USER#{client}#{user} | APP_ATTESTATION_NAME#{}", sha256(name))
}

/// Adds the counter, which an item stores as text, to an app attestation in a response.
fn with_counter(mut shown: Value, item: &Value) -> Value {
    if let Some(count) = item["counter"].as_str() {
        shown["counter"] = json!(count.parse::<u64>().expect("a number"));
    }
    shown
}

impl Reference {
    fn target(&self, admission: &Admission<'_>, user: User<'_>, target: &str) -> Result<&Value, Answer> {
        let (name, _) = self.user(admission, user.0, user.1, "")?;
        self.items.get(&target_place(user, target)).ok_or_else(|| no_target(target, user.1, &name))
    }

    fn attestation(&self, admission: &Admission<'_>, user: User<'_>, target: &str) -> Result<&Value, Answer> {
        self.target(admission, user, target)?;
        self.items.get(&attestation_place(user, target)).ok_or_else(|| no_attestation(target))
    }

    /// Returns a target as responses show it.
    fn shown_target(&self, user: User<'_>, item: &Value) -> Value {
        let mut answer = shown(item, &TARGET);
        if let Some(item) = self.items.get(&attestation_place(user, &text(&item["extId"]))) {
            let members = ATTESTATION.iter().filter(|name| !item[**name].is_null());
            let members: Map<String, Value> =
                members.map(|name| ((*name).to_owned(), item[*name].clone())).collect();
            answer["appAttestation"] = with_counter(members.into(), item);
        }
        answer
    }

    /// Adds the app attestation of a target, whose name must not be in use.
    fn put_attestation(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        target: &str,
        attestation: &Map<String, Value>,
    ) {
        let owners = json!({"clientExtId": user.0, "userExtId": user.1, "extId": target});
        let mut item = owners.clone();
        extend(&mut item, attestation.clone().into());
        self.put(admission.caller, &attestation_place(user, target), "AppAttestation", item);
        if let Some(name) = attestation.get("name").map(text) {
            self.put(admission.caller, &name_place(user, &name), "AppAttestationName", owners);
        }
    }

    fn require_free_name(&self, user: User<'_>, attestation: &Map<String, Value>) -> Result<(), Answer> {
        match attestation.get("name").map(text) {
            Some(name) if self.items.contains_key(&name_place(user, &name)) => {
                let message = format!("AppAttestation already exists with name '{name}'");
                Err(refused(422, "errors.duplicateValue", &message))
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn create_target(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let target = fields(body, &[&[("appAttestation", Kind::Attestation)], &TARGET_FIELDS[..]].concat())?;
        known_state("DispatchTargetState", &target)?;
        let given = target.get("extId").map(text);
        naming(&[(given.as_deref(), true)], &[])?;
        self.user(admission, user.0, user.1, "")?;
        self.require_open(user.0, user.1)?;
        let ext_id = self.put_target(admission, user, target, "0")?;
        self.change_internally(&format!("USER#{}#{} | USER", user.0, user.1));
        let path = format!("/{}/users/{}/dispatch-targets/{ext_id}", user.0, user.1);
        let place = target_place(user, &ext_id);
        Ok(created(&path, self.shown_target(user, &self.items[&place])).with("etag", "\"0\""))
    }

    /// Adds a target with its app attestation, to which this number of credentials point. Returns its extId.
    pub(super) fn put_target(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        mut target: Map<String, Value>,
        credentials: &str,
    ) -> Result<String, Answer> {
        let given = target.get("extId").map(text);
        let ext_id = given.unwrap_or_else(|| format!("<target-{}>", self.created + 1));
        let id_place = format!("DISPATCH_TARGET_ID#{}#{ext_id} | DISPATCH_TARGET_ID", user.0);
        if self.items.contains_key(&id_place) {
            let message = format!("DispatchTarget already exists with extId '{ext_id}'");
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        let attestation = target.remove("appAttestation").and_then(|value| value.as_object().cloned());
        if let Some(attestation) = &attestation {
            self.require_free_name(user, attestation)?;
        }
        self.created += 1;
        let owners = [("clientExtId", user.0), ("userExtId", user.1), ("extId", &ext_id)];
        for (name, value) in owners.iter().chain(&[("type", "fido-uaf"), ("credentials", credentials)]) {
            target.insert((*name).to_owned(), json!(value));
        }
        target.entry("stateName").or_insert(json!("active"));
        self.put(admission.caller, &target_place(user, &ext_id), "DispatchTarget", target.into());
        let reserved = json!({"clientExtId": user.0, "userExtId": user.1, "extId": ext_id,
                              "owner": format!("USER#{}#{}", user.0, user.1)});
        self.put(admission.caller, &id_place, "DispatchTargetExtId", reserved);
        if let Some(attestation) = &attestation {
            self.put_attestation(admission, user, &ext_id, attestation);
        }
        Ok(ext_id)
    }

    pub(super) fn list_targets(&self, admission: &Admission<'_>, user: User<'_>) -> Result<Answer, Answer> {
        self.user(admission, user.0, user.1, "")?;
        let start = target_place(user, "");
        Ok(page(self.beginning_with(&start).map(|(_, item)| self.shown_target(user, item))))
    }

    pub(super) fn get_target(
        &self,
        admission: &Admission<'_>,
        user: User<'_>,
        target: &str,
    ) -> Result<Answer, Answer> {
        let item = self.target(admission, user, target)?;
        Ok(ok_at(version(item), self.shown_target(user, item)))
    }

    pub(super) fn update_target(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        target: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let changes = changes(body, &TARGET_FIELDS[1..])?;
        known_state("DispatchTargetState", &changes)?;
        let mut next = self.target(admission, user, target)?.clone();
        merge(&mut next, changes, &TARGET_FIELDS[1..]);
        if next["stateName"].is_null() {
            next["stateName"] = json!("active");
        }
        let item = self.replace(admission.caller, &target_place(user, target), next).clone();
        Ok(ok_at(version(&item), self.shown_target(user, &item)))
    }

    pub(super) fn delete_target(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        target: &str,
    ) -> Result<Answer, Answer> {
        self.target(admission, user, target)?;
        self.items.remove(&target_place(user, target));
        if let Some(attestation) = self.items.remove(&attestation_place(user, target)) {
            self.items.remove(&name_place(user, &text(&attestation["name"])));
        }
        self.items.remove(&format!("DISPATCH_TARGET_ID#{}#{target} | DISPATCH_TARGET_ID", user.0));
        let credentials = format!("USER#{}#{} | CREDENTIAL#FIDO_UAF#", user.0, user.1);
        let pointing =
            self.beginning_with(&credentials).filter(|(_, item)| item["dispatchTargetExtId"] == target);
        let pointing: Vec<String> = pointing.map(|(place, _)| place.clone()).collect();
        for place in pointing {
            self.change(admission.caller, &place, json!({"dispatchTargetExtId": null}));
        }
        Ok(no_content())
    }

    pub(super) fn create_attestation(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        target: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let attestation = fields(body, &ATTESTATION_FIELDS)?;
        self.target(admission, user, target)?;
        let place = attestation_place(user, target);
        if self.items.contains_key(&place) {
            let message = format!("AppAttestation already exists for DispatchTarget with extId '{target}'");
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        self.require_free_name(user, &attestation)?;
        self.put_attestation(admission, user, target, &attestation);
        self.change(admission.caller, &target_place(user, target), json!({}));
        let path = format!("/{}/users/{}/dispatch-targets/{target}/app-attestation", user.0, user.1);
        Ok(created_as(&path, target, shown(&self.items[&place], &ATTESTATION)).with("etag", "\"0\""))
    }

    pub(super) fn get_attestation(
        &self,
        admission: &Admission<'_>,
        user: User<'_>,
        target: &str,
    ) -> Result<Answer, Answer> {
        let item = self.attestation(admission, user, target)?;
        Ok(ok_at(version(item), with_counter(shown(item, &ATTESTATION), item)))
    }

    pub(super) fn update_attestation(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        target: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let changes = changes(body, &ATTESTATION_FIELDS)?;
        let present = self.attestation(admission, user, target)?.clone();
        let mut next = present.clone();
        merge(&mut next, changes, &ATTESTATION_FIELDS);
        if next["name"] != present["name"] {
            self.require_free_name(user, next.as_object().expect("an item"))?;
            self.items.remove(&name_place(user, &text(&present["name"])));
            if let Some(name) = next["name"].as_str() {
                let owners = json!({"clientExtId": user.0, "userExtId": user.1, "extId": target});
                self.put(admission.caller, &name_place(user, name), "AppAttestationName", owners);
            }
        }
        let item = self.replace(admission.caller, &attestation_place(user, target), next).clone();
        if version(&item) != version(&present) {
            self.change(admission.caller, &target_place(user, target), json!({}));
        }
        Ok(ok_at(version(&item), with_counter(shown(&item, &ATTESTATION), &item)))
    }

    pub(super) fn delete_attestation(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        target: &str,
    ) -> Result<Answer, Answer> {
        let name = text(&self.attestation(admission, user, target)?["name"]);
        self.items.remove(&attestation_place(user, target));
        self.items.remove(&name_place(user, &name));
        self.change(admission.caller, &target_place(user, target), json!({}));
        Ok(no_content())
    }
}
