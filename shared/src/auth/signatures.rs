//! A cache of verified signatures.
//!
//! Signature verification is the most expensive step of a warm function, and callers send the same
//! token with many requests. The cache only records that a key signed a text, which never changes.
//! Expiry, issuer, audience and type are checked on every request.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ids::sha256;

/// The maximum number of cached signatures per key.
const MAX_CACHED_SIGNATURES: usize = 256;

/// The latest verified signatures of one key.
///
/// Only hashes are stored, so that no token stays in memory after its request.
#[derive(Clone, Default)]
pub(super) struct SignatureCache(Arc<Mutex<VecDeque<[u8; 32]>>>);

impl SignatureCache {
    /// Returns true if `signature` is a valid signature of `signed`, as cached or as determined by `check`.
    pub(super) fn holds(&self, signed: &str, signature: &str, check: impl FnOnce() -> bool) -> bool {
        // The length makes the input unambiguous: bytes cannot be moved between the parts.
        let hash = sha256(&format!("{}\n{signed}{signature}", signed.len()));
        let cached = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Searched from the latest, because the same callers repeat their tokens.
        if cached().iter().any(|known| *known == hash) {
            return true;
        }
        let holds = check();
        if holds {
            let mut cached = cached();
            // Two concurrent requests may both verify the same signature, which then is cached twice.
            cached.push_front(hash);
            cached.truncate(MAX_CACHED_SIGNATURES);
        }
        holds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_checked(signatures: &SignatureCache, signed: &str, signature: &str, holds: bool) -> bool {
        let mut checked = false;
        let result = signatures.holds(signed, signature, || {
            checked = true;
            holds
        });
        assert_eq!(result, holds || !checked);
        checked
    }

    #[test]
    fn valid_signatures_are_cached_and_invalid_ones_are_not() {
        let signatures = SignatureCache::default();
        assert!(is_checked(&signatures, "a.b", "c", true));
        assert!(!is_checked(&signatures, "a.b", "c", true));
        assert!(!is_checked(&signatures.clone(), "a.b", "c", true));
        for (signed, signature) in [("a.b", "d"), ("a.c", "c"), ("a.bc", ""), ("a.", "bc")] {
            for _ in 0..2 {
                assert!(is_checked(&signatures, signed, signature, false), "{signed} {signature}");
            }
        }
    }

    #[test]
    fn the_cache_is_bounded_and_evicts_the_oldest_signature() {
        let signatures = SignatureCache::default();
        for number in 0..=MAX_CACHED_SIGNATURES {
            assert!(is_checked(&signatures, &number.to_string(), "", true));
        }
        assert!(!is_checked(&signatures, "1", "", true));
        assert!(is_checked(&signatures, "0", "", true));
        assert!(is_checked(&signatures, "1", "", true));
        assert_eq!(signatures.0.lock().expect("not poisoned").len(), MAX_CACHED_SIGNATURES);
    }
}
