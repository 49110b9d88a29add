//! The table of operations, as the contract tells of them, and one good request to each.

use serde_json::{Value, json};
use shared::auth::Needs;
use shared::operation::Entry;

use super::rows::{Field, FieldKind, Missing, Row, Taken};

const fn field(name: &'static str, required: bool, kind: FieldKind) -> Field {
    Field { name, required, kind }
}

/// All operations.
pub(crate) const ROWS: [Row; 9] = [
    Row {
        id: "create-client",
        method: "POST",
        template: "/clients",
        rights: &["ClientCreate"],
        any_right: false,
        path: "/clients",
        body: || json!({"extId": "{client-new}", "name": "{New}", "displayName": {"EN": "New"}, "remarks": "A remark"}),
        fields: &[
            field("extId", false, FieldKind::Name),
            field("name", true, FieldKind::Name),
            field("displayName", false, FieldKind::LocalizedText),
            field("remarks", false, FieldKind::Remark),
        ],
        success: 201,
        missing: None,
        taken: Some(Taken {
            body: || json!({"name": "{Other}"}),
            code: "errors.duplicateValue",
            message: "Client already exists",
        }),
    },
    Row {
        id: "get-client",
        method: "GET",
        template: "/clients/{clientExtId}",
        rights: &["ClientView"],
        any_right: false,
        path: "/clients/{client-123}",
        body: || Value::Null,
        fields: &[],
        success: 200,
        missing: None,
        taken: None,
    },
    Row {
        id: "create-personal-question",
        method: "POST",
        template: "/{clientExtId}/personal-questions",
        rights: &["ClientView", "PersonalQuestionCreate"],
        any_right: false,
        path: "/{client-123}/personal-questions",
        body: || {
            json!({"extId": "{question-new}", "description": "About pets", "stateName": "active",
                   "displayName": {"EN": "Pet"}, "content": {"EN": "Your first pet?"}})
        },
        fields: &[
            field("extId", false, FieldKind::Name),
            field("description", false, FieldKind::Remark),
            field("stateName", true, FieldKind::State),
            field("displayName", false, FieldKind::LocalizedText),
            field("content", false, FieldKind::LocalizedText),
        ],
        success: 201,
        missing: None,
        taken: Some(Taken {
            body: || json!({"extId": "{question-123}", "stateName": "active"}),
            code: "errors.duplicateValue",
            message: "PersonalQuestion already exists with extId 'question-123'",
        }),
    },
    Row {
        id: "get-personal-question",
        method: "GET",
        template: "/{clientExtId}/personal-questions/{personalQuestionExtId}",
        rights: &["PersonalQuestionView", "CredentialView"],
        any_right: false,
        path: "/{client-123}/personal-questions/{question-123}",
        body: || Value::Null,
        fields: &[],
        success: 200,
        missing: Some(Missing {
            there: "{question-123}",
            not_there: "{question-999}",
            message: "PersonalQuestion doesn't exist with extId 'question-999'",
        }),
        taken: None,
    },
    Row {
        id: "create-consent",
        method: "POST",
        template: "/{clientExtId}/users/{userExtId}/consents",
        rights: &["ConsentCreate"],
        any_right: false,
        path: "/{client-123}/users/{user-123}/consents",
        body: || json!({"termsExtId": "{terms-123}"}),
        fields: &[field("termsExtId", true, FieldKind::Reference)],
        success: 201,
        missing: Some(Missing {
            there: "{terms-123}",
            not_there: "{terms-999}",
            message: "Terms doesn't exist with extId 'terms-999'",
        }),
        taken: Some(Taken {
            body: || json!({"termsExtId": "{terms-456}"}),
            code: "errors.duplicateValue",
            message: "A consent for userExtId: 'user-123', termsExtId: 'terms-456' and termsVersion: '2' already exists.",
        }),
    },
    Row {
        id: "list-consents",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/consents",
        rights: &["ConsentView"],
        any_right: false,
        path: "/{client-123}/users/{user-123}/consents",
        body: || Value::Null,
        fields: &[],
        success: 200,
        missing: None,
        taken: None,
    },
    Row {
        id: "get-consent",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}",
        rights: &["ConsentView"],
        any_right: false,
        path: "/{client-123}/users/{user-123}/consents/{terms-456}/2",
        body: || Value::Null,
        fields: &[],
        success: 200,
        missing: Some(Missing {
            there: "{terms-456}",
            not_there: "{terms-999}",
            message: "A consent for userExtId: 'user-123', termsExtId: 'terms-999' and termsVersion: '2' doesn't exist.",
        }),
        taken: None,
    },
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
        any_right: false,
        path: "/{client-123}/users/{user-123}/mobile-signature/properties",
        body: || json!({"{nickname}": "Joe"}),
        fields: &[field("{nickname}", false, FieldKind::Property)],
        success: 200,
        missing: Some(Missing {
            there: "{user-123}",
            not_there: "{user-456}",
            message: "Mobile Signature credential does not exist under the user user-456",
        }),
        taken: Some(Taken {
            body: || json!({"{nothing}": "1"}),
            code: "errors.invalidData",
            message: "No property exists with the name 'nothing' for the scope.",
        }),
    },
    Row {
        id: "delete-dispatch-target",
        method: "DELETE",
        template: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}",
        rights: &["CredentialDelete", "DispatchTargetDelete"],
        any_right: true,
        path: "/{client-123}/users/{user-123}/dispatch-targets/{dt-123}",
        body: || Value::Null,
        fields: &[],
        success: 204,
        missing: Some(Missing {
            there: "{dt-123}",
            not_there: "{dt-999}",
            message: "No DispatchTarget found with extId 'dt-999' for user with extId 'user-123' on client with name 'Default'",
        }),
        taken: None,
    },
];

/// Every operation that admits callers has its row here, and is what the contract says.
#[test]
fn the_table_and_the_list_of_operations_agree() {
    let admitting = functions::OPERATIONS.iter().filter_map(|operation| match operation.entry {
        Entry::Authenticated { needs, .. } => Some((operation, needs)),
        Entry::Public { .. } => None,
    });
    let listed = admitting.map(|(operation, needs)| {
        let (rights, any_right) = match needs {
            Needs::All(rights) => (rights, false),
            Needs::AnyOrSelf(rights) => (rights, true),
        };
        let rights: Vec<&str> = rights.iter().map(|right| right.name()).collect();
        format!("{} {} {} {rights:?} {any_right}", operation.id, operation.method, operation.path)
    });
    let rows = ROWS.map(|row| {
        let rights: Vec<String> = row.rights.iter().map(|right| format!("AccessControl.{right}")).collect();
        format!("{} {} {} {rights:?} {}", row.id, row.method, row.template, row.any_right)
    });
    assert_eq!(listed.collect::<Vec<_>>(), rows);
}
