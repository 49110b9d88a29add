//! `POST /terms`: creates terms.

use shared::auth::Needs;
use shared::entity::Fields;
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::{Access, Commit, Subject};

use super::{NEW_TERMS, Terms, TermsExtId, duplicate};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-terms",
    method: Method::POST,
    path: "/terms",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::TermsCreate]),
        subject: Subject::GLOBAL_CHANGE,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Create terms",
        details: "Creates terms to which the users of all clients can consent. The external identifier must be \
                  unique, and is generated if omitted.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&NEW_TERMS),
            example: r#"{
                "name": "Privacy",
                "active": true,
                "silentAcceptance": false,
                "termsVersion": "1",
                "urls": {"en": "https://example.com/privacy"}
            }"#,
        }),
        success: Success::Created(None),
        failures: || vec![duplicate(&TermsExtId::unchecked("terms-123"))],
        links: &[Link { operation: "get-terms", parameters: &[("termsExtId", Source::CreatedId)] }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let fields = Fields::new(body::object(request)?, access.settings());
    let terms = Terms::read_new(fields, || access.new_id())?;

    let mut changes = access.create()?;
    terms.create(&mut changes);
    let id = terms.ext_id.as_str();
    let created = Response::created(request.location(&["terms", id]), id, None);
    match access.commit(changes, created).await? {
        Commit::Done(response) => Ok(response),
        // The keys of the other items contain the extId too.
        Commit::Failed(_) => Err(duplicate(&terms.ext_id)),
    }
}
