//! The FIDO UAF authenticators of users.

use serde_json::{Map, Value, json};

use super::authorisation::Admission;
use super::bodies::{Kind, changes, fields, merge, naming};
use super::dispatch_targets::{known_state, no_target, target_place};
use super::mobile_signature::shown_signature;
use super::operations::{missing, page, shown, text, version};
use super::reference::{Reference, extend, sha256};
use super::steps::Body;
use crate::support::{Answer, created, no_content, ok_at, refused};

/// The fields of a change that the model knows.
const CHANGES: [(&str, Kind); 4] = [
    ("authenticatorVersion", Kind::RequiredText),
    ("deviceId", Kind::Name),
    ("stateName", Kind::Name),
    ("dispatchTargetExtId", Kind::Name),
];

/// The fields of a creation that the model knows, besides those of a change.
const REGISTRATION: [(&str, Kind); 7] = [
    ("extId", Kind::Name),
    ("aaid", Kind::RequiredText),
    ("keyId", Kind::RequiredText),
    ("publicKey", Kind::RequiredText),
    ("publicKeyAlgorithm", Kind::RequiredText),
    ("appId", Kind::RequiredRemark),
    ("dispatchTarget", Kind::Target),
];

/// The visible attributes that the model knows.
const SHOWN: [&str; 11] = [
    "extId",
    "userExtId",
    "aaid",
    "keyId",
    "authenticatorVersion",
    "publicKey",
    "publicKeyAlgorithm",
    "appId",
    "deviceId",
    "stateName",
    "dispatchTargetExtId",
];

/// A user by client and extId.
type User<'a> = (&'a str, &'a str);

fn place_of((client, user): User<'_>, authenticator: &str) -> String {
    format!("USER#{client}#{user} | CREDENTIAL#FIDO_UAF#{authenticator}")
}

pub(super) fn key_place(client: &str, aaid: &str, key_id: &str) -> String {
    format!("CLIENT#{client}#FIDO_UAF | FIDO_UAF#{}#{}", aaid.to_uppercase(), sha256(key_id))
}

fn shown_authenticator(item: &Value) -> Value {
    let mut shown = shown(item, &SHOWN);
    shown["signCounter"] = json!(0);
    shown
}

/// Checks the state, the identifiers and the formats, as far as they are there.
fn check(members: &Map<String, Value>) -> Result<(), Answer> {
    known_state("FidoUafState", members)?;
    let target = members.get("dispatchTarget").and_then(Value::as_object);
    target.map_or(Ok(()), |target| known_state("DispatchTargetState", target))?;
    let ext_id =
        |members: Option<&Map<String, Value>>| members.and_then(|members| members.get("extId").map(text));
    naming(&[(ext_id(Some(members)).as_deref(), true), (ext_id(target).as_deref(), true)], &[])?;
    let has_format = |name: &str, value: &str| match name {
        "aaid" => value.len() == 9,
        "keyId" => value.len() == 4,
        "authenticatorVersion" => value.contains('.'),
        "publicKeyAlgorithm" => !value.contains(' '),
        _ => !value.is_empty(),
    };
    let names = [
        ("aaid", "invalidAaidFormat"),
        ("keyId", "invalidKeyIdFormat"),
        ("authenticatorVersion", "invalidAuthVersionFormat"),
        ("publicKeyAlgorithm", "invalidPublicKeyAlgorithm"),
        ("appId", "emptyAppId"),
    ];
    let broken = names.iter().filter(|(name, _)| {
        members.get(*name).and_then(Value::as_str).is_some_and(|value| !has_format(name, value))
    });
    let errors: Vec<Value> = broken
        .map(|(name, code)| {
            let reason = if *name == "appId" { "Empty" } else { "Invalid format of" };
            json!({"code": format!("errors.credentialFidoUaf.{code}"), "message": format!("{reason} {name}")})
        })
        .collect();
    if errors.is_empty() {
        return Ok(());
    }
    let mut answer = refused(422, "", "");
    answer.body = json!({"errors": errors});
    Err(answer)
}

impl Reference {
    fn authenticator(
        &self,
        admission: &Admission<'_>,
        user: User<'_>,
        authenticator: &str,
    ) -> Result<&Value, Answer> {
        self.user(admission, user.0, user.1, "")?;
        let message = format!("FidoUafCredential doesn't exist with extId '{authenticator}'");
        self.items.get(&place_of(user, authenticator)).ok_or_else(|| missing(&message))
    }

    /// Changes the number of credentials that a target counts.
    fn count(&mut self, user: User<'_>, target: &str, by: i64) {
        let place = target_place(user, target);
        let count: i64 = text(&self.items[&place]["credentials"]).parse().expect("a number");
        self.change_internally(&place);
        extend(
            self.items.get_mut(&place).expect("a target"),
            json!({"credentials": (count + by).to_string()}),
        );
    }

