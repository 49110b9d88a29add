//! Parser of key sets (JWKS). The input is the text of a key set.
//!
//! Invariants:
//!
//! - A key set for Bearer tokens contains no shared secret, and is also valid for X-Tokens, with the same
//!   keys.
//! - Every entry of a key set is either used or passed over, and whether it is used does not depend on
//!   the other entries.
//! - No key verifies a forged signature, including signatures that are valid under low-order keys.
//! - A reason is reported in one line.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use shared::auth::keys::{Purpose, Unusable, VerificationKey, parse_key_set};

/// Maximum number of keys in a set.
const MAX_KEYS: usize = 64;

/// Checks the parser with a text.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    let [bearer, x_token] =
        [Purpose::Bearer, Purpose::XToken].map(|purpose| parse_key_set(input, purpose, &[]));
    for error in [&bearer, &x_token].into_iter().filter_map(|set| set.as_ref().err()) {
        let error = error.to_string();
        assert!(!error.chars().any(char::is_control), "{error:?} has control characters");
    }
    if let Ok(set) = &bearer {
        assert!(
            set.keys.iter().all(|key| !key.algorithm_name().starts_with("HS")),
            "a shared secret was accepted"
        );
        let x_token = x_token.as_ref().ok().map(|set| names(&set.keys));
        assert_eq!(x_token, Some(names(&set.keys)), "the same set has different keys for X-Tokens");
    }
    if let Ok(keys) = &x_token {
        // Numbers out of range and deep nesting make one entry unusable, but not readable here.
        let Ok(set) = serde_json::from_slice::<Value>(input) else { return };
        let members = set["keys"].as_array().map_or(0, Vec::len);
        assert!((1..=MAX_KEYS).contains(&members), "{members} keys");
        assert_eq!(keys.keys.len() + keys.passed_over.len(), members, "an entry is lost");
        for entry in &keys.passed_over {
            let alone = json!({"keys": [set["keys"][entry.position]]}).to_string();
            let unusable = parse_key_set(alone.as_bytes(), Purpose::XToken, &[]).is_err();
            // Of duplicate names, the last remains here.
            assert!(unusable || entry.reason == Unusable::NotAnObject, "an entry is usable alone");
        }
        for key in &keys.keys {
            let ids: BTreeSet<_> =
                set["keys"].as_array().into_iter().flatten().map(|key| key["kid"].as_str()).collect();
            assert!(ids.contains(&key.id()), "a key has an ID that is not in the set");
            assert_no_forgery(key);
        }
    }
}

fn names(keys: &[VerificationKey]) -> Vec<(Option<&str>, &str, &str)> {
    keys.iter().map(|key| (key.id(), key.algorithm_name(), key.material())).collect()
}

/// Asserts that a key verifies no forged signature: an empty one, zeros, and the identity point with a zero
/// scalar.
fn assert_no_forgery(key: &VerificationKey) {
    let identity = [&[1_u8][..], &[0; 63]].concat();
    for signature in [Vec::new(), vec![0; 32], vec![0; 64], vec![0; 96], vec![0; 256], identity] {
        let signature = URL_SAFE_NO_PAD.encode(signature);
        assert!(
            !key.has_signed("a.b", &signature),
            "a forged {} signature was accepted",
            key.algorithm_name()
        );
    }
}
