//! Patterns that somebody has written, and what they may cost.
//!
//! A client's administrator writes the patterns of properties, and every request that sets one
//! matches them: none may take more than some dozens of milliseconds, or megabytes. The engine matches
//! in linear time; the limits here bound the factor, and what compiling takes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use regex_lite::{Regex, RegexBuilder};

mod letters;

/// The longest pattern, in bytes: reading one takes a time in proportion, however little comes of it.
pub const MAX_LENGTH: usize = 500;
/// The most that a pattern may take when compiled, in bytes. What is counted out or meant for all letters
/// of the world grows here, and each character of a value may visit all of it.
pub const MAX_SIZE: usize = 64 * 1024;
/// How deep a pattern may be nested: groups, and what is repeated or follows one another in them.
pub const MAX_DEPTH: u32 = 32;
/// How many groups of a pattern may capture what they match. Nobody asks for it, and the engine keeps
/// room for all of it in each state.
pub const MAX_GROUPS: usize = 16;

/// How many compiled patterns are kept.
const MAX_COMPILED_PATTERNS: usize = 8;

/// The patterns compiled last, the latest first, those that are none included. Compiling one takes longer
/// than matching most values, and the properties of a client have the same few patterns again and again.
static COMPILED: Mutex<VecDeque<(String, Option<Arc<Regex>>)>> = Mutex::new(VecDeque::new());

/// A pattern in the syntax of the `regex-lite` crate, which has to match a whole value. Words, digits,
/// spaces and case are those of ASCII, as in Java; other letters are named by category or script.
///
/// # Errors
/// The reason in one line, when the pattern is not one of the engine's, or is too long, too large or
/// too deep.
pub fn whole_match(pattern: &str) -> Result<Arc<Regex>, String> {
    let kept = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = kept().iter().find(|(known, _)| known == pattern).map(|(_, compiled)| compiled.clone());
    let compiled = known.unwrap_or_else(|| {
        let compiled = compile(pattern).map(Arc::new);
        let mut kept = kept();
        kept.push_front((pattern.to_owned(), compiled.clone()));
        kept.truncate(MAX_COMPILED_PATTERNS);
        compiled
    });
    compiled.ok_or_else(|| "is not a pattern that this service supports".to_owned())
}

/// Reads a pattern and runs the engine once, which the first value that is matched would wait for
/// otherwise.
///
/// # Errors
/// As [`whole_match`].
pub fn prepare(pattern: &str) -> Result<(), String> {
    let _ = whole_match(pattern)?.is_match("");
    Ok(())
}

/// The pattern is read alone as well: `a)(b` is broken, though it would close a group around it.
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
