//! Patterns that somebody has written, and what they may cost.
//!
//! A client's administrator writes the patterns of properties, and every request that sets one
//! matches them: none may take more than milliseconds or megabytes. The engine matches in linear
//! time; the limits here bound the factor, and what compiling takes.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

/// The longest pattern, in bytes: reading one takes a time in proportion, however little comes of it.
pub const MAX_LENGTH: usize = 500;
/// The most that a pattern may take when compiled, in bytes. What is counted out, repeated or meant
/// for all letters of the world grows here, and each character of a value may visit all of it.
pub const MAX_SIZE: usize = 128 * 1024;
/// How deep the groups and classes of a pattern may be nested.
pub const MAX_DEPTH: u32 = 32;
/// How much the engine may remember of a pattern while it matches, in bytes. With less it would give
/// up remembering, and be many times slower.
const MEMORY: usize = 2 * 1024 * 1024;

/// How many compiled patterns are kept.
const KEPT: usize = 8;

/// The patterns compiled last, the latest first. Compiling one takes longer than all else that a
/// request does, and the properties of a client have the same few patterns again and again.
static COMPILED: Mutex<VecDeque<(String, Regex)>> = Mutex::new(VecDeque::new());

/// A pattern that has to match a whole value.
///
/// # Errors
/// The reason in one line, when the pattern is not one of the engine's, or is too long, too large or
/// too deep.
pub fn whole_match(pattern: &str) -> Result<Regex, String> {
    let kept = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, compiled)) = kept().iter().find(|(known, _)| known == pattern) {
        return Ok(compiled.clone());
    }
    let compiled = compile(pattern).ok_or("is not a pattern that this service supports")?;
    let mut kept = kept();
    kept.push_front((pattern.to_owned(), compiled.clone()));
    kept.truncate(KEPT);
    Ok(compiled)
}

fn compile(pattern: &str) -> Option<Regex> {
    let compile = |pattern: &str, depth| {
        let mut builder = RegexBuilder::new(pattern);
        builder.size_limit(MAX_SIZE).dfa_size_limit(MEMORY).nest_limit(depth).build().ok()
    };
    Some(pattern)
        .filter(|pattern| pattern.len() <= MAX_LENGTH)
        // Alone first: `a)(b` is broken, though it would close the group that is put around it.
        .filter(|pattern| compile(pattern, MAX_DEPTH).is_some())
        // Which is two levels more.
        .and_then(|pattern| compile(&format!(r"\A(?:{pattern})\z"), MAX_DEPTH + 2))
}

#[cfg(test)]
mod tests;
