//! The local server: the handlers of the functions behind one port, with an embedded DynamoDB engine.
//!
//! Tests use this crate as a library: the [`engine`], the [`keys`] that sign tokens, and the [`table`] as
//! defined by the template of the deployment.

pub mod check;
pub mod cli;
mod commands;
mod connection;
pub mod costs;
mod data_file;
mod demo;
pub mod engine;
pub mod environment;
pub mod error;
mod events;
pub mod export;
pub mod folder;
pub mod generate;
pub mod import;
mod jobs;
pub mod keys;
mod log;
pub mod openapi;
mod page;
mod progress;
mod records;
mod refusal;
mod scan;
mod server;
mod serving;
mod signals;
pub mod store;
pub mod table;
pub mod template;
