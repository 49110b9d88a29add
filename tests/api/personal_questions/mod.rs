//! `/{clientExtId}/personal-questions`

pub(crate) mod rows;

mod create;
mod get;
mod list;
mod update;
