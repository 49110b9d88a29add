//! `DELETE /{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}`

use serde_json::{Value, json};

use crate::support::answer::{missing_right, outside_data_room};
use crate::support::caller::ROOT;
use crate::support::early::EarlyQuery;
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, no_content, refused};

const PATH: &str = "/{client-123}/users/{user-123}/dispatch-targets/{dt-123}";
const PK: &str = "USER#client-123#user-123";

/// Returns the changes if `by` deletes `{dt-123}`.
fn deleted(by: &str) -> Changes {
    let cleared = || json!({"dispatchTargetExtId": Value::Null});
    Changes::none()
        .deleted([PK, "DISPATCH_TARGET#dt-123"])
        .deleted([PK, "APP_ATTESTATION#dt-123"])
        .deleted([PK, &format!("APP_ATTESTATION_NAME#{}", shared::ids::sha256_hex("iPhone"))])
        .deleted(["DISPATCH_TARGET_ID#client-123#dt-123", "DISPATCH_TARGET_ID"])
        .changed(by, [PK, "CREDENTIAL#FIDO_UAF#uaf-1"], 1, cleared())
        .changed(by, [PK, "CREDENTIAL#FIDO_UAF#uaf-2"], 1, cleared())
}

fn not_found(target: &str, user: &str) -> Answer {
    let message = format!(
        "No DispatchTarget found with extId '{target}' for user with extId '{user}' on client with name 'Default'"
    );
    refused(404, "errors.noRecord", &message)
}

/// The target and its attestation are deleted, its credentials lose the reference, and other
/// targets are unchanged.
#[tokio::test]
async fn page_204_deleted() {
    let world = World::furnished().await;
    let call = world.delete(PATH).by(&Caller::root());
    call.expect(no_content(), deleted("operators/root")).await;
}

/// Target and credentials are read concurrently, so a credential may be added between the two
/// reads.
#[tokio::test]
async fn a_credential_that_the_first_read_missed_loses_its_reference_too() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a query that returns no items") {
        return;
    }
    let early = EarlyQuery::default();
    let world = World::in_process(&[], |client| early.watch(&client)).await;
    world.furnish("{Default}").await;
    early.next();
    let call = world.delete(PATH).by(&Caller::root());
    call.expect(no_content(), deleted("operators/root")).await;
}

#[tokio::test]
async fn page_403_permission_denied() {
    let world = World::furnished().await;
    let program = Caller::new("{client-123}", "p").with("nevisIdm.TechUser", None, None);
    world.delete(PATH).by(&program).expect_unchanged(missing_right("CredentialDelete")).await;
}

#[tokio::test]
async fn page_403_data_room_permission_denied() {
    let world = World::furnished().await;
    let of_another = Caller::new("{client-456}", "admin").with(ROOT, None, None);
    world.delete(PATH).by(&of_another).expect_unchanged(outside_data_room("CredentialDelete")).await;
}

#[tokio::test]
async fn page_404_client_not_found() {
    let world = World::new().await;
    let expected = refused(404, "errors.noRecord", "Client doesn't exist with extId 'client-123'");
    world.delete(PATH).by(&Caller::root()).expect_unchanged(expected).await;
}

#[tokio::test]
async fn page_404_user_not_found() {
    let world = World::new().await;
    world.put_client("{client-123}", "{Default}").await;
    let message = "A user with extId 'user-123' doesn't exist on client with name Default";
    let expected = refused(404, "errors.noRecord", message);
    world.delete(PATH).by(&Caller::root()).expect_unchanged(expected).await;
}

#[tokio::test]
async fn page_404_dispatch_target_not_found() {
    let world = World::new().await;
    world.put_client("{client-123}", "{Default}").await;
    world.put_user("{client-123}", "{user-123}", &["root"]).await;
    world.delete(PATH).by(&Caller::root()).expect_unchanged(not_found("dt-123", "user-123")).await;
}

#[tokio::test]
async fn page_422_invalid_jwt_token() {
    let world = World::furnished().await;
    let expected = refused(422, "errors.invalidJWTToken", "Invalid JWT token.");
    let x_token = world.x_token("{client-123}", "{user-456}");
    world.delete(PATH).by(&Caller::the_user()).x_token(&x_token).expect_unchanged(expected).await;
}

