//! Operations: method, path, rights, handler and description of each.

pub mod description;
mod router;

use std::iter;
use std::pin::Pin;

use self::description::Description;
#[cfg(test)]
pub(crate) use self::router::tests;
pub use self::router::{allowed_methods, route};
use crate::auth::Needs;
use crate::error::ApiError;
use crate::http::{BASE_PATH, Method, PRINCIPAL_BASE_PATH, Request, Response};
use crate::policy::Settings;
use crate::service::config::ConfigError;
use crate::service::{Access, App, Subject, idempotency, preconditions};

/// The future of an operation's handler.
pub type HandlerFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, ApiError>> + Send + 'a>>;

/// Prepares an operation for the settings.
pub type Prepare = fn(&Settings) -> Result<(), String>;

/// An operation of the API.
pub struct Operation {
    /// Its name, also that of its binary and its function: `verb-noun`.
    pub id: &'static str,
    /// The HTTP method. An operation with the method `GET` also responds to `HEAD`.
    pub method: Method,
    /// The path after [`BASE_PATH`], with parameters in braces: `/clients/{clientExtId}`. The whole path if the
    /// operation is of the Principal API.
    pub path: &'static str,
    /// Its access rules and its handler.
    pub entry: Entry,
    /// The preparation for the settings, which runs once before the first request.
    pub prepare: Option<Prepare>,
    /// The metadata for the OpenAPI description.
    pub description: Description,
}

impl Operation {
    /// Returns the base path of the operation's API, and the path after it.
    #[must_use]
    pub fn base_and_path(&self) -> (&'static str, &'static str) {
        match self.path.strip_prefix(PRINCIPAL_BASE_PATH) {
            Some(path) => (PRINCIPAL_BASE_PATH, path),
            None => (BASE_PATH, self.path),
        }
    }

    /// Returns what the operation is about, such as `consents`: the first fixed segment of its path that names no parent.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        let (_, path) = self.base_and_path();
        let words = || path.split('/').filter(|word| !word.is_empty() && !word.starts_with('{'));
        words().find(|word| !["clients", "users"].contains(word)).or(words().next_back()).unwrap_or_default()
    }

    /// Returns the whole path, with parameters in braces.
    #[must_use]
    pub fn full_path(&self) -> String {
        let (base, path) = self.base_and_path();
        format!("{base}{path}")
    }

    /// Prepares the operation for these settings.
    ///
    /// # Errors
    /// Returns [`ConfigError`] if the operation does not support them.
    pub fn prepare_by(&self, settings: &Settings) -> Result<(), ConfigError> {
        self.prepare.map_or(Ok(()), |prepare| Ok(prepare(settings)?))
    }

    /// Returns the methods to which the operation responds: its own, and `HEAD` if it is `GET`.
    pub fn methods(&self) -> impl Iterator<Item = &str> {
        let head = (self.method == Method::GET).then_some("HEAD");
        iter::once(self.method.as_str()).chain(head)
    }

    /// Returns true if a caller who is the user in the path needs an X-Token.
    #[must_use]
    pub fn requires_x_token(&self) -> bool {
        match self.entry {
            Entry::Authenticated { needs, .. } => needs.requires_x_token(),
            Entry::Public { .. } => false,
        }
    }

    /// Returns true if the operation supports `If-Match`.
    #[must_use]
    pub fn has_preconditions(&self) -> bool {
        preconditions::apply_to(&self.method)
    }

    /// Returns true if the operation may change data.
    #[must_use]
    pub fn is_change(&self) -> bool {
        idempotency::applies_to(&self.method)
    }
}

/// The access rules and the handler of an operation.
#[derive(Clone, Copy)]
pub enum Entry {
    /// An operation for authenticated callers. Only its [`Access`] gives access to stored data.
    Authenticated {
        /// The rights that a caller needs.
        needs: Needs,
        /// The parents of the object that the operation acts on.
        subject: Subject,
        /// The handler, which is called after the caller is admitted.
        handler: for<'a> fn(&'a Access<'a>, &'a Request) -> HandlerFuture<'a>,
    },
    /// An operation that requires no token. It has no access to stored data.
    Public {
        /// The handler.
        handler: for<'a> fn(&'a App, &'a Request) -> HandlerFuture<'a>,
    },
}
