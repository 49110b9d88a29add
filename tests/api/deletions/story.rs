//! Everything is created and deleted through the API.

use serde_json::{Value, json};

use super::{end_deletion, records};
use crate::support::whole::assert_complete;
use crate::support::{Answer, Caller, World, no_content};

/// Sends a request that must succeed.
async fn send(world: &World, method: &str, path: &str, body: Value) -> Answer {
    let body = Some(body).filter(|body| !body.is_null());
    let answer = world.call(method, path).by(&Caller::root()).json_if(body).send().await;
    assert!(answer.status < 300, "{method} {path}: {answer:?}");
    end_deletion(world, answer).await
}

/// Creates a client with a user who has one thing of each kind.
async fn create(world: &World) {
    let post = async |path: &str, body: Value| drop(send(world, "POST", path, body).await);
    post("/clients", json!({"extId": "{client}", "name": "{Client}"})).await;
    post(
        "/terms",
        json!({"extId": "{terms}", "name": "T", "active": true, "silentAcceptance": false, "termsVersion": "1"}),
    )
    .await;
    let definition = json!({
        "scope": "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL", "clientExtId": "{client}", "name": "{number}", "type": "STRING",
        "uniquenessScope": "ABSOLUTE",
    });
    post("/properties", definition).await;
    post("/{client}/units", json!({"extId": "unit", "name": "unit"})).await;
    post("/{client}/personal-questions", json!({"extId": "{question}", "stateName": "active"})).await;
    let user = "/{client}/users/{user}";
    post("/{client}/users", json!({"extId": "{user}"})).await;
    post(&format!("{user}/profiles"), json!({"extId": "{profile}", "unitExtId": "unit"})).await;
    let target = json!({"extId": "{target}", "deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n"});
    post(&format!("{user}/dispatch-targets"), target).await;
    let authenticator = json!({
        "aaid": "ABCD#0001", "keyId": "bmV3", "authenticatorVersion": "1.0", "publicKey": "p",
        "publicKeyAlgorithm": "ES256", "appId": "a", "dispatchTargetExtId": "{target}",
    });
    post(&format!("{user}/fido-authenticators"), authenticator).await;
    let signature =
        json!({"identificator": "i", "msspIdentifier": "https://mssp.example.com", "msisdn": "+41790000000"});
    post(&format!("{user}/mobile-signature"), signature).await;
    send(world, "PATCH", &format!("{user}/mobile-signature/properties"), json!({"{number}": "1"})).await;
    post(&format!("{user}/consents"), json!({"termsExtId": "{terms}"})).await;
}

/// Returns the entity types of the items and how many there are of each.
async fn kinds(world: &World) -> Vec<String> {
    let items = world.items().await.into_json();
    let items = items.as_object().into_iter().flatten();
    let mut kinds: Vec<String> =
        items.filter_map(|(_, item)| item["entityType"].as_str()).map(str::to_owned).collect();
    kinds.sort_unstable();
    kinds
}

/// Terms cannot be deleted.
#[tokio::test]
async fn what_the_api_creates_the_api_deletes() {
    let world = World::new().await;
    create(&world).await;
    assert_complete(&world.stored().await);
    let user = "/{client}/users/{user}";
    assert_eq!(send(&world, "DELETE", user, Value::Null).await, no_content());
    assert_eq!(send(&world, "DELETE", "/clients/{client}", Value::Null).await, no_content());
    assert_complete(&world.stored().await);
    assert_eq!(records(&world.stored().await).len(), 2);
    assert_eq!(kinds(&world).await, ["Deletion", "Deletion", "Terms", "TermsEntry", "TermsVersion"]);
}
