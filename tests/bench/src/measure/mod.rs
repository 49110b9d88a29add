//! Measurements, one module per figure.

pub(crate) mod contention;
pub(crate) mod deletions;
pub(crate) mod import;
pub(crate) mod instructions;
pub(crate) mod load;
pub(crate) mod memory;
pub(crate) mod million;
pub(crate) mod patterns;
pub(crate) mod scale;
pub(crate) mod server;
pub(crate) mod sizes;
pub(crate) mod starts;
pub(crate) mod times;
pub(crate) mod warm;
pub(crate) mod wave;

/// A figure of a function and of its baseline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    /// Figure of the function.
    pub(crate) function: f64,
    /// Figure of the baseline.
    pub(crate) baseline: f64,
}

impl Pair {
    /// Returns the ratio of the function to the baseline.
    pub(crate) fn ratio(self) -> f64 {
        self.function / self.baseline
    }
}
