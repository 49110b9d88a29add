//! Code shared by all functions: authentication and authorisation, table access, HTTP, errors and
//! configuration.
//!
//! The modules form layers. A module uses only the modules below it, in this order: [`host`],
//! [`operation`] and [`job`], [`service`], [`mod@entity`], [`auth`], [`http`], [`error`], [`metrics`] and [`bus`],
//! [`table`].
//! The base layer is [`clock`], [`ids`], [`log`], [`network`], [`pattern`], [`policy`] and [`rights`].
//!
//! A host builds an [`http::RawRequest`]. [`host::respond`] finds its operation and has
//! [`service::App`] authenticate the caller. The operation's handler receives the resulting
//! [`service::Access`], the only value that gives access to the [`table`]. Every failure is an
//! [`error::ApiError`].

pub mod auth;
pub mod bus;
pub mod clock;
pub mod entity;
pub mod error;
pub mod host;
pub mod http;
pub mod ids;
pub mod job;
pub mod log;
pub mod metrics;
pub mod network;
pub mod operation;
pub mod pattern;
pub mod policy;
pub mod rights;
pub mod service;
pub mod table;
