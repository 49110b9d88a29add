//! Parsers of request bodies. The input is a media type, a line break and a body.
//!
//! Invariants:
//!
//! - Only JSON in UTF-8 is accepted, and errors are reported in the order of the contract.
//! - What an accepted creation reads is what the body has, and defaults besides. Read again, it is the same.
//! - An accepted change merges the body as RFC 7396 says.
//! - The reported invalid fields are members of the body or missing required ones, in alphabetical order.

use std::collections::BTreeSet;
use std::fmt::Debug;

use functions::clients::Client;
use functions::fido_authenticators::FidoUafCredential;
use functions::mobile_signature::MobileSignature;
use functions::personal_questions::PersonalQuestion;
use functions::profiles::Profile;
use functions::properties::Definition;
use functions::properties::changes::{Changes, MAX_CHANGES};
use functions::terms::Terms;
use functions::units::Unit;
use functions::users::{User, UserPath};
use serde_json::{Map, Value, json};
use shared::clock::Timestamp;
use shared::entity::schema::Field;
use shared::entity::{BodyVersion, Entity, Fields, Patch};
use shared::error::ApiError;
use shared::http::Response;
use shared::http::body::object;
use shared::http::json::parse_object;
use shared::ids::ClientExtId;

use crate::service::{SETTINGS, request};

/// External identifier that is generated if the body has none.
const NEW_ID: &str = "new-id";
/// Maximum length of an error response, which quotes the body: a factor of the body length, plus a constant
/// number of bytes.
const MAX_RESPONSE: (usize, usize) = (64, 4096);

/// Checks the parsers with a media type and a body.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    let place = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (media_type, body) =
        (String::from_utf8_lossy(&input[..place]), input.get(place + 1..).unwrap_or_default());
    let members = match object(&request(&[("Content-Type", &media_type)], body)) {
        Ok(members) => members,
        Err(error) => return assert_eq!(error, expected_error(&media_type, body)),
    };
    assert!(
        is_json(&media_type) && parse_object(body).as_ref() == Ok(&members),
        "the parsed body differs from the reference"
    );
    assert_entities(&members);
    assert_changes(&members);
}

/// Checks the body as that of the creation and of the change of each entity.
fn assert_entities(members: &Map<String, Value>) {
    Body {
        ids: &["extId"],
        required: &["name"],
        read: |fields| Client::read_new(fields, new_id),
        full: json!({"name": "n", "displayName": {"EN": "a", "DE": "b"}, "remarks": "r"}),
        version: BodyVersion::Unknown,
    }
    .assert(members);
    Body {
        ids: &["extId"],
        required: &["stateName"],
        read: |fields| PersonalQuestion::read_new(client(), fields, new_id),
        full: json!({"stateName": "active", "description": "d", "content": {"EN": "a", "IT": "b"}}),
        version: BodyVersion::Allowed,
    }
    .assert(members);
    Body {
        ids: &["extId"],
        required: &["loginId"],
        read: |fields| User::read_new(client(), fields, new_id),
        full: json!({
            "loginId": "l", "languageCode": "EN", "userState": "disabled", "birthDate": "2000-02-29",
            "name": {"firstName": "a", "familyName": "b"}, "contacts": {"email": "e"}, "gender": "other",
            "address": {"city": "c", "countryCode": "CH"}, "validity": {"from": "2026-01-01T00:00:00Z"},
        }),
        version: BodyVersion::Allowed,
    }
    .assert(members);
    Body {
        ids: &["extId"],
        required: &[],
        read: |fields| Profile::read_new(UserPath::example(), fields, new_id),
        full: json!({"unitExtId": "u", "name": "n", "isDefaultProfile": true, "validity": {
            "from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z",
        }}),
        version: BodyVersion::Allowed,
    }
    .assert(members);
    Body {
        ids: &["extId"],
        required: &["name"],
        read: |fields| Unit::read_new(client(), fields, new_id),
        full: json!({"name": "n", "parentUnitExtId": "p", "location": "l", "state": "disabled",
                     "displayName": {"EN": "a"}, "abbreviation": {"EN": "b", "DE": "c"}, "profileless": true}),
        version: BodyVersion::Allowed,
    }
    .assert(members);
    Body {
        ids: &["extId"],
        required: &["name", "active", "silentAcceptance", "termsVersion"],
        read: |fields| Terms::read_new(fields, new_id),
        full: json!({"name": "n", "active": true, "silentAcceptance": true, "termsVersion": "1",
                     "urls": {"en": "https://example.com"}}),
        version: BodyVersion::Allowed,
    }
    .assert(members);
    Body {
        ids: &["extId"],
        required: &["identificator", "msspIdentifier", "msisdn"],
        read: |fields| MobileSignature::read_new(fields, new_id),
        full: json!({"identificator": "i", "msspIdentifier": "urn:a", "msisdn": "+411", "stateName": "initial",
                     "modificationComment": "c"}),
        version: BodyVersion::Allowed,
    }
    .assert(members);
    Body {
        ids: &["extId"],
        required: &["aaid", "keyId", "authenticatorVersion", "publicKey", "publicKeyAlgorithm", "appId"],
        read: |fields| {
            let (mut authenticator, new_target) = FidoUafCredential::read_new(fields, new_id)?;
            // The reference to a dispatch target that the body creates is not a member of it.
            authenticator.dispatch_target.take_if(|_| new_target.is_some());
            Ok(authenticator)
        },
        full: json!({"aaid": "ABCD#0001", "keyId": "a2V5", "authenticatorVersion": "1.0", "publicKey": "p",
                     "publicKeyAlgorithm": "a", "appId": "a", "deviceId": "d", "stateName": "disabled",
                     "dispatchTargetExtId": "t", "validity": {"from": "2026-01-01T00:00:00Z"}}),
        version: BodyVersion::Allowed,
    }
    .assert(members);
    Body {
        ids: &["scope", "clientExtId", "name"],
        required: &["scope", "name", "type", "allowedValues"],
        read: |fields| Definition::read_new(fields, |_, _, _| 1),
        full: json!({"scope": "USER_GLOBAL", "name": "n", "type": "ENUM", "allowedValues": ["a", "b"],
                     "description": "d", "accessModify": "READ_ONLY", "guiPrecedence": 3}),
        version: BodyVersion::Allowed,
    }
    .assert(members);
}

