//! Authentication and authorisation: a second implementation of the rules, forged tokens, key
//! rotation, and what error responses reveal.
//!
//! `CALLER_CASES` sets the number of random cases of a test. The default is a few thousand.

mod gate;
mod other_clients;
mod providers;
mod random_cases;
mod rotation;
pub(crate) mod rules;
mod silence;
mod tokens;
mod truth_table;

use crate::support::target::number;

/// Returns the number of random cases: `CALLER_CASES`, or `short` by default.
fn cases(short: u64) -> u64 {
    number("CALLER_CASES", short)
}
