//! `POST /properties`

use serde_json::{Value, json};

use crate::operations::rows::client_missing;
use crate::support::answer::{invalid_fields, outside_data_room};
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, created, ok_at, refused};

/// Creates a definition as root. The body has these members besides scope and name.
async fn create(world: &World, more: Value) -> Answer {
    create_by(world, &Caller::root(), more).await
}

async fn create_by(world: &World, caller: &Caller, more: Value) -> Answer {
    let mut body = json!({"scope": "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL", "name": "{new}", "type": "STRING"});
    let Value::Object(more) = more else { panic!("no object: {more}") };
    body.as_object_mut().expect("an object").extend(more);
    world.post("/properties").by(caller).json(body).send().await
}

/// Returns the path of a created definition.
fn path(answer: &Answer) -> String {
    assert_eq!(*answer, created("/properties/<propertyId>", Value::Null));
    answer.leads_to.clone().expect("a location")
}

fn over(client: &str) -> Caller {
    Caller::new("{operators}", "somebody").with(ROOT, Some(&[client]), None)
}

#[tokio::test]
async fn a_created_definition_is_read_back_with_all_members() {
    let world = World::furnished().await;
    let members = json!({
        "clientExtId": "{client-123}", "description": "Where the costs go", "displayName": {"EN": "Cost centre"},
        "stringMaxLen": 6, "stringRegex": "[0-9]+", "uniquenessScope": "NONE", "accessCreate": "OFF",
        "accessModify": "READ_ONLY", "encrypted": true, "propagated": false, "mandatoryOnGui": true,
        "guiPrecedence": 0,
    });
    let path = path(&create(&world, members.clone()).await);
    let id: u64 = path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("a number");
    assert!((1..1 << 53).contains(&id), "{id}");
    let mut expected = members;
    expected["clientExtId"] = json!("client-123");
    for (name, value) in [
        ("propertyId", json!(id)),
        ("scope", json!("CREDENTIAL_MOBILE_SIGNATURE_GLOBAL")),
        ("name", json!("new")),
        ("type", json!("STRING")),
        ("version", json!(0)),
    ] {
        expected[name] = value;
    }
    let answer = world.get(&path).by(&Caller::root()).send().await;
    for name in ["created", "lastModified"] {
        expected[name] = answer.body[name].clone();
    }
    assert_eq!(answer, ok_at(0, expected));
}

/// The definition is the one that an update of values obeys.
#[tokio::test]
async fn a_created_definition_applies_to_values() {
    let world = World::furnished().await;
    create(&world, json!({"type": "ENUM", "allowedValues": ["a", "b"]})).await;
    let path = "/{client-123}/users/{user-123}/mobile-signature/properties";
    let set = |value: &str| world.patch(path).by(&Caller::root()).json(json!({"{new}": value}));
    let message = "Value 'c' is not allowed for property 'new'.";
    assert_eq!(set("c").send().await, refused(422, "errors.invalidData", message));
    assert_eq!(set("b").send().await.status, 200);
}

#[tokio::test]
async fn names_are_unique_within_scope_and_client() {
    let world = World::furnished().await;
    for (more, is_free) in [
        (json!({}), true),
        (json!({}), false),
        (json!({"scope": "USER_GLOBAL"}), true),
        (json!({"clientExtId": "{client-123}"}), true),
        (json!({"clientExtId": "{client-123}", "type": "ENUM", "allowedValues": ["a"]}), false),
        (json!({"clientExtId": "{client-456}"}), true),
    ] {
        let answer = create(&world, more.clone()).await;
        if is_free {
            path(&answer);
        } else {
            let message = "Property already exists with name 'new'";
            assert_eq!(answer, refused(422, "errors.duplicateValue", message), "{more}");
        }
    }
}

#[tokio::test]
async fn all_scopes_are_accepted() {
    let world = World::furnished().await;
    for scope in functions::properties::Scope::NAMES {
        path(&create(&world, json!({"scope": scope})).await);
    }
    let message = "Invalid Scope name 'OTHER'";
    assert_eq!(
        create(&world, json!({"scope": "OTHER"})).await,
        refused(422, "errors.invalidParameter", message)
    );
}

#[tokio::test]
async fn rules_must_fit_the_type() {
    let world = World::furnished().await;
    let before = world.items().await;
    for (more, invalid) in [
        (json!({"type": "ENUM"}), "allowedValues"),
        (json!({"type": "ENUM", "allowedValues": []}), "allowedValues"),
        (json!({"type": "ENUM", "allowedValues": ["a", "a"]}), "allowedValues"),
        (json!({"type": "ENUM", "allowedValues": [""]}), "allowedValues"),
        (json!({"type": "ENUM", "allowedValues": [{"value": "a"}]}), "allowedValues"),
        (json!({"allowedValues": ["a"]}), "allowedValues"),
        (
            json!({"type": "ENUM", "allowedValues": ["a"], "stringMaxLen": 1, "stringRegex": "a"}),
            "stringMaxLen, stringRegex",
        ),
        (json!({"stringMaxLen": 0}), "stringMaxLen"),
        (json!({"stringMaxLen": 4001}), "stringMaxLen"),
        (json!({"stringMaxLen": -1}), "stringMaxLen"),
        (json!({"stringRegex": "("}), "stringRegex"),
        (json!({"stringRegex": "\\h"}), "stringRegex"),
        (
            json!({"encrypted": "true", "guiPrecedence": -1, "propertyId": 7}),
            "encrypted, guiPrecedence, propertyId",
        ),
    ] {
        assert_eq!(create(&world, more.clone()).await, invalid_fields(invalid), "{more}");
    }
    for scope in ["ABSOLUTE_USER", "RELATIVE_UNIT"] {
        let message = format!("The uniquenessScope '{scope}' is not supported.");
        let answer = create(&world, json!({"uniquenessScope": scope})).await;
        assert_eq!(answer, refused(422, "errors.invalidData", &message));
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn a_right_over_the_client_is_required_or_over_all_clients() {
    let world = World::furnished().await;
    let before = world.items().await;
    let of_client = |client: &str| json!({"clientExtId": client});
    for (caller, more) in [
        (over("{client-456}"), of_client("{client-123}")),
        (over("{client-456}"), of_client("{client-999}")),
        (over("{client-456}"), json!({})),
    ] {
        assert_eq!(create_by(&world, &caller, more).await, outside_data_room("PropertyCreate"));
    }
    // The body is checked first.
    let answer = create_by(&world, &over("{client-456}"), json!({"stringMaxLen": 0})).await;
    assert_eq!(answer, invalid_fields("stringMaxLen"));
    let missing = create_by(&world, &over("{client-999}"), of_client("{client-999}")).await;
    assert_eq!(missing, client_missing());
    assert_eq!(world.items().await.since(&before), Changes::none());
    path(&create_by(&world, &over("{client-456}"), of_client("{client-456}")).await);
    path(&create_by(&world, &over("*"), json!({})).await);
}
