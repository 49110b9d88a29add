//! `/{clientExtId}/users/{userExtId}/consents`

pub(crate) mod rows;

mod create;
mod get;
mod list;
