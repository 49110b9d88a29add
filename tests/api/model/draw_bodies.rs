//! Random bodies with mostly valid fields.

use proptest::prop_oneof;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy};
use serde_json::{Value, json};

use super::steps::Body;

/// Returns a strategy for mostly valid bodies.
pub(super) fn body(value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Body> {
    prop_oneof![
        20 => value.prop_map(Body::Json),
        1 => Just(Body::None),
        1 => Just(Body::Broken),
        1 => Just(Body::Untyped(json!({"a": 1}))),
        1 => Just(Body::Json(json!(["a"]))),
    ]
    .boxed()
}

/// A field: its name, its probability, valid values and invalid ones.
type Field = (&'static str, f64, Vec<Value>, Vec<Value>);

/// Returns a strategy for objects with these fields.
fn object(fields: Vec<Field>) -> impl Strategy<Value = Value> {
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, often, good, bad)| {
            let value = prop_oneof![12 => select(good), 1 => select(bad)];
            proptest::option::weighted(often, value).prop_map(move |value| (name, value))
        })
        .collect();
    fields.prop_map(|fields| {
        let there = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(there.collect())
    })
}

fn values<const COUNT: usize>(texts: [&str; COUNT]) -> Vec<Value> {
    texts.map(Value::from).to_vec()
}

fn some_texts(name: &'static str) -> Field {
    let good = vec![
        json!({}),
        json!({"EN": "a", "DE": "", "IT": null}),
        json!(null),
        json!({"FR": "ä".repeat(4000)}),
    ];
    let bad = vec![json!({"EN": null, "XX": "a"}), json!({"FR": "ä".repeat(4001), "DE": 7}), json!("a")];
    (name, 0.3, good, bad)
}

fn remark(name: &'static str) -> Field {
    let good = vec![json!("A remark"), json!(""), json!("ä".repeat(1000)), json!(null)];
    (name, 0.3, good, vec![json!("ä".repeat(1001)), json!([])])
}

fn unknown() -> Field {
    ("unheardOf", 0.02, vec![json!(1)], vec![json!("a")])
}

pub(super) fn new_client() -> impl Strategy<Value = Value> {
    let names = values(["Default", "name-1", "name-2", "name-3", "name-4", "name-5", "."]);
    let mut bad_names = values(["ä", "a#b", ""]);
    bad_names.extend([json!("a".repeat(130)), json!(7), json!(null)]);
    object(vec![
        (
            "extId",
            0.5,
            values(["new-1", "new-2", "client-123"]),
            values([".", "clients", "terms", "properties", "a b", ""]),
        ),
        ("name", 0.97, names, bad_names),
        some_texts("displayName"),
        remark("remarks"),
        unknown(),
    ])
}

pub(super) fn new_question() -> impl Strategy<Value = Value> {
    let ids = values(["q-1", "q-2", "q-3", "question-123", "clients"]);
    object(vec![
        ("extId", 0.6, ids, values(["..", "a#b", ""])),
        remark("description"),
        ("stateName", 0.97, values(["active", "disabled", "revoked"]), values(["Active", ""])),
        some_texts("displayName"),
        some_texts("content"),
        unknown(),
    ])
}

pub(super) fn changed_client() -> impl Strategy<Value = Value> {
    let names = values(["Default", "name-1", "name-2", "name-3", "A client"]);
    object(vec![
        ("name", 0.5, names, values(["ä", ""])),
        some_texts("displayName"),
        remark("remarks"),
        unknown(),
    ])
}

pub(super) fn changed_question() -> impl Strategy<Value = Value> {
    object(vec![
        remark("description"),
        ("stateName", 0.5, values(["active", "disabled", "revoked"]), values(["Active", ""])),
        some_texts("displayName"),
        some_texts("content"),
        unknown(),
    ])
}

/// Returns the fields of a user that the model knows.
fn user_fields() -> Vec<Field> {
    let logins = values(["login-user-123", "LOGIN-USER-456", "l-1", "L-1", "l-2", "user-123"]);
    let contacts = vec![
        json!({}),
        json!({"email": "a@example.com", "mobile": null}),
        json!({"email": "A@Example.com"}),
        json!({"email": "b#@example.com"}),
        json!({"email": null, "mobile": "1"}),
        json!(null),
    ];
    let bad_contacts =
        vec![json!({"email": 7, "other": null}), json!("a"), json!({"mobile": [], "fax": "1"})];
    vec![
        ("loginId", 0.4, [logins, vec![json!(null)]].concat(), values(["", "a b", "ä"])),
        ("userState", 0.2, values(["active", "active", "disabled"]), values(["archived", "Active", ""])),
        ("languageCode", 0.3, vec![json!("EN"), json!("DE"), json!(null)], values(["ES", "en"])),
        ("isTechnicalUser", 0.2, vec![json!(true), json!(false), json!(null)], vec![json!("true"), json!(1)]),
        ("contacts", 0.5, contacts, bad_contacts),
        remark("remarks"),
        unknown(),
    ]
}

