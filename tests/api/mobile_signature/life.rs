//! `/{clientExtId}/users/{userExtId}/mobile-signature`

use serde_json::{Value, json};

use super::{BY, entry_key, value_key};
use crate::support::answer::invalid_fields;
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, created, no_content, ok_at, refused};

const SIGNATURE: &str = "/{client-123}/users/{user-123}/mobile-signature";
const NEW: &str = "/{client-123}/users/{user-789}/mobile-signature";
/// A self-signed certificate that expired in 2021.
const EXPIRED: &str = "-----BEGIN CERTIFICATE-----
MIIBHjCBxaADAgECAgEBMAoGCCqGSM49BAMCMBkxFzAVBgNVBAMMDkV4cGlyZWQg
c2lnbmVyMB4XDTIwMDEwMTAwMDAwMFoXDTIxMDEwMTAwMDAwMFowGTEXMBUGA1UE
AwwORXhwaXJlZCBzaWduZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQdTLGZ
Fg/1sVpif8z0H9C/pFwPqZcXHOtA6aJJ5pAmTIGd+hWznJ85O5OnHrMxxv/ZVvzT
o4BcDV7bGc/DkqZeMAoGCCqGSM49BAMCA0gAMEUCIQD+4pTivkQ5YWIoVMVc6U1I
3vtB5tH3JqvZGi7HzZEB4AIgOptMfJbBr84eJz14m12icif09hFWahrugudPeHaN
Vq4=
-----END CERTIFICATE-----
";

/// Returns an operator whose role covers the client.
fn admin() -> Caller {
    Caller::new("{client-123}", "admin").with("nevisIdm.Helpdesk", None, None)
}

async fn patch(world: &World, body: Value) -> Answer {
    world.patch(SIGNATURE).by(&admin()).json(body).send().await
}

fn new_with(member: &str, value: Value) -> Value {
    let mut body = json!({"identificator": "id", "msspIdentifier": "https://mssp.example.com", "msisdn": "+41790000001"});
    body[member] = value;
    body
}

#[tokio::test]
async fn a_signature_is_created_with_its_defaults() {
    let world = World::furnished().await;
    let mut entity = new_with("extId", json!("ms-2"));
    let call = world.post(NEW).by(&admin()).json(entity.clone());
    entity["stateName"] = json!("active");
    let mut item = entity.clone();
    for (name, value) in [("clientExtId", "client-123"), ("userExtId", "user-789")] {
        item[name] = json!(value);
    }
    item["properties"] = json!({});
    let key = ["USER#client-123#user-789", "CREDENTIAL#MOBILE_SIGNATURE"];
    let changes = Changes::none().created(BY, key, "MobileSignature", item);
    for (name, value) in [
        ("userExtId", json!("user-789")),
        ("created", json!("<now>")),
        ("lastModified", json!("<now>")),
        ("version", json!(0)),
    ] {
        entity[name] = value;
    }
    let answer = created("/client-123/users/user-789/mobile-signature", entity.clone()).with("etag", "\"0\"");
    call.expect(answer, changes).await;
    assert_eq!(world.get(NEW).by(&admin()).send().await, ok_at(0, entity));
}

#[tokio::test]
async fn a_user_has_at_most_one_signature() {
    let world = World::furnished().await;
    let message = "Mobile Signature credential already exists under the user user-123";
    let body = new_with("extId", json!("other"));
    let call = world.post(SIGNATURE).by(&admin()).json(body);
    call.expect_unchanged(refused(422, "errors.mobileSignatureExists", message)).await;
}

#[tokio::test]
async fn concurrent_creations_create_one_signature() {
    let world = World::furnished().await;
    let callers = (0..8).map(|number| {
        let body = new_with("extId", json!(format!("ms-{number}")));
        world.post(NEW).by(&admin()).json(body).send()
    });
    let answers = futures_util::future::join_all(callers).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422, 422, 422, 422, 422, 422, 422]);
}

#[tokio::test]
async fn the_certificate_of_the_signer_is_one_certificate_that_may_have_expired() {
    let world = World::furnished().await;
    let crlf = EXPIRED.replace('\n', "\r\n");
    for (version, valid) in [(1, EXPIRED), (2, EXPIRED.trim_end()), (3, &crlf)] {
        let answer = patch(&world, json!({"signerCert": valid})).await;
        assert_eq!(answer.body["signerCert"], valid, "{answer:?}");
        assert_eq!(answer.headers["etag"], [format!("\"{version}\"")]);
    }
    let two = EXPIRED.repeat(2);
    let broken = EXPIRED.replace("MIIB", "MIIC");
    let other = EXPIRED.replace("CERTIFICATE", "PUBLIC KEY");
    let empty = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    for invalid in ["", "certificate", "MIIBHjCBxaADAgECAgEBMAoG", &two, &broken, &other, empty] {
        let answer = patch(&world, json!({"signerCert": invalid})).await;
        assert_eq!(answer, invalid_fields("signerCert"), "{invalid}");
    }
    let answer = patch(&world, json!({"signerCert": null})).await;
    assert_eq!(answer.body.get("signerCert"), None);
}

