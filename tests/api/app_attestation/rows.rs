//! The rows of the operations on app attestations.

use serde_json::json;
use shared::auth::SelfService;

use crate::operations::rows::{Conflict, EntityPatch, FieldKind, MissingObject, Row, field, not_null, rows};

rows!(
    app_attestation: create_app_attestation,
    get_app_attestation,
    update_app_attestation,
    delete_app_attestation,
);

/// A dispatch target that does not exist.
const fn no_target(present: &'static str) -> MissingObject {
    MissingObject {
        present,
        absent: "{dt-999}",
        message: "No DispatchTarget found with extId 'dt-999' for user with extId 'user-123' on client with name 'Default'",
    }
}

pub(crate) const fn create_app_attestation() -> Row {
    Row {
        id: "create-app-attestation",
        method: "POST",
        template: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation",
        rights: &["CredentialCreate", "DispatchTargetCreate"],
        alternatives: 2,
        path: "/{client-123}/users/{user-123}/dispatch-targets/{dt-456}/app-attestation",
        body: || {
            json!({"deviceId": "d", "receipt": "r", "publicKey": "p", "counter": 7, "environment": "production",
                   "name": null})
        },
        fields: const {
            &[
                field("name", false, FieldKind::Text),
                field("deviceId", true, FieldKind::Text),
                field("receipt", true, FieldKind::Text),
                field("publicKey", true, FieldKind::Text),
                field("counter", false, FieldKind::Number),
                field("environment", false, FieldKind::Text),
            ]
        },
        success: 201,
        is_repeatable: false,
        missing: Some(no_target("{dt-456}")),
        conflict: Some(Conflict {
            body: || json!({"deviceId": "d", "receipt": "r", "publicKey": "p", "name": "iPhone"}),
            code: "errors.duplicateValue",
            message: "AppAttestation already exists with name 'iPhone'",
        }),
        more_actions: Some(|| json!({"deviceId": "d", "receipt": "r", "publicKey": "p", "name": "Android"})),
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_app_attestation() -> Row {
    Row {
        id: "get-app-attestation",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation",
        rights: &["CredentialView", "DispatchTargetView"],
        alternatives: 2,
        self_service: SelfService::WithXToken,
        path: "/{client-123}/users/{user-123}/dispatch-targets/{dt-123}/app-attestation",
        success: 200,
        answer: || {
            json!({
                "name": "iPhone", "deviceId": "device-1", "receipt": "receipt", "publicKey": "public-key", "counter": 0,
                "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
            })
        },
        missing: Some(no_target("{dt-123}")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn update_app_attestation() -> Row {
    Row {
        id: "update-app-attestation",
        method: "PATCH",
        rights: &["CredentialModify", "DispatchTargetModify", "CredentialView", "DispatchTargetView"],
        body: || json!({"counter": 1, "receipt": "receipt-2", "name": "Android"}),
        fields: const {
            &[
                field("name", false, FieldKind::Text),
                not_null("deviceId", FieldKind::Text),
                not_null("receipt", FieldKind::Text),
                not_null("publicKey", FieldKind::Text),
                field("counter", false, FieldKind::Number),
                field("environment", false, FieldKind::Text),
            ]
        },
        answer: || json!(null),
        patch: Some(EntityPatch { ext_id: "", has_version: true }),
        two_changes: Some([
            |round| json!({"counter": round + 1}),
            |round| json!({"receipt": round.to_string()}),
        ]),
        ..get_app_attestation()
    }
}

pub(crate) const fn delete_app_attestation() -> Row {
    Row {
        id: "delete-app-attestation",
        method: "DELETE",
        rights: &["CredentialDelete", "DispatchTargetDelete", "CredentialView", "DispatchTargetView"],
        success: 204,
        answer: || json!(null),
        ..get_app_attestation()
    }
}
