//! `/{clientExtId}/users/{userExtId}/consents`

mod create;
mod get;
mod list;
