//! Tests which keys of a set are accepted, which are ignored, and which make the whole set unusable.
//!
//! A deployment with a malformed key does not start.

use std::slice::from_ref;

use serde_json::json;
use signing::{ASYMMETRIC, SYMMETRIC, SigningKey, base64url};

use super::*;
use crate::auth::tests::with;

fn parse(keys: &[Value], purpose: Purpose) -> Result<Vec<VerificationKey>, String> {
    parse_key_set(json!({"keys": keys}).to_string().as_bytes(), purpose)
}

/// Returns the algorithms of the accepted keys.
fn accepted(keys: &[Value], purpose: Purpose) -> Result<Vec<&'static str>, String> {
    Ok(parse(keys, purpose)?.iter().map(VerificationKey::algorithm_name).collect())
}

/// Returns the reason why a set of a valid key and this one is rejected.
fn rejection(key: Value, purpose: Purpose) -> String {
    let good = SigningKey::new("EdDSA", "good").jwk();
    match parse(&[good, key], purpose) {
        Ok(keys) => format!("not rejected: {} keys", keys.len()),
        Err(reason) => reason,
    }
}

fn bare(algorithm: &'static str) -> Value {
    SigningKey::new(algorithm, "a").bare_jwk()
}

fn secret(length: u8) -> String {
    base64url((0..length).collect::<Vec<u8>>())
}

/// Returns an odd number of this many bits, encoded as in RSA keys.
fn number_of_bits(bits: usize) -> String {
    let mut bytes = vec![0xff; bits.div_ceil(8)];
    bytes[0] = 0xff >> (bytes.len() * 8 - bits);
    base64url(bytes)
}

#[test]
fn a_key_serves_its_declared_algorithm() {
    for algorithm in ASYMMETRIC {
        let key = SigningKey::new(algorithm, "a").jwk();
        for purpose in [Purpose::Bearer, Purpose::XToken] {
            assert_eq!(accepted(from_ref(&key), purpose), Ok(vec![algorithm]), "{purpose:?}");
        }
    }
    for algorithm in SYMMETRIC {
        let key = SigningKey::new(algorithm, "a").jwk();
        assert_eq!(accepted(&[key], Purpose::XToken), Ok(vec![algorithm]));
    }
}

#[test]
fn a_key_without_algorithm_serves_the_one_of_its_type() {
    for algorithm in ["EdDSA", "ES256", "ES384", "RS256"] {
        assert_eq!(accepted(&[bare(algorithm)], Purpose::Bearer), Ok(vec![algorithm]));
    }
    let reason = rejection(json!({"kty": "oct", "k": secret(64)}), Purpose::XToken);
    assert_eq!(reason, "has a key 1 that has no 'alg'");
}

