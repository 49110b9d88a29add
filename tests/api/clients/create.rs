//! `POST /clients`

use serde_json::json;
use shared::ids::sha256_hex;

use crate::support::items::Changes;
use crate::support::{Caller, World, created, refused};

/// The API's page shows this body in its answer.
#[tokio::test]
async fn a_client_is_created_with_all_that_it_starts_with() {
    let world = World::new().await;
    let before = world.items().await;
    let body = json!({"extId": "{client-1}", "name": "{newClient}"});
    let answer = world.post("/clients").by(&Caller::root()).json(body).send().await;
    let unit = uuid_of(&answer.body["defaultUnitExtId"]);
    let policy = uuid_of(&answer.body["defaultProfilePolicyExtId"]);
    let body = json!({
        "defaultTemplateCollectionName": "default_for_-newClient",
        "defaultUnitExtId": unit,
        "defaultProfilePolicyExtId": policy,
    });
    assert_eq!(answer, created("/clients/client-1", body));
    let by = "operators/root";
    let pk = "CLIENT#client-1";
    let part = |ext_id: &str| json!({"clientExtId": "client-1", "extId": ext_id});
    let name_pk = format!("CLIENT_NAME#{}", sha256_hex(&world.id("newClient")));
    let client = json!({
        "extId": "client-1", "name": "newClient", "displayName": {},
        "defaultUnitExtId": unit, "defaultProfilePolicyExtId": policy,
    });
    let expected = Changes::none()
        .created(by, [pk, "CLIENT"], "Client", client)
        .created(
            by,
            [&name_pk, "CLIENT_NAME"],
            "ClientName",
            json!({"clientExtId": "client-1", "name": "newClient"}),
        )
        .created(by, [pk, &format!("UNIT#{unit}")], "Unit", part(&unit))
        .created(by, [pk, &format!("POLICY#{policy}")], "ProfilePolicy", part(&policy))
        .created(by, [pk, "APPLICATION#nevisIdm"], "ApplicationAssignment", part("nevisIdm"))
        .created(
            by,
            [pk, "TEMPLATE_COLLECTION#default_for_-newClient"],
            "TemplateCollection",
            part("default_for_-newClient"),
        );
    assert_eq!(world.items().await.since(&before), expected);
}

fn uuid_of(value: &serde_json::Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn the_house_stands() {
    let world = World::furnished().await;
    let answer = world
        .post("/{client-123}/users/{user-123}/consents")
        .by(&Caller::root())
        .json(json!({"termsExtId": "{terms-999}"}))
        .send()
        .await;
    assert_eq!(answer, refused(404, "errors.noRecord", "Terms doesn't exist with extId 'terms-999'"));
}
