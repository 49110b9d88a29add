//! What every function needs and nothing else: who is calling, what they may do, the one table,
//! the way in and out of HTTP, the errors and the configuration.
//!
//! A request's way through this crate: [`runtime`] or another host makes an [`http::Incoming`],
//! [`http::route`] finds the operation, its handler asks [`app::App`] to admit the caller and gets
//! an [`app::Access`], the only value that reaches the [`table`]; whatever fails on the way is an
//! [`error::ApiError`].

pub mod answer;
pub mod app;
pub mod auth;
pub mod body;
pub mod clock;
pub mod config;
pub mod error;
pub mod event;
pub mod http;
pub mod ids;
pub mod json;
pub mod policy;
pub mod runtime;
pub mod table;
