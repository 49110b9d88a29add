//! `/{clientExtId}/users/{userExtId}/fido-authenticators`

pub(crate) mod rows;

mod create;
mod life;
