//! User-supplied regular expressions with bounded compile and match cost.
//!
//! The administrator of a client defines patterns for properties, which are matched when a property is
//! set. No pattern may take more than some dozens of milliseconds or megabytes. The engine matches in
//! linear time. The limits of this module bound the constant factor and the cost of compilation.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use regex_lite::{Regex, RegexBuilder};

mod letters;

/// The maximum length of a pattern, in bytes. It bounds the time to parse it.
pub const MAX_LENGTH: usize = 500;
/// The maximum size of a compiled pattern, in bytes.
///
/// Counted repetitions and large character classes increase it, and each character of a value may visit
/// all of it.
pub const MAX_SIZE: usize = 64 * 1024;
/// The maximum nesting depth of a pattern: groups, repetitions and sequences.
pub const MAX_DEPTH: u32 = 32;
/// The maximum number of capturing groups.
///
/// The captures are not used, but the engine reserves memory for them in each state.
pub const MAX_GROUPS: usize = 16;

/// The maximum number of cached patterns.
const MAX_COMPILED_PATTERNS: usize = 8;

/// A cache of recently compiled patterns, the latest first, including invalid ones.
///
/// Compilation takes longer than matching most values, and the properties of a client use the same few
/// patterns repeatedly.
static COMPILED: Mutex<VecDeque<(String, Option<Arc<Regex>>)>> = Mutex::new(VecDeque::new());

/// Compiles a pattern in the syntax of the `regex-lite` crate, which must match a whole value.
///
/// Words, digits, spaces and case are those of ASCII, as in Java. Other letters are available by
/// category or script.
///
/// # Errors
/// Returns the reason in one line if the pattern is not supported, or exceeds a limit.
pub fn whole_match(pattern: &str) -> Result<Arc<Regex>, String> {
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

/// Compiles a pattern on its own and as a whole match: `a)(b` is invalid, although it would be valid
/// inside a group.
fn compile(pattern: &str) -> Option<Regex> {
    let pattern = Some(pattern).filter(|pattern| pattern.len() <= MAX_LENGTH)?;
    let pattern = letters::spell_out(pattern)?;
    let build =
        |pattern: &str, depth| RegexBuilder::new(pattern).size_limit(MAX_SIZE).nest_limit(depth).build().ok();
    build(&pattern, MAX_DEPTH)?;
    let whole = build(&format!(r"\A(?:{pattern})\z"), MAX_DEPTH + 1)?;
    // The whole match counts as a group.
    (whole.captures_len() <= MAX_GROUPS + 1).then_some(whole)
}

#[cfg(test)]
mod tests;
