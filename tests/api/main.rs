//! The API as a caller sees it, and the table as it is before and after.
//!
//! The handlers are called in-process, on an embedded engine, unless `API_TARGET` names the base
//! URL of a host: see [`support::target`]. The modules mirror the routes; `operations` holds what
//! is the same for all of them, `callers` who gets in.

mod agreement;
mod architecture;
mod callers;
mod clients;
mod consents;
mod crash;
mod description;
mod dispatch_targets;
mod faults;
mod health;
mod histories;
mod hosts;
mod idempotency;
mod input;
mod isolation;
mod layers;
mod logs;
mod mobile_signature;
mod model;
mod operations;
mod personal_questions;
mod preconditions;
mod races;
mod support;
mod verification;
