//! The rows of the operations on mobile signatures.

use serde_json::json;

use crate::operations::rows::{Conflict, EntityPatch, FieldKind, MissingObject, Row, field, not_null, rows};

rows!(
    mobile_signature: create_mobile_signature,
    get_mobile_signature,
    update_mobile_signature,
    delete_mobile_signature,
    get_mobile_signature_properties,
    update_mobile_signature_properties,
);

pub(crate) const fn create_mobile_signature() -> Row {
    Row {
        id: "create-mobile-signature",
        method: "POST",
        template: "/{clientExtId}/users/{userExtId}/mobile-signature",
        rights: &["CredentialCreate"],
        path: "/{client-123}/users/{user-789}/mobile-signature",
        body: || {
            json!({"extId": "{ms-new}", "identificator": "id", "msspIdentifier": "https://mssp.example.com/a?b",
                   "msisdn": "+41790000001", "stateName": "initial", "modificationComment": "New"})
        },
        fields: const {
            &[
                field("extId", false, FieldKind::Name),
                field("identificator", true, FieldKind::Own),
                field("msspIdentifier", true, FieldKind::Own),
                field("msisdn", true, FieldKind::Own),
                field("stateName", false, FieldKind::Own),
                field("signerCert", false, FieldKind::Own),
                field("modificationComment", false, FieldKind::Remark),
            ]
        },
        success: 201,
        is_repeatable: false,
        only_needs_existence: true,
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_mobile_signature() -> Row {
    Row {
        id: "get-mobile-signature",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/mobile-signature",
        rights: &["CredentialView"],
        path: "/{client-123}/users/{user-123}/mobile-signature",
        success: 200,
        answer: || {
            json!({
                "extId": "ms-1", "userExtId": "user-123", "stateName": "active",
                "identificator": "identificator", "msspIdentifier": "https://mssp.example.com",
                "msisdn": "+41790000000",
                "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
            })
        },
        missing: Some(NO_SIGNATURE),
        ..Row::DEFAULT
    }
}

pub(crate) const fn update_mobile_signature() -> Row {
    Row {
        id: "update-mobile-signature",
        method: "PATCH",
        rights: &["CredentialModify"],
        body: || json!({"stateName": "disabled", "msisdn": "+41790000002", "modificationComment": "Lost"}),
        fields: const {
            &[
                not_null("identificator", FieldKind::Own),
                not_null("msspIdentifier", FieldKind::Own),
                not_null("msisdn", FieldKind::Own),
                field("stateName", false, FieldKind::Own),
                field("signerCert", false, FieldKind::Own),
                field("modificationComment", false, FieldKind::Remark),
            ]
        },
        answer: || json!(null),
        patch: Some(EntityPatch { ext_id: "ms-1", has_version: true }),
        two_changes: Some([
            |round| json!({"identificator": round.to_string()}),
            |round| json!({"modificationComment": round.to_string()}),
        ]),
        ..get_mobile_signature()
    }
}

pub(crate) const fn delete_mobile_signature() -> Row {
    Row {
        id: "delete-mobile-signature",
        method: "DELETE",
        rights: &["CredentialDelete"],
        success: 204,
        answer: || json!(null),
        ..get_mobile_signature()
    }
}

/// The user who has no mobile signature.
const NO_SIGNATURE: MissingObject = MissingObject {
    present: "{user-123}",
    absent: "{user-456}",
    message: "Mobile Signature credential does not exist under the user user-456",
};

pub(crate) const fn get_mobile_signature_properties() -> Row {
    Row {
        id: "get-mobile-signature-properties",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/mobile-signature/properties",
        rights: &["CredentialView", "PropertyView", "PropertyValueView", "PropertyAllowedValueView"],
        path: "/{client-123}/users/{user-123}/mobile-signature/properties",
        success: 200,
        missing: Some(NO_SIGNATURE),
        ..Row::DEFAULT
    }
}

pub(crate) const fn update_mobile_signature_properties() -> Row {
    Row {
        id: "update-mobile-signature-properties",
        method: "PATCH",
        template: "/{clientExtId}/users/{userExtId}/mobile-signature/properties",
        rights: &[
            "CredentialView",
            "CredentialModify",
            "PropertyView",
            "PropertyValueView",
            "PropertyAllowedValueView",
            "PropertyValueCreate",
            "PropertyValueDelete",
            "PropertyValueModify",
        ],
        path: "/{client-123}/users/{user-123}/mobile-signature/properties",
        body: || json!({"{nickname}": "Joe"}),
        fields: const { &[field("{nickname}", false, FieldKind::Property)] },
        success: 200,
        missing: Some(NO_SIGNATURE),
        conflict: Some(Conflict {
            body: || json!({"{nothing}": "1"}),
            code: "errors.invalidData",
            message: "No property exists with the name 'nothing' for the scope.",
        }),
        more_actions: Some(|| json!({"{employee_id}": "2", "{nickname}": null})),
        two_changes: Some([
            |round| json!({"{nickname}": round.to_string()}),
            |round| json!({"{employee_id}": (100 + round).to_string()}),
        ]),
        ..Row::DEFAULT
    }
}
