//! The table of operations, as the contract tells of them, and one good request to each.

use serde_json::{Value, json};
use shared::auth::Needs;

use crate::support::call::Call;
use crate::support::{Answer, World, refused};

/// An operation, and a request to it that succeeds in the furnished world.
pub(crate) struct Row {
    /// Its name.
    pub(crate) id: &'static str,
    /// Its method.
    pub(crate) method: &'static str,
    /// Its path, as the contract writes it.
    pub(crate) template: &'static str,
    /// The rights that it needs, in the order in which a missing one is named.
    pub(crate) rights: &'static [&'static str],
    /// Whether one of the rights is enough, and users may act upon themselves.
    pub(crate) any_right: bool,
    /// The path of a good request.
    pub(crate) path: &'static str,
    /// The body of a good request; `null` for none.
    pub(crate) body: fn() -> Value,
    /// The fields of the body.
    pub(crate) fields: &'static [Field],
    /// The status of the answer to a good request.
    pub(crate) success: u16,
    /// What makes the request name something that is not there.
    pub(crate) missing: Option<Missing>,
    /// What breaks a rule on stored data.
    pub(crate) taken: Option<Taken>,
}

/// How the request to an operation comes to name something that is not there.
pub(crate) struct Missing {
    /// A text of its path or body.
    pub(crate) there: &'static str,
    /// What to put in its place.
    pub(crate) not_there: &'static str,
    /// The message that is answered.
    pub(crate) message: &'static str,
}

/// A body that breaks a rule on stored data.
pub(crate) struct Taken {
    /// The body.
    pub(crate) body: fn() -> Value,
    /// The code that is answered.
    pub(crate) code: &'static str,
    /// The message that is answered.
    pub(crate) message: &'static str,
}

/// A field of a body.
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether it has to be there.
    pub(crate) required: bool,
    /// What it is.
    pub(crate) kind: FieldKind,
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// A new name, for the naming policy.
    Name,
    /// The name of something that is there.
    Reference,
    /// The state of a personal question.
    State,
    /// A text of at most 1000 characters.
    Remark,
    /// Texts by language.
    Texts,
    /// The value of a property, whose name the caller chooses.
    Property,
}

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
            field("displayName", false, FieldKind::Texts),
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
            field("displayName", false, FieldKind::Texts),
            field("content", false, FieldKind::Texts),
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

impl Row {
    /// A good request, of nobody.
    pub(crate) fn call<'a>(&self, world: &'a World) -> Call<'a> {
        world.call(self.method, self.path).json_if(self.good_body())
    }

    /// The body of a good request, where there is one.
    pub(crate) fn good_body(&self) -> Option<Value> {
        Some((self.body)()).filter(|body| !body.is_null())
    }

    /// Whether the operation acts on something of a client that is there.
    pub(crate) fn has_client(&self) -> bool {
        self.template.contains("{clientExtId}")
    }

    /// Whether the operation acts on something of a user.
    pub(crate) fn has_user(&self) -> bool {
        self.template.contains("{userExtId}")
    }

    /// The answer to a request whose user is not there: with a full stop where it is about consents.
    pub(crate) fn user_missing(&self) -> Answer {
        let message = "A user with extId 'user-999' doesn't exist on client with name Default";
        let full_stop = if self.template.contains("/consents") { "." } else { "" };
        refused(404, "errors.noRecord", &format!("{message}{full_stop}"))
    }
}

/// The answer to a request whose client is not there.
pub(crate) fn client_missing() -> Answer {
    refused(404, "errors.noRecord", "Client doesn't exist with extId 'client-999'")
}

/// Every operation has its row here, and is what the contract says.
#[test]
fn the_table_and_the_list_of_operations_agree() {
    let listed = functions::OPERATIONS.map(|operation| {
        let (rights, any_right) = match operation.needs {
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
    assert_eq!(listed, rows);
}
