//! What every function needs, whatever its operation: authentication and authorisation, the table,
//! HTTP, errors and configuration.
//!
//! The modules form layers. A module uses only modules below it, in this order: [`host`],
//! [`operation`], [`service`], [`entity`], [`auth`], [`http`], [`error`] and [`metrics`], [`table`],
//! then the ground: [`clock`], [`ids`], [`log`], [`pattern`], [`policy`] and [`rights`].
//!
//! A host builds an [`http::RawRequest`]. [`host::respond`] finds its operation, has
//! [`service::App`] authenticate the caller, and passes the resulting [`service::Access`], the only
//! value that reaches the [`table`], to the operation's handler. Every failure is an
//! [`error::ApiError`].

pub mod auth;
pub mod clock;
pub mod entity;
pub mod error;
pub mod host;
pub mod http;
pub mod ids;
pub mod log;
pub mod metrics;
pub mod operation;
pub mod pattern;
pub mod policy;
pub mod rights;
pub mod service;
pub mod table;
