//! `POST /{clientExtId}/users/{userExtId}/fido-authenticators`

use serde_json::{Value, json};

use crate::support::answer::{invalid_fields, missing_right};
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, created, refused};

const PATH: &str = "/{client-123}/users/{user-789}/fido-authenticators";
const PK: &str = "USER#client-123#user-789";
const BY: &str = "client-123/admin";

fn admin() -> Caller {
    Caller::new("{client-123}", "admin").with("nevisIdm.Helpdesk", None, None)
}

fn new(ext_id: &str, key_id: &str) -> Value {
    json!({"extId": ext_id, "aaid": "ABCD#0002", "keyId": key_id, "authenticatorVersion": "1.0",
           "publicKey": "p", "publicKeyAlgorithm": "ES256", "appId": "a"})
}

fn target(ext_id: &str) -> Value {
    json!({"extId": ext_id, "deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n"})
}

fn with(mut body: Value, mut members: Value) -> Value {
    body.as_object_mut().expect("an object").append(members.as_object_mut().expect("members"));
    body
}

async fn post(world: &World, body: Value) -> Answer {
    world.post(PATH).by(&admin()).json(body).send().await
}

fn not_unique(aaid: &str, key_id: &str) -> Answer {
    let message = format!("FidoUafCredential already exists with aaid '{aaid}' and keyId '{key_id}'");
    refused(422, "errors.credentialFidoUaf.notUnique", &message)
}

/// The authenticator, its registration, the target, its attestation and their reservations are one transaction.
#[tokio::test]
async fn an_authenticator_is_created_with_its_target_in_one_transaction() {
    let world = World::furnished().await;
    let owners = json!({"clientExtId": "client-123", "userExtId": "user-789"});
    let of = |ext_id: &str, members: Value| with(with(owners.clone(), json!({"extId": ext_id})), members);
    let registration = shared::ids::sha256_hex("bmV3");
    let credential = with(new("uaf-789", "bmV3"), json!({"stateName": "active", "signCounter": "0"}));
    let defaults = json!({"type": "fido-uaf", "stateName": "active", "credentials": "1"});
    let attestation = json!({"deviceId": "d", "receipt": "r", "publicKey": "p"});
    let changes = Changes::none()
        .created(
            BY,
            [PK, "CREDENTIAL#FIDO_UAF#uaf-789"],
            "FidoUafCredential",
            of("uaf-789", with(credential, json!({"dispatchTargetExtId": "dt-789"}))),
        )
        .created(
            BY,
            ["CLIENT#client-123#FIDO_UAF", &format!("FIDO_UAF#ABCD#0002#{registration}")],
            "FidoUafKey",
            of("uaf-789", json!({})),
        )
        .created(
            BY,
            [PK, "DISPATCH_TARGET#dt-789"],
            "DispatchTarget",
            of("dt-789", with(target("dt-789"), defaults)),
        )
        .created(BY, [PK, "APP_ATTESTATION#dt-789"], "AppAttestation", of("dt-789", attestation.clone()))
        .created(
            BY,
            ["DISPATCH_TARGET_ID#client-123#dt-789", "DISPATCH_TARGET_ID"],
            "DispatchTargetExtId",
            of("dt-789", json!({"owner": PK})),
        )
        .changed_internally([PK, "USER"], 1, json!({}));
    let inline = with(target("{dt-789}"), json!({"appAttestation": attestation}));
    let body = with(new("{uaf-789}", "bmV3"), json!({"dispatchTarget": inline}));
    let answer = created("/client-123/users/user-789/fido-authenticators/uaf-789", Value::Null);
    world.post(PATH).by(&admin()).json(body).expect(answer, changes).await;
}

/// Letter case does not count in `aaid`, but in `keyId`.
#[tokio::test]
async fn a_key_is_registered_once_within_the_client() {
    let world = World::furnished().await;
    assert_eq!(post(&world, new("{uaf-1}", "bmV3")).await.status, 201);
    let again = post(&world, with(new("{uaf-2}", "bmV3"), json!({"aaid": "abcd#0002"}))).await;
    assert_eq!(again, not_unique("abcd#0002", "bmV3"));
    // The furnished user has this one.
    let of_other = with(new("{uaf-2}", "e3VhZi0xfQ"), json!({"aaid": "ABCD#0001"}));
    assert_eq!(post(&world, of_other).await, not_unique("ABCD#0001", "e3VhZi0xfQ"));
    assert_eq!(post(&world, new("{uaf-2}", "bmv3")).await.status, 201);
    let elsewhere = world.post("/{client-456}/users/{user-123}/fido-authenticators").by(&Caller::root());
    assert_eq!(elsewhere.json(new("{uaf-1}", "bmV3")).send().await.status, 201);
}