pub(super) fn new_user() -> impl Strategy<Value = Value> {
    let ids = values(["u-1", "u-2", "user-123"]);
    let mut fields = user_fields();
    fields.push(("extId", 0.6, ids, values(["..", "a#b", ""])));
    object(fields)
}

pub(super) fn changed_user() -> impl Strategy<Value = Value> {
    object(user_fields())
}

/// Returns the fields of a unit that the model knows.
fn unit_fields() -> Vec<Field> {
    let names = values(["legal", "sales", "north", "N", "n", "Default"]);
    vec![
        ("name", 0.95, names, [values(["ä", "a b", ""]), vec![json!(null)]].concat()),
        ("state", 0.3, [values(["active", "disabled"]), vec![json!(null)]].concat(), values(["Active", ""])),
        remark("description"),
        some_texts("displayName"),
        some_texts("abbreviation"),
        remark("modificationComment"),
        unknown(),
    ]
}

pub(super) fn new_unit() -> impl Strategy<Value = Value> {
    let parents = values(["root", "sales", "north", "legal", "u-1"]);
    let mut fields = unit_fields();
    fields.push(("extId", 0.6, values(["u-1", "u-2", "sales"]), values(["..", "a#b", ""])));
    fields.push(("parentUnitExtId", 0.85, parents, [values(["absent", ""]), vec![json!(7)]].concat()));
    fields.push(("profileless", 0.2, vec![json!(true), json!(false), json!(null)], vec![json!("true")]));
    object(fields)
}

pub(super) fn changed_unit() -> impl Strategy<Value = Value> {
    let members = unit_fields().into_iter().map(|(name, often, good, bad)| (name, often * 0.6, good, bad));
    object(members.collect())
}

/// Returns the fields of a profile that the model knows.
fn profile_fields() -> Vec<Field> {
    let flags = vec![json!(true), json!(false), json!(null)];
    vec![
        ("name", 0.3, [values(["Deputy", "Head"]), vec![json!(null)]].concat(), vec![json!(""), json!(7)]),
        ("isDefaultProfile", 0.3, flags, vec![json!("true")]),
        remark("remarks"),
        unknown(),
    ]
}

pub(super) fn new_profile() -> impl Strategy<Value = Value> {
    let units = values(["root", "sales", "north", "legal", "u-1"]);
    let mut fields = profile_fields();
    fields.push(("extId", 0.7, values(["p-1", "p-2", "p-user-123"]), values(["..", "a#b", ""])));
    fields.push(("unitExtId", 0.85, units, [values(["absent", ""]), vec![json!(7)]].concat()));
    fields.push(("profileState", 0.3, values(["active", "disabled"]), values(["archived", "Active", ""])));
    object(fields)
}

pub(super) fn changed_profile() -> impl Strategy<Value = Value> {
    let mut fields = profile_fields();
    let states = [values(["active", "disabled", "archived"]), vec![json!(null)]].concat();
    fields.push(("profileState", 0.3, states, values(["Active", ""])));
    object(fields)
}

fn terms() -> Vec<Field> {
    let urls = vec![json!({"en": "a", "de": null}), json!({}), json!(null)];
    vec![
        ("name", 0.97, values(["Privacy", "Use"]), values([""])),
        ("active", 0.97, vec![json!(true), json!(false)], vec![json!("true"), json!(null)]),
        ("termsVersion", 0.97, values(["1", "2", "3", "4"]), values(["", "a#b", "."])),
        ("urls", 0.4, urls, vec![json!({"EN": "a"}), json!("a")]),
        unknown(),
    ]
}

pub(super) fn new_terms() -> impl Strategy<Value = Value> {
    let of_creation = vec![
        ("extId", 0.6, values(["t-1", "terms-123"]), values(["..", "a#b", ""])),
        ("silentAcceptance", 0.97, vec![json!(true), json!(false)], vec![json!(1)]),
    ];
    object([of_creation, terms()].concat())
}

pub(super) fn changed_terms() -> impl Strategy<Value = Value> {
    let members = terms().into_iter().map(|(name, often, good, bad)| (name, often * 0.6, good, bad));
    object(members.collect())
}

