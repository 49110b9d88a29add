//! Properties with values that are unique across all clients.

use functions::properties::{self, Definition, Scope, Uniqueness};
use serde_json::json;
use shared::table::attribute::text;
use shared::table::{Condition, Update};

use super::{BY, ENTRY, KEY, patch, value_key};
use crate::support::answer::{self, refused_for};
use crate::support::call::Call;
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, ok_at, refused};

const OTHER_PATH: &str = "/{client-456}/users/{user-123}/mobile-signature/properties";

fn not_unique(value: &str) -> Answer {
    answer::not_unique("employee_id", value)
}

/// Returns a call that sets the employee id of `{user-123}` of the other client.
fn patch_other<'a>(world: &'a World, value: &str) -> Call<'a> {
    world.patch(OTHER_PATH).by(&Caller::root()).json(json!({"{employee_id}": value}))
}

async fn world_with_two_users() -> World {
    let world = World::furnished().await;
    world.put_mobile_signature("{client-456}", "{user-123}", &[]).await;
    world
}

#[tokio::test]
async fn values_are_unique_across_clients() {
    let world = world_with_two_users().await;
    patch_other(&world, "1").expect_unchanged(not_unique("1")).await;
    let owner = json!({"owner": "USER#client-456#user-123", "name": "employee_id"});
    let by = "operators/root";
    let [employee_id, ..] = world.properties();
    let entry = world.entry_key(&employee_id, "{client-456}", "{user-123}");
    let changes = Changes::none()
        .changed(
            by,
            ["USER#client-456#user-123", "CREDENTIAL#MOBILE_SIGNATURE"],
            1,
            json!({"properties": {"employee_id": "2"}, "uniqueProperties": ["employee_id"]}),
        )
        .created(by, [&entry[0], &entry[1]], ENTRY, json!({}))
        .created(by, [&value_key(&world, "2"), "PROPERTY_VALUE"], "PropertyValue", owner);
    patch_other(&world, "2").expect(ok_at(1, json!({"employee_id": "2"})), changes).await;
    patch(&world, json!({"{employee_id}": "2"})).expect_unchanged(not_unique("2")).await;
}

#[tokio::test]
async fn values_are_unique_within_a_client() {
    let world = World::furnished().await;
    world.put_mobile_signature("{client-123}", "{user-456}", &[]).await;
    let path = "/{client-123}/users/{user-456}/mobile-signature/properties";
    let call = world.patch(path).by(&Caller::root()).json(json!({"{employee_id}": "1"}));
    call.expect_unchanged(not_unique("1")).await;
}

/// A removal or a change releases the value for other users.
#[tokio::test]
async fn a_released_value_can_be_reserved() {
    for new in [json!(null), json!(""), json!("9")] {
        let world = world_with_two_users().await;
        patch_other(&world, "1").expect_unchanged(not_unique("1")).await;
        assert_eq!(patch(&world, json!({"{employee_id}": new})).send().await.status, 200);
        assert_eq!(patch_other(&world, "1").send().await, ok_at(1, json!({"employee_id": "1"})));
        patch(&world, json!({"{employee_id}": "1"})).expect_unchanged(not_unique("1")).await;
    }
}

#[tokio::test]
async fn the_same_user_can_reserve_a_released_value_again() {
    let world = World::furnished().await;
    for value in [json!("2"), json!("1"), json!(null), json!("1")] {
        assert_eq!(patch(&world, json!({"{employee_id}": value})).send().await.status, 200, "{value}");
    }
    let properties = json!({"employee_id": "3", "nickname": "Jo"});
    let changes = Changes::none()
        .changed_again(KEY, 5, json!({"properties": properties}))
        .deleted([&value_key(&world, "1"), "PROPERTY_VALUE"])
        .created(
            BY,
            [&value_key(&world, "3"), "PROPERTY_VALUE"],
            "PropertyValue",
            json!({"owner": "USER#client-123#user-123", "name": "employee_id"}),
        );
    patch(&world, json!({"{employee_id}": "3"})).expect(ok_at(5, properties), changes).await;
}

/// A value is unique for one property; another property can have the same value.
#[tokio::test]
async fn uniqueness_applies_to_each_property_separately() {
    let world = world_with_two_users().await;
    let other = Definition { uniqueness: Some(Uniqueness::Absolute), ..world.property("{other_id}") };
    world.put(|transaction| other.create(transaction)).await;
    let call = |body| world.patch(OTHER_PATH).by(&Caller::root()).json(body);
    assert_eq!(call(json!({"{other_id}": "1"})).send().await.status, 200);
    assert_eq!(call(json!({"{nickname}": "Jo"})).send().await.status, 200);
}

#[tokio::test]
async fn all_duplicate_values_are_reported() {
    let world = world_with_two_users().await;
    let other = Definition { uniqueness: Some(Uniqueness::Absolute), ..world.property("{another_id}") };
    world.put(|transaction| other.create(transaction)).await;
    assert_eq!(patch(&world, json!({"{another_id}": "7"})).send().await.status, 200);
    let body = json!({"{employee_id}": "1", "{another_id}": "7", "{nickname}": "Joe"});
    let code = "errors.propertyUniquenessViolated";
    let message = |value: &str, name: &str| {
        format!(
            "Property Uniqueness (uScope is 'absolute') constraints violated by value '{value}' for property '{name}'."
        )
    };
    let expected =
        refused_for(422, &[(code, &message("7", "another_id")), (code, &message("1", "employee_id"))]);
    world.patch(OTHER_PATH).by(&Caller::root()).json(body).expect_unchanged(expected).await;
}

/// A violation of a definition is reported before a duplicate value.
#[tokio::test]
async fn violations_of_a_definition_are_reported_before_duplicate_values() {
    let world = world_with_two_users().await;
    let body = json!({"{employee_id}": "1", "{color}": "blue"});
    let message = "Value 'blue' is not allowed for property 'color'.";
    let call = world.patch(OTHER_PATH).by(&Caller::root()).json(body);
    call.expect_unchanged(refused(422, "errors.invalidData", message)).await;
}

/// If a property has become unique, sending the same value again reserves it; if it is no longer
/// unique, that releases it.
#[tokio::test]
async fn a_changed_definition_applies_to_the_next_request() {
    let world = world_with_two_users().await;
    let key =
        |world: &World, name: &str| properties::key(Scope::MobileSignature, None, &world.property(name).name);
    for (name, value, unique, other_status) in
        [("{nickname}", "Jo", true, 422), ("{employee_id}", "1", false, 200)]
    {
        let definition = key(&world, name);
        let update = Update::new(definition, Condition::Exists)
            .set("uniquenessScope", unique.then(|| text("ABSOLUTE")));
        world.put(|transaction| transaction.update(update)).await;
        assert_eq!(patch(&world, json!({name: value})).send().await.status, 200, "{name}");
        let call = world.patch(OTHER_PATH).by(&Caller::root()).json(json!({name: value}));
        assert_eq!(call.send().await.status, other_status, "{name}");
    }
}
