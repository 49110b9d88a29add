//! `PATCH /{clientExtId}/personal-questions/{personalQuestionExtId}`: changes a personal question.

use shared::auth::Needs;
use shared::entity::schema::{self, ObjectSchema};
use shared::entity::{BodyVersion, Entity as _, Patch};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::Access;

use super::{PERSONAL_QUESTION, PersonalQuestion, PersonalQuestionExtId, key, missing};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-personal-question",
    method: Method::PATCH,
    path: "/{clientExtId}/personal-questions/{personalQuestionExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[
            Right::PersonalQuestionView,
            Right::PersonalQuestionModify,
            Right::CredentialView,
        ]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Update a personal question",
        details: "Changes a personal question of a client. Omitted members keep their values, and `null` \
                  removes a value. If `version` is given, it must be the current version.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&CHANGED_PERSONAL_QUESTION),
            example: r#"{"stateName": "disabled", "content": {"DE": "Wie hiess Ihr erstes Haustier?"}}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Object(&PERSONAL_QUESTION),
            example: r#"{
                "extId": "q-1",
                "stateName": "disabled",
                "displayName": {},
                "content": {
                    "EN": "What was the name of your first pet?",
                    "DE": "Wie hiess Ihr erstes Haustier?"
                },
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-02T00:00:00Z",
                "version": 1
            }"#,
        }),
        failures: || {
            vec![
                ApiError::InvalidName { kind: "PersonalQuestionState", value: "invalid_state".to_owned() },
                ApiError::ModifyExtId,
                missing(&PersonalQuestionExtId::unchecked("q-1")),
            ]
        },
        links: &[],
    },
};

const CHANGED_PERSONAL_QUESTION: ObjectSchema = ObjectSchema {
    name: "PersonalQuestionChange",
    description: "Changes of a personal question.",
    parts: &[schema::PATCH, PersonalQuestion::CHANGES],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let question = PersonalQuestionExtId::unchecked(request.parameter("personalQuestionExtId"));
    let body = body::object(request)?;
    let patch =
        Patch::read::<PersonalQuestion>(body, access.settings(), question.as_str(), BodyVersion::Allowed)?;
    let key = key(&request.client(), &question);
    let attempt = || async {
        let (parents, [item]) = access.get([&key]).await?;
        access
            .patch::<PersonalQuestion>(&parents, &item.ok_or_else(|| missing(&question))?, &patch, &[])
            .await
    };
    access.retry(attempt).await
}