pub(super) fn new_property() -> impl Strategy<Value = Value> {
    let scopes = values(["CREDENTIAL_MOBILE_SIGNATURE_GLOBAL", "USER_GLOBAL"]);
    let clients = vec![json!("client-123"), json!("client-456"), json!(null)];
    object(vec![
        ("scope", 0.97, scopes, vec![json!(7), json!("")]),
        ("clientExtId", 0.5, clients, values(["client-999", "a#b"])),
        // Those of the furnished world would apply to the signatures, of which the model has fixed definitions.
        ("name", 0.97, values(["p-1", "p-2", "p-3"]), values(["..", "a#b", ""])),
        ("type", 0.97, values(["STRING"]), values([""])),
        ("stringRegex", 0.3, values(["[0-9]+"]), vec![json!(7)]),
        remark("description"),
        some_texts("displayName"),
        unknown(),
    ])
}

pub(super) fn changed_property() -> impl Strategy<Value = Value> {
    object(vec![
        ("stringRegex", 0.3, vec![json!("[0-9]+"), json!("[0-9a-z]+"), json!(null)], vec![json!(7)]),
        ("uniquenessScope", 0.3, vec![json!("ABSOLUTE"), json!("NONE"), json!(null)], vec![json!(7)]),
        remark("description"),
        some_texts("displayName"),
        unknown(),
    ])
}

pub(super) fn new_consent() -> impl Strategy<Value = Value> {
    let terms = values(["terms-123", "terms-456"]);
    object(vec![("termsExtId", 0.97, terms, values(["terms-999", "terms-123#TERMS", ""])), unknown()])
}

/// Returns the fields of a dispatch target that the model knows.
fn target_fields() -> Vec<Field> {
    let bad = || [values([""]), vec![json!(null), json!(7)]].concat();
    let states = [values(["active", "disabled"]), vec![json!(null)]].concat();
    vec![
        ("deviceId", 0.98, values(["d-1", "d-2"]), bad()),
        ("target", 0.98, values(["t-1", "t-2"]), bad()),
        ("signingKey", 0.98, values(["k"]), bad()),
        ("appId", 0.98, values(["app"]), bad()),
        ("name", 0.98, values(["Phone", "Tablet"]), bad()),
        ("userAgent", 0.3, [values(["agent"]), vec![json!(null)]].concat(), values([""])),
        ("stateName", 0.4, states, values(["archived", ""])),
        unknown(),
    ]
}

pub(super) fn new_target() -> impl Strategy<Value = Value> {
    let attestation = |name: &str| json!({"deviceId": "d", "receipt": "r", "publicKey": "p", "name": name});
    let good = vec![json!(null), attestation("a-1"), attestation("a-2"), attestation("iPhone")];
    let bad = vec![json!("a"), json!({"deviceId": 7, "other": null})];
    let mut fields = target_fields();
    fields.push(("extId", 0.7, values(["dt-1", "dt-2", "dt-123"]), values(["..", "a#b", ""])));
    fields.push(("appAttestation", 0.4, good, bad));
    object(fields)
}

pub(super) fn changed_target() -> impl Strategy<Value = Value> {
    let members = target_fields().into_iter().map(|(name, often, good, bad)| (name, often * 0.4, good, bad));
    object(members.collect())
}

/// Returns the fields of an app attestation that the model knows.
fn attestation_fields() -> Vec<Field> {
    let bad = || [values([""]), vec![json!(null), json!(7)]].concat();
    vec![
        ("name", 0.5, [values(["a-1", "a-2", "iPhone"]), vec![json!(null)]].concat(), values([""])),
        ("deviceId", 0.98, values(["d-1", "d-2"]), bad()),
        ("receipt", 0.98, values(["r-1", "r-2"]), bad()),
        ("publicKey", 0.98, values(["p"]), bad()),
        ("environment", 0.3, [values(["production"]), vec![json!(null)]].concat(), values([""])),
        unknown(),
    ]
}

pub(super) fn new_attestation() -> impl Strategy<Value = Value> {
    object(attestation_fields())
}

pub(super) fn changed_attestation() -> impl Strategy<Value = Value> {
    let members =
        attestation_fields().into_iter().map(|(name, often, good, bad)| (name, often * 0.5, good, bad));
    object(members.collect())
}