    pub(super) fn create_authenticator(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let mut known = [&REGISTRATION[..], &CHANGES].concat();
        // Only one of the two can be the target.
        if let Body::Json(members) = body
            && members["dispatchTarget"].is_object()
            && !members["dispatchTargetExtId"].is_null()
        {
            known.retain(|(name, _)| *name != "dispatchTargetExtId");
        }
        let mut members = fields(body, &known)?;
        check(&members)?;
        let right = members.contains_key("stateName").then_some("CredentialChangeState");
        right.map_or(Ok(()), |right| admission.check_over_body(right, None))?;
        let (name, units) = self.user(admission, user.0, user.1, "")?;
        right.map_or(Ok(()), |right| admission.check_over_body(right, Some(&units)))?;
        self.require_open(user.0, user.1)?;
        let inline = members.remove("dispatchTarget").and_then(|value| value.as_object().cloned());
        if let Some(target) = members.get("dispatchTargetExtId").map(text)
            && !self.items.contains_key(&target_place(user, &target))
        {
            return Err(no_target(&target, user.1, &name));
        }
        let given = members.get("extId").map(text);
        let ext_id = given.unwrap_or_else(|| format!("<authenticator-{}>", self.created + 1));
        let place = place_of(user, &ext_id);
        if self.items.contains_key(&place) {
            let message = format!("FidoUafCredential already exists with extId '{ext_id}'");
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        let [aaid, key_id] = ["aaid", "keyId"].map(|name| text(&members[name]));
        let registration = key_place(user.0, &aaid, &key_id);
        if self.items.contains_key(&registration) {
            let message = format!("FidoUafCredential already exists with aaid '{aaid}' and keyId '{key_id}'");
            return Err(refused(422, "errors.credentialFidoUaf.notUnique", &message));
        }
        if let Some(target) = inline {
            let target = self.put_target(admission, user, target, "1")?;
            members.insert("dispatchTargetExtId".to_owned(), json!(target));
        } else if let Some(target) = members.get("dispatchTargetExtId").map(text) {
            self.count(user, &target, 1);
        }
        self.created += 1;
        let owners = json!({"clientExtId": user.0, "userExtId": user.1, "extId": ext_id});
        members.entry("stateName").or_insert(json!("active"));
        members.insert("signCounter".to_owned(), json!("0"));
        members.extend(owners.as_object().expect("members").clone());
        self.put(admission.caller, &place, "FidoUafCredential", members.into());
        self.put(admission.caller, &registration, "FidoUafKey", owners);
        self.change_internally(&format!("USER#{}#{} | USER", user.0, user.1));
        Ok(created(&format!("/{}/users/{}/fido-authenticators/{ext_id}", user.0, user.1), Value::Null))
    }

    pub(super) fn list_authenticators(
        &self,
        admission: &Admission<'_>,
        user: User<'_>,
    ) -> Result<Answer, Answer> {
        self.user(admission, user.0, user.1, "")?;
        let start = place_of(user, "");
        Ok(page(self.beginning_with(&start).map(|(_, item)| shown_authenticator(item))))
    }

    /// Returns the credentials of a user: the authenticators, and the mobile signature.
    pub(super) fn list_credentials(
        &self,
        admission: &Admission<'_>,
        user: User<'_>,
    ) -> Result<Answer, Answer> {
        self.user(admission, user.0, user.1, "")?;
        let start = format!("USER#{}#{} | CREDENTIAL#", user.0, user.1);
        let mut credentials: Vec<Value> = self
            .beginning_with(&start)
            .map(|(_, item)| {
                let is_signature = item["entityType"] == "MobileSignature";
                let (kind, mut shown) = if is_signature {
                    ("MOBILE_SIGNATURE", shown_signature(item))
                } else {
                    ("FIDO_UAF", shown_authenticator(item))
                };
                shown["type"] = json!(kind);
                shown
            })
            .collect();
        // Lists are compared in the order of the identifiers.
        credentials.sort_by_cached_key(|shown| text(&shown["extId"]));
        Ok(page(credentials.into_iter()))
    }

    pub(super) fn list_client_authenticators(
        &self,
        admission: &Admission<'_>,
        client: &str,
    ) -> Result<Answer, Answer> {
        admission.check_user(&[], true)?;
        self.client(client)?;
        let start = format!("CLIENT#{client}#FIDO_UAF | FIDO_UAF#");
        let originals = self.beginning_with(&start).map(|(_, entry)| {
            let [user, ext_id] = ["userExtId", "extId"].map(|name| text(&entry[name]));
            shown_authenticator(&self.items[&place_of((client, &user), &ext_id)])
        });
        // Lists are compared in the order of the identifiers.
        let mut originals: Vec<Value> = originals.collect();
        originals.sort_by_cached_key(|shown| ["extId", "userExtId"].map(|name| text(&shown[name])));
        Ok(page(originals.into_iter()))
    }

    pub(super) fn get_authenticator(
        &self,
        admission: &Admission<'_>,
        user: User<'_>,
        authenticator: &str,
    ) -> Result<Answer, Answer> {
        let item = self.authenticator(admission, user, authenticator)?;
        Ok(ok_at(version(item), shown_authenticator(item)))
    }

    pub(super) fn update_authenticator(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        authenticator: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let changes = changes(body, &CHANGES)?;
        check(&changes)?;
        let (name, _) = self.user(admission, user.0, user.1, "")?;
        let present = self.authenticator(admission, user, authenticator)?.clone();
        let mut next = present.clone();
        merge(&mut next, changes, &CHANGES);
        if next["stateName"].is_null() {
            next["stateName"] = json!("active");
        }
        let [from, to] =
            [&present, &next].map(|item| item["dispatchTargetExtId"].as_str().map(ToOwned::to_owned));
        if from != to {
            if let Some(target) = &to
                && !self.items.contains_key(&target_place(user, target))
            {
                return Err(no_target(target, user.1, &name));
            }
            for (target, by) in [(from, -1), (to, 1)] {
                if let Some(target) = target {
                    self.count(user, &target, by);
                }
            }
        }
        let item = self.replace(admission.caller, &place_of(user, authenticator), next);
        Ok(ok_at(version(item), shown_authenticator(item)))
    }

    pub(super) fn delete_authenticator(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        authenticator: &str,
    ) -> Result<Answer, Answer> {
        let item = self.authenticator(admission, user, authenticator)?.clone();
        self.items.remove(&place_of(user, authenticator));
        self.items.remove(&key_place(user.0, &text(&item["aaid"]), &text(&item["keyId"])));
        if let Some(target) = item["dispatchTargetExtId"].as_str() {
            self.count(user, target, -1);
        }
        Ok(no_content())
    }
}
