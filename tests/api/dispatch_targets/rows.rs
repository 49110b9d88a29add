//! The rows of the operations on dispatch targets.

use serde_json::json;
use shared::auth::SelfService;

use crate::operations::rows::{MissingObject, Row, rows};

rows!(dispatch_targets: get_dispatch_target, delete_dispatch_target);

pub(crate) const fn get_dispatch_target() -> Row {
    Row {
        id: "get-dispatch-target",
        method: "GET",
        rights: &["CredentialView", "DispatchTargetView"],
        success: 200,
        answer: || {
            json!({
                "extId": "dt-123", "deviceId": "device-1", "target": "push-address", "signingKey": "key",
                "appId": "app", "name": "Phone",
                "appAttestation": {"deviceId": "device-1", "receipt": "receipt", "publicKey": "public-key", "counter": 0},
                "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
            })
        },
        ..delete_dispatch_target()
    }
}

pub(crate) const fn delete_dispatch_target() -> Row {
    Row {
        id: "delete-dispatch-target",
        method: "DELETE",
        template: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}",
        rights: &["CredentialDelete", "DispatchTargetDelete"],
        any_right: true,
        self_service: SelfService::WithXToken,
        path: "/{client-123}/users/{user-123}/dispatch-targets/{dt-123}",
        success: 204,
        missing: Some(MissingObject {
            present: "{dt-123}",
            absent: "{dt-999}",
            message: "No DispatchTarget found with extId 'dt-999' for user with extId 'user-123' on client with name 'Default'",
        }),
        ..Row::DEFAULT
    }
}
