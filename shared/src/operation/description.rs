//! What callers are told of an operation: the words, shapes and failures that the description of
//! the API is made of. It is data beside the code that it tells of; nothing here is asked while a
//! request is answered.

use crate::entity::schema::{Field, FieldKind, ObjectSchema};
use crate::error::ApiError;
use crate::http::page;

/// What callers are told of an operation. Its parameters, rights and the failures that follow from
/// them are not repeated here: the operation itself says them.
#[derive(Clone, Copy)]
pub struct Description {
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else a caller has to know, in sentences.
    pub details: &'static str,
    /// The parameters of the query string.
    pub query: &'static [Field],
    /// The body that it reads.
    pub body: Option<Body>,
    /// The answer when it succeeds.
    pub success: Success,
    /// Its own failures, one example of each: those that do not follow from the rights that it
    /// needs, its path or that it has a body.
    pub failures: fn() -> Vec<ApiError>,
    /// Where a success leads to.
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

/// A body, of a request or of an answer.
#[derive(Clone, Copy)]
pub struct Body {
    /// What is in it.
    pub shape: Shape,
    /// An example, as JSON. Those of requests succeed once on the demo data of the local run.
    pub example: &'static str,
}

/// The answer when an operation succeeds.
#[derive(Clone, Copy)]
pub enum Success {
    /// 200 with a body.
    Ok(Body),
    /// 200 with a body and the `ETag` of its version.
    Entity(Body),
    /// 201 with `Location`, and a body where there is more to say.
    Created(Option<Body>),
    /// 204.
    NoContent,
}

/// What a body holds.
#[derive(Clone, Copy)]
pub enum Shape {
    /// An object with these fields and no others.
    Object(&'static ObjectSchema),
    /// An array of such objects.
    List(&'static ObjectSchema),
    /// A page of such objects.
    Page(&'static ObjectSchema),
    /// An object of property name to value; in a request `null` removes one.
    Properties {
        /// Whether values may be `null`.
        removes: bool,
    },
}

/// Where the answer of one operation leads to: another operation, and where its parameters are.
pub struct Link {
    /// The id of the other operation.
    pub operation: &'static str,
    /// The parameters of its path by name, and where each is found.
    pub parameters: &'static [(&'static str, Source)],
}

/// Where the parameter of a linked operation is found.
#[derive(Clone, Copy)]
pub enum Source {
    /// It is the parameter of the same name in the path of the request.
    Path,
    /// It is the last segment of the answer's `Location`.
    Location,
}

#[cfg(test)]
impl Description {
    /// The description of an operation of a test.
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
