//! `GET /{clientExtId}/personal-questions/{personalQuestionExtId}`: a personal question.

use serde_json::json;
use shared::app::{Access, Scope};
use shared::auth::Needs;
use shared::auth::rights::Right;
use shared::error::{ApiError, Missing};
use shared::http::{Method, Operation, Request, Response};

use super::{PersonalQuestion, PersonalQuestionExtId, key};
use crate::clients;

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "get-personal-question",
    method: Method::GET,
    path: "/{clientExtId}/personal-questions/{personalQuestionExtId}",
    needs: Needs::All(&[Right::PersonalQuestionView, Right::CredentialView]),
    scope: Scope::Client,
    handler: |access, request| Box::pin(handle(access, request)),
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let client = request.client();
    let question = PersonalQuestionExtId::from_path(request.parameter("personalQuestionExtId"));
    let [client_item, item] = access.get([&clients::key(&client), &key(&client, &question)]).await?;
    if client_item.is_none() {
        return Err(clients::missing(&client));
    }
    let item =
        item.ok_or_else(|| ApiError::NotFound(Missing::PersonalQuestion { question: question.to_string() }))?;
    let question = PersonalQuestion::from_item(&item)?;
    let mut body = json!({
        "extId": question.ext_id.as_str(),
        "stateName": question.state,
        "displayName": question.display_name,
        "content": question.content,
    });
    if let Some(description) = question.description {
        body["description"] = description.into();
    }
    Ok(Response::ok(item.with_history(body)?))
}