#[test]
fn keys_for_other_purposes_are_ignored() {
    let good = SigningKey::new("ES256", "good").jwk();
    let rsa = bare("RS256");
    let octets = json!({"kty": "oct", "k": secret(64)});
    for (name, other) in [
        ("for encryption", with(&rsa, "use", Some(json!("enc")))),
        ("of an unknown use", with(&rsa, "use", Some(json!("tls")))),
        ("to sign only", with(&rsa, "key_ops", Some(json!(["sign"])))),
        ("to encrypt only", with(&rsa, "key_ops", Some(json!(["encrypt", "wrapKey"])))),
        ("for no operation", with(&rsa, "key_ops", Some(json!([])))),
        ("for an operation in another case", with(&rsa, "key_ops", Some(json!(["Verify"])))),
        ("of an unknown type", json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"})),
        ("of a type in another case", with(&rsa, "kty", Some(json!("rsa")))),
        ("of the curve P-521", json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"})),
        ("of the curve secp256k1", json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"})),
        ("of the curve X25519", json!({"kty": "OKP", "crv": "X25519", "x": secret(32)})),
        ("of the curve Ed448", json!({"kty": "OKP", "crv": "Ed448", "x": secret(57)})),
        ("of no curve", json!({"kty": "EC", "x": "AA", "y": "AA"})),
        ("of a curve of another type", json!({"kty": "OKP", "crv": "P-256", "x": secret(32)})),
        ("to encrypt with RSA", with(&rsa, "alg", Some(json!("RSA-OAEP-256")))),
        ("to agree on keys", with(&bare("ES256"), "alg", Some(json!("ECDH-ES")))),
        ("for an unknown algorithm", with(&rsa, "alg", Some(json!("RS1")))),
        ("for no algorithm", with(&rsa, "alg", Some(json!("none")))),
        ("for an algorithm in another case", with(&rsa, "alg", Some(json!("rs256")))),
        ("for AES", with(&octets, "alg", Some(json!("A256GCM")))),
        ("octets for encryption", with(&octets, "use", Some(json!("enc")))),
    ] {
        let keys = [other.clone(), good.clone(), other];
        assert_eq!(accepted(&keys, Purpose::XToken), Ok(vec!["ES256"]), "{name}");
    }
    let verifies = with(&rsa, "key_ops", Some(json!(["sign", "verify"])));
    let both = with(&with(&verifies, "use", Some(json!("sig"))), "x5c", Some(json!(["AA=="])));
    assert_eq!(accepted(&[verifies, both], Purpose::Bearer), Ok(vec!["RS256", "RS256"]));
}

#[test]
fn symmetric_keys_are_rejected_for_bearer_tokens() {
    for (name, key) in [
        ("HS256", SigningKey::new("HS256", "a").jwk()),
        ("no algorithm", json!({"kty": "oct", "k": secret(64)})),
        ("an unknown algorithm", json!({"kty": "oct", "alg": "A256GCM", "k": secret(64)})),
        ("nothing in it", json!({"kty": "oct"})),
    ] {
        let reason = rejection(key, Purpose::Bearer);
        assert_eq!(reason, "has a key 1 that is symmetric, so whoever verifies with it could sign", "{name}");
    }
}

#[test]
fn a_key_must_match_the_type_of_its_algorithm() {
    let types = [
        ("EdDSA", &["EdDSA"][..]),
        ("ES256", &["ES256"]),
        ("ES384", &["ES384"]),
        ("RS256", &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]),
        ("HS512", &SYMMETRIC),
    ];
    for (own, fitting) in types {
        for (algorithm, _) in ALGORITHMS {
            let key = with(&bare(own), "alg", Some(json!(algorithm)));
            let accepted = accepted(from_ref(&key), Purpose::XToken);
            if fitting.contains(&algorithm) {
                assert_eq!(accepted, Ok(vec![algorithm]));
            } else {
                let kind = key["kty"].as_str().unwrap_or_default();
                let reason =
                    format!("has a key 0 that is of type {kind} but names the algorithm {algorithm}");
                assert_eq!(accepted, Err(reason));
            }
        }
    }
}

#[test]
fn short_symmetric_keys_are_rejected() {
    let octets = |algorithm: &str, length| json!({"kty": "oct", "alg": algorithm, "k": secret(length)});
    for (algorithm, length) in [("HS256", 32), ("HS384", 48), ("HS512", 64)] {
        assert_eq!(accepted(&[octets(algorithm, length)], Purpose::XToken), Ok(vec![algorithm]));
        for short in [length - 1, 1, 0] {
            let reason = rejection(octets(algorithm, short), Purpose::XToken);
            assert_eq!(reason, format!("has a key 1 that is shorter than {length} bytes"), "{algorithm}");
        }
    }
}

/// A key that could never verify a signature is reported at start-up, not with every request.
#[test]
fn an_rsa_key_has_2048_to_8192_bits_and_a_valid_exponent() {
    let key = bare("RS256");
    let zero_before = |number: &str| {
        let number = URL_SAFE_NO_PAD.decode(key[number].as_str().expect("a text")).expect("base64url");
        base64url([&[0][..], &number].concat())
    };
    let reason = "has a key 1 that is not an RSA key of 2048 to 8192 bits";
    for bits in [2048, 3072, 8192] {
        let key = with(&key, "n", Some(number_of_bits(bits).into()));
        assert_eq!(accepted(&[key], Purpose::Bearer), Ok(vec!["RS256"]), "{bits} bits");
    }
    for bits in [8, 512, 1024, 2040, 2041, 2047, 8193, 8200, 16384] {
        let key = with(&key, "n", Some(number_of_bits(bits).into()));
        assert_eq!(rejection(key, Purpose::Bearer), reason, "{bits} bits");
    }
    let padded = base64url([&[0_u8; 128][..], &[0xff; 128]].concat());
    for (name, part, value) in [
        ("1024 bits behind zeros", "n", padded),
        ("a zero before it", "n", zero_before("n")),
        ("zeros", "n", base64url([0; 256])),
        ("nothing", "n", String::new()),
        ("no exponent", "e", String::new()),
        ("the exponent 0", "e", base64url([0])),
        ("the exponent 1", "e", base64url([1])),
        ("the exponent 2", "e", base64url([2])),
        ("an even exponent", "e", base64url([1, 0, 0])),
        ("an exponent with a zero before it", "e", zero_before("e")),
        ("an exponent of more than 64 bits", "e", base64url([1, 0, 0, 0, 0, 0, 0, 0, 1])),
    ] {
        assert_eq!(rejection(with(&key, part, Some(value.into())), Purpose::Bearer), reason, "{name}");
    }
    for exponent in [&[3][..], &[1, 0, 1]] {
        let key = with(&key, "e", Some(base64url(exponent).into()));
        assert_eq!(accepted(&[key], Purpose::Bearer), Ok(vec!["RS256"]));
    }
}

#[test]
fn malformed_keys_are_rejected() {
    let (edwards, elliptic, rsa) = (bare("EdDSA"), bare("ES256"), bare("RS256"));
    let longer = bare("ES384");
    let other_curve = with(&elliptic, "crv", Some(json!("P-384")));
    let (shorter_curve, next) = (with(&longer, "crv", Some(json!("P-256"))), bare("ES256")["x"].clone());
    let no_point = "is not a point of its curve";
    let decoded =
        |part: &str| URL_SAFE_NO_PAD.decode(elliptic[part].as_str().expect("a text")).expect("base64url");
    let both = [decoded("x"), decoded("y")].concat();
    let cut_elsewhere = with(&elliptic, "x", Some(json!(base64url(&both[..31]))));
    let cut_elsewhere = with(&cut_elsewhere, "y", Some(json!(base64url(&both[31..]))));
    let rows = [
        ("no type", with(&rsa, "kty", None), "has no 'kty'"),
        ("a type that is a number", with(&rsa, "kty", Some(json!(1))), "has a 'kty' that is not a string"),
        (
            "a curve that is a number",
            with(&elliptic, "crv", Some(json!(256))),
            "has a 'crv' that is not a string",
        ),
        (
            "a use that is an array",
            with(&rsa, "use", Some(json!(["sig"]))),
            "has a 'use' that is not a string",
        ),
        ("a use that is null", with(&rsa, "use", Some(json!(null))), "has a 'use' that is not a string"),
        (
            "operations that are a text",
            with(&rsa, "key_ops", Some(json!("verify"))),
            "has a 'key_ops' that is not an array",
        ),
        (
            "an algorithm that is null",
            with(&rsa, "alg", Some(json!(null))),
            "has a 'alg' that is not a string",
        ),
        ("an id that is a number", with(&rsa, "kid", Some(json!(1))), "has a 'kid' that is not a string"),
        ("no x", with(&edwards, "x", None), "has no 'x'"),
        ("no y", with(&elliptic, "y", None), "has no 'y'"),
        ("no n", with(&rsa, "n", None), "has no 'n'"),
        ("no e", with(&rsa, "e", None), "has no 'e'"),
        ("no k", json!({"kty": "oct", "alg": "HS256"}), "has no 'k'"),
        ("x a number", with(&edwards, "x", Some(json!(1))), "has a 'x' that is not a string"),
        ("x not base64url", with(&edwards, "x", Some(json!("?"))), "has a 'x' that is not base64url"),
        ("x padded", with(&edwards, "x", Some(json!(secret(32) + "="))), "has a 'x' that is not base64url"),
        ("n in plain base64", with(&rsa, "n", Some(json!("+/+/"))), "has a 'n' that is not base64url"),
        ("x empty", with(&edwards, "x", Some(json!(""))), no_point),
        ("x too short", with(&edwards, "x", Some(json!(secret(31)))), no_point),
        ("x too long", with(&edwards, "x", Some(json!(secret(33)))), no_point),
        ("x of P-256 too short", with(&elliptic, "x", Some(json!(secret(31)))), no_point),
        ("y of P-256 too long", with(&elliptic, "y", Some(json!(secret(33)))), no_point),
        ("y of P-384 too short", with(&longer, "y", Some(json!(secret(47)))), no_point),
        ("coordinates of P-256 on P-384", other_curve, no_point),
        ("coordinates of P-384 on P-256", shorter_curve, no_point),
        ("coordinates cut at another place", cut_elsewhere, no_point),
        ("the x of another point", with(&elliptic, "x", Some(next)), no_point),
        (
            "coordinates that are zero",
            with(
                &with(&elliptic, "x", Some(json!(base64url([0; 32])))),
                "y",
                Some(json!(base64url([0; 32]))),
            ),
            no_point,
        ),
    ];
    for (name, key, reason) in rows {
        assert_eq!(rejection(key, Purpose::XToken), format!("has a key 1 that {reason}"), "{name}");
    }
}

/// The list itself is compared with another library by a test of the suite.
#[test]
fn points_of_small_order_are_rejected_with_either_sign() {
    for digits in SMALL_ORDER {
        let bytes = (0..32).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16));
        let mut point = bytes.collect::<Result<Vec<u8>, _>>().expect("hexadecimal digits");
        for sign in [0, 0x80] {
            point[31] |= sign;
            let key = with(&bare("EdDSA"), "x", Some(json!(base64url(&point))));
            let reason = "has a key 1 that is a point of small order";
            assert_eq!(rejection(key, Purpose::Bearer), reason, "{digits} {sign}");
        }
    }
}

