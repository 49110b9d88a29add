//! `PATCH /properties/{propertyId}`

use functions::properties::{self, Definition, Scope, ValueType};
use serde_json::{Value, json};
use shared::table::attribute::AttributeValue;
use shared::table::{Condition, Update};

use crate::support::answer::{busy, invalid_fields, outside_data_room};
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::properties::OfClient as _;
use crate::support::{Answer, Caller, World, ok_at, refused};

const SIGNATURE: &str = "/{client-123}/users/{user-123}/mobile-signature/properties";
const USER: &str = "/{client-123}/users/{user-123}/properties";

async fn patch(world: &World, definition: &Definition, body: Value) -> Answer {
    let path = format!("/properties/{}", definition.id);
    world.patch(&path).by(&Caller::root()).json(body).send().await
}

async fn set(world: &World, path: &str, body: Value) -> Answer {
    world.patch(path).by(&Caller::root()).json(body).send().await
}

async fn definition(world: &World, definition: Definition) -> Definition {
    world.put(|transaction| definition.create(transaction)).await;
    definition
}

fn has_values(definition: &Definition) -> Answer {
    let id = definition.id;
    let message = format!("Property with propertyId '{id}' has values that the change could make invalid");
    refused(422, "errors.invalidData", &message)
}

/// Returns the keys of a definition for all clients: its own, that of its entry and that of its copy.
fn places(world: &World, definition: &Definition) -> [[String; 2]; 3] {
    let (scope, name) = (definition.scope, &definition.name);
    let keys = [
        properties::key(scope, None, name),
        properties::directory_key(scope, None, name),
        properties::id_key(&definition.id.to_string()),
    ];
    keys.map(|key| [key.pk(), key.sk()].map(|part| world.names().scrub_text(part)))
}

#[tokio::test]
async fn a_change_is_merged_and_written_to_all_copies() {
    let world = World::furnished().await;
    let [employee_id, ..] = world.properties();
    let body = json!({
        "description": "Number", "displayName": {"EN": "Employee", "DE": null}, "stringMaxLen": 12,
        "uniquenessScope": null, "stringRegex": null, "accessModify": "READ_WRITE", "guiPrecedence": 3,
    });
    let attributes = json!({
        "description": "Number", "displayName": {"EN": "Employee"}, "stringMaxLen": "12", "uniquenessScope": null,
        "stringRegex": null, "accessModify": "READ_WRITE", "guiPrecedence": "3",
    });
    let changes = places(&world, &employee_id).iter().fold(Changes::none(), |changes, [pk, sk]| {
        changes.changed("operators/root", [pk, sk], 1, attributes.clone())
    });
    let expected = json!({
        "propertyId": employee_id.id, "scope": "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL", "name": "employee_id",
        "description": "Number", "displayName": {"EN": "Employee"}, "type": "STRING", "stringMaxLen": 12,
        "accessModify": "READ_WRITE", "guiPrecedence": 3, "created": "2026-01-01T00:00:00Z",
        "lastModified": "<now>", "version": 1,
    });
    let path = format!("/properties/{}", employee_id.id);
    let call = world.patch(&path).by(&Caller::root()).json(body.clone());
    call.expect(ok_at(1, expected.clone()), changes).await;
    world.get(&path).by(&Caller::root()).expect_unchanged(ok_at(1, expected.clone())).await;
    // What changes nothing writes nothing.
    let call = world.patch(&path).by(&Caller::root()).json(body);
    call.expect_unchanged(ok_at(1, expected)).await;
    assert_eq!(set(&world, SIGNATURE, json!({"{employee_id}": "A-1234567890"})).await.status, 200);
}