fn client() -> ClientExtId {
    ClientExtId::unchecked("100")
}

fn new_id() -> String {
    NEW_ID.to_owned()
}

/// Returns the expected error for a body that is not accepted.
fn expected_error(media_type: &str, body: &[u8]) -> ApiError {
    if !is_json(media_type) {
        ApiError::UnsupportedMediaType
    } else if body.trim_ascii().is_empty() {
        ApiError::EmptyBody
    } else {
        assert!(parse_object(body).is_err(), "a valid object was rejected");
        ApiError::MalformedJson
    }
}

/// Returns true if a media type is JSON in UTF-8, independently of the service's parser.
fn is_json(media_type: &str) -> bool {
    let lower = media_type.to_ascii_lowercase();
    let mut parts = lower.split(';').map(|part| part.trim_matches([' ', '\t']));
    !lower.contains(',')
        && parts.next() == Some("application/json")
        && parts.all(|part| {
            part.strip_prefix("charset=").is_none_or(|charset| charset.trim_matches('"') == "utf-8")
        })
}

/// The bodies of an entity.
struct Body<T> {
    /// Identifiers that the body of a creation can have.
    ids: &'static [&'static str],
    /// Members that can be reported as invalid although the body of a creation does not have them.
    required: &'static [&'static str],
    /// Reads the body of a creation.
    read: fn(Fields<'_>) -> Result<T, ApiError>,
    /// A creation with many members, which the body changes.
    full: Value,
    /// Whether the body of a change can have a version.
    version: BodyVersion,
}

impl<T: Entity + Clone + Debug + PartialEq> Body<T> {
    fn assert(&self, members: &Map<String, Value>) {
        self.assert_creation(members);
        self.assert_change(members);
    }

    fn read(&self, members: Map<String, Value>) -> Result<T, ApiError> {
        (self.read)(Fields::new(members, &SETTINGS))
    }

    /// Returns a creation from these members of a body alone.
    fn of(&self, members: &Map<String, Value>, names: &[&str]) -> Result<T, ApiError> {
        let mut members = members.clone();
        members.retain(|name, _| names.contains(&name.as_str()));
        self.read(members)
    }

    fn assert_creation(&self, members: &Map<String, Value>) {
        let entity = match self.read(members.clone()) {
            Ok(entity) => entity,
            Err(error) => return assert_refused(members, error, self.required),
        };
        let written = whole(&entity);
        let least = self.of(members, &[self.ids, self.required].concat()).expect("required members suffice");
        let defaults = whole(&least);
        for name in names(T::BODY).chain(self.ids.iter().copied()) {
            match members.get(name).filter(|value| !value.is_null()) {
                Some(value) => assert_same(name, value, &written[name]),
                None => assert_eq!(written[name], defaults[name], "{name}"),
            }
        }
        let body: Vec<&str> = names(T::BODY).chain(self.ids.iter().copied()).collect();
        assert_eq!(self.of(written.as_object().expect("members"), &body), Ok(entity));
    }