#[tokio::test]
async fn an_ext_id_is_unique_within_the_user() {
    let world = World::furnished().await;
    assert_eq!(post(&world, new("{uaf-5}", "bmV3")).await.status, 201);
    let again = post(&world, new("{uaf-5}", "bmV4")).await;
    let message = "FidoUafCredential already exists with extId 'uaf-5'";
    assert_eq!(again, refused(422, "errors.duplicateValue", message));
}

/// Each format has an error code of its own, and all violations are reported.
#[tokio::test]
async fn formats_have_codes_of_their_own() {
    let world = World::furnished().await;
    let long = "A".repeat(2732);
    for (name, value, code) in [
        ("aaid", "ABCD", "invalidAaidFormat"),
        ("aaid", "ABCD#000G", "invalidAaidFormat"),
        ("aaid", "ABCD#00011", "invalidAaidFormat"),
        ("aaid", "ABCD#0001#", "invalidAaidFormat"),
        ("keyId", "a", "invalidKeyIdFormat"),
        ("keyId", "a2V5=", "invalidKeyIdFormat"),
        ("keyId", "ab", "invalidKeyIdFormat"),
        ("keyId", "a+b/", "invalidKeyIdFormat"),
        ("keyId", &long, "invalidKeyIdFormat"),
        ("authenticatorVersion", "1", "invalidAuthVersionFormat"),
        ("authenticatorVersion", "1.", "invalidAuthVersionFormat"),
        ("authenticatorVersion", "1.0.0", "invalidAuthVersionFormat"),
        ("authenticatorVersion", "123456.0", "invalidAuthVersionFormat"),
        ("publicKeyAlgorithm", "ES 256", "invalidPublicKeyAlgorithm"),
        ("appId", "", "emptyAppId"),
    ] {
        let expected =
            if name == "appId" { "Empty appId".to_owned() } else { format!("Invalid format of {name}") };
        let expected = refused(422, &format!("errors.credentialFidoUaf.{code}"), &expected);
        let body = with(new("{uaf-789}", "bmV3"), json!({name: value}));
        world.post(PATH).by(&admin()).json(body).expect_unchanged(expected).await;
    }
    let longest = "A".repeat(2731);
    assert_eq!(post(&world, new("{uaf-789}", &longest)).await.status, 201);
}

#[tokio::test]
async fn invalid_members_are_named() {
    let world = World::furnished().await;
    let cases = [
        (json!({"appId": "a".repeat(1001)}), "appId"),
        (json!({"deviceId": "d".repeat(256), "keyId": ""}), "deviceId, keyId"),
        (json!({"validity": {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}}), "validity"),
        (json!({"dispatchTarget": "text", "signCounter": 1}), "dispatchTarget, signCounter"),
        (
            json!({"dispatchTarget": {"appAttestation": {}, "other": 1, "target": "t"}}),
            "dispatchTarget.appAttestation.deviceId, dispatchTarget.appAttestation.publicKey, \
             dispatchTarget.appAttestation.receipt, dispatchTarget.appId, dispatchTarget.deviceId, \
             dispatchTarget.name, dispatchTarget.other, dispatchTarget.signingKey",
        ),
        // Only one of the two can be the target.
        (
            json!({"dispatchTarget": target("{dt-789}"), "dispatchTargetExtId": "{dt-789}"}),
            "dispatchTargetExtId",
        ),
    ];
    for (members, names) in cases {
        let body = with(new("{uaf-789}", "bmV3"), members);
        world.post(PATH).by(&admin()).json(body).expect_unchanged(invalid_fields(names)).await;
    }
    for (member, kind) in [("stateName", "FidoUafState"), ("attestationType", "AttestationType")] {
        let body = with(new("{uaf-789}", "bmV3"), json!({member: "other"}));
        let expected = refused(422, "errors.invalidParameter", &format!("Invalid {kind} name 'other'"));
        world.post(PATH).by(&admin()).json(body).expect_unchanged(expected).await;
    }
}

/// A state in the body needs a further right, whatever state it is.
#[tokio::test]
async fn a_state_in_the_body_needs_the_right_to_change_states() {
    const RIGHTS: &str = r#"{"creator": ["CredentialCreate", "CredentialView"]}"#;
    let Some(world) = World::configured(&[("ROLE_RIGHTS", RIGHTS)]).await else { return };
    world.furnish("{Default}").await;
    let creator = Caller::new("{client-123}", "admin").with("creator", None, None);
    let stated = with(new("{uaf-789}", "bmV3"), json!({"stateName": "active"}));
    let expected = missing_right("CredentialChangeState");
    world.post(PATH).by(&creator).json(stated).expect_unchanged(expected).await;
    let unstated = with(new("{uaf-789}", "bmV3"), json!({"stateName": null}));
    assert_eq!(world.post(PATH).by(&creator).json(unstated).send().await.status, 201);
}

