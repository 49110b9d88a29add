//! `PATCH /{clientExtId}/personal-questions/{personalQuestionExtId}`

use serde_json::json;

use crate::support::{Caller, World, ok_at};

const QUESTION: &str = "/{client-123}/personal-questions/{question-123}";

#[tokio::test]
async fn members_are_merged_and_read_back() {
    let world = World::furnished().await;
    let body = json!({"stateName": "disabled", "description": null, "content": {"EN": "Your first cat?", "DE": null}});
    let answer = world.patch(QUESTION).by(&Caller::root()).json(body).send().await;
    let changed = json!({
        "extId": "question-123", "stateName": "disabled", "displayName": {"EN": "Pet"},
        "content": {"EN": "Your first cat?"},
        "created": "2026-01-01T00:00:00Z", "lastModified": answer.body["lastModified"], "version": 1,
    });
    assert_eq!(answer, ok_at(1, changed.clone()));
    world.get(QUESTION).by(&Caller::root()).expect_unchanged(ok_at(1, changed)).await;
}