#[test]
fn malformed_key_sets_are_rejected() {
    let key = SigningKey::new("EdDSA", "a").jwk().to_string();
    let no_object = "is not a JSON object, or has duplicate member names";
    let no_array = "has no array 'keys'";
    let no_key = "has no key that verifies signatures";
    let doubled_id = key.replacen('{', r#"{"kid":"b","#, 1);
    let doubled_curve = key.replacen('{', r#"{"crv":"Ed25519","#, 1);
    for (text, reason) in [
        (String::new(), no_object),
        ("null".to_owned(), no_object),
        (format!("[{key}]"), no_object),
        (format!(r#"{{"keys":[{key}]"#), no_object),
        (format!(r#"{{"keys":[{key}],"keys":[]}}"#), no_object),
        (format!(r#"{{"keys":[{doubled_id}]}}"#), no_object),
        (format!(r#"{{"keys":[{doubled_curve}]}}"#), no_object),
        ("{}".to_owned(), no_array),
        (key.clone(), no_array),
        (format!(r#"{{"keys":{key}}}"#), no_array),
        (format!(r#"{{"Keys":[{key}]}}"#), no_array),
        (r#"{"keys":null}"#.to_owned(), no_array),
        (r#"{"keys":[]}"#.to_owned(), no_key),
        (r#"{"keys":[{"kty":"AKP"}]}"#.to_owned(), no_key),
        (format!(r#"{{"keys":[{key},null]}}"#), "has a key 1 that is not an object"),
        (format!(r#"{{"keys":["a",{key}]}}"#), "has a key 0 that is not an object"),
    ] {
        let rejection = parse_key_set(text.as_bytes(), Purpose::XToken).err();
        assert_eq!(rejection.as_deref(), Some(reason), "{text}");
    }
    let more = format!(r#"{{"keys":[{key}],"issuer":"https://issuer.example"}}"#);
    assert!(parse_key_set(more.as_bytes(), Purpose::Bearer).is_ok());
}

#[test]
fn a_set_has_at_most_64_keys_including_ignored_ones() {
    let key = SigningKey::new("EdDSA", "a").jwk();
    assert_eq!(parse(&vec![key.clone(); 64], Purpose::Bearer).map(|keys| keys.len()), Ok(64));
    let rejection = Err("has more than 64 keys".to_owned());
    assert_eq!(accepted(&vec![key.clone(); 65], Purpose::Bearer), rejection);
    let mut others = vec![json!({"kty": "AKP"}); 64];
    others.push(key);
    assert_eq!(accepted(&others, Purpose::Bearer), rejection);
}

#[test]
fn reasons_do_not_reveal_key_material() {
    let k = secret(31);
    let reason = rejection(json!({"kty": "oct", "alg": "HS256", "kid": "the-id", "k": k}), Purpose::XToken);
    assert!(!reason.contains(&k) && !reason.contains("the-id"), "{reason}");
}

#[test]
fn keys_have_their_id_and_a_fingerprint_of_their_material() {
    let keys = ["EdDSA", "ES256", "ES384", "RS256", "HS256", "HS384"]
        .map(|algorithm| SigningKey::new(algorithm, "a"));
    let fingerprint =
        |key: &Value| parse(from_ref(key), Purpose::XToken).expect("a set")[0].material().to_owned();
    let mut fingerprints = Vec::new();
    for key in &keys {
        let mut renamed = with(&key.jwk(), "kid", Some(json!("b")));
        assert_eq!(fingerprint(&key.jwk()), fingerprint(&renamed), "equal whatever it is called");
        let id =
            |key: &Value| parse(from_ref(key), Purpose::XToken).expect("a set")[0].id().map(str::to_owned);
        assert_eq!((id(&key.jwk()).as_deref(), id(&renamed).as_deref()), (Some("a"), Some("b")));
        renamed = with(&renamed, "kid", None);
        assert_eq!(id(&renamed), None);
        fingerprints.push(fingerprint(&renamed));
    }
    let rsa = with(&keys[3].jwk(), "alg", Some(json!("PS512")));
    assert_eq!(fingerprint(&rsa), fingerprints[3], "equal whichever algorithm it serves");
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), keys.len(), "different keys have different ones");
    assert_ne!(fingerprint(&bare("EdDSA")), fingerprint(&bare("EdDSA")));
}
