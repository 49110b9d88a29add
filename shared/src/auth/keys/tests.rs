//! Tests which keys of a set are used, which are passed over, and which make the whole set unusable.

use std::slice::from_ref;

use serde_json::json;
use signing::{ASYMMETRIC, SYMMETRIC, SigningKey, base64url};

use super::*;
use crate::auth::tests::with;

fn parse(keys: &[Value], purpose: Purpose) -> Result<ParsedKeys, RefusedSet> {
    parse_key_set(json!({"keys": keys}).to_string().as_bytes(), purpose, &[])
}

/// Returns the algorithms of the accepted keys.
fn accepted(keys: &[Value], purpose: Purpose) -> Result<Vec<&'static str>, RefusedSet> {
    Ok(parse(keys, purpose)?.keys.iter().map(VerificationKey::algorithm_name).collect())
}

/// Returns the reason why a key is passed over, next to which there is a good one.
fn reason(key: Value, purpose: Purpose) -> Unusable {
    let good = SigningKey::new("EdDSA", "good").jwk();
    let id = key["kid"].as_str().map(str::to_owned);
    let parsed = parse(&[good, key], purpose).unwrap_or_else(|reason| panic!("refused: {reason}"));
    let ids: Vec<Option<&str>> = parsed.keys.iter().map(VerificationKey::id).collect();
    assert_eq!(ids, [Some("good")]);
    let [PassedOver { position, id: passed_over, reason }] = &parsed.passed_over[..] else {
        panic!("{:?}", parsed.passed_over)
    };
    assert_eq!((*position, passed_over), (1, &id));
    *reason
}

fn bare(algorithm: &'static str) -> Value {
    SigningKey::new(algorithm, "a").bare_jwk()
}

fn secret(length: u8) -> String {
    base64url((0..length).collect::<Vec<u8>>())
}

/// Returns the largest number of this many bits without small factors and with at least two large ones,
/// encoded as in RSA keys.
fn number_of_bits(bits: usize) -> String {
    let largest = vec![0xff; bits.div_ceil(8)];
    let mut bytes = largest;
    bytes[0] = 0xff >> (bytes.len() * 8 - bits);
    let last = bytes.len() - 1;
    while weakness(&bytes).is_some() {
        bytes[last] -= 2;
    }
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
    let reason = reason(json!({"kty": "oct", "k": secret(64)}), Purpose::XToken);
    assert_eq!(reason, Unusable::Missing("alg"));
}

#[test]
fn keys_for_other_purposes_are_passed_over() {
    let rsa = bare("RS256");
    let octets = json!({"kty": "oct", "k": secret(64)});
    for (name, other, expected) in [
        ("for encryption", with(&rsa, "use", Some(json!("enc"))), Unusable::OtherUse),
        ("of an unknown use", with(&rsa, "use", Some(json!("tls"))), Unusable::OtherUse),
        ("to sign only", with(&rsa, "key_ops", Some(json!(["sign"]))), Unusable::OtherUse),
        ("to encrypt only", with(&rsa, "key_ops", Some(json!(["encrypt", "wrapKey"]))), Unusable::OtherUse),
        ("for no operation", with(&rsa, "key_ops", Some(json!([]))), Unusable::OtherUse),
        ("for another case", with(&rsa, "key_ops", Some(json!(["Verify"]))), Unusable::OtherUse),
        ("of an unknown type", json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}), Unusable::Type),
        ("of a type in another case", with(&rsa, "kty", Some(json!("rsa"))), Unusable::Type),
        ("of P-521", json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}), Unusable::Curve),
        ("of secp256k1", json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}), Unusable::Curve),
        ("of X25519", json!({"kty": "OKP", "crv": "X25519", "x": secret(32)}), Unusable::Curve),
        ("of Ed448", json!({"kty": "OKP", "crv": "Ed448", "x": secret(57)}), Unusable::Curve),
        ("of another type", json!({"kty": "OKP", "crv": "P-256", "x": secret(32)}), Unusable::Curve),
        ("to encrypt with RSA", with(&rsa, "alg", Some(json!("RSA-OAEP-256"))), Unusable::Algorithm),
        ("to agree on keys", with(&bare("ES256"), "alg", Some(json!("ECDH-ES"))), Unusable::Algorithm),
        ("for an unknown algorithm", with(&rsa, "alg", Some(json!("RS1"))), Unusable::Algorithm),
        ("for no algorithm", with(&rsa, "alg", Some(json!("none"))), Unusable::Algorithm),
        ("for one in another case", with(&rsa, "alg", Some(json!("rs256"))), Unusable::Algorithm),
        ("for AES", with(&octets, "alg", Some(json!("A256GCM"))), Unusable::Algorithm),
        ("octets for encryption", with(&octets, "use", Some(json!("enc"))), Unusable::OtherUse),
    ] {
        assert_eq!(reason(with(&other, "kid", Some(json!("other"))), Purpose::XToken), expected, "{name}");
    }
    let verifies = with(&rsa, "key_ops", Some(json!(["sign", "verify"])));
    let both = with(&with(&verifies, "use", Some(json!("sig"))), "x5c", Some(json!(["AA=="])));
    assert_eq!(accepted(&[verifies, both], Purpose::Bearer), Ok(vec!["RS256", "RS256"]));
}

