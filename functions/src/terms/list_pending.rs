//! `GET /{clientExtId}/users/{userExtId}/terms-pending`: returns a page of the terms to which a user has yet to
//! consent.

use std::collections::HashMap;

use serde_json::Value;
use shared::auth::Needs;
use shared::entity::{self, Entity as _};
use shared::error::ApiError;
use shared::http::page::PageRequest;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, PAGE, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Part};
use shared::table::{Item, TableError};

use super::{COPIES, DIRECTORY, TERMS, Terms, TermsExtId, TermsVersion};
use crate::consents::{self, Consent};
use crate::users::{self, UserPath};

/// The maximum number of consents of one read. Users have fewer, unless they consented to very many versions.
const MAX_CONSENTS: usize = 1000;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-pending-terms",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/terms-pending",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ConsentView, Right::TermsView]),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List pending terms",
        details: "Returns a page of the active terms to which a user has yet to consent, ordered by external \
                  identifier: terms without a consent to their current version or, if `silentAcceptance` is \
                  `true`, to any version. A page can have fewer items than `limit` even if more follow.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&TERMS),
            example: r#"{
                "items": [{
                    "extId": "terms-123",
                    "name": "Privacy",
                    "active": true,
                    "silentAcceptance": false,
                    "termsVersion": "2",
                    "urls": {"en": "https://example.com/privacy/2"},
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-02T00:00:00Z",
                    "version": 1
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: || vec![UserPath::example().missing("Default")],
        links: &[Link {
            operation: "create-consent",
            parameters: &[("clientExtId", Source::Path), ("userExtId", Source::Path)],
        }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let partition = UserPath::of(request).partition();
    let list = format!("terms-pending\n{partition}");
    let page = PageRequest::alone(request.query(), &list)?;
    let (pk, sk_prefix) = DIRECTORY;
    let directory = Part { pk, copies: COPIES, sk_prefix, after: page.after.as_deref(), limit: page.limit };
    let mut consents = ReadConsents { versions: HashMap::new(), next: page.after.clone() };
    loop {
        let part = Part {
            copies: 1,
            pk: &partition,
            sk_prefix: consents::SK_PREFIX,
            after: consents.next.as_deref(),
            limit: MAX_CONSENTS,
        };
        // Boxed: three concurrent calls have a large state.
        let [(terms, has_more), (read, has_more_consents)] =
            Box::pin(access.get_parts([&directory, &part])).await?;
        consents.add(read, has_more_consents)?;
        let decisions = terms.iter().map_while(|item| consents.decide(item).transpose());
        let decided: Vec<(String, Option<Value>)> = decisions.collect::<Result<_, TableError>>()?;
        // Without a single decision, the page would not advance: more consents are read.
        if decided.is_empty() && !terms.is_empty() {
            continue;
        }
        let is_cut = decided.len() < terms.len();
        let next = decided.last().filter(|_| is_cut || has_more).map(|(position, _)| position.clone());
        let pending: Vec<Value> = decided.into_iter().filter_map(|(_, pending)| pending).collect();
        return Ok(page.respond(&pending, &list, next.as_deref(), None));
    }
}

/// The consents of a user up to a position of their list.
struct ReadConsents {
    /// The versions of each of the terms.
    versions: HashMap<TermsExtId, Vec<TermsVersion>>,
    /// The position after which more consents may follow.
    next: Option<String>,
}

impl ReadConsents {
    /// Adds the next consents.
    fn add(&mut self, read: Vec<Item>, has_more: bool) -> Result<(), TableError> {
        self.next = match read.last() {
            Some(last) if has_more => last.key()?.sk().strip_prefix(consents::SK_PREFIX).map(str::to_owned),
            Some(_) | None => None,
        };
        for item in read {
            let Consent { terms, version, .. } = Consent::load(&item)?;
            self.versions.entry(terms).or_default().push(version);
        }
        Ok(())
    }

    /// Returns the position of terms in the list of all terms and, if they are pending, the terms as in lists.
    /// Returns `None` if not all consents to the terms have been read.
    fn decide(&self, item: &Item) -> Result<Option<(String, Option<Value>)>, TableError> {
        let terms = Terms::load(item)?;
        let position = terms.ext_id.key_part().into_owned();
        // Consents are ordered by terms and `#`, which some characters of identifiers precede.
        let own = format!("{position}#");
        if self.next.as_ref().is_some_and(|next| *next < own || next.starts_with(&own)) {
            return Ok(None);
        }
        let mut versions = self.versions.get(&terms.ext_id).into_iter().flatten();
        let suffices = |version: &TermsVersion| terms.silent_acceptance.0 || *version == terms.version.0;
        let is_pending = terms.active && !versions.any(suffices);
        let shown = if is_pending { Some(entity::show::<Terms>(item)?) } else { None };
        Ok(Some((position, shown)))
    }
}