    fn assert_change(&self, members: &Map<String, Value>) {
        let full = self.full.as_object().expect("members");
        let present = self.read(full.clone()).expect("a valid body");
        let patch = Patch::read::<T>(members.clone(), &SETTINGS, NEW_ID, self.version);
        let next = match patch.and_then(|patch| patch.apply(&present)) {
            Ok(next) => next,
            Err(error) => return assert_refused(members, error, &[]),
        };
        let least = self.of(full, &[self.ids, self.required].concat()).expect("required members suffice");
        let [before, after, defaults] = [present, next, least].map(|entity| whole(&entity));
        for name in names(T::CHANGES) {
            match members.get(name) {
                None => assert_eq!(after[name], before[name], "{name}"),
                // The service gives a user without a login ID the default one later.
                Some(Value::Null) => assert!(after[name] == defaults[name] || after[name] == "", "{name}"),
                Some(change) => assert_same(name, &merged(&before[name], change), &after[name]),
            }
        }
        assert_eq!(after["extId"], before["extId"]);
    }
}

/// Returns the names of fields.
fn names(fields: &'static [Field]) -> impl Iterator<Item = &'static str> {
    fields.iter().map(|field| field.name)
}

/// Returns all members of an entity, also those that responses lack.
fn whole<T: Entity>(entity: &T) -> Value {
    let members = entity.key_members().into_iter().chain(entity.members());
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Merges a JSON merge patch (RFC 7396).
fn merged(target: &Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let mut target = target.as_object().cloned().unwrap_or_default();
    for (name, change) in changes {
        let value = merged(target.get(name).unwrap_or(&Value::Null), change);
        target.insert(name.clone(), value);
    }
    Value::Object(target)
}

/// Asserts that a value of a body is written as it was read. Times, numbers and the order of arrays have another
/// form.
fn assert_same(name: &str, read: &Value, written: &Value) {
    let time = |value: &Value| value.as_str().and_then(Timestamp::parse);
    let texts = |value: &Value| -> Option<BTreeSet<String>> {
        Some(value.as_array()?.iter().map(ToString::to_string).collect())
    };
    match (stripped(read.clone()), stripped(written.clone())) {
        (Value::Object(read), Value::Object(written)) => {
            assert!(read.keys().eq(written.keys()), "{name}: {read:?} and {written:?}");
            read.iter().for_each(|(member, value)| assert_same(member, value, &written[member]));
        }
        (read @ Value::Array(_), written) => assert_eq!(texts(&read), texts(&written), "{name}"),
        (read @ Value::Number(_), written) => assert_eq!(read.as_f64(), written.as_f64(), "{name}"),
        (read, written) => assert!(
            read == written || time(&read).is_some() && time(&read) == time(&written),
            "{name}: {read} and {written}"
        ),
    }
}

/// Asserts that changes of properties have the names of the body.
fn assert_changes(members: &Map<String, Value>) {
    match Changes::read(members.clone()) {
        Ok(changes) => {
            assert!(
                changes.names().eq(members.keys().collect::<BTreeSet<_>>()),
                "other names than in the body"
            );
            assert!(
                members.len() <= MAX_CHANGES && members.values().all(|it| it.is_string() || it.is_null())
            );
        }
        Err(error) => assert_refused(members, error, &[]),
    }
}

/// Asserts that a rejection is short and names members of the body or required ones.
fn assert_refused(members: &Map<String, Value>, error: ApiError, required: &[&str]) {
    let size: usize = members.iter().map(|(name, value)| name.len() + value.to_string().len()).sum();
    let length = Response::from(&error).body.map_or(0, |body| body.to_string().len());
    assert!(length <= MAX_RESPONSE.0 * size + MAX_RESPONSE.1, "{length} bytes in response to {size}");
    if let ApiError::InvalidFields(names) = error {
        assert!(!names.is_empty() && names.is_sorted(), "{names:?}");
        let known = |name: &String| {
            let first = name.split('.').next().unwrap_or_default();
            required.contains(&name.as_str()) || members.contains_key(name) || members.contains_key(first)
        };
        assert!(names.iter().all(known), "not all of {names:?} are in the body");
    }
}

/// Removes `null` values, and objects that are empty then.
fn stripped(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let members = members.into_iter().map(|(name, value)| (name, stripped(value)));
    let is_significant =
        |value: &Value| !value.is_null() && value.as_object().is_none_or(|members| !members.is_empty());
    Value::Object(members.filter(|(_, value)| is_significant(value)).collect())
}