#[test]
fn a_set_for_bearer_tokens_with_a_symmetric_or_private_key_is_refused() {
    let good = SigningKey::new("ES256", "good").jwk();
    for (name, key) in [
        ("HS256", SigningKey::new("HS256", "a").jwk()),
        ("no algorithm", json!({"kty": "oct", "k": secret(64)})),
        ("an unknown algorithm", json!({"kty": "oct", "alg": "A256GCM", "k": secret(64)})),
        ("nothing in it", json!({"kty": "oct"})),
        ("no type", json!({"k": secret(64)})),
        ("another use", json!({"kty": "oct", "use": "enc", "k": secret(64)})),
    ] {
        let refused = parse(&[good.clone(), key], Purpose::Bearer).err();
        assert_eq!(refused, Some(RefusedSet::Symmetric(1)), "{name}");
    }
    for member in PRIVATE_MEMBERS {
        for algorithm in ["EdDSA", "ES384", "PS256"] {
            let key = with(&SigningKey::new(algorithm, "a").jwk(), member, Some(json!("AA")));
            let keys = [good.clone(), with(&key, "use", Some(json!("enc"))), key];
            assert_eq!(accepted(&keys, Purpose::Bearer), Err(RefusedSet::Private(1)), "{algorithm} {member}");
            assert_eq!(accepted(&keys, Purpose::XToken), Ok(vec!["ES256", algorithm]));
        }
    }
    let twice = format!(r#"{{"keys":[{good},{{"kty":"RSA","n":"AA","n":"AA","d":"AA"}}]}}"#);
    let refused = parse_key_set(twice.as_bytes(), Purpose::Bearer, &[]).err();
    assert_eq!(refused, Some(RefusedSet::Private(1)));
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
            if fitting.contains(&algorithm) {
                assert_eq!(accepted(from_ref(&key), Purpose::XToken), Ok(vec![algorithm]));
            } else {
                assert_eq!(reason(key, Purpose::XToken), Unusable::AlgorithmMismatch, "{own} {algorithm}");
            }
        }
    }
}

#[test]
fn short_symmetric_keys_are_passed_over() {
    let octets = |algorithm: &str, length| json!({"kty": "oct", "alg": algorithm, "k": secret(length)});
    for (algorithm, length) in [("HS256", 32), ("HS384", 48), ("HS512", 64)] {
        assert_eq!(accepted(&[octets(algorithm, length)], Purpose::XToken), Ok(vec![algorithm]));
        for short in [length - 1, 1, 0] {
            let reason = reason(octets(algorithm, short), Purpose::XToken);
            assert_eq!(reason, Unusable::TooShort, "{algorithm}");
        }
    }
}

