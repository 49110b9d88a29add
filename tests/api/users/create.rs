//! `POST /{clientExtId}/users`

use serde_json::{Value, json};

use crate::support::answer::{invalid_fields, missing_right, outside_data_room};
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, created, ok_at, refused};

const USERS: &str = "/{client-123}/users";

async fn create(world: &World, body: Value) -> Answer {
    world.post(USERS).by(&Caller::root()).json(body).send().await
}

/// Returns a user without profiles as the item and the copy by extId have it.
fn with_memberships(user: &Value) -> Value {
    let mut user = user.clone();
    user["memberships"] = json!({});
    user
}

#[tokio::test]
async fn a_user_is_created_with_copies_for_lists() {
    let world = World::furnished().await;
    let before = world.items().await;
    let answer =
        create(&world, json!({"extId": "{u}", "loginId": "{U-One}", "name": {"title": "Dr."}})).await;
    assert_eq!(answer, created("/client-123/users/u", Value::Null));
    let by = "operators/root";
    let user = json!({
        "clientExtId": "client-123", "extId": "u", "loginId": "U-One", "userState": "active",
        "isTechnicalUser": false, "name": {"title": "Dr."},
    });
    let expected = Changes::none()
        .created(by, ["USER#client-123#u", "USER"], "User", with_memberships(&user))
        .created(by, ["CLIENT#client-123#USERS", "USER#u"], "UserEntry", with_memberships(&user))
        .created(by, ["CLIENT#client-123#LOGINS", "LOGIN#u-one"], "LoginId", user);
    assert_eq!(world.items().await.since(&before), expected);

    let before = world.items().await;
    let body = json!({"extId": "{v}", "contacts": {"email": "A#B%@Example.com"}});
    assert_eq!(create(&world, body).await.status, 201);
    let user = json!({
        "clientExtId": "client-123", "extId": "v", "loginId": "v", "userState": "active",
        "isTechnicalUser": false, "contacts": {"email": "A#B%@Example.com"},
    });
    let expected = Changes::none()
        .created(by, ["USER#client-123#v", "USER"], "User", with_memberships(&user))
        .created(by, ["CLIENT#client-123#USERS", "USER#v"], "UserEntry", with_memberships(&user))
        .created(by, ["CLIENT#client-123#LOGINS", "LOGIN#v"], "LoginId", user.clone())
        .created(by, ["CLIENT#client-123#EMAILS", "EMAIL#a%23b%25@example.com#v"], "UserEmail", user);
    assert_eq!(world.items().await.since(&before), expected);
}

#[tokio::test]
async fn a_user_is_read_as_created() {
    let world = World::furnished().await;
    let body = json!({
        "extId": "{u}", "loginId": "{login}", "userState": "disabled", "languageCode": "FR",
        "isTechnicalUser": true, "name": {"title": "Dr.", "firstName": "Jo", "familyName": "Doe"},
        "sex": "female", "gender": "other", "birthDate": "1970-12-31",
        "address": {
            "addressline1": "1", "addressline2": "2", "postalCode": "8000", "city": "Zürich", "street": "Gasse",
            "houseNumber": "1a", "countryCode": "CH", "postOfficeBoxText": "Postfach",
            "postOfficeBoxNumber": "7", "dwellingNumber": "3", "locality": "Altstadt",
        },
        "contacts": {"telephone": "1", "telefax": "2", "mobile": "3", "email": "jo@example.com"},
        "validity": {"from": "2020-01-01T00:00:00Z", "to": "2021-01-01T00:00:00Z"},
        "remarks": "A remark", "modificationComment": "A comment",
    });
    let answer = create(&world, body.clone()).await;
    let stored = world.get(&answer.leads_to.expect("a Location")).by(&Caller::root()).send().await;
    let mut expected = body;
    expected["extId"] = json!("u");
    expected["loginId"] = json!("login");
    expected["clientExtId"] = json!("client-123");
    for (name, value) in [("created", &stored.body["created"]), ("lastModified", &stored.body["created"])] {
        expected[name] = value.clone();
    }
    expected["version"] = json!(0);
    assert_eq!(stored, ok_at(0, expected));
}

#[tokio::test]
async fn the_login_id_defaults_to_the_external_identifier() {
    let world = World::furnished().await;
    let answer = create(&world, json!({})).await;
    assert_eq!(answer.status, 201);
    let stored = world.get(&answer.leads_to.expect("a Location")).by(&Caller::root()).send().await;
    assert_eq!(stored.body["loginId"], stored.body["extId"]);
}

#[tokio::test]
async fn invalid_values_are_named_with_their_object() {
    let world = World::furnished().await;
    let before = world.items().await;
    let body = json!({
        "loginId": "a b", "userState": "archived", "languageCode": "ES", "isTechnicalUser": "true",
        "name": {"title": 1, "age": 1}, "birthDate": "1970-02-29", "contacts": {"email": []},
        "address": {"countryCode": "ch", "city": "a".repeat(51)},
        "validity": {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "properties": {},
    });
    let names = "address.city, address.countryCode, birthDate, contacts.email, isTechnicalUser, languageCode, \
                 loginId, name.age, name.title, properties, userState, validity";
    assert_eq!(create(&world, body).await, invalid_fields(names));
    for (member, kind) in [("userState", "UserState"), ("sex", "Gender"), ("gender", "Gender")] {
        let expected = refused(422, "errors.invalidParameter", &format!("Invalid {kind} name 'odd'"));
        assert_eq!(create(&world, json!({member: "odd"})).await, expected);
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// The right is checked after the body, and before anything stored is told.
#[tokio::test]
async fn a_technical_user_needs_another_right() {
    let world = World::furnished().await;
    let before = world.items().await;
    let admin = Caller::new("{client-123}", "admin").with("nevisIdm.UserAdmin", None, None);
    let send = |client: &str, caller: &Caller, body: Value| {
        let call = world.post(&format!("/{client}/users")).by(caller).json(body);
        async move { call.send().await }
    };
    let technical = json!({"extId": "{user-123}", "isTechnicalUser": true});
    let invalid = json!({"isTechnicalUser": true, "other": 1});
    assert_eq!(send("{client-123}", &admin, invalid).await, invalid_fields("other"));
    let refusal = missing_right("UserCreateTechUser");
    assert_eq!(send("{client-123}", &admin, technical.clone()).await, refusal);
    let elsewhere = Caller::new("{client-456}", "admin")
        .with("nevisIdm.UserAdmin", Some(&["{client-123}"]), None)
        .with(ROOT, None, None);
    let refusal = outside_data_room("UserCreateTechUser");
    assert_eq!(send("{client-123}", &elsewhere, technical).await, refusal);
    assert_eq!(world.items().await.since(&before), Changes::none());
    let root = Caller::new("{client-123}", "admin").with("nevisIdm.ClientRoot", None, None);
    let body = json!({"isTechnicalUser": true});
    assert_eq!(send("{client-123}", &root, body).await.status, 201);
    assert_eq!(send("{client-123}", &admin, json!({"isTechnicalUser": false})).await.status, 201);
}
