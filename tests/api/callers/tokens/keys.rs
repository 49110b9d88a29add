//! The keys of the tests, each with its owner.

use signing::{ASYMMETRIC, SYMMETRIC, SigningKey};

/// Generates a key for each algorithm. No key may be in both sets, so each set is an owner.
pub(crate) fn keys(owner: &str) -> Vec<SigningKey> {
    let algorithms = ASYMMETRIC.into_iter().chain(SYMMETRIC);
    algorithms
        .map(|algorithm| SigningKey::of_owner(algorithm, owner, &format!("{algorithm}-of-{owner}")))
        .collect()
}
