//! Property rules. The input is five lines with the access, the type, the maximum length, the pattern and the
//! comma-separated allowed values. The rest is the value.
//!
//! Invariants:
//!
//! - A pattern is accepted only within its limits.
//! - It matches the same values as `regex`, if both define the syntax alike.
//! - The rules are checked in the order of the contract, according to an independent implementation.

use functions::properties::{
    Definition, MAX_VALUE, PropertyAccess, PropertyFailure, PropertyName, Scope, ValueType,
};
use regex::Regex;
use shared::pattern::{MAX_LENGTH, Matcher, whole_match};

use crate::first_line;

/// Checks the rules with a definition and a value.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    let Ok(input) = str::from_utf8(input) else { return };
    let (access, rest) = first_line(input);
    let (value_type, rest) = first_line(rest);
    let (max_length, rest) = first_line(rest);
    let (pattern, rest) = first_line(rest);
    let (allowed, value) = first_line(rest);
    let definition = Definition {
        value_type: ValueType::parse(value_type).unwrap_or(ValueType::String),
        max_length: max_length.parse().ok(),
        pattern: Some(pattern.into()).filter(|_| !pattern.is_empty()),
        access: PropertyAccess::parse(access),
        allowed_values: allowed.split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect(),
        ..Definition::of_text(Scope::MobileSignature, PropertyName::unchecked("p"))
    };
    let name = || "p".to_owned();
    let removal = match definition.access {
        Some(PropertyAccess::ReadOnly) => Err(PropertyFailure::ReadOnly { name: name() }),
        Some(PropertyAccess::Off) => Err(PropertyFailure::Off { name: name() }),
        None | Some(PropertyAccess::ReadWrite) => Ok(()),
    };
    assert_eq!(definition.check(None, &Matcher::of_request()), removal);
    let fits = value.chars().count() as u64 <= definition.max_length.unwrap_or(MAX_VALUE).min(MAX_VALUE);
    // An allowed value is never empty.
    let is_listed = !value.is_empty() && allowed.split(',').any(|one| one == value);
    let is_allowed = definition.value_type == ValueType::String || is_listed;
    let expected = match removal {
        Err(failure) => Err(failure),
        Ok(()) if !fits => Err(PropertyFailure::TooLong { name: name() }),
        // Evaluated only here, because a value that is too long is never matched.
        Ok(()) if !definition.pattern.iter().all(|pattern| matches(pattern, value)) => {
            Err(PropertyFailure::PatternMismatch { name: name() })
        }
        Ok(()) if !is_allowed => Err(PropertyFailure::NotAllowed { name: name(), value: value.to_owned() }),
        Ok(()) => Ok(()),
    };
    assert_eq!(definition.check(Some(value), &Matcher::unbounded()), expected);
}

/// Returns true if a pattern matches a whole value. Compares the result with `regex`.
fn matches(pattern: &str, value: &str) -> bool {
    let Ok(whole) = whole_match(pattern) else { return false };
    assert!(pattern.len() <= MAX_LENGTH, "a pattern of {} bytes was accepted", pattern.len());
    let is_match = whole.is_match(value);
    if is_comparable(pattern, value)
        && let Ok(reference) = Regex::new(&format!(r"\A(?:{pattern})\z"))
    {
        assert_eq!(is_match, reference.is_match(value), "{pattern:?} and {value:?}");
    }
    is_match
}

/// Returns true if `regex` defines this pattern alike for this value. Its classes for words, digits and
/// spaces and its case folding cover all of Unicode, in an older version. It reads some of Java's
/// constructs differently: `.`, some escapes, and punctuation in classes.
fn is_comparable(pattern: &str, value: &str) -> bool {
    let has = |parts: &[&str]| parts.iter().any(|part| pattern.contains(part));
    if has(&[".", "[", r"\<", r"\>", r"\p", r"\P"]) {
        return false;
    }
    if pattern.is_ascii() && value.is_ascii() {
        // With flags, case folding differs for ranges, named classes and numeric escapes.
        return !has(&["(?"]) || !has(&["[", r"\x", r"\u", r"\U", r"\p", r"\P"]);
    }
    !has(&["(?", r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"\b", r"\B", r"\<", r"\>"])
        && (!has(&[r"\p", r"\P"]) || value.chars().all(|character| character < '\u{250}'))
}
