//! `POST /{clientExtId}/users/{userExtId}/archive`: what archived users lose, and what they keep.

use serde_json::{Value, json};

use super::everything::Everything;
use super::{assert_left, end_deletion, is_elsewhere, keys, records};
use crate::support::answer::{missing_right, not_unique};
use crate::support::breaks::{Break, Breaks};
use crate::support::jobs::sweep;
use crate::support::whole::assert_complete;
use crate::support::{Answer, Caller, World, no_content, refused};

const NEW: Everything<'_> = Everything { client: "{client-123}", user: "{user-new}", number: 5 };
const ARCHIVE: &str = "/{client-123}/users/{user-new}/archive";
const USERS: &str = "/{client-123}/users";

async fn archive(world: &World) -> Answer {
    end_deletion(world, world.post(ARCHIVE).by(&Caller::root()).send().await).await
}

async fn get(world: &World, path: &str) -> Value {
    let answer = world.get(path).by(&Caller::root()).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

async fn post(world: &World, path: &str, body: Value) -> Answer {
    world.post(path).by(&Caller::root()).json(body).send().await
}

/// Returns a world with the archived user.
async fn archived() -> World {
    let world = World::furnished().await;
    NEW.create(&world).await;
    assert_eq!(archive(&world).await, no_content());
    assert_complete(&world.stored().await);
    world
}

#[tokio::test]
async fn an_archived_user_and_the_profiles_are_archived() {
    let world = archived().await;
    assert_eq!(get(&world, &NEW.path()).await["userState"], "archived");
    let profiles = get(&world, &format!("{}/profiles", NEW.path())).await;
    let states: Vec<&Value> =
        profiles["items"].as_array().into_iter().flatten().map(|profile| &profile["profileState"]).collect();
    assert_eq!(states, ["archived", "archived"]);
    let listed = get(&world, "/clients/{client-123}/users?userState=archived").await;
    assert_eq!(listed["items"][0]["extId"], "user-new");
}

#[tokio::test]
async fn an_archived_user_has_no_credentials_and_their_unique_values_are_free() {
    let world = archived().await;
    let path = NEW.path();
    for list in ["credentials", "dispatch-targets", "fido-authenticators"] {
        assert_eq!(get(&world, &format!("{path}/{list}")).await["items"], json!([]), "{list}");
    }
    let signature = world.get(&format!("{path}/mobile-signature")).by(&Caller::root()).send().await;
    assert_eq!(signature.status, 404);
    // Another user takes all of them.
    assert_eq!(post(&world, USERS, json!({"extId": "{user-other}"})).await.status, 201);
    Everything { user: "{user-other}", ..NEW }.create_credentials(&world).await;
    assert_complete(&world.stored().await);
}

#[tokio::test]
async fn an_archived_user_keeps_names_consents_and_properties() {
    let unique = [("UNIQUE_USER_FIELDS", "contacts.email")];
    let Some(world) = World::configured(&unique).await else { return };
    world.furnish("{Default}").await;
    NEW.create(&world).await;
    let path = NEW.path();
    let consents = get(&world, &format!("{path}/consents?withdrawn=true")).await;
    let properties = get(&world, &format!("{path}/properties")).await;
    assert_eq!(archive(&world).await, no_content());
    assert_eq!(consents.as_array().map(Vec::len), Some(2));
    assert_eq!(get(&world, &format!("{path}/consents?withdrawn=true")).await, consents);
    assert_eq!(properties, json!({"staff_number": "5", "floor": "1"}));
    assert_eq!(get(&world, &format!("{path}/properties")).await, properties);
    let code = "errors.duplicateValue";
    for (body, code, message) in [
        (json!({"extId": "{user-new}"}), code, "User already exists with extId 'user-new'"),
        (json!({"loginId": "{login-5}"}), code, "User already exists with loginId 'login-5'"),
        (
            json!({"contacts": {"email": "5@example.com"}}),
            "errors.duplicateEmail",
            "User already exists with contacts.email '5@example.com'",
        ),
    ] {
        assert_eq!(post(&world, USERS, body).await, refused(422, code, message));
    }
    let other = world.patch("/{client-123}/users/{user-456}/properties").by(&Caller::root());
    let value = other.json(json!({"{staff_number}": "5"})).send().await;
    assert_eq!(value, not_unique("staff_number", "5"));
}

#[tokio::test]
async fn an_archived_user_is_not_archived_again() {
    let world = archived().await;
    let expected = refused(422, "errors.modifyArchivedUser", "User is archived: user-new");
    world.post(ARCHIVE).by(&Caller::root()).expect_unchanged(expected).await;
}

#[tokio::test]
async fn a_technical_user_is_archived_with_a_right_of_its_own() {
    let world = World::furnished().await;
    let body = json!({"extId": "{user-new}", "isTechnicalUser": true});
    assert_eq!(post(&world, USERS, body).await.status, 201);
    let admin = Caller::new("{client-123}", "admin").with("nevisIdm.UserAdmin", None, None);
    world.post(ARCHIVE).by(&admin).expect_unchanged(missing_right("UserArchiveTechUser")).await;
    assert_eq!(archive(&world).await, no_content());
}

#[tokio::test]
async fn an_archived_user_can_be_deleted() {
    let world = World::furnished().await;
    let before = world.items().await;
    NEW.create(&world).await;
    assert_eq!(archive(&world).await, no_content());
    let answer = world.delete(&NEW.path()).by(&Caller::root()).send().await;
    assert_eq!(end_deletion(&world, answer).await, no_content());
    assert_eq!(world.items().await.since(&before).counts(), [2, 0, 0], "two records");
    assert_complete(&world.stored().await);
}

/// Whenever the archiving is broken off, it goes on with the same request or with the job, or ends with the deletion of
/// the user.
#[tokio::test]
async fn an_archiving_may_be_broken_off_at_any_call() {
    if is_elsewhere() {
        return;
    }
    let breaks = Breaks::default();
    let world = World::in_process(&[], |client| breaks.watch(&client)).await;
    world.furnish("{Default}").await;
    let nothing = keys(&world.stored().await);
    for calls in 0.. {
        for (number, how) in Break::ALL.into_iter().enumerate() {
            NEW.create(&world).await;
            let begun = records(&world.stored().await).len();
            breaks.after(calls, how);
            let answer = breaks.run(world.post(ARCHIVE).by(&Caller::root()).send()).await;
            let is_broken_off = breaks.stop();
            assert_complete(&world.stored().await);
            match (calls + number) % 3 {
                0 => sweep(world.table()).await,
                1 => assert!([204, 422].contains(&archive(&world).await.status)),
                _ => {}
            }
            let delete = world.delete(&NEW.path()).by(&Caller::root()).send().await;
            assert_eq!(delete, no_content());
            assert!(assert_left(&world.stored().await, &nothing) > begun);
            if !is_broken_off {
                assert_eq!(answer, Some(no_content()));
                assert!(calls > 6, "only {calls} calls");
                return;
            }
        }
    }
}
