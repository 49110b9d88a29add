//! `Idempotency-Key`: a repeated request returns the original response and has no further effect.

use serde_json::{Value, json};

use crate::support::answer::{invalid_fields, missing_right};
use crate::support::call::Call;
use crate::support::caller::ROOT;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, no_content, ok_at, refused};

const PROPERTIES: &str = "/{client-123}/users/{user-123}/mobile-signature/properties";

fn reused() -> Answer {
    refused(422, "errors.invalidData", "The Idempotency-Key was used for another request")
}

impl Call<'_> {
    /// Adds a token with every right and an `Idempotency-Key`.
    fn once(self, key: &str) -> Self {
        self.by(&Caller::root()).header("idempotency-key", key)
    }
}

/// Returns the calls that change something.
fn changes(world: &World) -> Vec<Call<'_>> {
    vec![
        world.post("/clients").json(json!({"name": "{newClient}"})),
        world.post("/{client-123}/personal-questions").json(json!({"stateName": "active"})),
        world.post("/{client-123}/users/{user-123}/consents").json(json!({"termsExtId": "{terms-123}"})),
        world.patch(PROPERTIES).json(json!({"{employee_id}": "77", "{nickname}": null})),
        world.delete("/{client-123}/users/{user-123}/dispatch-targets/{dt-123}"),
    ]
}

#[tokio::test]
async fn a_repeated_request_returns_the_same_response_without_effect() {
    let world = World::furnished().await;
    for (call, again) in changes(&world).into_iter().zip(changes(&world)) {
        let first = call.once("key").send().await;
        assert!(first.status < 300, "{first:?}");
        let after = world.items().await;
        let second = again.once("key").send().await;
        assert_eq!((&second, second.body.to_string()), (&first, first.body.to_string()));
        assert_eq!(second.leads_to, first.leads_to);
        assert_eq!(world.items().await, after);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_equal_requests_return_the_same_response() {
    let world = World::furnished().await;
    for number in 0..changes(&world).len() {
        let calls = (0..16).map(|_| changes(&world).swap_remove(number).once("key").send());
        let answers = futures_util::future::join_all(calls).await;
        assert!(answers[0].status < 300, "{:?}", answers[0]);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
}

#[tokio::test]
async fn another_request_with_the_same_key_is_rejected() {
    let world = World::furnished().await;
    let first = world.patch(PROPERTIES).json(json!({"{nickname}": "A"})).once("key").send().await;
    assert_eq!(first.status, 200, "{first:?}");
    let other_body = world.patch(PROPERTIES).json(json!({"{nickname}": "B"})).once("key");
    other_body.expect_unchanged(reused()).await;
    let path = "/{client-123}/users/{user-456}/mobile-signature/properties";
    let other_path = world.patch(path).json(json!({"{nickname}": "A"})).once("key");
    other_path.expect_unchanged(reused()).await;
}

#[tokio::test]
async fn keys_are_separate_for_each_caller_and_operation() {
    let world = World::furnished().await;
    let body = json!({"{nickname}": "A"});
    let first = world.patch(PROPERTIES).json(body.clone()).once("key").send().await;
    assert_eq!(first.status, 200, "{first:?}");
    let changed = world.patch(PROPERTIES).json(json!({"{nickname}": "B"})).by(&Caller::root()).send().await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let other = Caller::new("{client-123}", "other").with(ROOT, None, None);
    let others = world.patch(PROPERTIES).json(body).by(&other).header("idempotency-key", "key").send().await;
    assert_eq!(others, ok_at(3, json!({"employee_id": "1", "nickname": "A"})));
    let path = "/{client-123}/users/{user-123}/dispatch-targets/{dt-123}";
    assert_eq!(world.delete(path).once("key").send().await, no_content());
}

/// A rejected request has no effect, so its key can be used again.
#[tokio::test]
async fn error_responses_are_not_stored() {
    let world = World::furnished().await;
    let wrong = json!({"{employee_id}": "no digits"});
    let refusal = refused(422, "errors.property.stringregex", "employee_id");
    world.patch(PROPERTIES).json(wrong).once("key").expect_unchanged(refusal).await;
    let answer = world.patch(PROPERTIES).json(json!({"{employee_id}": "7"})).once("key").send().await;
    assert_eq!(answer, ok_at(1, json!({"employee_id": "7", "nickname": "Jo"})));
}

/// A repeated request without an effect returns the original response, whatever has changed since.
#[tokio::test]
async fn responses_to_requests_without_an_effect_are_stored_too() {
    let world = World::furnished().await;
    let same = json!({"{nickname}": "Jo"});
    let first = world.patch(PROPERTIES).json(same.clone()).once("key").send().await;
    assert_eq!(first, ok_at(0, json!({"employee_id": "1", "nickname": "Jo"})));
    world.patch(PROPERTIES).json(json!({"{nickname}": "Ann"})).by(&Caller::root()).send().await;
    assert_eq!(world.patch(PROPERTIES).json(same).once("key").send().await, first);
}

#[tokio::test]
async fn malformed_or_repeated_keys_are_rejected() {
    let world = World::furnished().await;
    for key in ["", "a b", "a,b", "\u{e4}", &"a".repeat(256)] {
        let call = world.patch(PROPERTIES).json(json!({"{nickname}": "A"})).once(key);
        call.expect_unchanged(invalid_fields("Idempotency-Key")).await;
    }
    let longest = world.patch(PROPERTIES).json(json!({"{nickname}": "A"})).once(&"a".repeat(255));
    assert_eq!(longest.send().await.status, 200);
    if leaves_out(&[Kind::Watch], "the second of two equal headers is lost before the function") {
        return;
    }
    let twice = world.patch(PROPERTIES).json(json!({"{nickname}": "A"})).once("a");
    twice.header("idempotency-key", "b").expect_unchanged(invalid_fields("Idempotency-Key")).await;
}

/// Rights are checked before the key, so a stored response is returned only to a caller who still
/// has the right.
#[tokio::test]
async fn rights_are_checked_before_the_key() {
    let world = World::furnished().await;
    let path = "/{client-123}/users/{user-123}/dispatch-targets/{dt-123}";
    let caller = Caller::new("{client-123}", "c").with(ROOT, None, None);
    let first = world.delete(path).by(&caller).header("idempotency-key", "key").send().await;
    assert_eq!(first, no_content());
    let without = Caller::new("{client-123}", "c").with("nevisIdm.TechUser", None, None);
    let again = world.delete(path).by(&without).header("idempotency-key", "key");
    again.expect_unchanged(missing_right("CredentialDelete")).await;
}

/// Without the header no response is stored or read.
#[tokio::test]
async fn requests_without_the_header_store_no_response() {
    let world = World::furnished().await;
    let before = world.items().await;
    let answer = world.patch(PROPERTIES).json(json!({"{nickname}": "A"})).by(&Caller::root()).send().await;
    assert_eq!(answer.body, json!({"employee_id": "1", "nickname": "A"}));
    assert_eq!(world.items().await.since(&before).counts(), [0, 1, 0]);
    let get = world.get("/clients/{client-123}").once("key").send().await;
    assert_ne!(get.body, Value::Null);
    assert_eq!(world.items().await.since(&before).counts(), [0, 1, 0]);
}
