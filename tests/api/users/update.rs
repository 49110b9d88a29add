//! `PATCH /{clientExtId}/users/{userExtId}`

use functions::users::UserState;
use serde_json::{Value, json};

use super::rows::shown;
use crate::support::answer::{invalid_fields, missing_right, outside_data_room};
use crate::support::caller::{ROOT, SELF_ADMIN};
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, no_content, ok, ok_at, refused};

const USER: &str = "/{client-123}/users/{user-123}";

async fn patch(world: &World, caller: &Caller, body: Value) -> Answer {
    let x_token = world.x_token("{client-123}", "{user-123}");
    world.patch(USER).by(caller).x_token(&x_token).json(body).send().await
}

#[tokio::test]
async fn objects_are_merged_by_member_and_read_back() {
    let world = World::furnished().await;
    // A technical user can only have one profile.
    let second = world.delete("/{client-123}/profiles/{q-user-123}").by(&Caller::root()).send().await;
    assert_eq!(second, no_content());
    let body = json!({
        "name": {"firstName": null, "title": "Dr."}, "contacts": {"mobile": "1"}, "languageCode": null,
        "validity": {"from": "2026-01-01T00:00:00Z"}, "userState": "disabled", "isTechnicalUser": true,
    });
    let answer = patch(&world, &Caller::root(), body).await;
    let mut changed = shown();
    changed.as_object_mut().expect("an object").remove("languageCode");
    for (name, value) in [
        ("name", json!({"title": "Dr.", "familyName": "Doe"})),
        ("contacts", json!({"email": "jane@example.com", "mobile": "1"})),
        ("validity", json!({"from": "2026-01-01T00:00:00Z"})),
        ("userState", json!("disabled")),
        ("isTechnicalUser", json!(true)),
        ("lastModified", answer.body["lastModified"].clone()),
        ("version", json!(1)),
    ] {
        changed[name] = value;
    }
    assert_eq!(answer, ok_at(1, changed.clone()));
    world.get(USER).by(&Caller::root()).expect_unchanged(ok_at(1, changed.clone())).await;
    let list = world.get("/clients/{client-123}/users?extId={user-123}").by(&Caller::root()).send().await;
    let page = json!({"items": [changed], "_pagination": {"limit": 100}, "_classifications": {}});
    assert_eq!(list, ok(page));
    // What is left of the period would end before it begins.
    let before = world.items().await;
    let ends_early = json!({"validity": {"to": "2025-01-01T00:00:00Z"}});
    assert_eq!(patch(&world, &Caller::root(), ends_early).await, invalid_fields("validity"));
    let nothing =
        json!({"name": null, "contacts": null, "validity": null, "userState": null, "isTechnicalUser": null});
    assert_eq!(world.items().await.since(&before), Changes::none());
    let cleared = patch(&world, &Caller::root(), nothing).await;
    assert_eq!(
        (&cleared.body["userState"], &cleared.body["isTechnicalUser"]),
        (&json!("active"), &json!(false))
    );
    for name in ["name", "contacts", "validity"] {
        assert_eq!(cleared.body.get(name), None, "{name}");
    }
}

#[tokio::test]
async fn an_archived_user_cannot_be_changed() {
    let world = World::furnished().await;
    let archive = json!({"userState": "archived", "other": 1});
    assert_eq!(patch(&world, &Caller::root(), archive).await, invalid_fields("other, userState"));
    world.put_user_state("{client-123}", "{user-123}", UserState::Archived).await;
    let before = world.items().await;
    for body in
        [json!({}), json!({"remarks": "A"}), json!({"userState": "active"}), json!({"userState": null})]
    {
        let refusal = refused(422, "errors.modifyArchivedUser", "User is archived: user-123");
        assert_eq!(patch(&world, &Caller::root(), body).await, refusal);
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn users_change_their_own_person_alone() {
    let world = World::furnished().await;
    let user = Caller::the_user();
    let own = json!({
        "name": {"title": "Dr."}, "languageCode": "IT", "gender": "other", "sex": "female",
        "birthDate": "1970-12-31", "address": {"city": "Bern"}, "contacts": {"mobile": "1"}, "version": 0,
        "extId": "{user-123}",
    });
    assert_eq!(patch(&world, &user, own).await.status, 200);
    let before = world.items().await;
    for (member, value) in [
        ("loginId", json!("{other}")),
        ("userState", json!("active")),
        ("isTechnicalUser", json!(false)),
        ("validity", json!({})),
        ("remarks", json!(null)),
        ("modificationComment", json!("A")),
    ] {
        let answer = patch(&world, &user, json!({member: value})).await;
        assert_eq!(answer, missing_right("UserView"), "{member}");
    }
    let invalid = json!({"remarks": 1, "other": 1});
    assert_eq!(patch(&world, &user, invalid).await, invalid_fields("other, remarks"));
    // Rights over other units do not apply either.
    let of_legal = Caller::the_user().with(ROOT, None, Some(&["legal"]));
    let answer = patch(&world, &of_legal, json!({"remarks": "A"})).await;
    assert_eq!(answer, outside_data_room("UserView"));
    assert_eq!(world.items().await.since(&before), Changes::none());
    let of_sales = Caller::new("{client-123}", "{user-123}").with(SELF_ADMIN, None, None).with(
        "nevisIdm.UserAdmin",
        None,
        Some(&["sales"]),
    );
    assert_eq!(patch(&world, &of_sales, json!({"remarks": "A"})).await.status, 200);
}

#[tokio::test]
async fn a_technical_user_needs_another_right() {
    let world = World::furnished().await;
    let before = world.items().await;
    let admin = Caller::new("{client-123}", "admin").with("nevisIdm.UserAdmin", None, None);
    let technical = json!({"isTechnicalUser": true});
    assert_eq!(patch(&world, &admin, technical.clone()).await, missing_right("UserCreateTechUser"));
    let elsewhere = admin.with("nevisIdm.ClientRoot", None, Some(&["legal"]));
    assert_eq!(patch(&world, &elsewhere, technical).await, outside_data_room("UserCreateTechUser"));
    assert_eq!(world.items().await.since(&before), Changes::none());
}