#[tokio::test]
async fn users_can_delete_their_own_targets() {
    let world = World::furnished().await;
    let x_token = world.x_token("{client-123}", "{user-123}");
    let call = world.delete(PATH).by(&Caller::the_user()).x_token(&x_token);
    call.expect(no_content(), deleted("client-123/user-123")).await;
}

#[tokio::test]
async fn a_deleted_target_is_not_found() {
    let world = World::furnished().await;
    assert_eq!(world.delete(PATH).by(&Caller::root()).send().await, no_content());
    world.delete(PATH).by(&Caller::root()).expect_unchanged(not_found("dt-123", "user-123")).await;
}

#[tokio::test]
async fn a_target_of_another_user_is_not_found() {
    let world = World::furnished().await;
    let path = "/{client-123}/users/{user-456}/dispatch-targets/{dt-123}";
    world.delete(path).by(&Caller::root()).expect_unchanged(not_found("dt-123", "user-456")).await;
}

#[tokio::test]
async fn a_target_without_attestation_and_credentials_is_deleted_alone() {
    let world = World::furnished().await;
    world.put_dispatch_target("{client-123}", "{user-123}", "{dt-789}", false).await;
    let changes = Changes::none()
        .deleted([PK, "DISPATCH_TARGET#dt-789"])
        .deleted(["DISPATCH_TARGET_ID#client-123#dt-789", "DISPATCH_TARGET_ID"]);
    let path = "/{client-123}/users/{user-123}/dispatch-targets/{dt-789}";
    world.delete(path).by(&Caller::root()).expect(no_content(), changes).await;
}

/// An extId is unique within the client. Deletion releases it for other users.
#[tokio::test]
async fn deletion_releases_the_ext_id() {
    let world = World::furnished().await;
    assert_eq!(world.delete(PATH).by(&Caller::root()).send().await, no_content());
    world.put_dispatch_target("{client-123}", "{user-456}", "{dt-123}", true).await;
    let changes = Changes::none()
        .deleted(["USER#client-123#user-456", "DISPATCH_TARGET#dt-123"])
        .deleted(["USER#client-123#user-456", "APP_ATTESTATION#dt-123"])
        .deleted(["DISPATCH_TARGET_ID#client-123#dt-123", "DISPATCH_TARGET_ID"]);
    let path = "/{client-123}/users/{user-456}/dispatch-targets/{dt-123}";
    world.delete(path).by(&Caller::root()).expect(no_content(), changes).await;
}

/// The same extId in another client belongs to another target.
#[tokio::test]
async fn a_target_of_another_client_is_not_deleted() {
    let world = World::furnished().await;
    world.put_dispatch_target("{client-456}", "{user-123}", "{dt-123}", true).await;
    world.delete(PATH).by(&Caller::root()).expect(no_content(), deleted("operators/root")).await;
}

/// The maximum number of credentials of a target is updated in one transaction.
#[tokio::test]
async fn ninety_credentials_are_updated_in_one_transaction() {
    let world = World::furnished().await;
    world.put_dispatch_target("{client-123}", "{user-123}", "{dt-789}", true).await;
    let mut changes = Changes::none()
        .deleted([PK, "DISPATCH_TARGET#dt-789"])
        .deleted([PK, "APP_ATTESTATION#dt-789"])
        .deleted(["DISPATCH_TARGET_ID#client-123#dt-789", "DISPATCH_TARGET_ID"]);
    for number in 0..90 {
        let credential = format!("many-{number:02}");
        world.put_credential(&format!("{{{credential}}}"), Some("{dt-789}")).await;
        let sk = format!("CREDENTIAL#FIDO_UAF#{credential}");
        let cleared = json!({"dispatchTargetExtId": Value::Null});
        changes = changes.changed("operators/root", [PK, &sk], 1, cleared);
    }
    let path = "/{client-123}/users/{user-123}/dispatch-targets/{dt-789}";
    world.delete(path).by(&Caller::root()).expect(no_content(), changes).await;
}