#[tokio::test]
async fn a_change_that_could_make_a_value_invalid_is_rejected_while_there_is_one() {
    let world = World::furnished().await;
    let short = Definition { max_length: Some(9), ..world.user_property("{short}") };
    let letters = Definition { pattern: Some("[a-z]+".into()), ..world.property("{letters}") };
    let choice = Definition {
        value_type: ValueType::Enum,
        allowed_values: ["a", "b"].map(str::to_owned).into(),
        ..world.property("{choice}")
    };
    for (subject, path, body) in [
        (&short, USER, json!({"stringMaxLen": 8})),
        (&short, USER, json!({"stringRegex": ".*"})),
        (&short, USER, json!({"uniquenessScope": "ABSOLUTE"})),
        (&short, USER, json!({"type": "ENUM", "allowedValues": ["a"], "stringMaxLen": null})),
        (&letters, SIGNATURE, json!({"stringRegex": "[a-z]*"})),
        (&letters, SIGNATURE, json!({"stringMaxLen": 3999})),
        (&choice, SIGNATURE, json!({"allowedValues": ["a"]})),
        (&choice, SIGNATURE, json!({"allowedValues": ["a", "c"]})),
        (&choice, SIGNATURE, json!({"type": "STRING", "allowedValues": null})),
    ] {
        let world = World::furnished().await;
        let subject = definition(&world, subject.clone()).await;
        let name = subject.name.to_string();
        assert_eq!(set(&world, path, json!({&name: "a"})).await.status, 200, "{body}");
        let before = world.items().await;
        assert_eq!(patch(&world, &subject, body.clone()).await, has_values(&subject), "{body}");
        assert_eq!(world.items().await.since(&before), Changes::none());
        // Other changes are possible, and this one too once there is no value.
        assert_eq!(patch(&world, &subject, json!({"accessModify": "READ_WRITE"})).await.status, 200);
        assert_eq!(set(&world, path, json!({&name: null})).await.status, 200);
        let changed = patch(&world, &subject, body.clone()).await;
        assert_eq!((changed.status, &changed.body["version"]), (200, &json!(2)), "{changed:?}");
        let left = world.items().await.into_json().to_string();
        assert!(!left.contains("isMarked"), "the mark is removed");
    }
}

#[tokio::test]
async fn a_changed_definition_applies_to_the_next_value() {
    let world = World::furnished().await;
    let short = definition(&world, world.user_property("{short}")).await;
    let changed = patch(&world, &short, json!({"stringMaxLen": 2, "uniquenessScope": "ABSOLUTE"})).await;
    assert_eq!(changed.status, 200);
    let too_long = refused(422, "errors.property.stringmaxlen", "short");
    assert_eq!(set(&world, USER, json!({"{short}": "abc"})).await, too_long);
    assert_eq!(set(&world, USER, json!({"{short}": "ab"})).await.status, 200);
    let other = set(&world, "/{client-123}/users/{user-456}/properties", json!({"{short}": "ab"})).await;
    assert_eq!(other, crate::support::answer::not_unique("short", "ab"));
}

/// The values of a client that has a definition of its own do not count for that of all clients.
#[tokio::test]
async fn only_values_under_the_definition_count() {
    let world = World::furnished().await;
    let of_all = definition(&world, world.user_property("{site}")).await;
    assert_eq!(set(&world, USER, json!({"{site}": "abc"})).await.status, 200);
    let own = world.user_property("{site}").of(&world.id("client-123"));
    let own = definition(&world, own).await;
    let shorter = || json!({"stringMaxLen": 2});
    assert_eq!(patch(&world, &of_all, shorter()).await, has_values(&of_all));
    assert_eq!(set(&world, USER, json!({"{site}": "abcd"})).await.status, 200);
    assert_eq!(patch(&world, &of_all, shorter()).await.status, 200);
    assert_eq!(patch(&world, &own, shorter()).await, has_values(&own));
    assert_eq!(set(&world, USER, json!({"{site}": ""})).await.status, 200);
    assert_eq!(patch(&world, &own, shorter()).await.status, 200);
}

/// A process that ends between the mark and the change leaves the mark.
#[tokio::test]
async fn a_mark_that_remains_has_no_effect() {
    let world = World::furnished().await;
    let site = definition(&world, world.user_property("{site}")).await;
    let key = || properties::key(Scope::User, None, &site.name);
    let mark = async || {
        let mark = Update::internal(key(), Condition::Exists);
        let mark = mark.set("isMarked", Some(AttributeValue::Bool(true)));
        world.put(|transaction| transaction.update(mark)).await;
    };
    mark().await;
    assert_eq!(set(&world, USER, json!({"{site}": "abc"})).await.status, 200);
    assert!(!world.items().await.into_json().to_string().contains("isMarked"));
    mark().await;
    assert_eq!(patch(&world, &site, json!({"stringMaxLen": 2})).await, has_values(&site));
    assert_eq!(set(&world, USER, json!({"{site}": null})).await.status, 200);
    assert_eq!(patch(&world, &site, json!({"stringMaxLen": 2})).await.status, 200);
    assert!(!world.items().await.into_json().to_string().contains("isMarked"));
}

