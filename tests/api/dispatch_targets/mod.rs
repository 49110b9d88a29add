//! `/{clientExtId}/users/{userExtId}/dispatch-targets`

pub(crate) mod rows;

mod create;
mod delete;
