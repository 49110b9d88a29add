//! `GET /properties`: returns a page of the property definitions that the caller can view.

use shared::auth::Needs;
use shared::entity::schema::{Field, FieldKind};
use shared::entity::{Entity as _, FieldValue as _, Value};
use shared::error::ApiError;
use shared::http::query::Query;
use shared::http::{Method, Request, Response};
use shared::ids::ClientExtId;
use shared::operation::description::{Body, Description, Link, PAGE, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, List, Subject};
use shared::table::{Item, TableError};

use super::{DIRECTORY, Definition, PROPERTY, Scope, ValueType};
use crate::clients;

/// The query parameter with the scope.
const SCOPE: &str = "scope";
/// The query parameter with the type.
const TYPE: &str = "type";
/// The query parameter with the client.
const CLIENT: &str = "clientExtId";
/// The query parameter with a part of the name.
const NAME: &str = "name";

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "search-properties",
    method: Method::GET,
    path: "/properties",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::PropertyView]),
        subject: Subject::GLOBAL_VIEW,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Search properties",
        details: "Returns a page of the definitions that match all parameters, ordered by scope, client and name, \
                  those of all clients first. Of the definitions of single clients, it has those of the clients \
                  that the caller's rights cover.",
        query: &[
            Field { ..PAGE[0] },
            Field { ..PAGE[1] },
            Field::optional(SCOPE, Scope::KIND, "Scope."),
            Field::optional(TYPE, ValueType::KIND, "Type of the values."),
            Field::optional(
                CLIENT,
                FieldKind::Text { min: 1, max: usize::MAX },
                "Client, whose own properties and those of all clients match.",
            ),
            Field::optional(
                NAME,
                FieldKind::Text { min: 1, max: usize::MAX },
                "Part of the name, in upper or lower case.",
            ),
        ],
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&PROPERTY),
            example: r#"{
                "items": [{
                    "propertyId": 100,
                    "scope": "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL",
                    "name": "employee_id",
                    "displayName": {},
                    "type": "STRING",
                    "stringMaxLen": 10,
                    "stringRegex": "[0-9]+",
                    "uniquenessScope": "ABSOLUTE",
                    "accessModify": "READ_WRITE",
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-01T00:00:00Z",
                    "version": 0
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: Vec::new,
        links: &[Link { operation: "create-property", parameters: &[] }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let mut query = request.query();
    let filter = Filter::take(&mut query);
    let (pk, prefix) = DIRECTORY;
    let prefix =
        filter.scope.map_or_else(|| prefix.to_owned(), |scope| format!("{prefix}{}#", scope.as_str()));
    let show = |item: &Item| -> Result<Option<Value>, TableError> {
        let definition = Definition::load(item)?;
        let is_covered =
            definition.client.as_ref().is_none_or(|client| access.require_client(client).is_ok());
        let is_shown = is_covered && filter.matches(&definition);
        is_shown.then(|| definition.show_with_history(item)).transpose()
    };
    // A client that is being deleted still has its definitions.
    let owner = |item: &Item| Ok(Definition::load(item)?.client.as_ref().map(clients::key));
    access.filtered_page(query, List { owner: Some(owner), ..List::from((pk, &*prefix)) }, show).await
}

/// The definitions that a request searches for.
struct Filter {
    scope: Option<Scope>,
    value_type: Option<ValueType>,
    client: Option<String>,
    /// In lower case.
    name: Option<String>,
}

impl Filter {
    fn take(query: &mut Query) -> Self {
        Self {
            scope: query.take_as(SCOPE, Scope::parse),
            value_type: query.take_as(TYPE, ValueType::parse),
            client: query.take_as(CLIENT, non_empty),
            name: query.take_as(NAME, |text| non_empty(&text.to_lowercase())),
        }
    }

    /// Returns true if a definition of the scope matches the other parameters.
    fn matches(&self, definition: &Definition) -> bool {
        let client = definition.client.as_ref().map(ClientExtId::as_str);
        self.value_type.is_none_or(|value_type| value_type == definition.value_type)
            && self.client.as_deref().is_none_or(|wanted| client.is_none_or(|client| client == wanted))
            && self.name.as_ref().is_none_or(|part| definition.name.as_str().to_lowercase().contains(part))
    }
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
