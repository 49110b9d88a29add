//! `DELETE /{clientExtId}/users/{userExtId}`: what a deleted user leaves.

use serde_json::{Value, json};

use super::everything::Everything;
use super::{PORTION, Victim, end_deletion, put_unique_values, records, report, timed};
use crate::support::answer::busy;
use crate::support::items::{Changes, Items};
use crate::support::whole::assert_complete;
use crate::support::{Answer, Caller, World, no_content, refused};

const NEW: Everything<'_> = Everything { client: "{client-123}", user: "{user-new}", number: 5 };
const USERS: &str = "/{client-123}/users";

async fn delete(world: &World, path: &str) -> Answer {
    end_deletion(world, world.delete(path).by(&Caller::root()).send().await).await
}

async fn get(world: &World, path: &str) -> Value {
    let answer = world.get(path).by(&Caller::root()).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// Asserts that the record of a deletion of `{user-new}` is the only change since `before`.
async fn assert_only_record(world: &World, before: &Items, deleted: u64) {
    let items = world.stored().await;
    let [record] = &records(&items)[..] else { panic!("one record") };
    let id = record.id.to_string();
    let expected = Changes::none().created(
        "operators/root",
        [&format!("DELETION#{id}"), "DELETION"],
        "Deletion",
        json!({
            "deletionId": id, "kind": "user", "clientExtId": "client-123", "userExtId": "user-new", "state": "ended",
            "begun": "<now>", "ended": "<now>", "deleted": deleted.to_string(), "expires": expires(world),
        }),
    );
    let changes = world.items().await.since(before);
    assert_eq!(changes.without_progress(), expected.without_progress());
    assert_complete(&items);
}

/// Returns the time from which an ended deletion cannot be read.
fn expires(world: &World) -> String {
    (world.now() + 30 * 24 * 60 * 60).to_string()
}

#[tokio::test]
async fn a_deleted_user_leaves_nothing_but_the_record() {
    let unique = [("UNIQUE_USER_FIELDS", "contacts.email, contacts.mobile")];
    let Some(world) = World::configured(&unique).await else { return };
    world.furnish("{Default}").await;
    let before = world.items().await;
    NEW.create(&world).await;
    let [created, changed, _] = world.items().await.since(&before).counts();
    assert_eq!(changed, 0);
    assert_eq!(delete(&world, &NEW.path()).await, no_content());
    assert_only_record(&world, &before, created as u64).await;
}

/// Another user takes every unique value, and then the same user is created again with them.
#[tokio::test]
async fn every_unique_value_of_a_deleted_user_is_free() {
    let unique = [("UNIQUE_USER_FIELDS", "contacts.email, contacts.mobile")];
    let Some(world) = World::configured(&unique).await else { return };
    world.furnish("{Default}").await;
    let other = Everything { user: "{user-other}", ..NEW };
    for user in [NEW, other, NEW] {
        user.create(&world).await;
        assert_complete(&world.stored().await);
        assert_eq!(delete(&world, &user.path()).await, no_content());
    }
    NEW.create(&world).await;
}

#[tokio::test]
async fn a_user_who_is_created_again_has_nothing_of_the_deleted_one() {
    let world = World::furnished().await;
    NEW.create(&world).await;
    assert_eq!(delete(&world, &NEW.path()).await, no_content());
    let again = world.post(USERS).by(&Caller::root()).json(json!({"extId": "{user-new}"}));
    assert_eq!(again.send().await.status, 201);
    let path = NEW.path();
    assert_eq!(get(&world, &path).await["loginId"], "user-new");
    for list in ["profiles", "credentials", "dispatch-targets", "fido-authenticators"] {
        assert_eq!(get(&world, &format!("{path}/{list}")).await["items"], json!([]), "{list}");
    }
    assert_eq!(get(&world, &format!("{path}/properties")).await, json!({}));
    assert_eq!(get(&world, &format!("{path}/consents?withdrawn=true")).await, json!([]));
    let signature = world.get(&format!("{path}/mobile-signature")).by(&Caller::root()).send().await;
    assert_eq!(signature.status, 404);
    assert_complete(&world.stored().await);
}

#[tokio::test]
async fn a_deleted_user_cannot_be_deleted_again() {
    let world = World::furnished().await;
    assert_eq!(delete(&world, "/{client-123}/users/{user-123}").await, no_content());
    let message = "A user with extId 'user-123' doesn't exist on client with name Default";
    let call = world.delete("/{client-123}/users/{user-123}").by(&Caller::root());
    call.expect_unchanged(refused(404, "errors.noRecord", message)).await;
}

#[tokio::test]
async fn a_user_of_another_version_is_not_deleted() {
    let world = World::furnished().await;
    let path = "/{client-123}/users/{user-123}";
    let call = |tag: &str| world.delete(path).by(&Caller::root()).header("if-match", tag);
    call("\"1\"").expect_unchanged(busy()).await;
    assert_eq!(end_deletion(&world, call("\"0\"").send().await).await, no_content());
}

/// A repeated request with the same key gets the response of the end, and deletes no user who is created again.
#[tokio::test]
async fn a_repeated_request_with_a_key_does_not_delete_again() {
    let world = World::furnished().await;
    let once = || world.delete(&NEW.path()).by(&Caller::root()).header("idempotency-key", "key");
    NEW.create(&world).await;
    let first = once().send().await;
    assert_eq!(end_deletion(&world, first.clone()).await, no_content());
    NEW.create(&world).await;
    let before = world.items().await;
    assert_eq!(once().send().await, first);
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// One step releases the values of thirty properties.
#[tokio::test]
async fn any_number_of_values_is_released() {
    for count in [29, 30, 31, 60, 61, 70] {
        let world = World::furnished().await;
        let body = json!({"extId": "{user-new}"});
        assert_eq!(world.post(USERS).by(&Caller::root()).json(body.clone()).send().await.status, 201);
        put_unique_values(&world, &NEW.path(), count).await;
        assert_eq!(delete(&world, &NEW.path()).await, no_content());
        assert_complete(&world.stored().await);
        // All values are free: another user takes them.
        assert_eq!(world.post(USERS).by(&Caller::root()).json(body).send().await.status, 201);
        let values = (0..count).map(|number| (format!("{{unique-{number:03}}}"), json!("1")));
        for values in values.collect::<Vec<_>>().chunks(PORTION) {
            let body = Value::Object(values.iter().cloned().collect());
            let call = world.patch(&format!("{}/properties", NEW.path())).by(&Caller::root()).json(body);
            assert_eq!(call.send().await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_user_with_any_number_of_items_is_deleted() {
    for count in [1, 100, 1_000] {
        let world = World::furnished().await;
        world.put_user("{client-123}", "{user-new}", &["sales", "root"]).await;
        let user = world.user_path("{client-123}", "{user-new}");
        let targets: Vec<String> = (0..count / 2).map(|number| format!("{{many-{number}}}")).collect();
        for targets in targets.chunks(50) {
            world
                .put(|transaction| {
                    for target in targets {
                        world.dispatch_target(target).create(&user, (None, 0), transaction);
                    }
                })
                .await;
        }
        let before = world.stored().await.len();
        let (answer, took) = timed(delete(&world, &NEW.path())).await;
        assert_eq!(answer, no_content());
        let items = world.stored().await;
        let deleted = records(&items)[0].deleted;
        report("user", deleted, took);
        // What is new are the record of the deletion and its tombstone.
        assert_eq!(items.len(), before + 2 - usize::try_from(deleted).expect("a number"));
        assert_complete(&items);
    }
}

/// The deletion of one user changes nothing of the others.
#[tokio::test]
async fn other_users_are_untouched() {
    let world = World::furnished().await;
    let before = world.items().await;
    assert_eq!(delete(&world, &Victim::User("{user-123}").path()).await, no_content());
    let [created, changed, deleted] = world.items().await.since(&before).counts();
    assert_eq!((created, changed), (1, 0));
    assert!(deleted > 20, "{deleted}");
    assert_complete(&world.stored().await);
}
