//! The life of an authenticator: registered, listed, changed, deleted, registered again.

use serde_json::{Value, json};

use crate::support::answer::{invalid_fields, outside_data_room};
use crate::support::items::Changes;
use crate::support::older::Older;
use crate::support::target::{Kind, leaves_out};
use crate::support::whole::assert_complete;
use crate::support::{Answer, Caller, World, no_content, ok, refused};

const PATH: &str = "/{client-123}/users/{user-123}/fido-authenticators";
const PK: &str = "USER#client-123#user-123";
const BY: &str = "client-123/admin";

fn admin() -> Caller {
    Caller::new("{client-123}", "admin").with("nevisIdm.Helpdesk", None, None)
}

fn of(ext_id: &str) -> String {
    format!("{PATH}/{ext_id}")
}

fn entry(key_id: &str) -> String {
    format!("FIDO_UAF#ABCD#0001#{}", shared::ids::sha256_hex(key_id))
}

async fn ext_ids(world: &World, path: &str) -> Vec<Value> {
    let answer = world.get(path).by(&admin()).send().await;
    answer.body["items"].as_array().expect("a list").iter().map(|item| item["extId"].clone()).collect()
}

/// The target is kept, and counts one credential less.
#[tokio::test]
async fn a_deleted_authenticator_gives_its_key_back() {
    let world = World::furnished().await;
    let changes = Changes::none()
        .deleted([PK, "CREDENTIAL#FIDO_UAF#uaf-1"])
        .deleted(["CLIENT#client-123#FIDO_UAF", &entry("e3VhZi0xfQ")])
        .changed_internally([PK, "DISPATCH_TARGET#dt-123"], 3, json!({"credentials": "1"}));
    world.delete(&of("{uaf-1}")).by(&admin()).expect(no_content(), changes).await;
    let again = json!({"extId": "{uaf-1}", "aaid": "ABCD#0001", "keyId": "e3VhZi0xfQ", "publicKey": "p",
                       "authenticatorVersion": "1.1", "publicKeyAlgorithm": "ES256", "appId": "app"});
    assert_eq!(world.post(PATH).by(&admin()).json(again).send().await.status, 201);
    let path = "/{client-123}/users/{user-123}/dispatch-targets/{dt-123}";
    assert_eq!(world.delete(path).by(&admin()).send().await, no_content());
}

/// The targets count the authenticator, but their versions do not change.
#[tokio::test]
async fn an_authenticator_moves_to_another_target() {
    let world = World::furnished().await;
    let changes = Changes::none()
        .changed(BY, [PK, "CREDENTIAL#FIDO_UAF#uaf-1"], 1, json!({"dispatchTargetExtId": "dt-456"}))
        .changed_internally([PK, "DISPATCH_TARGET#dt-123"], 3, json!({"credentials": "1"}))
        .changed_internally([PK, "DISPATCH_TARGET#dt-456"], 2, json!({"credentials": "2"}));
    let mut entity = world.get(&of("{uaf-1}")).by(&admin()).send().await.body;
    entity["dispatchTargetExtId"] = json!("dt-456");
    entity["version"] = json!(1);
    entity["lastModified"] = json!("<now>");
    let call = world.patch(&of("{uaf-1}")).by(&admin()).json(json!({"dispatchTargetExtId": "{dt-456}"}));
    call.expect(ok(entity).with("etag", "\"1\""), changes).await;
}

#[tokio::test]
async fn the_registration_cannot_be_changed() {
    let world = World::furnished().await;
    let members = json!({
        "aaid": "ABCD#0001", "keyId": "e3VhZi0xfQ", "publicKey": "p", "publicKeyAlgorithm": "ES256", "appId": "app",
        "attestationType": null, "signCounter": 0, "dispatchTarget": null,
    });
    let names =
        "aaid, appId, attestationType, dispatchTarget, keyId, publicKey, publicKeyAlgorithm, signCounter";
    world.patch(&of("{uaf-1}")).by(&admin()).json(members).expect_unchanged(invalid_fields(names)).await;
    let expected = refused(
        422,
        "errors.credentialFidoUaf.invalidAuthVersionFormat",
        "Invalid format of authenticatorVersion",
    );
    let call = world.patch(&of("{uaf-1}")).by(&admin()).json(json!({"authenticatorVersion": "2"}));
    call.expect_unchanged(expected).await;
}

