//! The rows of the operations on consents.

use serde_json::json;
use shared::auth::SelfService;

use crate::operations::rows::{Conflict, FieldKind, MissingObject, Row, field, rows};

rows!(consents: create_consent, list_consents, get_consent, delete_consent);

pub(crate) const fn create_consent() -> Row {
    Row {
        id: "create-consent",
        method: "POST",
        template: "/{clientExtId}/users/{userExtId}/consents",
        rights: &["ConsentCreate"],
        path: "/{client-123}/users/{user-123}/consents",
        body: || json!({"termsExtId": "{terms-123}"}),
        fields: const { &[field("termsExtId", true, FieldKind::Reference)] },
        success: 201,
        missing: Some(MissingObject {
            present: "{terms-123}",
            absent: "{terms-999}",
            message: "Terms doesn't exist with extId 'terms-999'",
        }),
        conflict: Some(Conflict {
            body: || json!({"termsExtId": "{terms-456}"}),
            code: "errors.duplicateValue",
            message: "A consent for userExtId: 'user-123', termsExtId: 'terms-456' and termsVersion: '2' already exists.",
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn list_consents() -> Row {
    Row {
        id: "list-consents",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/consents",
        rights: &["ConsentView"],
        path: "/{client-123}/users/{user-123}/consents",
        success: 200,
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_consent() -> Row {
    Row {
        id: "get-consent",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}",
        rights: &["ConsentView"],
        path: "/{client-123}/users/{user-123}/consents/{terms-456}/2",
        success: 200,
        missing: Some(MissingObject {
            present: "{terms-456}",
            absent: "{terms-999}",
            message: "A consent for userExtId: 'user-123', termsExtId: 'terms-999' and termsVersion: '2' doesn't exist.",
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn delete_consent() -> Row {
    Row {
        id: "delete-consent",
        method: "DELETE",
        rights: &["ConsentDelete"],
        self_service: SelfService::WithXToken,
        success: 204,
        ..get_consent()
    }
}
