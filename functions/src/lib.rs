//! The operations of the API. Each directory is a noun of the URL, each file in it is a verb.
//!
//! `cargo run -- generate` writes the binaries, the template, the router of `cargo lambda watch`, the stored
//! events and the API description from the list [`OPERATIONS`].

pub mod app_attestation;
pub mod clients;
pub mod consents;
pub mod credentials;
pub mod deletions;
pub mod dispatch_targets;
pub mod fido_authenticators;
pub mod health;
pub mod history;
pub mod mobile_signature;
pub mod permissions;
pub mod personal_questions;
pub mod policies;
pub mod profiles;
pub mod properties;
pub mod terms;
pub mod units;
pub mod users;

use shared::job::{Job, StreamJob};
use shared::operation::Operation;

/// Declares [`OPERATIONS`] and [`MODULES`] from `noun::verb, …`.
macro_rules! operations {
    ($($noun:ident :: $verb:ident),+ $(,)?) => {
        /// All operations.
        pub const OPERATIONS: [&Operation; MODULES.len()] = [$(&$noun::$verb::OPERATION),+];

        /// The module of each operation, in the order of [`OPERATIONS`]: `noun::verb`.
        pub const MODULES: &[&str] = &[$(concat!(stringify!($noun), "::", stringify!($verb))),+];
    };
}

/// All jobs.
pub const JOBS: [&Job; JOB_MODULES.len()] = [&deletions::sweep::JOB];

/// The module of each job, in the order of [`JOBS`].
pub const JOB_MODULES: &[&str] = &["deletions::sweep"];

/// All jobs that follow the changes of the table.
pub const STREAM_JOBS: [&StreamJob; STREAM_JOB_MODULES.len()] = [&history::publish::JOB];

/// The module of each job, in the order of [`STREAM_JOBS`].
pub const STREAM_JOB_MODULES: &[&str] = &["history::publish"];

/// Returns the IDs of all functions: of the operations, then of the jobs.
pub fn ids() -> impl Iterator<Item = &'static str> {
    let jobs = JOBS.iter().map(|job| job.id).chain(STREAM_JOBS.iter().map(|job| job.id));
    OPERATIONS.iter().map(|operation| operation.id).chain(jobs)
}

operations! {
    clients::create,
    clients::get,
    clients::list,
    clients::update,
    // Before the lists of a client, whose paths have the same form.
    history::list,
    units::create,
    units::get,
    units::update,
    units::list,
    units::list_children,
    policies::list,
    policies::get,
    users::create,
    users::get,
    users::list,
    users::update,
    profiles::create,
    profiles::list,
    profiles::get,
    profiles::update,
    profiles::set_unit,
    profiles::delete,
    units::delete,
    users::get_properties,
    users::update_properties,
    terms::create,
    terms::list,
    terms::get,
    terms::list_pending,
    personal_questions::create,
    personal_questions::get,
    personal_questions::list,
    personal_questions::update,
    consents::create,
    consents::list,
    consents::get,
    consents::delete,
    terms::update,
    properties::create,
    properties::search,
    properties::get,
    properties::update,
    properties::list,
    mobile_signature::get,
    mobile_signature::update,
    mobile_signature::get_properties,
    mobile_signature::update_properties,
    mobile_signature::delete,
    mobile_signature::create,
    dispatch_targets::list,
    dispatch_targets::get,
    dispatch_targets::update,
    app_attestation::get,
    app_attestation::update,
    app_attestation::delete,
    app_attestation::create,
    dispatch_targets::delete,
    dispatch_targets::create,
    fido_authenticators::list,
    fido_authenticators::get,
    fido_authenticators::update,
    fido_authenticators::list_of_client,
    fido_authenticators::delete,
    fido_authenticators::create,
    credentials::list,
    users::archive,
    users::delete,
    deletions::get,
    clients::delete,
    permissions::get,
    health::get,
}

#[cfg(test)]
mod messages;
