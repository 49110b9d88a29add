//! `GET /clients/{clientExtId}`

use serde_json::json;

use crate::support::{Caller, World, ok_at, refused};

#[tokio::test]
async fn a_client_is_returned_with_its_audit_data() {
    let world = World::furnished().await;
    let body = json!({
        "extId": "client-123", "name": "Default", "displayName": {"EN": "A client"},
        "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
    });
    let helpdesk = Caller::new("{client-123}", "h").with("nevisIdm.Helpdesk", None, None);
    for caller in [Caller::root(), helpdesk] {
        world.get("/clients/{client-123}").by(&caller).expect_unchanged(ok_at(0, body.clone())).await;
    }
}

#[tokio::test]
async fn an_unknown_client_is_not_found() {
    let world = World::furnished().await;
    let expected = refused(404, "errors.noRecord", "Client doesn't exist with extId 'client-999'");
    world.get("/clients/{client-999}").by(&Caller::root()).expect_unchanged(expected).await;
}

/// A path parameter is decoded once and reported as it was sent.
#[tokio::test]
async fn an_unknown_ext_id_is_reported_as_it_was_sent() {
    let world = World::furnished().await;
    for (sent, shown) in [
        ("a%20b", "a b"),
        ("%E2%82%AC", "€"),
        ("a'b", "a'b"),
        ("client-123%23CLIENT", "client-123#CLIENT"),
        ("*", "*"),
    ] {
        let message = format!("Client doesn't exist with extId '{shown}'");
        let answer = world.get(&format!("/clients/{sent}")).by(&Caller::root()).send().await;
        assert_eq!(answer, refused(404, "errors.noRecord", &message), "{sent}");
    }
}
