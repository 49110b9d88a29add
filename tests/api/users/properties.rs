//! `/{clientExtId}/users/{userExtId}/properties`

use functions::properties::{Definition, PropertyAccess};
use functions::users::UserState;
use serde_json::{Value, json};

use crate::support::answer::{busy, missing_right, not_unique, refused_for};
use crate::support::call::Call;
use crate::support::caller::SELF_ADMIN;
use crate::support::items::Changes;
use crate::support::properties::OfClient as _;
use crate::support::{Caller, World, ok_at, refused};

const PATH: &str = "/{client-123}/users/{user-123}/properties";
/// A user without properties.
const OTHER: &str = "/{client-123}/users/{user-456}/properties";
const KEY: [&str; 2] = ["USER#client-123#user-123", "PROPERTIES"];
const BY: &str = "client-123/admin";

fn admin() -> Caller {
    Caller::new("{client-123}", "admin").with("nevisIdm.UserAdmin", None, None)
}

fn patch<'a>(world: &'a World, path: &str, body: Value) -> Call<'a> {
    world.patch(path).by(&admin()).json(body)
}

/// Returns the key that reserves a value of `staff_number`.
fn value_key(world: &World, value: &str) -> String {
    let (name, value) = (world.id("staff_number"), shared::ids::sha256_hex(value));
    world.names().scrub_text(&format!("PROPERTY_VALUE#USER_GLOBAL#{name}#{value}"))
}

fn reserved(user: &str) -> Value {
    json!({"owner": format!("USER#client-123#{user}"), "name": "staff_number"})
}

#[tokio::test]
async fn values_are_set_removed_and_read_back() {
    let world = World::furnished().await;
    let present = json!({"staff_number": "1", "floor": "3"});
    world.get(PATH).by(&admin()).expect_unchanged(ok_at(1, present)).await;
    for (version, removal) in [(2, json!(null)), (4, json!(""))] {
        let answer = ok_at(version, json!({"staff_number": "1"}));
        assert_eq!(patch(&world, PATH, json!({"{floor}": removal})).send().await, answer);
        world.get(PATH).by(&admin()).expect_unchanged(answer).await;
        let answer = ok_at(version + 1, json!({"staff_number": "1", "floor": "4"}));
        assert_eq!(patch(&world, PATH, json!({"{floor}": "4"})).send().await, answer);
    }
    let answer = ok_at(5, json!({"staff_number": "1", "floor": "4"}));
    patch(&world, PATH, json!({"{floor}": "4"})).expect_unchanged(answer).await;
}

#[tokio::test]
async fn a_change_writes_the_values_their_entries_and_their_reservations() {
    let world = World::furnished().await;
    let [_, floor] = world.user_properties().map(|one| world.entry_key(&one, "{client-123}", "{user-123}"));
    let changes = Changes::none()
        .changed(BY, KEY, 2, json!({"properties": {"staff_number": "2"}}))
        .deleted([&floor[0], &floor[1]])
        .deleted([&value_key(&world, "1"), "PROPERTY_VALUE"])
        .created(BY, [&value_key(&world, "2"), "PROPERTY_VALUE"], "PropertyValue", reserved("user-123"));
    let body = json!({"{staff_number}": "2", "{floor}": null});
    patch(&world, PATH, body).expect(ok_at(2, json!({"staff_number": "2"})), changes).await;
}

/// Properties have the version 0 before the first change.
#[tokio::test]
async fn the_first_value_of_a_user_creates_the_item() {
    let world = World::furnished().await;
    let [number, floor] =
        world.user_properties().map(|one| world.entry_key(&one, "{client-123}", "{user-456}"));
    world.get(OTHER).by(&admin()).expect_unchanged(ok_at(0, json!({}))).await;
    for body in [json!({}), json!({"{floor}": null}), json!({"{staff_number}": ""})] {
        patch(&world, OTHER, body).expect_unchanged(ok_at(0, json!({}))).await;
    }
    let values = json!({"staff_number": "2", "floor": "1"});
    let item = json!({
        "version": "1", "revision": "1", "clientExtId": "client-123", "userExtId": "user-456",
        "properties": values, "uniqueProperties": ["staff_number"],
    });
    let changes = Changes::none()
        .created(BY, ["USER#client-123#user-456", "PROPERTIES"], "UserProperties", item)
        .created(BY, [&floor[0], &floor[1]], "PropertyHolder", json!({}))
        .created(BY, [&number[0], &number[1]], "PropertyHolder", json!({}))
        .created(BY, [&value_key(&world, "2"), "PROPERTY_VALUE"], "PropertyValue", reserved("user-456"));
    let body = json!({"{staff_number}": "2", "{floor}": "1"});
    let stale = patch(&world, OTHER, body.clone()).header("if-match", "\"1\"");
    stale.expect_unchanged(busy()).await;
    let first = patch(&world, OTHER, body).header("if-match", "\"0\"");
    first.expect(ok_at(1, values.clone()), changes).await;
    let stale = patch(&world, OTHER, json!({"{floor}": "2"})).header("if-match", "\"0\"");
    stale.expect_unchanged(busy()).await;
    world.get(OTHER).by(&admin()).expect_unchanged(ok_at(1, values)).await;
}

