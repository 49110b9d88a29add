//! `GET /{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}`

use serde_json::json;

use crate::support::{Caller, World, ok, refused};

#[tokio::test]
async fn a_consent_is_returned_with_its_acceptance_date() {
    let world = World::furnished().await;
    let body =
        json!({"termsExtId": "terms-456", "termsVersion": "2", "acceptanceDate": "2025-12-24T18:00:00Z"});
    let helpdesk = Caller::new("{client-123}", "h").with("nevisIdm.Helpdesk", None, None);
    for caller in [Caller::root(), helpdesk] {
        let call = world.get("/{client-123}/users/{user-123}/consents/{terms-456}/2").by(&caller);
        call.expect_unchanged(ok(body.clone())).await;
    }
}

#[tokio::test]
async fn a_consent_to_another_version_or_of_another_user_is_not_found() {
    let world = World::furnished().await;
    for (client, user, terms, version) in [
        ("client-123", "user-123", "terms-456", "1"),
        ("client-123", "user-123", "terms-123", "1"),
        ("client-123", "user-456", "terms-456", "2"),
        ("client-456", "user-123", "terms-456", "2"),
    ] {
        let path = format!("/{{{client}}}/users/{{{user}}}/consents/{{{terms}}}/{version}");
        let message = format!(
            "A consent for userExtId: '{user}', termsExtId: '{terms}' and termsVersion: '{version}' doesn't exist."
        );
        let expected = refused(404, "errors.noRecord", &message);
        world.get(&path).by(&Caller::root()).expect_unchanged(expected).await;
    }
}