/// A key that could never verify a signature is reported at start-up, not with every request.
#[test]
fn an_rsa_key_has_2048_to_8192_bits_and_a_valid_exponent() {
    let key = bare("RS256");
    for bits in [2048, 2050] {
        let key = with(&key, "n", Some(number_of_bits(bits).into()));
        assert_eq!(accepted(&[key], Purpose::Bearer), Ok(vec!["RS256"]), "{bits} bits");
    }
    let ones = |bits: usize| {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] >>= bytes.len() * 8 - bits;
        base64url(bytes)
    };
    for bits in [8, 512, 1024, 2040, 2041, 2047, 8193, 8200, 16384] {
        let key = with(&key, "n", Some(ones(bits).into()));
        assert_eq!(reason(key, Purpose::Bearer), Unusable::ModulusSize, "{bits} bits");
    }
    // A multiple of three, which is found after the size has been accepted.
    let largest = with(&key, "n", Some(ones(8192).into()));
    assert_eq!(reason(largest, Purpose::Bearer), Unusable::Modulus(Weakness::SmallFactor));
    for (name, modulus) in [
        ("1024 bits behind zeros", base64url([&[0_u8; 128][..], &[0xff; 128]].concat())),
        ("zeros", base64url([0; 256])),
        ("nothing", String::new()),
    ] {
        let key = with(&key, "n", Some(modulus.into()));
        assert_eq!(reason(key, Purpose::Bearer), Unusable::ModulusSize, "{name}");
    }
    for (name, exponent) in [
        ("nothing", &[][..]),
        ("0", &[0]),
        ("1", &[1]),
        ("1 behind a zero", &[0, 1]),
        ("2", &[2]),
        ("an even number", &[1, 0, 0]),
        ("more than 64 bits", &[1, 0, 0, 0, 0, 0, 0, 0, 1]),
    ] {
        let key = with(&key, "e", Some(base64url(exponent).into()));
        assert_eq!(reason(key, Purpose::Bearer), Unusable::Exponent, "{name}");
    }
    for exponent in [&[3][..], &[1, 0, 1]] {
        let key = with(&key, "e", Some(base64url(exponent).into()));
        assert_eq!(accepted(&[key], Purpose::Bearer), Ok(vec!["RS256"]));
    }
}

#[test]
fn a_number_with_leading_zeros_is_the_same_number() {
    let key = SigningKey::new("PS256", "a");
    let signed = base64url(key.sign("PS256", "a.b"));
    let parsed = |key: &Value| parse(from_ref(key), Purpose::Bearer).expect("a set").keys.swap_remove(0);
    let plain = parsed(&key.jwk());
    for member in ["n", "e"] {
        for zeros in [1, 3] {
            let number =
                URL_SAFE_NO_PAD.decode(key.jwk()[member].as_str().expect("a text")).expect("base64url");
            let longer = base64url([vec![0; zeros], number].concat());
            let padded = parsed(&with(&key.jwk(), member, Some(longer.into())));
            assert!(padded.has_signed("a.b", &signed), "{member} {zeros}");
            assert!(!padded.has_signed("a.c", &signed), "{member} {zeros}");
            assert_eq!(padded.material(), plain.material());
        }
    }
}

#[test]
fn a_key_for_which_anybody_can_sign_is_passed_over() {
    let mut even = URL_SAFE_NO_PAD.decode(number_of_bits(2048)).expect("base64url");
    even[255] -= 1;
    let key = with(&bare("RS256"), "n", Some(base64url(&even).into()));
    assert_eq!(reason(key.clone(), Purpose::Bearer), Unusable::Modulus(Weakness::Even));
    let entry = PassedOver { position: 0, id: None, reason: Unusable::Modulus(Weakness::Even) };
    assert_eq!(accepted(&[key], Purpose::XToken), Err(RefusedSet::NoUsableKey(vec![entry])));
}

/// The check of a modulus takes milliseconds, so a refresh does not repeat it.
#[test]
fn the_modulus_of_a_known_key_is_not_checked_again() {
    let weak = with(&bare("RS256"), "n", Some(base64url([&[0xff; 255][..], &[0xfe]].concat()).into()));
    let text = json!({"keys": [weak]}).to_string();
    let mut known = parse(&[bare("RS256")], Purpose::Bearer).expect("a set").keys;
    assert!(parse_key_set(text.as_bytes(), Purpose::Bearer, &known).is_err());
    let [n, e] = ["n", "e"].map(|name| URL_SAFE_NO_PAD.decode(weak[name].as_str().expect("a text")));
    let parts = [n.expect("base64url"), e.expect("base64url")];
    known[0].material = sha256_hex(&format!("RSA {parts:?}"));
    assert!(parse_key_set(text.as_bytes(), Purpose::Bearer, &known).is_ok());
}

