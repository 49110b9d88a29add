//! Tests of the API as a caller sees it, and of the table before and after each request.
//!
//! The handlers are called in-process on an embedded engine unless `API_TARGET` contains the base
//! URL of a host: see [`support::target`]. The modules mirror the routes. `operations` contains the
//! rules that hold for every operation, `callers` those of authentication and authorisation.

mod agreement;
mod app_attestation;
mod architecture;
mod callers;
mod clients;
mod consents;
mod crash;
mod credentials;
mod deletions;
mod description;
mod dispatch_targets;
mod faults;
mod fido_authenticators;
mod health;
mod histories;
mod history;
mod hosts;
mod idempotency;
mod input;
mod isolation;
mod layers;
mod logs;
mod mobile_signature;
mod model;
mod operations;
mod pages;
mod permissions;
mod personal_questions;
mod policies;
mod preconditions;
mod profiles;
mod properties;
mod races;
mod support;
mod terms;
mod units;
mod users;
mod verification;