#[tokio::test]
async fn the_right_must_cover_the_client_or_all_clients() {
    let world = World::furnished().await;
    let [.., department] = world.properties();
    let [employee_id, ..] = world.properties();
    let own = Caller::new("{client-123}", "admin").with(ROOT, None, None);
    let other = Caller::new("{client-456}", "admin").with(ROOT, None, None);
    let call = |definition: &Definition, caller: &Caller| {
        let path = format!("/properties/{}", definition.id);
        world.patch(&path).by(caller).json(json!({"description": "A"}))
    };
    call(&employee_id, &own).expect_unchanged(outside_data_room("PropertyModify")).await;
    call(&department, &other).expect_unchanged(outside_data_room("PropertyModify")).await;
    let changed = call(&department, &own).send().await;
    assert_eq!((changed.status, &changed.body["clientExtId"]), (200, &json!("client-123")));
    assert_eq!(call(&employee_id, &Caller::root()).send().await.status, 200);
}

#[tokio::test]
async fn a_stale_version_is_a_conflict() {
    let world = World::furnished().await;
    let [employee_id, ..] = world.properties();
    assert_eq!(patch(&world, &employee_id, json!({"version": 1, "description": "A"})).await, busy());
    let path = format!("/properties/{}", employee_id.id);
    let call = world.patch(&path).by(&Caller::root()).header("if-match", "\"1\"");
    assert_eq!(call.json(json!({"stringMaxLen": 2})).send().await, busy());
    let changed = patch(&world, &employee_id, json!({"version": 0, "description": "A"})).await;
    assert_eq!((changed.status, &changed.body["version"]), (200, &json!(1)));
}

#[tokio::test]
async fn what_identifies_a_definition_cannot_be_changed() {
    let world = World::furnished().await;
    let before = world.items().await;
    let [employee_id, _, color, ..] = world.properties();
    for (definition, body, names) in [
        (
            &employee_id,
            json!({"name": "n", "scope": "USER_GLOBAL", "clientExtId": "c"}),
            "clientExtId, name, scope",
        ),
        (&employee_id, json!({"extId": employee_id.id.to_string(), "propertyId": 1}), "extId, propertyId"),
        (
            &employee_id,
            json!({"type": null, "displayName": {"XX": "a"}, "version": null}),
            "displayName.XX, type, version",
        ),
        (&employee_id, json!({"stringMaxLen": 0, "stringRegex": "("}), "stringMaxLen, stringRegex"),
        (&employee_id, json!({"stringMaxLen": 4001}), "stringMaxLen"),
        (&employee_id, json!({"type": "ENUM"}), "allowedValues, stringMaxLen, stringRegex"),
        (&color, json!({"stringMaxLen": 1, "allowedValues": null}), "allowedValues, stringMaxLen"),
    ] {
        assert_eq!(patch(&world, definition, body.clone()).await, invalid_fields(names), "{body}");
    }
    let unsupported =
        refused(422, "errors.invalidData", "The uniquenessScope 'RELATIVE_UNIT' is not supported.");
    assert_eq!(patch(&world, &employee_id, json!({"uniquenessScope": "RELATIVE_UNIT"})).await, unsupported);
    let unknown = refused(422, "errors.invalidParameter", "Invalid ValueType name 'NUMBER'");
    assert_eq!(patch(&world, &employee_id, json!({"type": "NUMBER"})).await, unknown);
    // The body is checked before the definition is read.
    let call = world.patch("/properties/1").by(&Caller::root()).json(json!({"stringMaxLen": 0}));
    assert_eq!(call.send().await, invalid_fields("stringMaxLen"));
    assert_eq!(world.items().await.since(&before), Changes::none());
}
