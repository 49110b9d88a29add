//! The operations of the API: a directory is a noun of the URL, a file in it is a verb.
//!
//! [`OPERATIONS`] is the list that everything else has to agree with: the binaries, the template,
//! the router of the local run, the tests.

pub mod clients;
pub mod consents;
pub mod dispatch_targets;
pub mod fido_uaf_credentials;
pub mod health;
pub mod mobile_signature;
pub mod personal_questions;
pub mod properties;
pub mod terms;
pub mod units;
pub mod users;

use shared::operation::Operation;

/// All operations.
pub const OPERATIONS: [&Operation; 10] = [
    &clients::create::OPERATION,
    &clients::get::OPERATION,
    &personal_questions::create::OPERATION,
    &personal_questions::get::OPERATION,
    &consents::create::OPERATION,
    &consents::list::OPERATION,
    &consents::get::OPERATION,
    &mobile_signature::update_properties::OPERATION,
    &dispatch_targets::delete::OPERATION,
    &health::get::OPERATION,
];

#[cfg(test)]
mod messages;
