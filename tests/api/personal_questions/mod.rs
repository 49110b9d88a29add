//! `/{clientExtId}/personal-questions`

mod create;
mod get;
