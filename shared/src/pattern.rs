//! User-supplied regular expressions with bounded compile and match cost.
//!
//! The administrator of a client defines patterns for properties, which are matched when a property is
//! set. The engine matches in linear time. The limits of this module bound the constant factor and the
//! cost of compilation, and a [`Matcher`] bounds the cost of all matches of a request.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use regex_lite::{Regex, RegexBuilder};

mod letters;
mod matcher;
mod syntax;

pub use matcher::{MAX_COST, Matcher};

/// The maximum length of a pattern, in bytes. It bounds the time to parse it.
pub const MAX_LENGTH: usize = 500;
/// The maximum size of a compiled pattern, in bytes.
///
/// Counted repetitions and large character classes increase it, and each character of a value may visit
/// all of it.
pub const MAX_SIZE: usize = 64 * 1024;
/// The size that a compiled pattern has at least, in bytes. Larger sizes are rounded up to twice as much,
/// four times as much and so on.
pub const MIN_SIZE: usize = 1024;
/// The maximum nesting depth of a pattern: groups, repetitions and sequences.
pub const MAX_DEPTH: u32 = 32;

/// The maximum number of cached patterns.
const MAX_COMPILED_PATTERNS: usize = 8;

/// A cache of recently compiled patterns, the latest first, including invalid ones.
///
/// Compilation takes longer than matching most values, and the properties of a client use the same few
/// patterns repeatedly.
static COMPILED: Mutex<VecDeque<(String, Option<Arc<Pattern>>)>> = Mutex::new(VecDeque::new());

/// A compiled pattern, which matches whole values.
#[derive(Debug)]
pub struct Pattern {
    regex: Regex,
    size: usize,
}

impl Pattern {
    /// Returns true if the pattern matches the whole value.
    #[must_use]
    pub fn is_match(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }

    /// Returns the size of the compiled pattern in bytes, rounded up; see [`MIN_SIZE`].
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }
}

/// Compiles a pattern, which must match a whole value.
///
/// The syntax is the part of Java's that the engine can match with the same meaning; see
/// `docs/contract.md`.
///
/// # Errors
/// Returns the reason in one line if the pattern is not supported, or exceeds a limit.
pub fn whole_match(pattern: &str) -> Result<Arc<Pattern>, String> {
    let cache = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = cache().iter().find(|(known, _)| known == pattern).map(|(_, compiled)| compiled.clone());
    let compiled = known.unwrap_or_else(|| {
        let compiled = compile(pattern).map(Arc::new);
        let mut cache = cache();
        cache.push_front((pattern.to_owned(), compiled.clone()));
        cache.truncate(MAX_COMPILED_PATTERNS);
        compiled
    });
    compiled.ok_or_else(|| "is not a pattern that this service supports".to_owned())
}

/// Compiles a pattern and matches it once.
///
/// Otherwise, the first value would wait for the initialisation of the engine.
///
/// # Errors
/// The same as [`whole_match`].
pub fn prepare(pattern: &str) -> Result<(), String> {
    let _ = whole_match(pattern)?.is_match("");
    Ok(())
}

fn compile(pattern: &str) -> Option<Pattern> {
    let pattern = Some(pattern).filter(|pattern| pattern.len() <= MAX_LENGTH)?;
    let whole = format!(r"\A(?:{})\z", syntax::translate(pattern)?);
    // The whole match counts as a group.
    let build = |size| {
        let regex = RegexBuilder::new(&whole).size_limit(size).nest_limit(MAX_DEPTH + 1).build().ok()?;
        Some(Pattern { regex, size })
    };
    // The engine does not report the size. Most patterns have the least one.
    build(MIN_SIZE).or_else(|| {
        let largest = build(MAX_SIZE)?;
        let sizes = std::iter::successors(Some(2 * MIN_SIZE), |size| Some(2 * size));
        sizes.take_while(|size| *size < MAX_SIZE).find_map(build).or(Some(largest))
    })
}

#[cfg(test)]
mod tests;
