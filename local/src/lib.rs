//! The local run: the same handlers behind one port, on an embedded DynamoDB.
//!
//! As a library it gives tests an [`engine`] to run against, [`keys`] to sign
//! tokens with, and the [`table`] as the deployment's template describes it.

pub mod cli;
mod commands;
pub mod costs;
mod data_file;
mod demo;
pub mod engine;
pub mod environment;
pub mod error;
pub mod export;
pub mod folder;
pub mod generate;
pub mod import;
pub mod keys;
pub mod openapi;
mod page;
mod records;
mod server;
mod serving;
mod signals;
pub mod store;
pub mod table;
pub mod template;
