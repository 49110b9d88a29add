//! The service: it authenticates callers and gives them access to the table.

mod access;
mod app;
pub mod config;
pub mod idempotency;

pub use self::access::{Access, Commit};
#[cfg(test)]
pub(crate) use self::app::tests;
pub use self::app::{App, ResourceScope};
