//! The row of the operation on deletions.

use serde_json::json;

use crate::operations::rows::{Covers, MissingObject, Row, rows};

rows!(deletions: get_deletion);

pub(crate) const fn get_deletion() -> Row {
    Row {
        id: "get-deletion",
        method: "GET",
        template: "/deletions/{deletionId}",
        rights: &["ClientDelete"],
        covers: Covers::AllClientsOrAuthor,
        path: "/deletions/{deletion-123}",
        success: 200,
        answer: || {
            json!({
                "deletionId": "deletion-123", "kind": "user", "clientExtId": "client-123", "userExtId": "user-999",
                "state": "ended", "begun": "2026-01-01T00:00:00Z", "deleted": 7, "ended": "2026-01-01T00:00:01Z",
                "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
            })
        },
        missing: Some(MissingObject {
            present: "{deletion-123}",
            absent: "{deletion-999}",
            message: "Deletion doesn't exist with id 'deletion-999'",
        }),
        ..Row::DEFAULT
    }
}
