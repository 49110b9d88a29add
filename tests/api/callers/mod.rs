//! Who gets in and who does not: the rules of authorisation once more, forged tokens, keys that
//! come and go, and what a refusal tells.
//!
//! `CALLER_CASES` says how many random cases a test tries; without it they are some thousands.

mod gate;
mod other_clients;
mod random_cases;
mod rotation;
pub(crate) mod rules;
mod silence;
mod tokens;
mod truth_table;

use crate::support::target::number;

/// How many random cases there are: `CALLER_CASES`, else `short`.
fn cases(short: u64) -> u64 {
    number("CALLER_CASES", short)
}
