//! The rows of the operations on FIDO UAF authenticators.

use serde_json::{Value, json};
use shared::auth::SelfService;

use crate::operations::rows::{
    Conflict, EntityPatch, FieldKind, MissingObject, Row, field, listed, not_null, rows,
};

rows!(
    fido_authenticators: create_fido_authenticator,
    list_fido_authenticators,
    list_client_fido_authenticators,
    get_fido_authenticator,
    update_fido_authenticator,
    delete_fido_authenticator,
);

/// A furnished authenticator in a response.
fn authenticator(ext_id: &str, key_id: &str, target: Option<&str>) -> Value {
    let mut shown = json!({
        "extId": ext_id, "userExtId": "user-123", "aaid": "ABCD#0001", "keyId": key_id,
        "authenticatorVersion": "1.0", "publicKey": "public-key", "publicKeyAlgorithm": "SHA256withECDSA",
        "appId": "app", "stateName": "active", "signCounter": 0,
        "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
    });
    if let Some(target) = target {
        shown["dispatchTargetExtId"] = json!(target);
    }
    shown
}

/// The furnished authenticators.
fn authenticators() -> [Value; 4] {
    [
        authenticator("uaf-1", "e3VhZi0xfQ", Some("dt-123")),
        authenticator("uaf-2", "e3VhZi0yfQ", Some("dt-123")),
        authenticator("uaf-3", "e3VhZi0zfQ", Some("dt-456")),
        authenticator("uaf-4", "e3VhZi00fQ", None),
    ]
}

/// A body of a creation with this key.
fn new(ext_id: &str, key_id: &str) -> Value {
    json!({"extId": ext_id, "aaid": "ABCD#0001", "keyId": key_id, "authenticatorVersion": "1.0",
           "publicKey": "p", "publicKeyAlgorithm": "ES256", "appId": "app"})
}

pub(crate) const fn create_fido_authenticator() -> Row {
    Row {
        id: "create-fido-authenticator",
        method: "POST",
        template: "/{clientExtId}/users/{userExtId}/fido-authenticators",
        rights: &["CredentialCreate", "CredentialView"],
        path: "/{client-123}/users/{user-123}/fido-authenticators",
        body: || {
            let mut body = new("{uaf-new}", "bmV3");
            body["deviceId"] = json!("device-1");
            body["attestationType"] = json!("fullBasic");
            body["validity"] = json!({"from": "2026-01-01T00:00:00Z"});
            body["modificationComment"] = json!("New");
            body["dispatchTargetExtId"] = json!("{dt-123}");
            body
        },
        fields: const {
            &[
                field("extId", false, FieldKind::Name),
                field("aaid", true, FieldKind::Own),
                field("keyId", true, FieldKind::Own),
                field("authenticatorVersion", true, FieldKind::Own),
                field("publicKey", true, FieldKind::Text),
                field("publicKeyAlgorithm", true, FieldKind::Own),
                field("appId", true, FieldKind::NotEmpty),
                field("deviceId", false, FieldKind::Own),
                field("stateName", false, FieldKind::Own),
                field("attestationType", false, FieldKind::Own),
                field("validity", false, FieldKind::Own),
                field("dispatchTargetExtId", false, FieldKind::Own),
                field("dispatchTarget", false, FieldKind::Own),
                field("modificationComment", false, FieldKind::Remark),
            ]
        },
        success: 201,
        is_repeatable: false,
        missing: Some(MissingObject {
            present: "{dt-123}",
            absent: "{dt-999}",
            message: "No DispatchTarget found with extId 'dt-999' for user with extId 'user-123' on client with name 'Default'",
        }),
        conflict: Some(Conflict {
            body: || new("{uaf-new}", "e3VhZi0xfQ"),
            code: "errors.credentialFidoUaf.notUnique",
            message: "FidoUafCredential already exists with aaid 'ABCD#0001' and keyId 'e3VhZi0xfQ'",
        }),
        more_actions: Some(|| {
            let mut body = new("{uaf-new}", "bmV3");
            body["dispatchTarget"] = json!({
                "deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n", "appAttestation": {
                    "name": "attestation", "deviceId": "d", "receipt": "r", "publicKey": "p",
                },
            });
            body
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn list_fido_authenticators() -> Row {
    Row {
        id: "list-fido-authenticators",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/fido-authenticators",
        rights: &["CredentialView"],
        self_service: SelfService::Allowed,
        path: "/{client-123}/users/{user-123}/fido-authenticators",
        success: 200,
        answer: || json!({"items": authenticators(), "_pagination": {"limit": 100}, "_classifications": {}}),
        list: Some(listed("USER#{client-123}#{user-123}", "CREDENTIAL#FIDO_UAF#", "{uaf-4}")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn list_client_fido_authenticators() -> Row {
    Row {
        id: "list-client-fido-authenticators",
        method: "GET",
        template: "/clients/{clientExtId}/fido-uaf",
        rights: &["ClientView", "CredentialView"],
        path: "/clients/{client-123}/fido-uaf",
        covers_all_units: true,
        success: 200,
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_fido_authenticator() -> Row {
    Row {
        id: "get-fido-authenticator",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/fido-authenticators/{fidoAuthenticatorExtId}",
        rights: &["CredentialView"],
        self_service: SelfService::Allowed,
        path: "/{client-123}/users/{user-123}/fido-authenticators/{uaf-1}",
        success: 200,
        answer: || authenticators()[0].clone(),
        missing: Some(MissingObject {
            present: "{uaf-1}",
            absent: "{uaf-9}",
            message: "FidoUafCredential doesn't exist with extId 'uaf-9'",
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn update_fido_authenticator() -> Row {
    Row {
        id: "update-fido-authenticator",
        method: "PATCH",
        rights: &["CredentialView", "CredentialModify"],
        self_service: SelfService::WithXToken,
        body: || json!({"stateName": "disabled", "dispatchTargetExtId": "{dt-456}", "modificationComment": "Lost"}),
        fields: const {
            &[
                not_null("authenticatorVersion", FieldKind::Own),
                field("deviceId", false, FieldKind::Own),
                field("stateName", false, FieldKind::Own),
                field("validity", false, FieldKind::Own),
                field("dispatchTargetExtId", false, FieldKind::Own),
                field("modificationComment", false, FieldKind::Remark),
            ]
        },
        answer: || json!(null),
        patch: Some(EntityPatch { ext_id: "{uaf-1}", has_version: true }),
        two_changes: Some([
            |round| json!({"deviceId": round.to_string()}),
            |round| json!({"modificationComment": round.to_string()}),
        ]),
        ..get_fido_authenticator()
    }
}

pub(crate) const fn delete_fido_authenticator() -> Row {
    Row {
        id: "delete-fido-authenticator",
        method: "DELETE",
        rights: &["CredentialDelete"],
        self_service: SelfService::WithXToken,
        success: 204,
        answer: || json!(null),
        ..get_fido_authenticator()
    }
}
