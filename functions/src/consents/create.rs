//! `POST /{clientExtId}/users/{userExtId}/consents`: a user accepts terms as they are now.

use shared::auth::Needs;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::{ApiError, Duplicate};
use shared::http::body::{self, Fields};
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Commit, ResourceScope};
use shared::table::{Condition, Transaction};

use super::{Consent, user_missing};
use crate::clients;
use crate::terms::{self, Terms, TermsExtId};
use crate::users::UserPath;

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "create-consent",
    method: Method::POST,
    path: "/{clientExtId}/users/{userExtId}/consents",
    entry: Entry::Authenticated {
        needs: Needs::All(&[Right::ConsentCreate]),
        scope: ResourceScope::Client,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Create a consent",
        details: "A user accepts terms in the version that they have at this moment. There is one \
                  consent for each user, terms and version.",
        body: Some(Body { shape: Shape::Object(&NEW_CONSENT), example: r#"{"termsExtId": "terms-123"}"# }),
        success: Success::Created(None),
        failures: || {
            vec![
                user_missing(&UserPath::example(), "Default"),
                terms::missing(&TermsExtId::unchecked("terms-123")),
                duplicate(&UserPath::example(), &Consent::example()),
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
    description: "What a user consents to.",
    fields: &[Field::required("termsExtId", FieldKind::Text, "The terms.")],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let mut fields = Fields::new(body::object(request)?);
    let terms_id = TermsExtId::unchecked(&fields.required_text("termsExtId"));
    fields.finish()?;

    let keys = (clients::key(&user.client), user.key(), terms::key(&terms_id));
    let mut attempt = 0;
    loop {
        let [client_item, user_item, terms_item] = access.get([&keys.0, &keys.1, &keys.2]).await?;
        let missing = |client_name: &str| user_missing(&user, client_name);
        let found = user.require(access, client_item.as_ref(), user_item.as_ref(), missing)?;
        let terms_now = Terms::from_item(&terms_item.ok_or_else(|| terms::missing(&terms_id))?)?;
        let version = terms_now.version;
        let consent = Consent { terms: terms_now.ext_id, version, acceptance_date: access.stamp().now };

        let mut transaction = Transaction::new(access.stamp());
        let user_exists = transaction.check(user.key(), Condition::Exists);
        let same_version = Condition::Text(terms::VERSION, consent.version.to_string());
        let terms_unchanged = transaction.check(terms::key(&terms_id), same_version);
        consent.create(&user, &mut transaction);
        let refusals = match access.commit(transaction, created(request, &user, &consent)).await? {
            Commit::Done(response) => return Ok(response),
            Commit::Refused(refusals) => refusals,
        };
        if refusals.at(user_exists).is_some() {
            return Err(user_missing(&user, &found.client_name));
        }
        match refusals.at(terms_unchanged) {
            None => return Err(duplicate(&user, &consent)),
            Some(refusal) if refusal.item.is_none() => return Err(terms::missing(&terms_id)),
            // A new version came out in between: that is the one that is accepted.
            Some(_) => attempt += 1,
        }
        access.back_off_before_retry(attempt).await?;
    }
}

fn created(request: &Request, user: &UserPath, consent: &Consent) -> Response {
    let (client, user) = (user.client.as_str(), user.user.as_str());
    let (terms, version) = (consent.terms.as_str(), consent.version.as_str());
    Response::created(request.location(&[client, "users", user, "consents", terms, version]), None)
}

fn duplicate(user: &UserPath, consent: &Consent) -> ApiError {
    ApiError::Duplicate(Duplicate::Consent {
        user: user.user.to_string(),
        terms: consent.terms.to_string(),
        version: consent.version.to_string(),
    })
}
