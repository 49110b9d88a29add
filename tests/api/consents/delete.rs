//! `DELETE /{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}`

use serde_json::{Value, json};

use crate::support::answer::invalid_fields;
use crate::support::{Answer, Caller, World, no_content, ok, refused};

const LIST: &str = "/{client-123}/users/{user-123}/consents";
const PATH: &str = "/{client-123}/users/{user-123}/consents/{terms-456}/2";
const PK: &str = "USER#client-123#user-123";
const BY: &str = "client-123/admin";

fn admin() -> Caller {
    Caller::new("{client-123}", "admin").with("nevisIdm.UserAdmin", None, None)
}

fn withdrawn() -> Value {
    json!({"termsExtId": "terms-456", "termsVersion": "2", "acceptanceDate": "2025-12-24T18:00:00Z",
           "withdrawalDate": "<now>"})
}

fn present() -> Value {
    json!({"termsExtId": "terms-456", "termsVersion": "2", "acceptanceDate": "<now>"})
}

async fn get(world: &World, path: &str) -> Answer {
    world.get(path).by(&admin()).send().await
}

/// The consent is kept under another key, with who created it and who withdrew it.
#[tokio::test]
async fn a_withdrawal_keeps_the_fact() {
    let world = World::furnished().await;
    let before = world.items().await;
    assert_eq!(world.delete(PATH).by(&admin()).send().await, no_content());
    let after = world.items().await;
    assert_eq!(after.since(&before).counts(), [1, 0, 1]);
    let after = after.into_json();
    assert!(after[format!("{PK} | CONSENT#terms-456#2")].is_null());
    let start = format!("{PK} | CONSENT_WITHDRAWN#terms-456#2#");
    let kept = after.as_object().expect("items").iter().find(|(place, _)| place.starts_with(&start));
    let (_, kept) = kept.expect("a withdrawn consent");
    let names = ["entityType", "createdBy", "modifiedBy", "withdrawalDate", "acceptanceDate", "version"];
    let expected = ["Consent", "import", BY, "<now>", "2025-12-24T18:00:00Z", "1"].map(Value::from);
    assert_eq!(names.map(|name| kept[name].clone()), expected);
}

#[tokio::test]
async fn a_withdrawn_consent_is_listed_only_on_request() {
    let world = World::furnished().await;
    assert_eq!(world.delete(PATH).by(&admin()).send().await, no_content());
    assert_eq!(get(&world, LIST).await, ok(json!([])));
    assert_eq!(get(&world, &format!("{LIST}?withdrawn=false")).await, ok(json!([])));
    assert_eq!(get(&world, &format!("{LIST}?withdrawn=true")).await, ok(json!([withdrawn()])));
    assert_eq!(get(&world, PATH).await, ok(withdrawn()));
    for query in ["withdrawn=", "withdrawn=yes", "withdrawn=true&withdrawn=true"] {
        assert_eq!(get(&world, &format!("{LIST}?{query}")).await, invalid_fields("withdrawn"));
    }
    assert_eq!(get(&world, &format!("{LIST}?limit=1")).await, invalid_fields("limit"));
}

#[tokio::test]
async fn a_second_withdrawal_finds_no_consent() {
    let world = World::furnished().await;
    assert_eq!(world.delete(PATH).by(&admin()).send().await, no_content());
    let message =
        "A consent for userExtId: 'user-123', termsExtId: 'terms-456' and termsVersion: '2' doesn't exist.";
    world.delete(PATH).by(&admin()).expect_unchanged(refused(404, "errors.noRecord", message)).await;
}

/// The story of a version: consented, withdrawn and pending, consented again and no longer pending, withdrawn again.
#[tokio::test]
async fn the_same_version_can_be_consented_to_again() {
    let world = World::furnished().await;
    let pending = "/{client-123}/users/{user-123}/terms-pending";
    let is_pending = async || {
        let answer = get(&world, pending).await;
        answer.body["items"].as_array().into_iter().flatten().any(|terms| terms["extId"] == "terms-456")
    };
    assert!(!is_pending().await);
    assert_eq!(world.delete(PATH).by(&admin()).send().await, no_content());
    assert!(is_pending().await);
    let consent = || world.post(LIST).by(&admin()).json(json!({"termsExtId": "{terms-456}"}));
    assert_eq!(consent().send().await.status, 201);
    assert!(!is_pending().await);
    assert_eq!(get(&world, PATH).await, ok(present()));
    assert_eq!(consent().send().await.status, 422);
    assert_eq!(get(&world, &format!("{LIST}?withdrawn=true")).await, ok(json!([withdrawn(), present()])));
    assert_eq!(world.delete(PATH).by(&admin()).send().await, no_content());
    let mut again = present();
    again["withdrawalDate"] = json!("<now>");
    assert_eq!(get(&world, &format!("{LIST}?withdrawn=true")).await, ok(json!([withdrawn(), again])));
    assert_eq!(get(&world, LIST).await, ok(json!([])));
}
