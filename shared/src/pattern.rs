//! Patterns that somebody has written, and what they may cost.
//!
//! A client's administrator writes the patterns of properties, and every request that sets one
//! compiles and matches them: none may take more than milliseconds or megabytes. The engine matches
//! in linear time; the limits here bound the factor, and what compiling takes.

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

/// Compiles a pattern so that it has to match a whole value.
///
/// # Errors
/// The reason in one line, when the pattern is not one of the engine's, or is too long, too large or
/// too deep.
pub fn whole_match(pattern: &str) -> Result<Regex, String> {
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
        .ok_or_else(|| "is not a pattern that this service supports".to_owned())
}

#[cfg(test)]
mod tests;