#[tokio::test]
async fn the_signature_service_is_named_by_a_uri() {
    let world = World::furnished().await;
    for valid in ["http://mssp.example.com/", "urn:mssp:1", "https://[::1]:8443/a?b=%20#c"] {
        assert_eq!(patch(&world, json!({"msspIdentifier": valid})).await.body["msspIdentifier"], valid);
    }
    let long = format!("urn:{}", "a".repeat(3997));
    for invalid in ["", "mssp.example.com", "/mssp", "https://a b", "https://ä", "://a", &long] {
        let answer = patch(&world, json!({"msspIdentifier": invalid})).await;
        assert_eq!(answer, invalid_fields("msspIdentifier"), "{invalid}");
    }
}

#[tokio::test]
async fn phone_numbers_are_those_of_e_164() {
    let world = World::furnished().await;
    for valid in ["+36201234567", "+12", "+123456789012345"] {
        assert_eq!(patch(&world, json!({"msisdn": valid})).await.body["msisdn"], valid);
    }
    for invalid in ["+1", "+1234567890123456", "0790000000", "+0790000000", "+41 79", "+41790000000\n", "a"] {
        let expected = refused(422, "errors.msisdnFormat", "Invalid format of msisdn");
        assert_eq!(patch(&world, json!({"msisdn": invalid})).await, expected, "{invalid}");
    }
    assert_eq!(patch(&world, json!({"msisdn": ""})).await, invalid_fields("msisdn"));
}

#[tokio::test]
async fn the_pattern_of_phone_numbers_is_configurable() {
    let Some(world) = World::configured(&[("MSISDN_REGEX", "[0-9]{4}")]).await else { return };
    world.furnish("{Default}").await;
    assert_eq!(patch(&world, json!({"msisdn": "0790"})).await.status, 200);
    let expected = refused(422, "errors.msisdnFormat", "Invalid format of msisdn");
    assert_eq!(patch(&world, json!({"msisdn": "+41790000000"})).await, expected);
    // A number from before another pattern is kept.
    assert_eq!(patch(&world, json!({"identificator": "other"})).await.status, 200);
}

#[tokio::test]
async fn states_are_those_of_credentials_without_archived() {
    let world = World::furnished().await;
    for state in ["initial", "tmp-locked", "fail-locked", "reset-code", "admin-changed", "disabled", "active"]
    {
        assert_eq!(patch(&world, json!({"stateName": state})).await.body["stateName"], state);
    }
    let expected = refused(422, "errors.invalidParameter", "Invalid CredentialState name 'archived'");
    assert_eq!(patch(&world, json!({"stateName": "archived"})).await, expected);
}

#[tokio::test]
async fn the_ext_id_can_be_repeated_but_not_changed() {
    let world = World::furnished().await;
    assert_eq!(patch(&world, json!({"extId": "ms-1", "identificator": "other"})).await.status, 200);
    let expected = refused(422, "errors.modifyExtId", "The extId can not be modified");
    assert_eq!(patch(&world, json!({"extId": "ms-2"})).await, expected);
}

/// A signature and its properties have one version.
#[tokio::test]
async fn a_change_keeps_the_properties_and_both_have_one_version() {
    let world = World::furnished().await;
    assert_eq!(patch(&world, json!({"identificator": "other"})).await.status, 200);
    let properties = format!("{SIGNATURE}/properties");
    let call = world.get(&properties).by(&admin());
    call.expect_unchanged(ok_at(1, json!({"employee_id": "1", "nickname": "Jo"}))).await;
    let change = json!({"{nickname}": "Joe"});
    assert_eq!(world.patch(&properties).by(&Caller::root()).json(change).send().await.status, 200);
    let stale = refused(409, "errors.optimisticLockingFailure", "The record was modified by another user");
    assert_eq!(patch(&world, json!({"identificator": "another", "version": 1})).await, stale);
}

#[tokio::test]
async fn a_deletion_releases_the_unique_values_of_the_properties() {
    let world = World::furnished().await;
    let entries = ["{employee_id}", "{nickname}"].map(|name| entry_key(&world, name));
    let value = value_key(&world, "1");
    let changes = Changes::none()
        .deleted(["USER#client-123#user-123", "CREDENTIAL#MOBILE_SIGNATURE"])
        .deleted(entries[0].each_ref().map(String::as_str))
        .deleted(entries[1].each_ref().map(String::as_str))
        .deleted([&value, "PROPERTY_VALUE"]);
    world.delete(SIGNATURE).by(&admin()).expect(no_content(), changes).await;
    let missing = "Mobile Signature credential does not exist under the user user-123";
    let missing = refused(404, "errors.noRecord", missing);
    world.delete(SIGNATURE).by(&admin()).expect_unchanged(missing).await;

    // Another user can have the value now.
    assert_eq!(world.post(NEW).by(&admin()).json(new_with("extId", json!("ms-2"))).send().await.status, 201);
    let body = json!({"{employee_id}": "1"});
    let properties = format!("{NEW}/properties");
    let answer = world.patch(&properties).by(&Caller::root()).json(body).send().await;
    assert_eq!(answer, ok_at(1, json!({"employee_id": "1"})));
}
