//! `/{clientExtId}/users` and `/clients/{clientExtId}/users`

pub(crate) mod rows;

mod configured;
mod create;
mod get;
mod list;
mod login_ids;
mod properties;
mod update;
