//! The keys of the tests by owner.

use signing::{ASYMMETRIC, SYMMETRIC, SigningKey};

/// Generates a key of each algorithm. The two sets have different owners, because no key may be in
/// both.
pub(crate) fn keys(owner: &str) -> Vec<SigningKey> {
    let algorithms = ASYMMETRIC.into_iter().chain(SYMMETRIC);
    algorithms
        .map(|algorithm| SigningKey::of_owner(algorithm, owner, &format!("{algorithm}-of-{owner}")))
        .collect()
}
