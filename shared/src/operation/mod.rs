//! What the list of operations states about each operation.

pub mod description;
mod router;

use std::pin::Pin;

use self::description::Description;
pub use self::router::route;
#[cfg(test)]
pub(crate) use self::router::tests;
use crate::auth::Needs;
use crate::error::ApiError;
use crate::http::{Method, Request, Response};
use crate::policy::Settings;
use crate::service::config::ConfigError;
use crate::service::{Access, App, Subject};

/// What an operation's handler does, sometime.
pub type HandlerFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, ApiError>> + Send + 'a>>;

/// What an operation does with the settings before its first request.
pub type Prepare = fn(&Settings) -> Result<(), String>;

/// One operation: all that the list of operations says of it.
pub struct Operation {
    /// Its name, which its binary and its function carry too: a verb and a noun, `verb-noun`.
    pub id: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path behind [`BASE_PATH`], parameters in braces: `/clients/{clientExtId}`.
    pub path: &'static str,
    /// Who may call it, and what it does.
    pub entry: Entry,
    /// What it asks of the settings besides: done once, before the first request.
    pub prepare: Option<Prepare>,
    /// What callers are told of it.
    pub description: Description,
}

impl Operation {
    /// Prepares the operation for these settings.
    ///
    /// # Errors
    /// [`ConfigError`] if the operation cannot work with them.
    pub fn prepare_by(&self, settings: &Settings) -> Result<(), ConfigError> {
        self.prepare.map_or(Ok(()), |prepare| Ok(prepare(settings)?))
    }

    /// Returns true if it obeys `If-Match`.
    #[must_use]
    pub fn has_preconditions(&self) -> bool {
        [Method::PATCH, Method::DELETE].contains(&self.method)
    }

    /// Whether it changes something.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.method != Method::GET
    }
}

/// Who may call an operation, and what it does.
#[derive(Clone, Copy)]
pub enum Entry {
    /// For callers who are admitted: only their [`Access`] reaches what is stored.
    Authenticated {
        /// The rights that a caller needs.
        needs: Needs,
        /// What stands above the thing that it acts on.
        subject: Subject,
        /// What it does, once the caller is admitted.
        handler: for<'a> fn(&'a Access<'a>, &'a Request) -> HandlerFuture<'a>,
    },
    /// For everybody, without a token: it sees nothing that is stored.
    Public {
        /// What it does.
        handler: for<'a> fn(&'a App, &'a Request) -> HandlerFuture<'a>,
    },
}
