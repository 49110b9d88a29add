//! `/{clientExtId}/users/{userExtId}/profiles` and `/{clientExtId}/profiles`

pub(crate) mod rows;

use functions::users::UserState;
use serde_json::{Value, json};

use self::rows::shown;
use crate::support::answer::{invalid_fields, missing_right, outside_data_room};
use crate::support::caller::SELF_ADMIN;
use crate::support::items::Changes;
use crate::support::pages::ext_ids;
use crate::support::whole::assert_complete;
use crate::support::{Answer, Caller, World, created, no_content, ok_at, refused};

const OF_USER: &str = "/{client-123}/users/{user-123}/profiles";
const PROFILES: &str = "/{client-123}/profiles";

async fn create(world: &World, caller: &Caller, body: Value) -> Answer {
    world.post(OF_USER).by(caller).json(body).send().await
}

async fn get(world: &World, caller: &Caller, profile: &str) -> Answer {
    world.get(&format!("{PROFILES}/{profile}")).by(caller).send().await
}

async fn patch(world: &World, profile: &str, body: Value) -> Answer {
    world.patch(&format!("{PROFILES}/{profile}")).by(&Caller::root()).json(body).send().await
}

async fn move_to(world: &World, caller: &Caller, profile: &str, unit: &str) -> Answer {
    world.call("PUT", &format!("{PROFILES}/{profile}/unit/{unit}")).by(caller).send().await
}

async fn delete(world: &World, profile: &str) -> Answer {
    world.delete(&format!("{PROFILES}/{profile}")).by(&Caller::root()).send().await
}

/// Returns an administrator whose rights are restricted to these units of the client.
fn of_units(units: &[&str]) -> Caller {
    Caller::new("{client-123}", "admin").with("nevisIdm.UserAdmin", None, Some(units))
}

fn rule(code: &str, message: &str) -> Answer {
    refused(422, &format!("errors.{code}"), message)
}

async fn assert_whole(world: &World) {
    assert_complete(&world.stored().await);
}

