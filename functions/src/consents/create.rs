//! `POST /{clientExtId}/users/{userExtId}/consents`: records a user's consent to the current
//! version of the terms.

use shared::auth::Needs;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::entity::{Entity as _, Fields};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Commit};
use shared::table::Condition;

use super::{Consent, SUBJECT, user_missing};
use crate::terms::{self, Terms, TermsExtId};
use crate::users::UserPath;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-consent",
    method: Method::POST,
    path: "/{clientExtId}/users/{userExtId}/consents",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ConsentCreate]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Create a consent",
        details: "Records a user's consent to the current version of the terms. A user has at most one \
                  consent to each version.",
        query: &[],
        body: Some(Body { shape: Shape::Object(&NEW_CONSENT), example: r#"{"termsExtId": "terms-123"}"# }),
        success: Success::Created(None),
        failures: || {
            vec![
                user_missing(&UserPath::example(), "Default"),
                terms::missing(&TermsExtId::unchecked("terms-123")),
                Consent::example().duplicate(&UserPath::example()),
                ApiError::OptimisticLocking,
            ]
        },
        links: &[Link {
            operation: "list-consents",
            parameters: &[("clientExtId", Source::Path), ("userExtId", Source::Path)],
        }],
    },
};

const NEW_CONSENT: ObjectSchema = ObjectSchema {
    name: "NewConsent",
    description: "A consent to create.",
    parts: &[&[Field::required(
        "termsExtId",
        FieldKind::Text { min: 1, max: usize::MAX },
        "External identifier of the terms.",
    )]],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let mut fields = Fields::new(body::object(request)?, access.settings());
    let terms_id = TermsExtId::unchecked(&fields.required_text("termsExtId"));
    fields.finish()?;

    let terms_key = terms::key(&terms_id);
    let attempt = || async {
        let (parents, [item]) = access.get([&terms_key]).await?;
        let terms = Terms::load(&item.ok_or_else(|| terms::missing(&terms_id))?)?;
        let mut changes = access.create_below(&parents)?;
        let acceptance_date = access.stamp().now;
        let (terms, version) = (terms.ext_id, terms.version.0);
        let consent = Consent { terms, version, acceptance_date, withdrawal_date: None };

        let same_version = Condition::Text(terms::VERSION, consent.version.to_string());
        let terms_unchanged = changes.check(terms_key.clone(), same_version);
        consent.create(&user, &mut changes);
        let failed = match access.commit(changes, created(request, &user, &consent)).await? {
            Commit::Done(response) => return Ok(Some(response)),
            Commit::Failed(failed) => failed,
        };
        match failed.at(terms_unchanged) {
            None => Err(consent.duplicate(&user)),
            Some(condition) if condition.item.is_none() => Err(terms::missing(&terms_id)),
            // The terms have a new version. The next attempt records the consent to it.
            Some(_) => Ok(None),
        }
    };
    access.retry(attempt).await
}

fn created(request: &Request, user: &UserPath, consent: &Consent) -> Response {
    let (client, user) = (user.client.as_str(), user.user.as_str());
    let (terms, version) = (consent.terms.as_str(), consent.version.as_str());
    let location = request.location(&[client, "users", user, "consents", terms, version]);
    // The caller knows the extId of the terms, but not the version that has been accepted.
    Response::created(location, version, None)
}