#[tokio::test]
async fn unique_values_are_unique_across_clients_and_can_be_reserved_again() {
    let world = World::furnished().await;
    let of_other_client = "/{client-456}/users/{user-123}/properties";
    let call = || world.patch(of_other_client).by(&Caller::root()).json(json!({"{staff_number}": "1"}));
    call().expect_unchanged(not_unique("staff_number", "1")).await;
    patch(&world, OTHER, json!({"{staff_number}": "1"}))
        .expect_unchanged(not_unique("staff_number", "1"))
        .await;
    assert_eq!(patch(&world, PATH, json!({"{staff_number}": null})).send().await.status, 200);
    assert_eq!(call().send().await, ok_at(1, json!({"staff_number": "1"})));
    patch(&world, PATH, json!({"{staff_number}": "1"}))
        .expect_unchanged(not_unique("staff_number", "1"))
        .await;
}

/// The definitions of mobile signatures do not apply to users.
#[tokio::test]
async fn all_values_that_break_a_rule_are_reported() {
    let world = World::furnished().await;
    let access = |name: &str, access| Definition { access: Some(access), ..world.user_property(name) };
    let definitions =
        [access("{badge}", PropertyAccess::ReadOnly), access("{key_number}", PropertyAccess::Off)];
    world.put(|transaction| definitions.map(|definition| definition.create(transaction))).await;
    let body = json!({"{staff_number}": "a", "{nickname}": "b", "{floor}": "1", "{badge}": "c", "{key_number}": "d"});
    let expected = refused_for(
        422,
        &[
            ("errors.modifyReadonlyData", "Property 'badge' is read-only."),
            ("errors.attrAccessForbidden", "Access to property 'key_number' is forbidden."),
            ("errors.invalidData", "No property exists with the name 'nickname' for the scope."),
            ("errors.property.stringregex", "staff_number"),
        ],
    );
    patch(&world, PATH, body).expect_unchanged(expected).await;
    let call = world.patch(PATH).by(&Caller::root()).json(json!({"{badge}": "c", "{key_number}": "d"}));
    let values = json!({"staff_number": "1", "floor": "3", "badge": "c", "key_number": "d"});
    assert_eq!(call.send().await, ok_at(2, values));
}

#[tokio::test]
async fn a_definition_of_the_client_replaces_the_one_for_all_clients() {
    let world = World::furnished().await;
    let own =
        Definition { max_length: Some(2), ..world.user_property("{floor}").of(&world.id("client-123")) };
    world.put(|transaction| own.create(transaction)).await;
    let expected = refused(422, "errors.property.stringmaxlen", "floor");
    patch(&world, PATH, json!({"{floor}": "100"})).expect_unchanged(expected).await;
    let path = "/{client-456}/users/{user-123}/properties";
    let call = world.patch(path).by(&Caller::root()).json(json!({"{floor}": "100"}));
    assert_eq!(call.send().await, ok_at(1, json!({"floor": "100"})));
}

#[tokio::test]
async fn the_properties_of_an_archived_user_cannot_be_changed() {
    let world = World::furnished().await;
    world.put_user_state("{client-123}", "{user-123}", UserState::Archived).await;
    let archived = || refused(422, "errors.modifyArchivedUser", "User is archived: user-123");
    for body in [json!({}), json!({"{floor}": "4"}), json!({"{floor}": null}), json!({"{nothing}": "1"})] {
        patch(&world, PATH, body).expect_unchanged(archived()).await;
    }
    let stale = patch(&world, PATH, json!({"{floor}": "4"})).header("if-match", "\"0\"");
    stale.expect_unchanged(busy()).await;
    let present = json!({"staff_number": "1", "floor": "3"});
    world.get(PATH).by(&admin()).expect_unchanged(ok_at(1, present)).await;
    world.put_user_state("{client-123}", "{user-123}", UserState::Disabled).await;
    assert_eq!(patch(&world, PATH, json!({"{floor}": "4"})).send().await.status, 200);
}

#[tokio::test]
async fn users_read_their_own_properties_and_cannot_change_them() {
    let world = World::furnished().await;
    let user = Caller::the_user();
    let present = json!({"staff_number": "1", "floor": "3"});
    world.get(PATH).by(&user).expect_unchanged(ok_at(1, present)).await;
    let change = world.patch(PATH).by(&user).json(json!({"{floor}": "4"}));
    let change = change.x_token(&world.x_token("{client-123}", "{user-123}"));
    change.expect_unchanged(missing_right("UserView")).await;
    let other = Caller::new("{client-123}", "{user-456}").with(SELF_ADMIN, None, None);
    world.get(PATH).by(&other).expect_unchanged(missing_right("UserView")).await;
}
