//! The row of the operation on mobile signatures.

use serde_json::json;

use crate::operations::rows::{Conflict, FieldKind, MissingObject, Row, field, rows};

rows!(mobile_signature: update_mobile_signature_properties);

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
        missing: Some(MissingObject {
            present: "{user-123}",
            absent: "{user-456}",
            message: "Mobile Signature credential does not exist under the user user-456",
        }),
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