#[test]
fn malformed_keys_are_passed_over() {
    let (edwards, elliptic, rsa) = (bare("EdDSA"), bare("ES256"), bare("RS256"));
    let longer = bare("ES384");
    let other_curve = with(&elliptic, "crv", Some(json!("P-384")));
    let (shorter_curve, next) = (with(&longer, "crv", Some(json!("P-256"))), bare("ES256")["x"].clone());
    let no_point = Unusable::NotAPoint;
    let decoded =
        |part: &str| URL_SAFE_NO_PAD.decode(elliptic[part].as_str().expect("a text")).expect("base64url");
    let both = [decoded("x"), decoded("y")].concat();
    let cut_elsewhere = with(&elliptic, "x", Some(json!(base64url(&both[..31]))));
    let cut_elsewhere = with(&cut_elsewhere, "y", Some(json!(base64url(&both[31..]))));
    let rows = [
        ("no type", with(&rsa, "kty", None), Unusable::Missing("kty")),
        ("a type that is a number", with(&rsa, "kty", Some(json!(1))), Unusable::Malformed("kty")),
        ("a curve that is a number", with(&elliptic, "crv", Some(json!(256))), Unusable::Malformed("crv")),
        ("a use that is an array", with(&rsa, "use", Some(json!(["sig"]))), Unusable::Malformed("use")),
        ("a use that is null", with(&rsa, "use", Some(json!(null))), Unusable::Malformed("use")),
        (
            "operations that are a text",
            with(&rsa, "key_ops", Some(json!("verify"))),
            Unusable::Malformed("key_ops"),
        ),
        ("an algorithm that is null", with(&rsa, "alg", Some(json!(null))), Unusable::Malformed("alg")),
        ("an id that is a number", with(&rsa, "kid", Some(json!(1))), Unusable::Malformed("kid")),
        ("a certificate only", json!({"x5c": ["AA=="]}), Unusable::Missing("kty")),
        ("no curve", with(&elliptic, "crv", None), Unusable::Missing("crv")),
        ("n padded", with(&rsa, "n", Some(json!(secret(32) + "="))), Unusable::Malformed("n")),
        ("no x", with(&edwards, "x", None), Unusable::Missing("x")),
        ("no y", with(&elliptic, "y", None), Unusable::Missing("y")),
        ("no n", with(&rsa, "n", None), Unusable::Missing("n")),
        ("no e", with(&rsa, "e", None), Unusable::Missing("e")),
        ("no k", json!({"kty": "oct", "alg": "HS256"}), Unusable::Missing("k")),
        ("x a number", with(&edwards, "x", Some(json!(1))), Unusable::Malformed("x")),
        ("x not base64url", with(&edwards, "x", Some(json!("?"))), Unusable::Malformed("x")),
        ("x padded", with(&edwards, "x", Some(json!(secret(32) + "="))), Unusable::Malformed("x")),
        ("n in plain base64", with(&rsa, "n", Some(json!("+/+/"))), Unusable::Malformed("n")),
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
    for (name, key, expected) in rows {
        assert_eq!(reason(key, Purpose::XToken), expected, "{name}");
    }
    for entry in ["null", "1", "[]", "\"a\"", r#"{"kty":"RSA","kty":"RSA"}"#, r#"{"a":{"b":1,"b":1}}"#] {
        let good = SigningKey::new("EdDSA", "good").jwk();
        let text = format!(r#"{{"keys":[{entry},{good}]}}"#);
        let parsed = parse_key_set(text.as_bytes(), Purpose::Bearer, &[]).expect("a set");
        let expected = PassedOver { position: 0, id: None, reason: Unusable::NotAnObject };
        assert_eq!((parsed.keys.len(), parsed.passed_over), (1, vec![expected]), "{entry}");
    }
}

/// The list itself is compared with another library by a test of the suite.
#[test]
fn points_of_small_order_are_passed_over_with_either_sign() {
    for digits in SMALL_ORDER {
        let bytes = (0..32).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16));
        let mut point = bytes.collect::<Result<Vec<u8>, _>>().expect("hexadecimal digits");
        for sign in [0, 0x80] {
            point[31] |= sign;
            let key = with(&bare("EdDSA"), "x", Some(json!(base64url(&point))));
            assert_eq!(reason(key, Purpose::Bearer), Unusable::SmallOrder, "{digits} {sign}");
        }
    }
}

