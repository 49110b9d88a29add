//! `PATCH /{clientExtId}/users/{userExtId}/mobile-signature/properties`

use serde_json::{Value, json};

use super::{BY, ENTRY, KEY, PATH, admin, changed, entry_key, patch, value_key};
use crate::support::answer::{invalid_fields, missing_right, outside_data_room};
use crate::support::items::Changes;
use crate::support::{Caller, World, ok_at, refused};

#[tokio::test]
async fn page_200_updated() {
    let world = World::furnished().await;
    let body = json!({"{nickname}": "Joe", "{color}": "red"});
    let properties = json!({"employee_id": "1", "nickname": "Joe", "color": "red"});
    let [pk, sk] = entry_key(&world, "{color}");
    let changes = changed(1, json!({"properties": properties})).created(BY, [&pk, &sk], ENTRY, json!({}));
    patch(&world, body).expect(ok_at(1, properties), changes).await;
}

#[tokio::test]
async fn page_403_permission_denied() {
    let world = World::furnished().await;
    let nobody = Caller::new("{client-123}", "nobody");
    let call = world.patch(PATH).by(&nobody).json(json!({"{nickname}": "Joe"}));
    call.expect_unchanged(missing_right("CredentialView")).await;
}

#[tokio::test]
async fn page_403_data_room_permission_denied() {
    let world = World::furnished().await;
    let of_another = Caller::new("{client-456}", "admin").with("nevisIdm.UserAdmin", None, None);
    let call = world.patch(PATH).by(&of_another).json(json!({"{nickname}": "Joe"}));
    call.expect_unchanged(outside_data_room("CredentialView")).await;
}

#[tokio::test]
async fn page_404_client_not_found() {
    let world = World::new().await;
    let expected = refused(404, "errors.noRecord", "Client doesn't exist with extId 'client-123'");
    patch(&world, json!({"{nickname}": "Joe"})).expect_unchanged(expected).await;
}

#[tokio::test]
async fn page_404_user_not_found() {
    let world = World::new().await;
    world.put_client("{client-123}", "{Default}").await;
    let message = "A user with extId 'user-123' doesn't exist on client with name Default";
    let expected = refused(404, "errors.noRecord", message);
    patch(&world, json!({"{nickname}": "Joe"})).expect_unchanged(expected).await;
}

#[tokio::test]
async fn page_404_mobile_signature_not_found() {
    let world = World::new().await;
    world.put_client("{client-123}", "{Default}").await;
    world.put_user("{client-123}", "{user-123}", &["root"]).await;
    let message = "Mobile Signature credential does not exist under the user user-123";
    let expected = refused(404, "errors.noRecord", message);
    patch(&world, json!({"{nickname}": "Joe"})).expect_unchanged(expected).await;
}

#[tokio::test]
async fn page_422_property_does_not_exist() {
    let world = World::furnished().await;
    let message = "No property exists with the name 'additionalProp1' for the scope.";
    let expected = refused(422, "errors.invalidData", message);
    patch(&world, json!({"{additionalProp1}": "string"})).expect_unchanged(expected).await;
}

#[tokio::test]
async fn page_422_property_uniqueness_violated() {
    let world = World::furnished().await;
    world.put_mobile_signature("{client-456}", "{user-123}", &[("{employee_id}", "123")]).await;
    let message = "Property Uniqueness (uScope is 'absolute') constraints violated by value '123' for property 'employee_id'.";
    let expected = refused(422, "errors.propertyUniquenessViolated", message);
    patch(&world, json!({"{employee_id}": "123"})).expect_unchanged(expected).await;
}

#[tokio::test]
async fn page_422_property_value_too_long() {
    let world = World::furnished().await;
    let expected = refused(422, "errors.property.stringmaxlen", "employee_id");
    patch(&world, json!({"{employee_id}": "12345678901"})).expect_unchanged(expected).await;
}

#[tokio::test]
async fn page_422_property_value_does_not_match() {
    let world = World::furnished().await;
    let expected = || refused(422, "errors.property.stringregex", "employee_id");
    for value in ["abc", "1a", "a1", "1 ", "1\n", "-1"] {
        patch(&world, json!({"{employee_id}": value})).expect_unchanged(expected()).await;
    }
}