/// A target of another user is not one of this user.
#[tokio::test]
async fn a_target_belongs_to_the_user() {
    let world = World::furnished().await;
    let expected = refused(
        404,
        "errors.noRecord",
        "No DispatchTarget found with extId 'dt-123' for user with extId 'user-789' on client with name 'Default'",
    );
    let body = with(new("{uaf-789}", "bmV3"), json!({"dispatchTargetExtId": "{dt-123}"}));
    world.post(PATH).by(&admin()).json(body).expect_unchanged(expected).await;
    let taken = refused(422, "errors.duplicateValue", "DispatchTarget already exists with extId 'dt-123'");
    let body = with(new("{uaf-789}", "bmV3"), json!({"dispatchTarget": target("{dt-123}")}));
    world.post(PATH).by(&admin()).json(body).expect_unchanged(taken).await;
}

/// Two callers create the last one at the same time. A target that would be one too many is refused too.
#[tokio::test]
async fn a_user_has_at_most_200_authenticators() {
    let world = World::furnished().await;
    for number in 0..199 {
        assert_eq!(post(&world, new(&format!("{{uaf-{number}}}"), &key(number))).await.status, 201);
    }
    let last = [post(&world, new("{uaf-a}", "bGFzdC1h")), post(&world, new("{uaf-b}", "bGFzdC1i"))];
    let mut answers = futures_util::future::join_all(last).await;
    answers.sort_by_key(|answer| answer.status);
    let message = "User has the maximum of 200 FIDO UAF authenticators: user-789";
    let full = refused(422, "errors.invalidData", message);
    assert_eq!((answers[0].status, &answers[1]), (201, &full));
    assert_eq!(post(&world, new("{uaf-c}", "bGFzdC1j")).await, full);
}

#[tokio::test]
async fn a_user_has_at_most_200_targets() {
    let world = World::furnished().await;
    for number in 0..200 {
        let ext_id = format!("{{target-{number}}}");
        world.put_dispatch_target("{client-123}", "{user-789}", &ext_id, false).await;
    }
    let body = with(new("{uaf-789}", "bmV3"), json!({"dispatchTarget": target("{dt-789}")}));
    let full = refused(422, "errors.invalidData", "User has the maximum of 200 dispatch targets: user-789");
    assert_eq!(post(&world, body).await, full);
    let body = with(new("{uaf-789}", "bmV3"), json!({"dispatchTargetExtId": "{target-0}"}));
    assert_eq!(post(&world, body).await.status, 201);
}

#[tokio::test]
async fn a_target_has_at_most_90_authenticators() {
    let world = World::furnished().await;
    world.put_dispatch_target("{client-123}", "{user-789}", "{dt-789}", false).await;
    let linked = |number| {
        with(new(&format!("{{uaf-{number}}}"), &key(number)), json!({"dispatchTargetExtId": "{dt-789}"}))
    };
    for number in 0..90 {
        assert_eq!(post(&world, linked(number)).await.status, 201);
    }
    let full = refused(422, "errors.invalidData", "DispatchTarget has the maximum of 90 credentials: dt-789");
    assert_eq!(post(&world, linked(90)).await, full);
    assert_eq!(post(&world, new("{uaf-90}", &key(90))).await.status, 201);
    let change = world.patch(&format!("{PATH}/{{uaf-90}}")).by(&admin());
    assert_eq!(change.json(json!({"dispatchTargetExtId": "{dt-789}"})).send().await, full);
    // One of them leaves.
    let change = world.patch(&format!("{PATH}/{{uaf-0}}")).by(&admin());
    assert_eq!(change.json(json!({"dispatchTargetExtId": null})).send().await.status, 200);
    let change = world.patch(&format!("{PATH}/{{uaf-90}}")).by(&admin());
    assert_eq!(change.json(json!({"dispatchTargetExtId": "{dt-789}"})).send().await.status, 200);
    // The target can still be deleted in one transaction.
    let path = "/{client-123}/users/{user-789}/dispatch-targets/{dt-789}";
    assert_eq!(world.delete(path).by(&admin()).send().await.status, 204);
}

/// Returns a key identifier for a number.
fn key(number: u32) -> String {
    signing::base64url(number.to_be_bytes())
}
