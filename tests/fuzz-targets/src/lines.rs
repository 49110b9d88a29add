//! Parser of import lines. The input is one line.
//!
//! Invariants: an accepted line is exported as one line, which round-trips. An error is reported in one line
//! without control characters.

use local::import::told_again;

use crate::service::SETTINGS;

/// Checks the parser with a line.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    match told_again(input, &SETTINGS) {
        Ok(line) => {
            assert!(!line.contains('\n'), "{line:?} has more than one line");
            assert_eq!(
                told_again(line.as_bytes(), &SETTINGS),
                Ok(line),
                "the exported line does not round-trip"
            );
        }
        Err(error) => {
            assert!(!error.is_empty() && !error.chars().any(char::is_control), "{error:?}");
        }
    }
}
