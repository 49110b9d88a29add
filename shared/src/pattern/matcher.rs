//! Matches of a request, with a common bound of their cost.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{MAX_SIZE, whole_match};

/// The maximum cost of the matches of a request: the sum of the sizes of the compiled patterns, each
/// multiplied by the length of its value in characters.
///
/// The longest value fits with the largest pattern, and every request whose patterns have at most 4 KiB.
pub const MAX_COST: usize = MAX_SIZE * (4000 + COMPILATION);
/// The cost of compiling a pattern, as a number of characters.
const COMPILATION: usize = 96;

/// Matches values, each of them once with a pattern, and bounds the cost of all matches.
#[derive(Debug)]
pub struct Matcher {
    max_cost: usize,
    matches: Mutex<Matches>,
}

#[derive(Debug, Default)]
struct Matches {
    cost: usize,
    known: HashMap<(String, String), bool>,
}

impl Matcher {
    /// Creates a matcher for a request. It outlives the attempts of the request, so that no attempt
    /// matches a value again.
    #[must_use]
    pub fn of_request() -> Self {
        Self { max_cost: MAX_COST, matches: Mutex::default() }
    }

    /// Creates a matcher without a bound, for values that do not come from a request.
    #[must_use]
    pub fn unbounded() -> Self {
        Self { max_cost: usize::MAX, matches: Mutex::default() }
    }

    /// Returns the cost of all matches so far; see [`MAX_COST`].
    #[must_use]
    pub fn cost(&self) -> usize {
        self.matches.lock().unwrap_or_else(PoisonError::into_inner).cost
    }

    /// Returns true if the pattern matches the whole value.
    ///
    /// A pattern that is not supported matches nothing. A value whose match would exceed the bound does
    /// not match.
    #[must_use]
    pub fn is_match(&self, pattern: &str, value: &str) -> bool {
        let mut matches = self.matches.lock().unwrap_or_else(PoisonError::into_inner);
        let Matches { cost, known } = &mut *matches;
        let is_match = || {
            let Ok(pattern) = whole_match(pattern) else { return false };
            let length = value.chars().count().saturating_add(COMPILATION);
            let sum = cost.saturating_add(pattern.size().saturating_mul(length));
            if sum > self.max_cost {
                return false;
            }
            *cost = sum;
            pattern.is_match(value)
        };
        *known.entry((pattern.to_owned(), value.to_owned())).or_insert_with(is_match)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most expensive pattern for its length, with other digits behind it.
    fn large(number: usize) -> String {
        format!("(?:a*){{850}}|{number}")
    }

    #[test]
    fn the_longest_value_fits_with_the_largest_pattern() {
        let matcher = Matcher::of_request();
        assert_eq!(whole_match(&large(0)).expect("a pattern").size(), MAX_SIZE);
        assert!(matcher.is_match(&large(0), &"a".repeat(4000)));
        assert_eq!(matcher.cost(), MAX_COST);
    }

    #[test]
    fn values_beyond_the_cost_of_a_request_do_not_match() {
        let (matcher, value) = (Matcher::of_request(), "a".repeat(1000));
        let found: Vec<bool> = (0..16).map(|number| matcher.is_match(&large(number), &value)).collect();
        assert_eq!(found, [&[true; 3][..], &[false; 13]].concat());
        // What is cheaper still fits.
        assert!(matcher.is_match("a+", &value));
        assert!(matcher.cost() <= MAX_COST);
        assert!(Matcher::unbounded().is_match(&large(15), &value));
    }

    #[test]
    fn a_value_is_matched_once() {
        let (matcher, value) = (Matcher::of_request(), "a".repeat(4000));
        for _ in 0..8 {
            assert!(matcher.is_match(&large(0), &value));
            assert!(!matcher.is_match("(", &value));
        }
        assert_eq!(matcher.cost(), MAX_COST);
    }
}
