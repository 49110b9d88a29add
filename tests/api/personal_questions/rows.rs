//! The rows of the operations on personal questions.

use serde_json::json;

use crate::operations::rows::{
    Conflict, EntityPatch, FieldKind, MissingObject, Row, field, listed, not_null, rows,
};

rows!(
    personal_questions: create_personal_question,
    get_personal_question,
    list_personal_questions,
    update_personal_question,
);

pub(crate) const fn update_personal_question() -> Row {
    Row {
        id: "update-personal-question",
        method: "PATCH",
        rights: &["PersonalQuestionView", "PersonalQuestionModify", "CredentialView"],
        body: || {
            json!({"description": "About cats", "stateName": "disabled",
                   "displayName": {"EN": "Cat"}, "content": {"EN": "Your first cat?", "DE": null}})
        },
        fields: const {
            &[
                field("description", false, FieldKind::Remark),
                not_null("stateName", FieldKind::State),
                field("displayName", false, FieldKind::LocalizedText),
                field("content", false, FieldKind::LocalizedText),
            ]
        },
        patch: Some(EntityPatch { ext_id: "{question-123}", has_version: true }),
        two_changes: Some([
            |round| json!({"content": {"EN": round.to_string()}}),
            |round| json!({"content": {"DE": round.to_string()}}),
        ]),
        ..get_personal_question()
    }
}

pub(crate) const fn list_personal_questions() -> Row {
    Row {
        id: "list-personal-questions",
        method: "GET",
        template: "/{clientExtId}/personal-questions",
        rights: &["ClientView", "PersonalQuestionView"],
        path: "/{client-123}/personal-questions",
        success: 200,
        answer: || {
            json!({
                "items": [{
                    "extId": "question-123", "stateName": "active", "description": "About pets",
                    "displayName": {"EN": "Pet"},
                    "content": {"DE": "Wie hieß Ihr erstes Haustier?", "EN": "Your first pet?"},
                    "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
                }],
                "_pagination": {"limit": 100}, "_classifications": {},
            })
        },
        list: Some(listed("CLIENT#{client-123}", "PERSONAL_QUESTION#", "{question-123}")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn create_personal_question() -> Row {
    Row {
        id: "create-personal-question",
        method: "POST",
        template: "/{clientExtId}/personal-questions",
        rights: &["ClientView", "PersonalQuestionCreate"],
        path: "/{client-123}/personal-questions",
        body: || {
            json!({"extId": "{question-new}", "description": "About pets", "stateName": "active",
                   "displayName": {"EN": "Pet"}, "content": {"EN": "Your first pet?"}})
        },
        fields: const {
            &[
                field("extId", false, FieldKind::Name),
                field("description", false, FieldKind::Remark),
                field("stateName", true, FieldKind::State),
                field("displayName", false, FieldKind::LocalizedText),
                field("content", false, FieldKind::LocalizedText),
            ]
        },
        success: 201,
        conflict: Some(Conflict {
            body: || json!({"extId": "{question-123}", "stateName": "active"}),
            code: "errors.duplicateValue",
            message: "PersonalQuestion already exists with extId 'question-123'",
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_personal_question() -> Row {
    Row {
        id: "get-personal-question",
        method: "GET",
        template: "/{clientExtId}/personal-questions/{personalQuestionExtId}",
        rights: &["PersonalQuestionView", "CredentialView"],
        path: "/{client-123}/personal-questions/{question-123}",
        success: 200,
        missing: Some(MissingObject {
            present: "{question-123}",
            absent: "{question-999}",
            message: "PersonalQuestion doesn't exist with extId 'question-999'",
        }),
        ..Row::DEFAULT
    }
}
