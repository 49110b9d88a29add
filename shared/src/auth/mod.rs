//! Authentication and authorisation.
//!
//! A [`Caller`] can only be created from a verified Bearer token. [`Caller::require`] checks its
//! rights, and [`Grants::over_client`] checks its data room. See the authorisation page of the
//! documentation.

pub mod authorization;
pub mod bearer;
pub mod caller;
pub mod data_room;
pub mod fetch;
pub mod jwt;
pub mod key_set;
pub mod keys;
mod modulus;
pub mod roles;
mod signatures;
pub mod x_token;

pub use authorization::Clients;
pub use caller::Caller;
pub use data_room::{Grants, Needs, SelfService};

#[cfg(test)]
pub(crate) mod tests;