/// Returns the fields of a FIDO UAF authenticator that a change can have, as far as the model knows them.
fn authenticator_fields() -> Vec<Field> {
    let optional = |good: &[&str]| good.iter().map(|text| json!(text)).chain([json!(null)]).collect();
    vec![
        ("authenticatorVersion", 0.98, values(["1.0", "1.1"]), [values(["", "1"]), vec![json!(7)]].concat()),
        ("deviceId", 0.3, optional(&["d-1", "d-2"]), values([""])),
        ("stateName", 0.3, optional(&["active", "disabled"]), values(["archived", ""])),
        ("dispatchTargetExtId", 0.5, optional(&["dt-123", "dt-456", "dt-1", "dt-999"]), values([""])),
        unknown(),
    ]
}

pub(super) fn new_authenticator() -> impl Strategy<Value = Value> {
    let target = |ext_id: Value, name: Value| json!({"extId": ext_id, "deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": name});
    let inline = vec![json!(null), target(json!("dt-1"), json!("n")), target(json!("dt-2"), json!("n"))];
    let mut fields = authenticator_fields();
    fields.extend([
        ("extId", 0.7, values(["uaf-1", "uaf-5", "uaf-6"]), values(["..", "a#b", ""])),
        ("aaid", 0.98, values(["ABCD#0001", "abcd#0001", "ABCD#0002"]), values(["ABCD", ""])),
        ("keyId", 0.98, values(["a2V5", "a2V6"]), values(["a", ""])),
        ("publicKey", 0.98, values(["p"]), values([""])),
        ("publicKeyAlgorithm", 0.98, values(["ES256"]), values(["ES 256", ""])),
        ("appId", 0.98, values(["app"]), [values([""]), vec![json!(7)]].concat()),
        (
            "dispatchTarget",
            0.2,
            inline,
            vec![json!("t"), target(json!("a#b"), json!("n")), target(json!(7), json!(7))],
        ),
    ]);
    object(fields)
}

pub(super) fn changed_authenticator() -> impl Strategy<Value = Value> {
    let members =
        authenticator_fields().into_iter().map(|(name, often, good, bad)| (name, often * 0.5, good, bad));
    object(members.collect())
}

/// Returns the fields of a mobile signature that the model knows.
fn signature_fields() -> Vec<Field> {
    let states = [values(["initial", "active", "disabled"]), vec![json!(null)]].concat();
    vec![
        (
            "identificator",
            0.97,
            values(["id-1", "id-2"]),
            [values([""]), vec![json!(null), json!(7)]].concat(),
        ),
        ("msspIdentifier", 0.97, values(["https://a", "https://b/c"]), values(["a b", "mssp", ""])),
        ("msisdn", 0.97, values(["+411", "+412"]), [values(["041", ""]), vec![json!(7)]].concat()),
        ("stateName", 0.4, states, values(["archived", "Active", ""])),
        remark("modificationComment"),
        unknown(),
    ]
}

pub(super) fn new_signature() -> impl Strategy<Value = Value> {
    let mut fields = signature_fields();
    fields.push(("extId", 0.6, values(["ms-1", "ms-2"]), values(["..", "a#b", ""])));
    object(fields)
}

pub(super) fn changed_signature() -> impl Strategy<Value = Value> {
    let members =
        signature_fields().into_iter().map(|(name, often, good, bad)| (name, often * 0.5, good, bad));
    object(members.collect())
}

/// Returns values and those that remove a property.
fn removable(mut good: Vec<Value>) -> Vec<Value> {
    good.extend([json!(null), json!("")]);
    good
}

pub(super) fn user_properties() -> impl Strategy<Value = Value> {
    object(vec![
        ("staff_number", 0.6, removable(values(["1", "2", "3"])), values(["12345678901", "x"])),
        ("floor", 0.5, removable(values(["1", "2"])), vec![json!("\u{e4}".repeat(4001)), json!(7)]),
        ("nickname", 0.02, removable(values(["Jo"])), vec![json!(true)]),
    ])
}

pub(super) fn properties() -> impl Strategy<Value = Value> {
    let long = json!("ä".repeat(4001));
    object(vec![
        ("employee_id", 0.6, removable(values(["1", "2", "3"])), values(["12345678901", "x"])),
        ("nickname", 0.3, removable(values(["Jo", "Ann"])), vec![long, json!(7)]),
        ("color", 0.2, removable(values(["green", "red"])), values(["blue"])),
        ("badge", 0.05, removable(values(["b"])), vec![json!({})]),
        ("secret", 0.05, removable(values(["s"])), vec![json!([])]),
        ("department", 0.2, removable(values(["d"])), vec![json!(1)]),
        ("nothing", 0.02, removable(values(["n"])), vec![json!(true)]),
    ])
}
