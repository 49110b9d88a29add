//! Patterns that somebody has written, and what they may cost.
//!
//! A client's administrator writes the patterns of properties, and every request that sets one
//! matches them: none may take more than milliseconds or megabytes. The engine matches in linear
//! time; the limits here bound the factor, and what compiling takes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_automata::{Anchored, Input};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, Look};

/// The longest pattern, in bytes: reading one takes a time in proportion, however little comes of it.
pub const MAX_LENGTH: usize = 500;
/// The most that a pattern may take when compiled, in bytes. What is counted out, repeated or meant
/// for all letters of the world grows here, and each character of a value may visit all of it.
pub const MAX_SIZE: usize = 200 * 1024;
/// How deep the groups and classes of a pattern may be nested.
pub const MAX_DEPTH: u32 = 32;
/// How much the engine may remember of a pattern while it matches, in bytes: 4 MiB. With less it would
/// give up remembering, and be many times slower.
const MEMORY: usize = 4_194_304;

/// How many compiled patterns are kept.
const KEPT: usize = 8;

/// The patterns compiled last, the latest first. Compiling one takes longer than all else that a
/// request does, and the properties of a client have the same few patterns again and again.
static COMPILED: Mutex<VecDeque<(String, Arc<Pattern>)>> = Mutex::new(VecDeque::new());

/// A pattern that has to match a whole value.
#[derive(Debug)]
pub struct Pattern {
    /// Remembers what it has seen of values: a character costs as good as nothing the second time.
    quick: DFA,
    seen: Mutex<Cache>,
    /// For what the other gives up: words of other letters than ASCII's, and patterns that it would
    /// have to remember too much of.
    thorough: PikeVM,
}

impl Pattern {
    /// Whether the whole of a value matches.
    #[must_use]
    pub fn is_match(&self, value: &str) -> bool {
        let value = Input::new(value).anchored(Anchored::Yes).earliest(true);
        // What a panic has left of what was seen is not to be believed.
        let seen = self.seen.lock().ok();
        let matched = seen.and_then(|mut seen| self.quick.try_search_fwd(&mut seen, &value).ok());
        matched.map_or_else(
            || self.thorough.is_match(&mut self.thorough.create_cache(), value.clone()),
            |end| end.is_some(),
        )
    }
}

/// A pattern in the syntax of the `regex` crate, which has to match a whole value.
///
/// # Errors
/// The reason in one line, when the pattern is not one of the engine's, or is too long, too large or
/// too deep.
pub fn whole_match(pattern: &str) -> Result<Arc<Pattern>, String> {
    let kept = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, compiled)) = kept().iter().find(|(known, _)| known == pattern) {
        return Ok(Arc::clone(compiled));
    }
    let compiled = compile(pattern).ok_or("is not a pattern that this service supports")?;
    let compiled = Arc::new(compiled);
    let mut kept = kept();
    kept.push_front((pattern.to_owned(), Arc::clone(&compiled)));
    kept.truncate(KEPT);
    Ok(compiled)
}

/// Reads a pattern and has the engine set itself up for it, which the first value that is matched would
/// wait for otherwise.
///
/// # Errors
/// As [`whole_match`].
pub fn prepare(pattern: &str) -> Result<(), String> {
    let _ = whole_match(pattern)?.is_match("");
    Ok(())
}

/// The pattern is read alone, and the ends of the value are put around what was read: `a)(b` is broken,
/// though it would close a group around it.
fn compile(pattern: &str) -> Option<Pattern> {
    let pattern = Some(pattern).filter(|pattern| pattern.len() <= MAX_LENGTH)?;
    let read = ParserBuilder::new().nest_limit(MAX_DEPTH).build().parse(pattern).ok()?;
    let whole = Hir::concat(vec![Hir::look(Look::Start), read, Hir::look(Look::End)]);
    // Nobody asks where a value matches.
    let limits = Config::new().nfa_size_limit(Some(MAX_SIZE)).which_captures(WhichCaptures::None);
    let states = Compiler::new().configure(limits).build_from_hir(&whole).ok()?;
    let quick = DFA::config()
        .cache_capacity(MEMORY)
        .unicode_word_boundary(true)
        // It gives up when it forgets again and again what it has just made of the value.
        .minimum_cache_clear_count(Some(3))
        .minimum_bytes_per_state(Some(10));
    let quick = DFA::builder().configure(quick).build_from_nfa(states.clone()).ok()?;
    let thorough = PikeVM::new_from_nfa(states).ok()?;
    Some(Pattern { seen: Mutex::new(quick.create_cache()), quick, thorough })
}

#[cfg(test)]
mod tests;
