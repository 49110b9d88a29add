//! Metadata from which the OpenAPI description is generated.
//!
//! It is not used while a request is processed.

use crate::entity::schema::{Field, FieldKind, ObjectSchema};
use crate::error::ApiError;
use crate::http::page;

/// The metadata of an operation.
///
/// Its parameters, its rights and the errors that follow from them are not repeated here, because the
/// operation itself defines them.
#[derive(Clone, Copy)]
pub struct Description {
    /// A summary in a few words.
    pub summary: &'static str,
    /// Further details in full sentences.
    pub details: &'static str,
    /// The parameters of the query string.
    pub query: &'static [Field],
    /// The request body.
    pub body: Option<Body>,
    /// The successful response.
    pub success: Success,
    /// One example of each error that does not follow from the rights, the path or the body.
    pub failures: fn() -> Vec<ApiError>,
    /// The links from the successful response.
    pub links: &'static [Link],
}

/// The query string of a list.
pub const PAGE: &[Field] = &[
    Field::optional(
        page::LIMIT,
        FieldKind::IntegerUpTo(page::MAX_LIMIT),
        "Greatest number of items of the page. 0 means the default, 100. A page can have fewer items even if \
         more follow.",
    ),
    Field::optional(
        page::CONTINUATION_TOKEN,
        FieldKind::Text { min: 1, max: usize::MAX },
        "Position of the page, from the page before. It is valid for the same list only.",
    ),
];

/// A request or response body.
#[derive(Clone, Copy)]
pub struct Body {
    /// The shape of the body.
    pub shape: Shape,
    /// An example, as JSON. Request examples succeed once with the demo data of the local server.
    pub example: &'static str,
}

/// The successful response of an operation.
#[derive(Clone, Copy)]
pub enum Success {
    /// 200 with a body.
    Ok(Body),
    /// 200 with a body and the `ETag` of its version.
    Entity(Body),
    /// 201 with `Location`, `Created-Id` and an optional body.
    Created(Option<Body>),
    /// 201 with `Location`, `Created-Id`, a body and the `ETag` of its version.
    CreatedEntity(Body),
    /// 204.
    NoContent,
    /// 204, or 202 with `Location` and `Created-Id` of the deletion if it takes longer than the request.
    Deletion,
}

/// The shape of a body.
#[derive(Clone, Copy)]
pub enum Shape {
    /// An object with exactly these fields.
    Object(&'static ObjectSchema),
    /// An array of such objects.
    List(&'static ObjectSchema),
    /// A page of such objects.
    Page(&'static ObjectSchema),
    /// A page of objects, each with one of these schemas.
    PageOfAny {
        /// The name of the objects in the API description, such as `Credential`.
        name: &'static str,
        /// The schemas.
        schemas: &'static [&'static ObjectSchema],
    },
    /// An object of property names and values. In a request, `null` removes a value.
    Properties {
        /// Whether values may be `null`.
        removes: bool,
    },
}

/// A link from the response of one operation to another operation.
pub struct Link {
    /// The ID of the linked operation.
    pub operation: &'static str,
    /// The path parameters of the linked operation by name, and the source of each.
    pub parameters: &'static [(&'static str, Source)],
}

/// The source of a linked operation's parameter.
#[derive(Clone, Copy)]
pub enum Source {
    /// The path parameter of the same name in the request.
    Path,
    /// The response's `Created-Id`.
    CreatedId,
}

#[cfg(test)]
impl Description {
    /// Returns the description of an operation for tests.
    pub(crate) const fn of_nothing() -> Self {
        Self {
            summary: "",
            details: "",
            query: &[],
            body: None,
            success: Success::NoContent,
            failures: Vec::new,
            links: &[],
        }
    }
}
