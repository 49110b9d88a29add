//! The service: it authenticates callers and gives them access to the table.

mod access;
mod admit;
mod app;
pub mod config;
pub mod idempotency;
pub(crate) mod preconditions;
mod steps;
mod subject;
mod worker;

pub use self::access::{Access, Changes, Commit, List, OriginalOf, OwnerOf, Part};
#[cfg(test)]
pub(crate) use self::app::tests;
pub use self::app::{App, Health};
pub use self::preconditions::IF_MATCH;
pub use self::steps::{Backlog, Beginning, Steps};
pub use self::subject::{Closed, FoundParents, Parents, ResourceScope, Subject, UserAccess};
pub use self::worker::{Run, Worker};
