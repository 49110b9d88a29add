//! `POST /{clientExtId}/personal-questions`

use serde_json::{Value, json};

use crate::support::answer::{invalid_fields, missing_right, outside_data_room};
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::{Caller, World, created, ok_at, refused};

const PATH: &str = "/{client-123}/personal-questions";

/// Returns the item of a new personal question of `client-123`.
fn created_items(ext_id: &str, question: &Value) -> Changes {
    let mut item = json!({"clientExtId": "client-123", "extId": ext_id, "displayName": {}, "content": {}});
    item.as_object_mut().expect("an item").extend(question.as_object().expect("a question").clone());
    let key = ["CLIENT#client-123", &format!("PERSONAL_QUESTION#{ext_id}")];
    Changes::none().created("operators/root", key, "PersonalQuestion", item)
}

#[tokio::test]
async fn page_201_created() {
    let world = World::furnished().await;
    let question = json!({
        "description": "About pets", "stateName": "active",
        "displayName": {"EN": "Pet", "DE": "Haustier"}, "content": {"EN": "Your first pet?"},
    });
    let mut body = question.clone();
    body["extId"] = json!("{question-1}");
    let call = world.post(PATH).by(&Caller::root()).json(body);
    let answer = created("/client-123/personal-questions/question-1", Value::Null);
    call.expect(answer, created_items("question-1", &question)).await;
}

#[tokio::test]
async fn page_403_permission_denied() {
    let world = World::furnished().await;
    let nobody = Caller::new("{client-123}", "nobody");
    let call = world.post(PATH).by(&nobody).json(json!({"stateName": "active"}));
    call.expect_unchanged(missing_right("ClientView")).await;
    // The second right is reported if the first is granted.
    let helpdesk = nobody.with("nevisIdm.Helpdesk", None, None);
    let call = world.post(PATH).by(&helpdesk).json(json!({"stateName": "active"}));
    call.expect_unchanged(missing_right("PersonalQuestionCreate")).await;
}

#[tokio::test]
async fn page_403_data_room_permission_denied() {
    let world = World::furnished().await;
    let of_another = Caller::new("{client-456}", "admin").with(ROOT, None, None);
    let call = world.post(PATH).by(&of_another).json(json!({"stateName": "active"}));
    call.expect_unchanged(outside_data_room("ClientView")).await;
}

#[tokio::test]
async fn page_404_client_not_found() {
    let world = World::new().await;
    let call = world.post(PATH).by(&Caller::root()).json(json!({"stateName": "active"}));
    let expected = refused(404, "errors.noRecord", "Client doesn't exist with extId 'client-123'");
    call.expect_unchanged(expected).await;
}

/// The contract names a field that the body does not have; the missing required field is the state.
#[tokio::test]
async fn page_422_missing_required_field() {
    let world = World::furnished().await;
    let call = world.post(PATH).by(&Caller::root()).json(json!({"content": {"EN": "Your first pet?"}}));
    call.expect_unchanged(invalid_fields("stateName")).await;
}

#[tokio::test]
async fn page_422_naming_policy_violated() {
    let world = World::furnished().await;
    let ext_id = "a".repeat(130);
    let mut expected = refused(
        422,
        "errors.identifierPolicyViolated",
        "ch.nevis.idm.policy.PolicyViolation: Policy failed:\n\
         ch.nevis.idm.policy.element.PolicyElementViolation<element=Regex policy violation limit=129, actualValue=130>",
    );
    expected.body["policyViolations"] = json!([{
        "displayName": "Regex policy violation", "configString": "129", "suppliedValue": ext_id,
        "limitValue": 129, "actualValue": "130",
    }]);
    let call = world.post(PATH).by(&Caller::root()).json(json!({"extId": ext_id, "stateName": "active"}));
    call.expect_unchanged(expected).await;
}

#[tokio::test]
async fn page_422_invalid_personal_question_state() {
    let world = World::furnished().await;
    let call = world.post(PATH).by(&Caller::root()).json(json!({"stateName": "invalid_state"}));
    let message = "Invalid PersonalQuestionState name 'invalid_state'";
    call.expect_unchanged(refused(422, "errors.invalidParameter", message)).await;
}

/// Fields are checked before the state, the state before the naming policy.
#[tokio::test]
async fn the_state_is_checked_between_fields_and_names() {
    let world = World::furnished().await;
    let call = |body| world.post(PATH).by(&Caller::root()).json(body);
    let body = json!({"extId": "a b", "stateName": "no state", "content": 7});
    call(body).expect_unchanged(invalid_fields("content")).await;
    let message = "Invalid PersonalQuestionState name 'no state'";
    let body = json!({"extId": "a b", "stateName": "no state"});
    call(body).expect_unchanged(refused(422, "errors.invalidParameter", message)).await;
}

#[tokio::test]
async fn all_three_states_are_accepted() {
    let world = World::furnished().await;
    for state in ["active", "disabled", "revoked"] {
        let before = world.items().await;
        let answer = world.post(PATH).by(&Caller::root()).json(json!({"stateName": state})).send().await;
        let ext_id = answer.created_uuid();
        assert_eq!(answer, created(&format!("/client-123/personal-questions/{ext_id}"), Value::Null));
        assert_eq!(world.items().await.since(&before), created_items(&ext_id, &json!({"stateName": state})));
    }
}

#[tokio::test]
async fn the_ext_id_is_unique_within_the_client() {
    let world = World::furnished().await;
    let body = json!({"extId": "{question-123}", "stateName": "disabled"});
    let call = world.post(PATH).by(&Caller::root()).json(body.clone());
    let message = "PersonalQuestion already exists with extId 'question-123'";
    call.expect_unchanged(refused(422, "errors.duplicateValue", message)).await;
    let other = world.post("/{client-456}/personal-questions").by(&Caller::root()).json(body).send().await;
    assert_eq!(other, created("/client-456/personal-questions/question-123", Value::Null));
}

#[tokio::test]
async fn the_location_resolves_to_the_question() {
    let world = World::furnished().await;
    let root = Caller::root();
    let whole = json!({
        "extId": "{question-1}", "description": "About pets", "stateName": "revoked",
        "displayName": {"EN": "Pet"}, "content": {"EN": "Your first pet?", "IT": "Il primo animale?"},
    });
    for body in [whole, json!({"stateName": "active"})] {
        let answer = world.post(PATH).by(&root).json(body.clone()).send().await;
        let path = answer.leads_to.expect("a Location");
        let ext_id = path.rsplit('/').next().expect("an extId").to_owned();
        let mut expected = json!({
            "extId": world.names().scrub_text(&ext_id), "displayName": {}, "content": {},
            "created": "<now>", "lastModified": "<now>", "version": 0,
        });
        for (name, value) in body.as_object().expect("a body").iter().filter(|(name, _)| *name != "extId") {
            expected[name] = value.clone();
        }
        assert_eq!(world.get(&path).by(&root).send().await, ok_at(0, expected));
    }
}

/// Texts are stored unchanged.
#[tokio::test]
async fn texts_can_contain_any_character() {
    let world = World::furnished().await;
    let text = "\"<b>ä€𝄞\u{202e}\u{0}\n' OR 1=1 #";
    let body = json!({"stateName": "active", "description": text, "content": {"EN": text}});
    let answer = world.post(PATH).by(&Caller::root()).json(body).send().await;
    assert_eq!(answer.status, 201);
    let question = world.get(&answer.leads_to.expect("a Location")).by(&Caller::root()).send().await;
    assert_eq!(
        (&question.body["description"], &question.body["content"]["EN"]),
        (&json!(text), &json!(text))
    );
}
