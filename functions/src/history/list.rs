//! `GET /history/{kind}`: returns a page of the history of the objects of a kind.

use serde_json::Value;
use shared::auth::Needs;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::ApiError;
use shared::http::query::Query;
use shared::http::{Method, Request, Response};
use shared::ids::ClientExtId;
use shared::operation::description::{Body, Description, PAGE, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, List, Subject};
use shared::table::Item;

use super::change_type::ChangeType;
use super::kinds::{KINDS, Kind, Owner, TEXT};
use super::row::{partition, prefix, row_of, text_of};
use crate::clients::CLIENT_EXT_ID;
use crate::users::USER_EXT_ID;

/// The path parameter with the kind.
const KIND: &str = "kind";
/// The query parameters.
const QUERY: &[Field] = &[
    Field { ..PAGE[0] },
    Field { ..PAGE[1] },
    Field::optional(CLIENT_EXT_ID, TEXT, "Client. The default is that of the caller."),
    Field::optional(USER_EXT_ID, TEXT, "User, for what belongs to users, and for users."),
    Field::optional("unitExtId", TEXT, "Unit, for units."),
    Field::optional("policyExtId", TEXT, "Policy, for policies."),
    Field::optional("profileExtId", TEXT, "Profile, for profiles."),
    Field::optional("termsExtId", TEXT, "Terms, for terms, their versions and consents."),
    Field::optional("termsVersion", TEXT, "Version of terms, for versions and consents."),
    Field::optional("personalQuestionExtId", TEXT, "Personal question, for personal questions."),
    Field::optional("propertyId", FieldKind::UnsignedInteger, "Property, for properties."),
    Field::optional("mobileSignatureExtId", TEXT, "Mobile signature, for mobile signatures."),
    Field::optional("dispatchTargetExtId", TEXT, "Dispatch target, for these and app attestations."),
    Field::optional("fidoAuthenticatorExtId", TEXT, "Authenticator, for authenticators."),
    Field::optional("operation", FieldKind::Enum(ChangeType::LETTERS), "What happened."),
    Field::optional("stateName", TEXT, "State of the object after the change."),
    Field::optional("origId", FieldKind::UnsignedInteger, "Number of the object."),
    Field::optional("userId", FieldKind::UnsignedInteger, "Number of the user."),
    Field::optional(
        "dispatchTargetId",
        FieldKind::UnsignedInteger,
        "Number of the dispatch target, for app attestations.",
    ),
];

/// The schemas of the rows.
const SCHEMAS: [&ObjectSchema; KINDS.len()] = {
    let mut schemas = [KINDS[0].schema; KINDS.len()];
    let mut index = 0;
    while index < KINDS.len() {
        schemas[index] = KINDS[index].schema;
        index += 1;
    }
    schemas
};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-history",
    method: Method::GET,
    path: "/history/{kind}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::HistoryView]),
        subject: Subject::GLOBAL_VIEW,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List the history of a kind of objects",
        details: "Returns a page of the changes of all objects of a kind of one client, ordered by object and then by \
                  time, also of those that no longer exist. The kinds are `clients`, `units`, `policies`, `users`, \
                  `profiles`, `user-properties`, `terms`, `terms-versions`, `personal-questions`, `properties`, \
                  `consents`, `withdrawn-consents`, `mobile-signature`, `dispatch-targets`, `app-attestation` and \
                  `fido-authenticators`. A change is in the history a few seconds after its request. The rights must \
                  cover all units of the client.",
        query: QUERY,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::PageOfAny { name: "HistoryRow", schemas: &SCHEMAS },
            example: r#"{
                "items": [{
                    "kind": "dispatch-targets",
                    "origId": 4503599627370496,
                    "versionDate": "2026-01-01T00:00:00Z",
                    "versionNumber": 0,
                    "transactionId": "5d0d1b3c-7d3c-4a56-9a3f-0d6f0c2b8f11",
                    "operation": "i",
                    "modifiedBy": "100/admin",
                    "modifiedAt": "2026-01-01T00:00:00Z",
                    "createdBy": "100/admin",
                    "createdAt": "2026-01-01T00:00:00Z",
                    "clientExtId": "100",
                    "userExtId": "user-123",
                    "userId": 2251799813685248,
                    "dispatchTargetExtId": "dt-123",
                    "extId": "dt-123",
                    "type": "fido-uaf",
                    "deviceId": "d1",
                    "appId": "app",
                    "name": "Phone",
                    "stateName": "active",
                    "changed": ["appId", "deviceId", "name", "signingKey", "stateName", "target", "type"]
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: || vec![unknown("x")],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let name = request.parameter(KIND);
    let kind = Kind::named(name).ok_or_else(|| unknown(name))?;
    let mut query = request.query();
    let client = match kind.owner {
        Owner::None => None,
        Owner::AnyClient => query.take_as(CLIENT_EXT_ID, not_empty),
        Owner::Client => Some(
            query
                .take_as(CLIENT_EXT_ID, not_empty)
                .unwrap_or_else(|| access.own_client().as_str().to_owned()),
        ),
    };
    let filter = Filter::take(kind, &mut query);
    if let Some(client) = &client {
        access.require_whole_client(&ClientExtId::unchecked(client))?;
    }
    let pk = partition(kind, client.as_deref());
    let show = |item: &Item| {
        let row = row_of(item)?;
        Ok(filter.selects(&row).then_some(row))
    };
    access.filtered_page(query, List::from((&pk, &filter.prefix)), show).await
}

/// The rows that a request selects.
struct Filter {
    /// The beginning of their sort keys.
    prefix: String,
    /// The members that they have.
    members: Vec<(&'static str, String)>,
}

impl Filter {
    /// Takes the parameters that the rows of a kind can have. Any other is unknown.
    fn take(kind: &Kind, query: &mut Query) -> Self {
        let has = |name: &str| kind.schema.fields().any(|field| field.name == name);
        let mut members = Vec::new();
        for Field { name, kind, .. } in QUERY.iter().filter(|field| has(field.name)) {
            let wanted = match kind {
                FieldKind::UnsignedInteger => query.take_as(name, number),
                FieldKind::Enum(texts) => {
                    query.take_as(name, |text| not_empty(text).filter(|_| texts.contains(&text)))
                }
                _ => query.take_as(name, not_empty),
            };
            members.extend(wanted.map(|wanted| (*name, wanted)));
        }
        let given =
            |name: &str| members.iter().find(|(given, _)| *given == name).map(|(_, wanted)| &**wanted);
        Self { prefix: prefix(kind.own_identifiers().map_while(given)), members }
    }

    /// Returns true if a row has all members.
    fn selects(&self, row: &Value) -> bool {
        self.members.iter().all(|(name, wanted)| text_of(&row[*name]) == *wanted)
    }
}

/// Returns a number without leading zeros.
fn number(text: &str) -> Option<String> {
    text.parse::<u64>().ok().map(|number| number.to_string())
}

/// Returns a text, which must not be empty.
fn not_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns the error for a kind that does not exist.
fn unknown(kind: &str) -> ApiError {
    ApiError::NotFound(format!("History doesn't exist for kind '{kind}'"))
}
