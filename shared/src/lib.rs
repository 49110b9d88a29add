//! What every function needs and nothing else: who is calling, what they may do, the one table,
//! the way in and out of HTTP, the errors and the configuration.
//!
//! A request's way through this crate: a host makes an [`http::Incoming`], [`answer`] finds its
//! operation, has [`app::App`] admit the caller, and hands the [`app::Access`], the only value that
//! reaches the [`table`], to the operation's handler; whatever fails on the way is an
//! [`error::ApiError`].

pub mod answer;
pub mod app;
pub mod auth;
pub mod body;
pub mod clock;
pub mod config;
pub mod description;
pub mod error;
pub mod event;
pub mod http;
pub mod idempotency;
pub mod ids;
pub mod json;
pub mod metrics;
pub mod pattern;
pub mod policy;
mod rehearsal;
pub mod runtime;
pub mod table;
