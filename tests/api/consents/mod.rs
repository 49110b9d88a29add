//! `/{clientExtId}/users/{userExtId}/consents`

pub(crate) mod rows;

mod create;
mod delete;
mod get;
mod list;
