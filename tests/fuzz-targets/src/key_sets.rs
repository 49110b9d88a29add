//! The reader of key sets. The input is the text of one.
//!
//! A set for Bearer tokens has no shared secret in it and is a set for X-Tokens as well, with the same
//! keys. No key has signed what nobody signed, not even with the signatures that hold under a key of a
//! small order. What is wrong is told in one line.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use shared::auth::keys::{Purpose, VerificationKey, parse_key_set};

/// The most keys of a set.
const MAX_KEYS: usize = 64;

/// Checks the reader with one text.
///
/// # Panics
/// When it does not hold.
pub fn check(input: &[u8]) {
    let [bearer, x_token] = [Purpose::Bearer, Purpose::XToken].map(|purpose| parse_key_set(input, purpose));
    for refusal in [&bearer, &x_token].into_iter().filter_map(|set| set.as_ref().err()) {
        assert!(!refusal.chars().any(char::is_control), "{refusal:?} is more than a line");
    }
    if let Ok(keys) = &bearer {
        assert!(keys.iter().all(|key| !key.algorithm_name().starts_with("HS")), "a shared secret is read");
        let x_token = x_token.as_ref().map(|keys| names(keys));
        assert_eq!(x_token, Ok(names(keys)), "the same set has other keys for X-Tokens");
    }
    if let Ok(keys) = &x_token {
        let set: Value = serde_json::from_slice(input).expect("a set is JSON");
        let members = set["keys"].as_array().map_or(0, Vec::len);
        assert!((1..=members.min(MAX_KEYS)).contains(&keys.len()), "{} keys of {members}", keys.len());
        for key in keys {
            let ids: BTreeSet<_> =
                set["keys"].as_array().into_iter().flatten().map(|key| key["kid"].as_str()).collect();
            assert!(ids.contains(&key.id()), "a key has a name that is not in the set");
            demand_nothing_signed(key);
        }
    }
}

fn names(keys: &[VerificationKey]) -> Vec<(Option<&str>, &str, &str)> {
    keys.iter().map(|key| (key.id(), key.algorithm_name(), key.material())).collect()
}

/// Demands that a key has signed nothing by signatures that nobody made: none, zeros, and the neutral
/// point with a zero.
fn demand_nothing_signed(key: &VerificationKey) {
    let neutral = [&[1_u8][..], &[0; 63]].concat();
    for signature in [Vec::new(), vec![0; 32], vec![0; 64], vec![0; 96], vec![0; 256], neutral] {
        let signature = URL_SAFE_NO_PAD.encode(signature);
        assert!(!key.has_signed("a.b", &signature), "{} holds without a signer", key.algorithm_name());
    }
}
