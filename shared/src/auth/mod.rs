//! Who is calling, and what they may do to what.
//!
//! A [`Caller`] is a value that only a verified Bearer token makes. It says which rights it has
//! ([`Caller::require`]) and over what ([`Grants::over_client`]); see the page on authorisation.

pub mod authorization;
pub mod bearer;
pub mod caller;
pub mod data_room;
pub mod fetch;
pub mod jwt;
pub mod key_set;
pub mod keys;
pub mod roles;
mod signatures;
pub mod x_token;

pub use caller::Caller;
pub use data_room::{Grants, Needs};

#[cfg(test)]
pub(crate) mod tests;
