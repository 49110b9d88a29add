//! The rows of the operations on dispatch targets.

use serde_json::{Value, json};
use shared::auth::SelfService;

use crate::operations::rows::{
    Conflict, EntityPatch, FieldKind, MissingObject, Row, field, listed, not_null, rows,
};

rows!(
    dispatch_targets: create_dispatch_target,
    list_dispatch_targets,
    get_dispatch_target,
    update_dispatch_target,
    delete_dispatch_target,
);

/// The dispatch target `{dt-123}` in a response.
fn target_123() -> Value {
    json!({
        "extId": "dt-123", "type": "fido-uaf", "deviceId": "device-1", "target": "push-address",
        "signingKey": "key", "appId": "app", "name": "Phone", "stateName": "active",
        "appAttestation": {
            "name": "iPhone", "deviceId": "device-1", "receipt": "receipt", "publicKey": "public-key", "counter": 0,
        },
        "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
    })
}

pub(crate) const fn create_dispatch_target() -> Row {
    Row {
        id: "create-dispatch-target",
        method: "POST",
        template: "/{clientExtId}/users/{userExtId}/dispatch-targets",
        rights: &["CredentialCreate", "DispatchTargetCreate"],
        alternatives: 2,
        path: "/{client-123}/users/{user-123}/dispatch-targets",
        body: || {
            json!({"extId": "{dt-new}", "deviceId": "device-2", "target": "push-address-2", "signingKey": "key-2",
                   "appId": "app", "name": "Tablet", "dispatcher": "fcmpush", "userAgent": "agent",
                   "encryptionKey": "key-3", "stateName": "disabled", "identification": "id", "type": "fido-uaf",
                   "appAttestation": null})
        },
        fields: const {
            &[
                field("extId", false, FieldKind::Name),
                field("type", false, FieldKind::Own),
                field("deviceId", true, FieldKind::Text),
                field("target", true, FieldKind::Text),
                field("dispatcher", false, FieldKind::Text),
                field("userAgent", false, FieldKind::Text),
                field("encryptionKey", false, FieldKind::Text),
                field("signingKey", true, FieldKind::Text),
                field("appId", true, FieldKind::Text),
                field("name", true, FieldKind::Text),
                field("stateName", false, FieldKind::Own),
                field("identification", false, FieldKind::Text),
                field("appAttestation", false, FieldKind::Own),
            ]
        },
        success: 201,
        is_repeatable: false,
        conflict: Some(Conflict {
            body: || json!({"extId": "{dt-123}", "deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n"}),
            code: "errors.duplicateValue",
            message: "DispatchTarget already exists with extId 'dt-123'",
        }),
        more_actions: Some(|| {
            json!({"deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n", "appAttestation": {
                "name": "attestation", "deviceId": "d", "receipt": "r", "publicKey": "p",
            }})
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn list_dispatch_targets() -> Row {
    Row {
        id: "list-dispatch-targets",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/dispatch-targets",
        rights: &["CredentialView", "DispatchTargetView"],
        alternatives: 2,
        self_service: SelfService::WithXToken,
        path: "/{client-123}/users/{user-123}/dispatch-targets",
        success: 200,
        answer: || {
            let mut other = target_123();
            other["extId"] = json!("dt-456");
            other.as_object_mut().expect("an object").remove("appAttestation");
            json!({"items": [target_123(), other], "_pagination": {"limit": 100}, "_classifications": {}})
        },
        list: Some(listed("USER#{client-123}#{user-123}", "DISPATCH_TARGET#", "{dt-456}")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_dispatch_target() -> Row {
    Row {
        id: "get-dispatch-target",
        method: "GET",
        rights: &["CredentialView", "DispatchTargetView"],
        success: 200,
        answer: target_123,
        ..delete_dispatch_target()
    }
}

pub(crate) const fn update_dispatch_target() -> Row {
    Row {
        id: "update-dispatch-target",
        method: "PATCH",
        rights: &["CredentialModify", "DispatchTargetModify", "CredentialView", "DispatchTargetView"],
        body: || json!({"name": "Old phone", "stateName": "disabled", "userAgent": "agent"}),
        fields: const {
            &[
                field("type", false, FieldKind::Own),
                not_null("deviceId", FieldKind::Text),
                not_null("target", FieldKind::Text),
                field("dispatcher", false, FieldKind::Text),
                field("userAgent", false, FieldKind::Text),
                field("encryptionKey", false, FieldKind::Text),
                not_null("signingKey", FieldKind::Text),
                not_null("appId", FieldKind::Text),
                not_null("name", FieldKind::Text),
                field("stateName", false, FieldKind::Own),
                field("identification", false, FieldKind::Text),
            ]
        },
        success: 200,
        patch: Some(EntityPatch { ext_id: "{dt-123}", has_version: true }),
        two_changes: Some([
            |round| json!({"name": round.to_string()}),
            |round| json!({"target": round.to_string()}),
        ]),
        ..delete_dispatch_target()
    }
}

pub(crate) const fn delete_dispatch_target() -> Row {
    Row {
        id: "delete-dispatch-target",
        method: "DELETE",
        template: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}",
        rights: &["CredentialDelete", "DispatchTargetDelete"],
        alternatives: 2,
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
