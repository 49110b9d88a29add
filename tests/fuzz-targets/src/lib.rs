//! Fuzz targets: the parsers of untrusted input and their invariants.
//!
//! Each target is a module with a function `check`. It passes arbitrary bytes to one parser of the service
//! and panics if an invariant is violated. The reference is another library or a short independent
//! implementation. The libFuzzer programs in `fuzz/` and the `corpus` test of this crate call the same
//! functions.

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

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Name of the module, of the program in `fuzz/fuzz_targets` and of the folder in `fuzz/corpus`.
    pub name: &'static str,
    /// Panics if the input violates an invariant.
    pub check: fn(&[u8]),
}

/// Declares the list of targets from the names of their modules.
macro_rules! targets {
    ($($module:ident),+ $(,)?) => {
        /// All fuzz targets.
        pub const TARGETS: &[Target] =
            &[$(Target { name: stringify!($module), check: $module::check }),+];
    };
}

targets![bodies, configs, events, idempotency_keys, json, key_sets, keys, lines, paths, properties, tokens,];

/// Returns the first line of a text and the remaining text, which is empty if there is only one line.
fn first_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}
