//! Login IDs: unique within a client regardless of letter case.

use serde_json::json;

use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, refused};

fn taken(login_id: &str) -> Answer {
    refused(422, "errors.duplicateValue", &format!("User already exists with loginId '{login_id}'"))
}

async fn create(world: &World, client: &str, ext_id: &str, login_id: &str) -> Answer {
    let body = json!({"extId": ext_id, "loginId": login_id});
    world.post(&format!("/{client}/users")).by(&Caller::root()).json(body).send().await
}

async fn change(world: &World, user: &str, login_id: &str) -> Answer {
    let call = world.patch(&format!("/{{client-123}}/users/{user}")).by(&Caller::root());
    call.json(json!({"loginId": login_id})).send().await
}

#[tokio::test]
async fn a_login_id_is_unique_within_the_client() {
    let world = World::furnished().await;
    let before = world.items().await;
    for login_id in ["login-{user-123}", "LOGIN-{user-123}"] {
        let refusal = create(&world, "{client-123}", "{u}", login_id).await;
        assert_eq!(refusal, taken(&login_id.replace("{user-123}", "user-123")));
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
    assert_eq!(create(&world, "{client-456}", "{u}", "login-{user-456}").await.status, 201);
}

#[tokio::test]
async fn a_login_id_moves_between_users() {
    let world = World::furnished().await;
    let change = |user, login_id| change(&world, user, login_id);
    assert_eq!(change("{user-123}", "Login-{user-456}").await, taken("Login-user-456"));
    assert_eq!(change("{user-456}", "{other}").await.status, 200);
    assert_eq!(change("{user-123}", "Login-{user-456}").await.status, 200);
    assert_eq!(change("{user-456}", "login-{user-456}").await, taken("login-user-456"));
    assert_eq!(change("{user-456}", "login-{user-123}").await.status, 200);
    assert_eq!(create(&world, "{client-123}", "{u}", "{OTHER}").await.status, 201);
}

/// The reservation remains, so that it cannot be lost to another user.
#[tokio::test]
async fn the_letter_case_of_a_login_id_changes_without_a_reservation() {
    let world = World::furnished().await;
    let before = world.items().await;
    let answer = change(&world, "{user-123}", "LOGIN-{user-123}").await;
    assert_eq!((answer.status, &answer.body["loginId"]), (200, &json!("LOGIN-user-123")));
    assert_eq!(world.items().await.since(&before).counts(), [0, 4, 0]);
}

#[tokio::test]
async fn without_a_value_the_login_id_is_the_external_identifier() {
    let world = World::furnished().await;
    let call = world.patch("/{client-123}/users/{user-123}").by(&Caller::root());
    let answer = call.json(json!({"loginId": null})).send().await;
    assert_eq!((answer.status, &answer.body["loginId"]), (200, &json!("user-123")));
    assert_eq!(create(&world, "{client-123}", "{u}", "login-{user-123}").await.status, 201);
}
