//! The lines of an import. The input is one line.
//!
//! What is read is told again as an export writes it, in one line, which is read to the same. A refusal
//! is one line without control characters.

use local::import::told_again;

use crate::service::SETTINGS;

/// Checks the reader with one line.
///
/// # Panics
/// When it does not hold.
pub fn check(input: &[u8]) {
    match told_again(input, &SETTINGS) {
        Ok(line) => {
            assert!(!line.contains('\n'), "{line:?} is more than a line");
            assert_eq!(told_again(line.as_bytes(), &SETTINGS), Ok(line), "it is not read to the same");
        }
        Err(refusal) => {
            assert!(!refusal.is_empty() && !refusal.chars().any(char::is_control), "{refusal:?}");
        }
    }
}