#[tokio::test]
async fn a_target_that_does_not_exist_is_not_referred_to() {
    let world = World::furnished().await;
    let expected = refused(
        404,
        "errors.noRecord",
        "No DispatchTarget found with extId 'dt-999' for user with extId 'user-123' on client with name 'Default'",
    );
    let call = world.patch(&of("{uaf-1}")).by(&admin()).json(json!({"dispatchTargetExtId": "{dt-999}"}));
    call.expect_unchanged(expected).await;
}

/// An authenticator that was deleted and created again has the revision of the one that was read, but is another one.
#[tokio::test]
async fn a_change_does_not_apply_to_another_authenticator_with_the_same_ext_id() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a read that returns an earlier item") {
        return;
    }
    let older = Older::default();
    let world = World::in_process(&[], |client| older.watch(&client)).await;
    world.furnish("{Default}").await;
    assert_eq!(world.delete(&of("{uaf-1}")).by(&admin()).send().await, no_content());
    let again = json!({"extId": "{uaf-1}", "aaid": "ABCD#0001", "keyId": "bmV3", "authenticatorVersion": "1.0",
                       "publicKey": "p", "publicKeyAlgorithm": "ES256", "appId": "app",
                       "dispatchTargetExtId": "{dt-456}"});
    assert_eq!(world.post(PATH).by(&admin()).json(again).send().await.status, 201);
    assert_eq!(world.get(PATH).by(&admin()).send().await.status, 200);
    // The fourth read returns what the first one returned: the authenticator that no longer exists.
    let call = world.patch(&of("{uaf-1}")).by(&admin()).json(json!({"dispatchTargetExtId": null}));
    let answer = call.send().await;
    assert_eq!((answer.status, &answer.body["keyId"]), (200, &json!("bmV3")), "{answer:?}");
    assert_complete(&world.stored().await);
}

/// The list of the client is ordered by `aaid`, and has the authenticators of all users.
#[tokio::test]
async fn the_authenticators_of_a_client_are_listed() {
    let world = World::furnished().await;
    let new = json!({"extId": "{uaf-5}", "aaid": "0123#4567", "keyId": "bmV3", "authenticatorVersion": "1.0",
                     "publicKey": "p", "publicKeyAlgorithm": "ES256", "appId": "app"});
    let post = world.post("/{client-123}/users/{user-789}/fido-authenticators").by(&admin());
    assert_eq!(post.json(new).send().await.status, 201);
    let listed = ext_ids(&world, "/clients/{client-123}/fido-uaf").await;
    assert_eq!((listed.len(), &listed[0]), (5, &json!("uaf-5")));
    let one: Answer = world.get("/clients/{client-123}/fido-uaf?limit=1").by(&admin()).send().await;
    let single = world.get("/{client-123}/users/{user-789}/fido-authenticators/{uaf-5}").by(&admin());
    assert_eq!(one.body["items"], json!([single.send().await.body]));
    let token = one.body["_pagination"]["continuationToken"].as_str().expect("a token");
    let rest = ext_ids(&world, &format!("/clients/{{client-123}}/fido-uaf?continuationToken={token}")).await;
    assert_eq!(rest, listed[1..]);
    // Those of another client are in another list.
    assert_eq!(
        world.get("/clients/{client-456}/fido-uaf").by(&Caller::root()).send().await.body["items"],
        json!([])
    );
}

/// A page can leave nothing out, so it shows the authenticators of every unit or none.
#[tokio::test]
async fn the_list_of_a_client_needs_rights_over_all_units() {
    let world = World::furnished().await;
    let caller = Caller::new("{client-123}", "admin").with("nevisIdm.Helpdesk", None, Some(&["sales"]));
    let answer = world.get("/clients/{client-123}/fido-uaf").by(&caller).send().await;
    assert_eq!(answer, outside_data_room("ClientView"));
}
