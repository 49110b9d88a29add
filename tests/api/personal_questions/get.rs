//! `GET /{clientExtId}/personal-questions/{personalQuestionExtId}`

use serde_json::json;

use crate::support::{Caller, World, ok_at, refused};

#[tokio::test]
async fn a_question_is_returned_with_its_audit_data() {
    let world = World::furnished().await;
    let body = json!({
        "extId": "question-123", "stateName": "active", "description": "About pets",
        "displayName": {"EN": "Pet"},
        "content": {"DE": "Wie hieß Ihr erstes Haustier?", "EN": "Your first pet?"},
        "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
    });
    let helpdesk = Caller::new("{client-123}", "h").with("nevisIdm.Helpdesk", None, None);
    for caller in [Caller::root(), helpdesk] {
        let call = world.get("/{client-123}/personal-questions/{question-123}").by(&caller);
        call.expect_unchanged(ok_at(0, body.clone())).await;
    }
}

#[tokio::test]
async fn a_question_of_another_client_is_not_found() {
    let world = World::furnished().await;
    let call = world.get("/{client-456}/personal-questions/{question-123}").by(&Caller::root());
    let message = "PersonalQuestion doesn't exist with extId 'question-123'";
    call.expect_unchanged(refused(404, "errors.noRecord", message)).await;
}
