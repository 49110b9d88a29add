//! `/{clientExtId}/users/{userExtId}/dispatch-targets`

mod delete;
