//! Weak keys: the service does not start with a key for which anyone can sign.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use serde_json::json;
use shared::auth::key_set::KeySource;
use shared::auth::keys::Purpose;

/// Points of small order of Ed25519 as numbers, most significant digit first.
const SMALL: [&str; 7] = [
    "0",
    "1",
    "5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
    "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffee",
];

/// Returns the encoded point with either sign.
fn points(number: &str) -> [[u8; 32]; 2] {
    let digits = format!("{number:0>64}");
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().rev().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("a byte");
    }
    let mut negative = bytes;
    negative[31] |= 0x80;
    [bytes, negative]
}

/// With the neutral point as the key, one signature is valid for every message.
#[test]
fn one_signature_is_valid_for_every_message_under_the_neutral_point() {
    let [neutral, _] = points("1");
    let key = VerifyingKey::from_bytes(&neutral).expect("a point");
    let signature = Signature::from_components(neutral, [0; 32]);
    for text in ["anything", "something else"] {
        assert!(key.verify(text.as_bytes(), &signature).is_ok(), "{text}");
        assert!(key.verify_strict(text.as_bytes(), &signature).is_err(), "{text}");
    }
}

#[test]
fn weak_keys_are_rejected() {
    for number in SMALL {
        for point in points(number) {
            let is_weak = VerifyingKey::from_bytes(&point).map(|key| key.is_weak());
            // The other library rejects bytes that are not a point.
            assert_ne!(is_weak.ok(), Some(false), "{number}");
            let key = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(point)});
            let set = json!({"keys": [key]}).to_string();
            for purpose in [Purpose::Bearer, Purpose::XToken] {
                let refused = KeySource::parse(&set, purpose).err();
                let expected = "has no usable key (0: small_order)";
                assert_eq!(refused.as_deref(), Some(expected), "{number}");
            }
        }
    }
}
