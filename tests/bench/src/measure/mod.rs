//! What is measured, a figure a file.

pub(crate) mod instructions;
pub(crate) mod memory;
pub(crate) mod patterns;
pub(crate) mod scale;
pub(crate) mod server;
pub(crate) mod sizes;
pub(crate) mod starts;
pub(crate) mod times;
pub(crate) mod warm;

/// A figure of a function and of the floor that it is compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    /// The function's.
    pub(crate) function: f64,
    /// The floor's.
    pub(crate) floor: f64,
}

impl Pair {
    /// How often the function's figure contains the floor's.
    pub(crate) fn ratio(self) -> f64 {
        self.function / self.floor
    }
}