#[test]
fn malformed_key_sets_are_refused() {
    let key = SigningKey::new("EdDSA", "a").jwk().to_string();
    let doubled_id = key.replacen('{', r#"{"kid":"b","#, 1);
    for text in [
        String::new(),
        "null".to_owned(),
        format!("[{key}]"),
        format!("[[{key}]]"),
        format!(r#"{{"keys":[{key}]"#),
        format!(r#"{{"keys":[{key}]}} x"#),
        format!(r#"{{"keys":[{key}],"keys":[]}}"#),
        "{}".to_owned(),
        key.clone(),
        format!(r#"{{"keys":{key}}}"#),
        format!(r#"{{"Keys":[{key}]}}"#),
        r#"{"keys":null}"#.to_owned(),
    ] {
        let refused = parse_key_set(text.as_bytes(), Purpose::XToken, &[]).err();
        assert_eq!(refused, Some(RefusedSet::Malformed), "{text}");
    }
    for (text, message) in [
        ("{}".to_owned(), "is not a JSON object with an array 'keys'"),
        (r#"{"keys":[]}"#.to_owned(), "has no key"),
        (r#"{"keys":[{"kty":"AKP"}]}"#.to_owned(), "has no usable key (0: unsupported_type)"),
        (
            format!(r#"{{"keys":[{doubled_id},{{"kid":1,"kty":"RSA"}}]}}"#),
            "has no usable key (0: not_an_object, 1: malformed_member kid)",
        ),
        (
            format!(r#"{{"keys":[{key},{{"kty":"oct"}}]}}"#),
            "has a key 1 that is symmetric, so whoever verifies with it could sign",
        ),
        (format!(r#"{{"keys":[{key},{{"kty":"RSA","d":"AA"}}]}}"#), "has a key 1 that is private"),
    ] {
        let refused = parse_key_set(text.as_bytes(), Purpose::Bearer, &[]).err();
        assert_eq!(refused.map(|reason| reason.to_string()).as_deref(), Some(message), "{text}");
    }
    let more = format!(r#"{{"keys":[{key}],"issuer":"https://issuer.example"}}"#);
    assert!(parse_key_set(more.as_bytes(), Purpose::Bearer, &[]).is_ok());
}

#[test]
fn a_set_has_at_most_64_keys_including_those_passed_over() {
    let key = SigningKey::new("EdDSA", "a").jwk();
    assert_eq!(parse(&vec![key.clone(); 64], Purpose::Bearer).map(|set| set.keys.len()), Ok(64));
    let refused = Err(RefusedSet::TooManyKeys);
    assert_eq!(accepted(&vec![key.clone(); 65], Purpose::Bearer), refused);
    let mut others = vec![json!({"kty": "AKP"}); 64];
    others.push(key);
    assert_eq!(accepted(&others, Purpose::Bearer), refused);
}

#[test]
fn reasons_do_not_reveal_key_material() {
    let k = secret(31);
    let key = json!({"kty": "oct", "alg": "HS256", "kid": "the-id", "k": k});
    let reason = parse(&[key], Purpose::XToken).err().expect("refused").to_string();
    assert!(!reason.contains(&k) && !reason.contains("the-id"), "{reason}");
}

#[test]
fn keys_have_their_id_and_a_fingerprint_of_their_material() {
    let keys = ["EdDSA", "ES256", "ES384", "RS256", "HS256", "HS384"]
        .map(|algorithm| SigningKey::new(algorithm, "a"));
    let fingerprint =
        |key: &Value| parse(from_ref(key), Purpose::XToken).expect("a set").keys[0].material().to_owned();
    let mut fingerprints = Vec::new();
    for key in &keys {
        let mut renamed = with(&key.jwk(), "kid", Some(json!("b")));
        assert_eq!(fingerprint(&key.jwk()), fingerprint(&renamed), "equal whatever it is called");
        let id = |key: &Value| {
            parse(from_ref(key), Purpose::XToken).expect("a set").keys[0].id().map(str::to_owned)
        };
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
