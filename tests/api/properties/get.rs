//! `GET /properties/{propertyId}`

use functions::properties::Definition;
use serde_json::{Value, json};

use crate::support::answer::outside_data_room;
use crate::support::caller::ROOT;
use crate::support::{Answer, Caller, World, ok_at, refused};

/// Requests a definition, and returns its path.
fn path(definition: &Definition) -> String {
    format!("/properties/{}", definition.id)
}

/// Returns the response with a definition, which has these further members.
fn shown(definition: &Definition, more: Value) -> Answer {
    let mut body = json!({
        "propertyId": definition.id, "scope": "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL", "displayName": {},
        "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
    });
    let Value::Object(more) = more else { panic!("no object: {more}") };
    body.as_object_mut().expect("an object").extend(more);
    ok_at(0, body)
}

#[tokio::test]
async fn a_definition_is_returned_with_its_rules_and_history() {
    let world = World::furnished().await;
    let [employee_id, nickname, color, badge, ..] = world.properties();
    let expected = [
        (
            employee_id,
            json!({"name": "employee_id", "type": "STRING", "stringMaxLen": 10,
                             "stringRegex": "[0-9]+", "uniquenessScope": "ABSOLUTE"}),
        ),
        (nickname, json!({"name": "nickname", "type": "STRING"})),
        (color, json!({"name": "color", "type": "ENUM", "allowedValues": ["green", "red"]})),
        (badge, json!({"name": "badge", "type": "STRING", "accessModify": "READ_ONLY"})),
    ];
    let helpdesk = Caller::new("{client-456}", "h").with("nevisIdm.Helpdesk", None, None);
    for (definition, more) in expected {
        for caller in [Caller::root(), helpdesk.clone()] {
            let call = world.get(&path(&definition)).by(&caller);
            call.expect_unchanged(shown(&definition, more.clone())).await;
        }
    }
}

#[tokio::test]
async fn a_definition_of_a_client_requires_a_right_over_this_client() {
    let world = World::furnished().await;
    let [.., department] = world.properties();
    let of = |client: &str| Caller::new(client, "somebody").with(ROOT, None, None);
    let answer =
        shown(&department, json!({"name": "department", "type": "STRING", "clientExtId": "client-123"}));
    for caller in [Caller::root(), of("{client-123}")] {
        world.get(&path(&department)).by(&caller).expect_unchanged(answer.clone()).await;
    }
    let call = world.get(&path(&department)).by(&of("{client-456}"));
    call.expect_unchanged(outside_data_room("PropertyView")).await;
}

#[tokio::test]
async fn only_the_canonical_identifier_names_a_definition() {
    let world = World::furnished().await;
    let [employee_id, ..] = world.properties();
    for id in [
        format!("0{}", employee_id.id),
        format!("+{}", employee_id.id),
        format!("{}.0", employee_id.id),
        "0".to_owned(),
        "-1".to_owned(),
        "employee_id".to_owned(),
        "9007199254740992".to_owned(),
    ] {
        let message = format!("Property doesn't exist with propertyId '{id}'");
        let call = world.get(&format!("/properties/{id}")).by(&Caller::root());
        call.expect_unchanged(refused(404, "errors.noRecord", &message)).await;
    }
}
