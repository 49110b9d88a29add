//! What reads bytes from outside, and what has to hold of it whatever they are.
//!
//! A target is a module here whose function `check` takes any bytes, gives them to one reader of the
//! service and panics where a rule does not hold: what was read is compared with what another
//! library, or the few lines of an independent reading, make of the same bytes. The programs of
//! libFuzzer in `fuzz/` and the test `corpus` of this crate call the same functions.

pub mod bodies;
pub mod configs;
pub mod events;
pub mod idempotency_keys;
pub mod json;
pub mod key_sets;
pub mod keys;
pub mod lines;
pub mod paths;
pub mod properties;
mod service;
pub mod tokens;

/// A reader, and what has to hold of it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its module, its program in `fuzz/fuzz_targets` and the folder of its inputs in `fuzz/corpus`.
    pub name: &'static str,
    /// Panics where a rule does not hold of the input.
    pub check: fn(&[u8]),
}

/// Declares the targets once: one a module.
macro_rules! targets {
    ($($module:ident),+ $(,)?) => {
        /// All targets.
        pub const TARGETS: &[Target] =
            &[$(Target { name: stringify!($module), check: $module::check }),+];
    };
}

targets![bodies, configs, events, idempotency_keys, json, key_sets, keys, lines, paths, properties, tokens,];

/// The first line of a text, and what follows it; nothing follows where there is but one line.
fn first_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}