#[tokio::test]
async fn omitted_properties_are_unchanged() {
    let world = World::furnished().await;
    let properties = json!({"employee_id": "1", "nickname": "Jo", "department": "Sales"});
    let [pk, sk] = entry_key(&world, "{department}");
    let changes = changed(1, json!({"properties": properties})).created(BY, [&pk, &sk], ENTRY, json!({}));
    patch(&world, json!({"{department}": "Sales"})).expect(ok_at(1, properties), changes).await;
}

#[tokio::test]
async fn null_and_an_empty_text_remove_a_property() {
    for removal in [Value::Null, json!("")] {
        let world = World::furnished().await;
        let [pk, sk] = entry_key(&world, "{nickname}");
        let changes = changed(1, json!({"properties": {"employee_id": "1"}})).deleted([&pk, &sk]);
        let answer = ok_at(1, json!({"employee_id": "1"}));
        patch(&world, json!({"{nickname}": removal})).expect(answer, changes).await;
        // Removal releases the value of a unique property.
        let [pk, sk] = entry_key(&world, "{employee_id}");
        let changes = Changes::none()
            .changed_again(KEY, 2, json!({"properties": {}, "uniqueProperties": null}))
            .deleted([&pk, &sk])
            .deleted([&value_key(&world, "1"), "PROPERTY_VALUE"]);
        patch(&world, json!({"{employee_id}": removal})).expect(ok_at(2, json!({})), changes).await;
    }
}

#[tokio::test]
async fn requests_without_an_effect_write_nothing() {
    let world = World::furnished().await;
    let answer = || ok_at(0, json!({"employee_id": "1", "nickname": "Jo"}));
    let unchanged = [
        json!({}),
        json!({"{color}": null}),
        json!({"{color}": "", "{department}": null}),
        json!({"{nickname}": "Jo"}),
        json!({"{employee_id}": "1", "{nickname}": "Jo"}),
    ];
    for body in unchanged {
        patch(&world, body).expect_unchanged(answer()).await;
    }
    // The rules apply to a removal, too.
    let expected =
        refused(422, "errors.invalidData", "No property exists with the name 'nothing' for the scope.");
    patch(&world, json!({"{nothing}": null})).expect_unchanged(expected).await;
}

#[tokio::test]
async fn changes_are_all_or_nothing() {
    let world = World::furnished().await;
    let body = json!({"{nickname}": null, "{color}": "green", "{employee_id}": "2", "{department}": "Law"});
    let properties = json!({"employee_id": "2", "color": "green", "department": "Law"});
    let entry = |name| entry_key(&world, name);
    let [nickname, color, department] = ["{nickname}", "{color}", "{department}"].map(entry);
    let changes = changed(1, json!({"properties": properties}))
        .deleted([&nickname[0], &nickname[1]])
        .created(BY, [&color[0], &color[1]], ENTRY, json!({}))
        .created(BY, [&department[0], &department[1]], ENTRY, json!({}))
        .deleted([&value_key(&world, "1"), "PROPERTY_VALUE"])
        .created(
            BY,
            [&value_key(&world, "2"), "PROPERTY_VALUE"],
            "PropertyValue",
            json!({"owner": "USER#client-123#user-123", "name": "employee_id"}),
        );
    patch(&world, body).expect(ok_at(1, properties), changes).await;
    let refusal = refused(422, "errors.property.stringregex", "employee_id");
    let body = json!({"{nickname}": "Joe", "{employee_id}": "x"});
    patch(&world, body).expect_unchanged(refusal).await;
}

#[tokio::test]
async fn at_most_19_properties_can_be_changed_at_once() {
    let world = World::furnished().await;
    let body = |count: u32| {
        let names = (0..count).map(|number| (format!("{{property-{number:02}}}"), json!("a")));
        Value::Object(names.collect())
    };
    let expected = refused(422, "errors.invalidData", "At most 19 properties can be changed at once.");
    patch(&world, body(20)).expect_unchanged(expected).await;
    for number in 0..19 {
        let definition = world.property(&format!("{{property-{number:02}}}"));
        world.put(|transaction| definition.create(transaction)).await;
    }
    let answer = patch(&world, body(19)).send().await;
    assert_eq!((answer.status, answer.body.as_object().map(serde_json::Map::len)), (200, Some(21)));
}

#[tokio::test]
async fn non_text_values_are_reported_before_the_table_is_read() {
    let world = World::new().await;
    let body = json!({"{b}": 1, "{a}": true, "{c}": "1", "{d}": {"e": "f"}});
    let call = world.patch(PATH).by(&admin()).json(body);
    call.expect_unchanged(invalid_fields("a, b, d")).await;
}
