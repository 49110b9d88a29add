//! Signatures that have been found good before.
//!
//! Checking one costs more than all else that a warm function does, and callers send the same token
//! with many requests. What is remembered is that a key has signed a text, which stays true; whether
//! the token is to be believed now is decided anew each time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ids::sha256;

/// How many signatures of a key are remembered.
const MAX_CACHED_SIGNATURES: usize = 256;

/// The good signatures of one key, the latest of them: hashes only, so that no token lies in memory
/// for longer than its request.
#[derive(Clone, Default)]
pub(super) struct SignatureCache(Arc<Mutex<VecDeque<[u8; 32]>>>);

impl SignatureCache {
    /// Whether `signature` is one of `signed`: as remembered, or as `check` finds.
    pub(super) fn holds(&self, signed: &str, signature: &str, check: impl FnOnce() -> bool) -> bool {
        // Neither part of a token has a line break that it could be moved across.
        let hash = sha256(&format!("{}\n{signed}{signature}", signed.len()));
        let remembered = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The same caller comes again and again: from the latest on, it is found at once.
        if remembered().iter().any(|known| *known == hash) {
            return true;
        }
        let holds = check();
        if holds {
            let mut remembered = remembered();
            // Two requests at a time may have checked the same: it is then remembered twice.
            remembered.push_front(hash);
            remembered.truncate(MAX_CACHED_SIGNATURES);
        }
        holds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_checked(signatures: &SignatureCache, signed: &str, signature: &str, holds: bool) -> bool {
        let mut checked = false;
        let answer = signatures.holds(signed, signature, || {
            checked = true;
            holds
        });
        assert_eq!(answer, holds || !checked);
        checked
    }

    #[test]
    fn a_good_signature_is_checked_once_and_a_bad_one_every_time() {
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
    fn no_more_than_so_many_are_remembered_and_the_oldest_is_forgotten_first() {
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
