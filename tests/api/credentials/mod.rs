//! `/{clientExtId}/users/{userExtId}/credentials`

pub(crate) mod rows;

mod list;