/// Returns the extIds of the default profiles among those of `{user-123}`.
async fn defaults(world: &World) -> Vec<String> {
    let list = world.get(OF_USER).by(&Caller::root()).send().await;
    let items = list.body["items"].as_array().into_iter().flatten();
    let defaults = items.filter(|item| item["isDefaultProfile"] == true);
    defaults.filter_map(|item| item["extId"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn the_default_profile_cannot_be_created_again_as_the_default_one() {
    let world = World::furnished().await;
    let before = world.items().await;
    let answer =
        create(&world, &Caller::root(), json!({"extId": "{p-user-123}", "isDefaultProfile": true})).await;
    assert_eq!(answer, rule("duplicateValue", "Profile already exists with extId 'p-user-123'"));
    assert_eq!(world.items().await.since(&before).counts(), [0, 0, 0]);
}

#[tokio::test]
async fn a_profile_is_created_with_its_entries_and_the_membership() {
    let world = World::furnished().await;
    let before = world.items().await;
    let body = json!({"extId": "n", "unitExtId": "north", "remarks": "R", "validity": {"to": "2025-01-01T00:00:00Z"}});
    let answer = create(&world, &Caller::root(), body).await;
    assert_eq!(answer, created("/client-123/profiles/n", Value::Null));
    let profile = json!({
        "clientExtId": "client-123", "userExtId": "user-123", "extId": "n", "unitExtId": "north",
        "profileState": "active", "isDefaultProfile": false, "remarks": "R",
        "validity": {"to": "2025-01-01T00:00:00Z"}, "userState": "active",
        "unitsWithAncestors": ["north", "root", "sales"],
    });
    let memberships = json!({"memberships": {
        "n": "north#root#sales", "p-user-123": "root#sales", "q-user-123": "root#sales",
    }});
    let by = "operators/root";
    let expected = Changes::none()
        .created(by, ["PROFILE#client-123#n", "PROFILE"], "Profile", profile.clone())
        .created(by, ["USER#client-123#user-123", "PROFILE#n"], "ProfileEntry", profile)
        .created(
            by,
            ["UNIT#client-123#north", "PROFILE#n"],
            "ProfileOfUnit",
            json!({"clientExtId": "client-123"}),
        )
        .changed_internally(["USER#client-123#user-123", "USER"], 1, memberships.clone())
        .changed_internally(["CLIENT#client-123#USERS", "USER#user-123"], 1, memberships);
    assert_eq!(world.items().await.since(&before), expected);
    assert_whole(&world).await;
}

#[tokio::test]
async fn a_profile_without_a_unit_is_in_the_default_unit() {
    let world = World::furnished().await;
    assert_eq!(create(&world, &Caller::root(), json!({"extId": "n"})).await.status, 201);
    let answer = get(&world, &Caller::root(), "n").await;
    assert_eq!(answer.body["unitExtId"], "root");
    let sales = create(&world, &of_units(&["sales"]), json!({})).await;
    assert_eq!(sales, outside_data_room("ProfileCreate"));
    let disabled = json!({"state": "disabled"});
    let root = Caller::root();
    assert_eq!(world.patch("/{client-123}/units/root").by(&root).json(disabled).send().await.status, 200);
    let answer = create(&world, &root, json!({"extId": "m"})).await;
    assert_eq!(answer, rule("assignDisabledUnit", "Unit is disabled: root"));
    assert_whole(&world).await;
}

#[tokio::test]
async fn the_data_room_covers_the_user_and_the_unit() {
    let world = World::furnished().await;
    let before = world.items().await;
    for (units, unit) in [(&["sales"][..], "legal"), (&["sales"], "absent"), (&["legal"], "legal")] {
        let answer = create(&world, &of_units(units), json!({"unitExtId": unit})).await;
        assert_eq!(answer, outside_data_room("ProfileCreate"), "{units:?} {unit}");
    }
    for (units, unit) in [(&["sales"][..], "legal"), (&["sales"], "absent"), (&["legal"], "legal")] {
        let answer = move_to(&world, &of_units(units), "{q-user-123}", unit).await;
        assert_eq!(answer, outside_data_room("ProfileModify"), "{units:?} {unit}");
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
    assert_eq!(create(&world, &of_units(&["sales"]), json!({"unitExtId": "north"})).await.status, 201);
}

#[tokio::test]
async fn units_that_are_disabled_or_profileless_get_no_profiles() {
    let world = World::furnished().await;
    let root = Caller::root();
    let new = json!({"extId": "bare", "parentUnitExtId": "sales", "name": "Bare", "profileless": true});
    assert_eq!(world.post("/{client-123}/units").by(&root).json(new).send().await.status, 201);
    let disabled = json!({"state": "disabled"});
    assert_eq!(world.patch("/{client-123}/units/north").by(&root).json(disabled).send().await.status, 200);
    let before = world.items().await;
    for (unit, expected) in [
        ("bare", rule("assignProfilelessUnit", "Unit is profileless: bare")),
        ("north", rule("assignDisabledUnit", "Unit is disabled: north")),
    ] {
        assert_eq!(create(&world, &root, json!({"unitExtId": unit})).await, expected);
        assert_eq!(move_to(&world, &root, "{q-user-123}", unit).await, expected);
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn the_first_profile_is_the_default_one_and_passes_it_on() {
    let world = World::furnished().await;
    assert_eq!(defaults(&world).await, ["p-user-123"]);
    let new = json!({"extId": "n", "unitExtId": "sales", "isDefaultProfile": true});
    assert_eq!(create(&world, &Caller::root(), new).await.status, 201);
    assert_eq!(defaults(&world).await, ["n"]);
    assert_eq!(get(&world, &Caller::root(), "{p-user-123}").await.body["version"], 1);
    let changed = patch(&world, "{q-user-123}", json!({"isDefaultProfile": true})).await;
    assert_eq!((changed.status, &changed.body["version"]), (200, &json!(1)));
    assert_eq!(defaults(&world).await, ["q-user-123"]);
    for value in [json!(false), Value::Null] {
        let answer = patch(&world, "{q-user-123}", json!({"isDefaultProfile": value})).await;
        assert_eq!(answer, invalid_fields("isDefaultProfile"));
    }
    assert_eq!(delete(&world, "{q-user-123}").await, no_content());
    assert_eq!(defaults(&world).await, ["n"]);
    assert_eq!(delete(&world, "{p-user-123}").await, no_content());
    assert_eq!(defaults(&world).await, ["n"]);
    assert_eq!(delete(&world, "n").await, no_content());
    assert_eq!(defaults(&world).await, [""; 0]);
    assert_whole(&world).await;
    assert_eq!(create(&world, &Caller::root(), json!({"extId": "o"})).await.status, 201);
    assert_eq!(defaults(&world).await, ["o"]);
}

#[tokio::test]
async fn the_units_of_the_profiles_are_those_of_the_user() {
    let world = World::furnished().await;
    let sees = async |unit: &str| {
        let answer = world.get("/{client-123}/users/{user-123}/consents").by(&of_units(&[unit])).send().await;
        answer.status == 200
    };
    assert!(sees("sales").await && !sees("legal").await);
    assert_eq!(move_to(&world, &Caller::root(), "{q-user-123}", "legal").await, no_content());
    assert!(sees("sales").await && sees("legal").await);
    assert_eq!(delete(&world, "{p-user-123}").await, no_content());
    assert!(!sees("sales").await && sees("legal").await);
    assert_eq!(create(&world, &Caller::root(), json!({"unitExtId": "north"})).await.status, 201);
    assert!(sees("sales").await && sees("legal").await);
    assert_whole(&world).await;
}

#[tokio::test]
async fn a_move_to_the_same_unit_changes_nothing() {
    let world = World::furnished().await;
    let before = world.items().await;
    assert_eq!(move_to(&world, &Caller::root(), "{q-user-123}", "sales").await, no_content());
    assert_eq!(world.items().await.since(&before), Changes::none());
    assert_eq!(move_to(&world, &Caller::root(), "{q-user-123}", "north").await, no_content());
    let moved = get(&world, &Caller::root(), "{q-user-123}").await;
    assert_eq!((&moved.body["unitExtId"], &moved.body["version"]), (&json!("north"), &json!(1)));
}

#[tokio::test]
async fn a_list_shows_the_profiles_that_the_caller_may_see() {
    let world = World::furnished().await;
    assert_eq!(move_to(&world, &Caller::root(), "{q-user-123}", "legal").await, no_content());
    for (units, expected) in [
        (&["root"][..], &["p-user-123", "q-user-123"][..]),
        (&["sales"], &["p-user-123"]),
        (&["legal"], &["q-user-123"]),
    ] {
        let list = world.get(OF_USER).by(&of_units(units)).send().await;
        assert_eq!(ext_ids(&list), expected, "{units:?}");
    }
    let own = Caller::the_user();
    assert_eq!(ext_ids(&world.get(OF_USER).by(&own).send().await), ["p-user-123", "q-user-123"]);
}

#[tokio::test]
async fn users_see_their_own_profiles_while_they_are_active() {
    let world = World::furnished().await;
    let user = Caller::the_user();
    let own = get(&world, &user, "{p-user-123}").await;
    let mut expected = shown("p-user-123", true);
    for name in ["created", "lastModified"] {
        expected[name] = own.body[name].clone();
    }
    assert_eq!(own, ok_at(0, expected));
    // The profile of another user and one that does not exist are the same.
    let other_client = Caller::new("{client-456}", "{user-123}").with(SELF_ADMIN, Some(&["*"]), None);
    for (caller, profile) in [(&user, "{p-user-456}"), (&user, "{absent}"), (&other_client, "{p-user-123}")] {
        assert_eq!(get(&world, caller, profile).await, missing_right("ProfileView"), "{profile}");
    }
    world.put_user_state("{client-123}", "{user-123}", UserState::Disabled).await;
    assert_eq!(get(&world, &user, "{p-user-123}").await, missing_right("ProfileView"));
    assert_eq!(get(&world, &Caller::root(), "{p-user-123}").await.status, 200);
}

#[tokio::test]
async fn the_state_of_the_user_is_that_of_the_access_to_their_profiles() {
    let world = World::furnished().await;
    let user = |state: &str| {
        world.patch("/{client-123}/users/{user-123}").by(&Caller::root()).json(json!({"userState": state}))
    };
    let before = get(&world, &Caller::root(), "{p-user-123}").await;
    for (state, status) in [("disabled", 403), ("active", 200)] {
        assert_eq!(user(state).send().await.status, 200);
        assert_eq!(get(&world, &Caller::the_user(), "{p-user-123}").await.status, status);
        assert_eq!(get(&world, &Caller::root(), "{p-user-123}").await, before, "the profile is unchanged");
        assert_whole(&world).await;
    }
}

#[tokio::test]
async fn archived_profiles_are_only_deleted() {
    let world = World::furnished().await;
    let archive = json!({"profileState": "archived"});
    let refusal = invalid_fields("profileState");
    assert_eq!(create(&world, &Caller::root(), archive.clone()).await, refusal);
    assert_eq!(patch(&world, "{q-user-123}", archive).await.status, 200);
    let archived = rule("modifyArchivedProfile", "Profile is archived: q-user-123");
    assert_eq!(patch(&world, "{q-user-123}", json!({"profileState": "active"})).await, archived);
    assert_eq!(move_to(&world, &Caller::root(), "{q-user-123}", "north").await, archived);
    assert_eq!(delete(&world, "{q-user-123}").await, no_content());
    assert_whole(&world).await;
}

#[tokio::test]
async fn profiles_of_archived_users_are_only_deleted() {
    let world = World::furnished().await;
    world.put_user_state("{client-123}", "{user-123}", UserState::Archived).await;
    let archived = rule("modifyArchivedUser", "User is archived: user-123");
    assert_eq!(create(&world, &Caller::root(), json!({})).await, archived);
    assert_eq!(patch(&world, "{p-user-123}", json!({"name": "N"})).await, archived);
    assert_eq!(move_to(&world, &Caller::root(), "{p-user-123}", "north").await, archived);
    assert_eq!(delete(&world, "{p-user-123}").await, no_content());
}

#[tokio::test]
async fn users_have_at_most_20_profiles_and_technical_users_one() {
    let world = World::furnished().await;
    for number in 2..20 {
        let body = json!({"extId": format!("n-{number}"), "unitExtId": "sales"});
        assert_eq!(create(&world, &Caller::root(), body).await.status, 201, "{number}");
    }
    let too_many = rule("invalidData", "User has the maximum of 20 profiles: user-123");
    assert_eq!(create(&world, &Caller::root(), json!({})).await, too_many);
    // A change of the state is one transaction with all of them.
    let user = |user: &str, body: Value| {
        world.patch(&format!("/{{client-123}}/users/{user}")).by(&Caller::root()).json(body)
    };
    assert_eq!(user("{user-123}", json!({"userState": "disabled"})).send().await.status, 200);
    assert_whole(&world).await;
    let one = |user: &str| {
        rule("techUser.oneProfile", &format!("Technical user can only have one profile: {user}"))
    };
    let technical = || json!({"isTechnicalUser": true});
    assert_eq!(user("{user-123}", technical()).send().await, one("user-123"));
    assert_eq!(user("{user-456}", technical()).send().await.status, 200);
    let path = "/{client-123}/users/{user-456}/profiles";
    let second = world.post(path).by(&Caller::root()).json(json!({"unitExtId": "sales"})).send().await;
    assert_eq!(second, one("user-456"));
}

#[tokio::test]
async fn unknown_states_are_named() {
    let world = World::furnished().await;
    for state in ["invalid_state", "ACTIVE"] {
        let unknown = rule("invalidParameter", &format!("Invalid ProfileState name '{state}'"));
        assert_eq!(patch(&world, "{q-user-123}", json!({"profileState": state})).await, unknown);
        assert_eq!(create(&world, &Caller::root(), json!({"profileState": state})).await, unknown);
    }
    for name in [String::new(), "x".repeat(301)] {
        assert_eq!(patch(&world, "{q-user-123}", json!({"name": name})).await, invalid_fields("name"));
    }
    for name in ["unitExtId", "userExtId", "clientExtId"] {
        assert_eq!(patch(&world, "{q-user-123}", json!({ name: "sales" })).await, invalid_fields(name));
    }
}
