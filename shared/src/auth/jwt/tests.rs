//! Tests the requirements of RFC 8725 and RFC 9068.
//!
//! Every row of the tables below is a token that must be rejected, paired with a valid token that
//! differs in nothing else.

use serde_json::json;
use signing::{ASYMMETRIC, SYMMETRIC, SigningKey, base64url};

use super::*;
use crate::auth::keys::Purpose;
use crate::auth::tests::{NOW, now, verification_keys, with};

const ISSUER: &str = "https://issuer.example";

/// Returns the rules for access tokens. Those for X-Tokens differ only in their values.
fn expectation() -> TokenRules {
    TokenRules {
        issuer: Some(ISSUER.to_owned()),
        audiences: vec!["idm".to_owned()],
        types: vec![Some("at+jwt".to_owned())],
        leeway: 5,
        max_age: None,
    }
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "idm", "sub": "user-123", "exp": NOW + 300, "iat": NOW, "nbf": NOW})
}

fn verify(
    token: &str,
    keys: &[VerificationKey],
    expectation: &TokenRules,
) -> Result<Map<String, Value>, TokenRefusal> {
    Unverified::read(token).and_then(|token| token.verify(keys, expectation, now()).cloned())
}

/// Two keys of the same kind: `a` signs, and `b` is another one.
struct Keys {
    a: SigningKey,
    b: SigningKey,
    set: Vec<VerificationKey>,
}

impl Keys {
    fn new(algorithm: &'static str) -> Self {
        let (a, b) = (SigningKey::new(algorithm, "a"), SigningKey::new(algorithm, "b"));
        let set = verification_keys(&[&a, &b], Purpose::XToken);
        Self { a, b, set }
    }

    fn accepts(&self, token: &str) -> bool {
        verify(token, &self.set, &expectation()).is_ok()
    }

    /// Returns a token of `a` with another header and payload, signed with the algorithm in the header
    /// if possible.
    fn token(&self, header: &Value, claims: &Value) -> String {
        let algorithm = header["alg"].as_str().unwrap_or(self.a.algorithm);
        let [header, claims] = [header, claims].map(|part| base64url(part.to_string()));
        self.a.token_of_parts(algorithm, &header, &claims)
    }

    fn good_token(&self) -> String {
        self.a.token_of("at+jwt", &claims())
    }
}

#[test]
fn a_valid_token_of_every_algorithm_is_accepted() {
    for algorithm in ASYMMETRIC.into_iter().chain(SYMMETRIC) {
        let key = SigningKey::new(algorithm, "a");
        let token = key.token_of("at+jwt", &claims());
        let keys = verification_keys(&[&key], Purpose::XToken);
        assert_eq!(verify(&token, &keys, &expectation()).map(Value::Object), Ok(claims()), "{algorithm}");
        if ASYMMETRIC.contains(&algorithm) {
            let keys = verification_keys(&[&key], Purpose::Bearer);
            assert!(verify(&token, &keys, &expectation()).is_ok(), "{algorithm} as a Bearer token");
        }
    }
}

#[test]
fn a_key_verifies_only_its_own_algorithm() {
    let families: [&[&str]; 3] =
        [&["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], &["ES256", "ES384"], &SYMMETRIC];
    for algorithm in ASYMMETRIC.into_iter().chain(SYMMETRIC) {
        let keys = Keys::new(algorithm);
        let family = families.into_iter().find(|family| family.contains(&algorithm)).unwrap_or_default();
        let others = ["none", "None", "NONE", "nOnE", "", "HS256", "EdDSA", "Ed25519", "ES512", "ES256K"];
        let lower = algorithm.to_ascii_lowercase();
        let others = others.iter().chain(family).copied().chain([lower.as_str()]);
        for other in others.filter(|other| *other != algorithm) {
            let header = with(&keys.a.header("at+jwt"), "alg", Some(other.into()));
            assert!(!keys.accepts(&keys.token(&header, &claims())), "{algorithm} used as {other}");
            let signed_as_before = keys.a.token_of_parts(
                algorithm,
                &base64url(header.to_string()),
                &base64url(claims().to_string()),
            );
            assert!(!keys.accepts(&signed_as_before), "{algorithm} called {other}");
            let unsigned = &signed_as_before[..=signed_as_before.rfind('.').expect("a dot")];
            assert!(!keys.accepts(unsigned), "{algorithm} without a signature, called {other}");
        }
        assert!(keys.accepts(&keys.good_token()), "{algorithm}");
    }
}

/// RFC 8725, section 2.1: a public key must not be usable as a symmetric secret.
#[test]
fn a_public_key_is_never_used_as_a_symmetric_secret() {
    for algorithm in ASYMMETRIC {
        let key = SigningKey::new(algorithm, "a");
        let keys = verification_keys(&[&key], Purpose::XToken);
        for secret in key.public_forms() {
            for symmetric in SYMMETRIC {
                let forger = SigningKey::of_secret(symmetric, "a", &secret);
                let token = forger.token_of("at+jwt", &claims());
                assert!(
                    verify(&token, &keys, &expectation()).is_err(),
                    "{symmetric} with a key of {algorithm}"
                );
                let header = with(&forger.header("at+jwt"), "alg", Some(algorithm.into()));
                let token = forger.token(&header.to_string(), &claims().to_string());
                assert!(verify(&token, &keys, &expectation()).is_err(), "{symmetric} called {algorithm}");
            }
        }
    }
}

#[test]
fn headers_with_unsupported_extensions_are_rejected() {
    let keys = Keys::new("EdDSA");
    let header = |name: &str, value: Option<Value>| with(&keys.a.header("at+jwt"), name, value);
    for (name, header) in [
        ("alg missing", header("alg", None)),
        ("alg null", header("alg", Some(json!(null)))),
        ("alg a number", header("alg", Some(json!(256)))),
        ("alg an array", header("alg", Some(json!(["EdDSA"])))),
        ("kid of another key", header("kid", Some(json!("b")))),
        ("kid unknown", header("kid", Some(json!("c")))),
        ("kid empty", header("kid", Some(json!("")))),
        ("kid in another case", header("kid", Some(json!("A")))),
        ("kid a number", header("kid", Some(json!(1)))),
        ("kid null", header("kid", Some(json!(null)))),
        ("kid an array", header("kid", Some(json!(["a"])))),
        ("kid an object", header("kid", Some(json!({"a": "a"})))),
        ("crit of nothing", header("crit", Some(json!([])))),
        ("crit of a known name", header("crit", Some(json!(["exp"])))),
        ("crit of b64", with(&header("crit", Some(json!(["b64"]))), "b64", Some(json!(true)))),
        ("crit null", header("crit", Some(json!(null)))),
        ("b64 true", header("b64", Some(json!(true)))),
        ("b64 false", header("b64", Some(json!(false)))),
        ("b64 null", header("b64", Some(json!(null)))),
        ("typ missing", header("typ", None)),
        ("typ null", header("typ", Some(json!(null)))),
        ("typ a number", header("typ", Some(json!(1)))),
        ("typ empty", header("typ", Some(json!("")))),
        ("typ of any JWT", header("typ", Some(json!("JWT")))),
        ("typ of an ID token", header("typ", Some(json!("id+jwt")))),
        ("typ of another tree", header("typ", Some(json!("text/at+jwt")))),
        ("typ of a tree twice", header("typ", Some(json!("application/application/at+jwt")))),
        ("typ with a parameter", header("typ", Some(json!("at+jwt;v=1")))),
        ("typ with a space", header("typ", Some(json!("at+jwt ")))),
    ] {
        assert!(!keys.accepts(&keys.token(&header, &claims())), "{name}");
    }
    for (name, header) in [
        ("as it is", header("x", Some(json!("not known, not critical")))),
        ("kid missing", header("kid", None)),
        ("typ in capitals", header("typ", Some(json!("AT+JWT")))),
        ("typ with its tree", header("typ", Some(json!("application/at+jwt")))),
        ("typ with its tree in capitals", header("typ", Some(json!("Application/AT+JWT")))),
    ] {
        assert!(keys.accepts(&keys.token(&header, &claims())), "{name}");
    }
}

#[test]
fn only_the_configured_types_are_accepted() {
    let keys = Keys::new("EdDSA");
    let accepts = |token_type: Option<&str>, types: &[Option<&str>]| {
        let header = with(&keys.a.header(""), "typ", token_type.map(Value::from));
        let types = types.iter().map(|known| known.map(str::to_owned)).collect();
        let expectation = TokenRules { types, ..expectation() };
        verify(&keys.token(&header, &claims()), &keys.set, &expectation).is_ok()
    };
    let of_x_tokens = [Some("jwt"), None];
    assert!(accepts(Some("JWT"), &of_x_tokens) && accepts(None, &of_x_tokens));
    for other in ["at+jwt", "application/at+jwt", "AT+JWT", ""] {
        assert!(!accepts(Some(other), &of_x_tokens), "{other}");
    }
    assert!(!accepts(None, &[Some("jwt")]) && !accepts(Some("jwt"), &[None]) && !accepts(None, &[]));
}

#[test]
fn keys_and_urls_in_a_token_are_ignored() {
    for algorithm in ["EdDSA", "ES256", "RS256", "HS256"] {
        let own = SigningKey::of_secret("HS256", "a", b"a secret of the deployment, 32 bytes");
        let own = if algorithm == "HS256" { own } else { SigningKey::new("EdDSA", "a") };
        let keys = verification_keys(&[&own], Purpose::XToken);
        let foreign = SigningKey::new(algorithm, "a");
        let certificate = base64url([0x30, 0x82]);
        for (name, value) in [
            ("jwk", foreign.jwk()),
            ("jku", json!("https://attacker.example/jwks")),
            ("x5u", json!("https://attacker.example/certificate")),
            ("x5c", json!([certificate])),
            ("x5t", json!(certificate)),
            ("x5t#S256", json!(certificate)),
            ("iss", json!("https://attacker.example")),
        ] {
            for id in [Some("a"), Some("foreign"), None] {
                let header = with(&foreign.header("at+jwt"), "kid", id.map(Value::from));
                let header = with(&header, name, Some(value.clone()));
                let token = foreign.token(&header.to_string(), &claims().to_string());
                assert!(verify(&token, &keys, &expectation()).is_err(), "{algorithm} {name} {id:?}");
            }
        }
    }
}

#[test]
fn a_token_without_key_id_may_be_signed_by_any_key_of_the_set() {
    let keys = Keys::new("ES256");
    let stranger = SigningKey::new("ES256", "a");
    let header = with(&keys.a.header("at+jwt"), "kid", None).to_string();
    for (key, expected) in [(&keys.a, true), (&keys.b, true), (&stranger, false)] {
        assert_eq!(keys.accepts(&key.token(&header, &claims().to_string())), expected);
    }
    assert!(verify(&keys.good_token(), &[], &expectation()).is_err(), "no keys at all");
}

#[test]
fn times_are_numbers_and_the_token_must_be_valid_now() {
    let keys = Keys::new("EdDSA");
    #[expect(clippy::cast_precision_loss, reason = "the timestamp needs far fewer than 53 bits")]
    let now = NOW as f64;
    for (name, value, expected) in [
        ("exp", None, false),
        ("exp", Some(json!(NOW)), false),
        ("exp", Some(json!(now)), false),
        ("exp", Some(json!(NOW - 1)), false),
        ("exp", Some(json!(0)), false),
        ("exp", Some(json!(-1)), false),
        ("exp", Some(json!((NOW + 300).to_string())), false),
        ("exp", Some(json!("2030-01-01T00:00:00Z")), false),
        ("exp", Some(json!(null)), false),
        ("exp", Some(json!(true)), false),
        ("exp", Some(json!([NOW + 300])), false),
        ("exp", Some(json!({"seconds": NOW + 300})), false),
        ("exp", Some(json!(NOW + 1)), true),
        ("exp", Some(json!(now + 0.5)), true),
        ("exp", Some(json!(1e300)), true),
        ("exp", Some(json!(u64::MAX)), true),
        ("nbf", None, true),
        ("nbf", Some(json!(NOW)), true),
        ("nbf", Some(json!(now - 0.5)), true),
        ("nbf", Some(json!(NOW + 5)), true),
        ("nbf", Some(json!(now + 5.5)), false),
        ("nbf", Some(json!(NOW + 6)), false),
        ("nbf", Some(json!(null)), false),
        ("nbf", Some(json!("0")), false),
        ("nbf", Some(json!(false)), false),
        ("iat", None, true),
        ("iat", Some(json!(NOW)), true),
        ("iat", Some(json!(0)), true),
        ("iat", Some(json!(NOW + 5)), true),
        ("iat", Some(json!(NOW + 6)), false),
        ("iat", Some(json!(null)), false),
        ("iat", Some(json!("0")), false),
        ("iat", Some(json!([])), false),
    ] {
        let row = format!("{name} {value:?}");
        let token = keys.a.token_of("at+jwt", &with(&claims(), name, value));
        assert_eq!(keys.accepts(&token), expected, "{row}");
    }
}

#[test]
fn times_are_compared_to_the_millisecond() {
    let keys = Keys::new("EdDSA");
    #[expect(clippy::cast_precision_loss, reason = "the timestamp needs far fewer than 53 bits")]
    let half_past = NOW as f64 + 0.5;
    for (name, millis, expected) in [
        ("exp", 499, true),
        ("exp", 500, false),
        ("exp", 900, false),
        ("nbf", -4501, false),
        ("nbf", -4500, true),
        ("iat", -4501, false),
        ("iat", -4500, true),
    ] {
        let token = keys.a.token_of("at+jwt", &with(&claims(), name, Some(json!(half_past))));
        let moment = Timestamp::from_unix_millis(NOW * 1000 + millis).expect("a moment");
        let result =
            Unverified::read(&token).and_then(|it| it.verify(&keys.set, &expectation(), moment).cloned());
        assert_eq!(result.is_ok(), expected, "{name} {millis} ms later");
    }
}

#[test]
fn issuer_and_audience_are_compared_exactly() {
    let keys = Keys::new("EdDSA");
    for (name, value, expected) in [
        ("iss", None, false),
        ("iss", Some(json!("https://other.example")), false),
        ("iss", Some(json!("https://issuer.example/")), false),
        ("iss", Some(json!("HTTPS://issuer.example")), false),
        ("iss", Some(json!("")), false),
        ("iss", Some(json!(null)), false),
        ("iss", Some(json!([ISSUER])), false),
        ("iss", Some(json!({"iss": ISSUER})), false),
        ("iss", Some(json!(ISSUER)), true),
        ("aud", None, false),
        ("aud", Some(json!("other")), false),
        ("aud", Some(json!("idm2")), false),
        ("aud", Some(json!("IDM")), false),
        ("aud", Some(json!("")), false),
        ("aud", Some(json!(null)), false),
        ("aud", Some(json!(1)), false),
        ("aud", Some(json!({"idm": "idm"})), false),
        ("aud", Some(json!([])), false),
        ("aud", Some(json!(["other"])), false),
        ("aud", Some(json!([["idm"]])), false),
        ("aud", Some(json!(["idm", 1])), false),
        ("aud", Some(json!([null, "idm"])), false),
        ("aud", Some(json!("idm")), true),
        ("aud", Some(json!(["idm"])), true),
        ("aud", Some(json!(["other", "idm"])), true),
    ] {
        let row = format!("{name} {value:?}");
        let token = keys.a.token_of("at+jwt", &with(&claims(), name, value));
        assert_eq!(keys.accepts(&token), expected, "{row}");
    }
}

#[test]
fn one_of_several_audiences_suffices() {
    let keys = Keys::new("EdDSA");
    let audiences = vec!["idm".to_owned(), "other".to_owned()];
    let expectation = TokenRules { audiences, ..expectation() };
    for (aud, expected) in [
        (json!("idm"), None),
        (json!("other"), None),
        (json!(["x", "other"]), None),
        (json!("idm,other"), Some(TokenRefusal::Aud)),
        (json!(["x", "y"]), Some(TokenRefusal::Aud)),
        (json!([]), Some(TokenRefusal::Aud)),
        (json!(["other", 1]), Some(TokenRefusal::Claim(Claim::Aud))),
    ] {
        let token = keys.a.token_of("at+jwt", &with(&claims(), "aud", Some(aud.clone())));
        assert_eq!(verify(&token, &keys.set, &expectation).err(), expected, "{aud}");
    }
}

/// `exp` never gets leeway, and neither does the maximum age.
#[test]
fn the_leeway_and_the_maximum_age_are_configurable() {
    let keys = Keys::new("EdDSA");
    let rules = |leeway, max_age| TokenRules { leeway, max_age, ..expectation() };
    let (none, most) = (rules(0, None), rules(60, None));
    let recent = rules(5, Some(600));
    for (rules, name, at, expected) in [
        (&none, "nbf", 1, Some(TokenRefusal::Nbf)),
        (&none, "iat", 1, Some(TokenRefusal::Iat)),
        (&most, "nbf", 60, None),
        (&most, "nbf", 61, Some(TokenRefusal::Nbf)),
        (&most, "iat", 60, None),
        (&most, "iat", 61, Some(TokenRefusal::Iat)),
        (&most, "exp", 0, Some(TokenRefusal::Exp)),
        (&most, "exp", -30, Some(TokenRefusal::Exp)),
        (&most, "auth_time", 1_000_000, None),
        (&most, "exp", 1_000_000_000, None),
        (&most, "iat", -1_000_000_000, None),
        (&recent, "exp", 600, None),
        (&recent, "exp", 601, Some(TokenRefusal::Age)),
        (&recent, "exp", 1_000_000_000, Some(TokenRefusal::Age)),
        (&recent, "iat", -600, None),
        (&recent, "iat", -601, Some(TokenRefusal::Age)),
        (&recent, "iat", 5, None),
        (&recent, "iat", 6, Some(TokenRefusal::Iat)),
        (&recent, "auth_time", -600, None),
        (&recent, "auth_time", -601, Some(TokenRefusal::Age)),
        (&recent, "auth_time", 5, None),
        (&recent, "auth_time", 6, Some(TokenRefusal::Age)),
        (&recent, "nbf", -1_000_000_000, None),
    ] {
        let token = keys.a.token_of("at+jwt", &with(&claims(), name, Some(json!(NOW + at))));
        assert_eq!(verify(&token, &keys.set, rules).err(), expected, "{name} {at} {rules:?}");
    }
    let without_iat = keys.a.token_of("at+jwt", &with(&claims(), "iat", None));
    assert_eq!(verify(&without_iat, &keys.set, &recent).err(), None);
    let text = keys.a.token_of("at+jwt", &with(&claims(), "auth_time", Some(json!("now"))));
    assert_eq!(verify(&text, &keys.set, &recent).err(), Some(TokenRefusal::Claim(Claim::AuthTime)));
    assert_eq!(verify(&text, &keys.set, &most).err(), None, "it is read only where the age counts");
}

#[test]
fn issuer_and_audience_are_ignored_if_not_configured() {
    let keys = Keys::new("EdDSA");
    let none = TokenRules { issuer: None, audiences: Vec::new(), ..expectation() };
    let bare = json!({"exp": NOW + 1});
    let token = keys.a.token_of("at+jwt", &bare);
    assert_eq!(verify(&token, &keys.set, &none).map(Value::Object), Ok(bare));
    let issuer_only = TokenRules { audiences: Vec::new(), ..expectation() };
    assert!(verify(&token, &keys.set, &issuer_only).is_err());
    let audience_only = TokenRules { issuer: None, ..expectation() };
    assert!(verify(&token, &keys.set, &audience_only).is_err());
}

#[test]
fn ambiguous_json_is_rejected() {
    let keys = Keys::new("EdDSA");
    let (header, payload) = (keys.a.header("at+jwt").to_string(), claims().to_string());
    let doubled = |object: &str, member: &str| object.replacen('{', &format!("{{{member},"), 1);
    let mut deep = "[".repeat(200);
    deep.push_str(&"]".repeat(200));
    for (name, header, payload) in [
        ("header doubled alg", doubled(&header, r#""alg":"EdDSA""#), payload.clone()),
        ("header doubled alg, none first", doubled(&header, r#""alg":"none""#), payload.clone()),
        ("header doubled kid", doubled(&header, r#""kid":"a""#), payload.clone()),
        ("header doubled by an escape", doubled(&header, r#""\u0061lg":"EdDSA""#), payload.clone()),
        ("header doubled deep inside", doubled(&header, r#""x":{"y":1,"y":2}"#), payload.clone()),
        ("payload doubled sub", header.clone(), doubled(&payload, r#""sub":"user-123""#)),
        ("payload doubled exp", header.clone(), doubled(&payload, r#""exp":9999999999"#)),
        ("payload doubled by an escape", header.clone(), doubled(&payload, r#""\u0073ub":"other""#)),
        ("payload doubled deep inside", header.clone(), doubled(&payload, r#""x":[{"y":1,"y":1}]"#)),
        ("header an array", format!("[{header}]"), payload.clone()),
        ("header a text", r#""EdDSA""#.to_owned(), payload.clone()),
        ("header a number", "1".to_owned(), payload.clone()),
        ("header null", "null".to_owned(), payload.clone()),
        ("header empty", String::new(), payload.clone()),
        ("header cut off", header[..header.len() - 1].to_owned(), payload.clone()),
        ("header with a tail", format!("{header}{{}}"), payload.clone()),
        ("header behind a byte order mark", format!("\u{feff}{header}"), payload.clone()),
        ("header with a comment", format!("{header}// end"), payload.clone()),
        ("payload an array", header.clone(), format!("[{payload}]")),
        ("payload a text", header.clone(), r#""sub""#.to_owned()),
        ("payload a number", header.clone(), "1".to_owned()),
        ("payload true", header.clone(), "true".to_owned()),
        ("payload null", header.clone(), "null".to_owned()),
        ("payload empty", header.clone(), String::new()),
        ("payload cut off", header.clone(), payload[..payload.len() - 1].to_owned()),
        ("payload with a tail", header.clone(), format!("{payload} x")),
        ("payload with an invalid number", header.clone(), doubled(&payload, r#""x":NaN"#)),
        ("payload with half a character", header.clone(), doubled(&payload, r#""x":"\ud800""#)),
        ("payload too deep", header.clone(), doubled(&payload, &format!(r#""x":{deep}"#))),
        ("payload a token of its own", header.clone(), keys.good_token()),
    ] {
        assert!(!keys.accepts(&keys.a.token(&header, &payload)), "{name}");
    }
    let not_utf_8 = [b"{\"x\":\"\xff\",".as_slice(), &payload.as_bytes()[1..]].concat();
    let token = keys.a.token_of_parts("EdDSA", &base64url(&header), &base64url(not_utf_8));
    assert!(!keys.accepts(&token), "payload not UTF-8");
    for payload in [payload.clone(), format!(" {payload}\n"), doubled(&payload, r#""x":{"sub":"other"}"#)] {
        assert!(keys.accepts(&keys.a.token(&header, &payload)), "{payload}");
    }
}

#[test]
fn a_token_has_three_parts_in_unpadded_base64url() {
    let keys = Keys::new("EdDSA");
    let good = keys.good_token();
    let [header, payload, signature]: [&str; 3] =
        good.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let mut rows = vec![
        ("nothing".to_owned(), String::new()),
        ("one part".to_owned(), header.to_owned()),
        ("dots only".to_owned(), "..".to_owned()),
        ("two parts".to_owned(), format!("{header}.{payload}")),
        ("two parts, the signature last".to_owned(), format!("{header}.{signature}")),
        ("an empty signature".to_owned(), format!("{header}.{payload}.")),
        ("an empty payload".to_owned(), format!("{header}..{signature}")),
        ("an empty header".to_owned(), format!(".{payload}.{signature}")),
        ("four parts".to_owned(), format!("{good}.{signature}")),
        ("four parts, the last empty".to_owned(), format!("{good}.")),
        ("four parts, the first empty".to_owned(), format!(".{good}")),
        ("four parts, one in the middle empty".to_owned(), format!("{header}.{payload}..{signature}")),
        ("five parts, as encrypted ones have".to_owned(), format!("{good}.{payload}.{signature}")),
        ("two tokens with a comma".to_owned(), format!("{good},{good}")),
        ("two tokens with a comma and a space".to_owned(), format!("{good}, {good}")),
        ("two tokens with a space".to_owned(), format!("{good} {good}")),
        ("a token in JSON".to_owned(), format!("\"{good}\"")),
        ("percent-encoded dots".to_owned(), good.replace('.', "%2E")),
        ("another dot".to_owned(), good.replace('.', "\u{ff0e}")),
    ];
    for (at, part) in [header, payload, signature].into_iter().enumerate() {
        let parts = |changed: String| {
            let mut parts = [header, payload, signature].map(str::to_owned);
            parts[at] = changed;
            parts.join(".")
        };
        for padding in ["=", "==", "===", "%3D"] {
            rows.push((format!("part {at} padded with {padding}"), parts(format!("{part}{padding}"))));
        }
        for space in [" ", "\t", "\n", "\r\n", "\0", "\u{a0}"] {
            for (place, position) in [("before", 0), ("inside", part.len() / 2), ("after", part.len())] {
                let (front, back) = part.split_at(position);
                let row = format!("part {at} with {space:?} {place}");
                rows.push((row, parts(format!("{front}{space}{back}"))));
            }
        }
    }
    // If header and payload are signed in that form, only the form itself can fail.
    for more in ["=", "==", " ", "\n", "\0", "."] {
        let (longer_header, longer_payload) = (format!("{header}{more}"), format!("{payload}{more}"));
        for (header, payload) in [(longer_header.as_str(), payload), (header, longer_payload.as_str())] {
            let row = format!("signed with {more:?} in {header}.{payload}");
            rows.push((row, keys.a.token_of_parts("EdDSA", header, payload)));
        }
    }
    for (name, token) in rows {
        assert!(!keys.accepts(&token), "{name}");
    }
    assert!(keys.accepts(&good) && keys.accepts(&keys.a.token_of_parts("EdDSA", header, payload)));
}

/// A valid token may cause its key to be looked up and a key set to be fetched.
#[test]
fn malformed_tokens_are_rejected_before_the_key_lookup() {
    let good = Keys::new("EdDSA").good_token();
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    for token in [format!("{signed}."), format!("{signed}.e30.{signature}"), format!("{good}.{signature}")] {
        assert_eq!(Unverified::read(&token).err(), Some(TokenRefusal::Malformed), "{token}");
    }
}

/// Unused bits in the last character of a part must be zero, so that no token has a second encoding.
#[test]
fn unused_bits_of_base64url_must_be_zero() {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let keys = Keys::new("EdDSA");
    let mut seen = 0;
    for pad in 0..3 {
        let header = with(&keys.a.header("at+jwt"), "x", Some("x".repeat(pad).into())).to_string();
        let payload = with(&claims(), "x", Some("x".repeat(pad).into())).to_string();
        let token = keys.a.token(&header, &payload);
        assert!(keys.accepts(&token));
        let parts: Vec<&str> = token.split('.').collect();
        for at in 0..3 {
            let unused = match parts[at].len() % 4 {
                2 => 0b1111,
                3 => 0b11,
                _ => 0,
            };
            let last = parts[at].bytes().last().and_then(|last| ALPHABET.iter().position(|c| *c == last));
            let last = last.expect("base64url");
            for bits in 1..=unused {
                let mut changed: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
                changed[at].pop();
                changed[at].push(char::from(ALPHABET[last | bits]));
                assert!(!keys.accepts(&changed.join(".")), "part {at}");
                // If header and payload are signed in that form, only the form itself can fail.
                let signed = keys.a.token_of_parts("EdDSA", &changed[0], &changed[1]);
                assert_eq!(keys.accepts(&signed), at == 2, "part {at}, signed so");
                seen += 1;
            }
        }
    }
    assert!(seen >= 3 * 15, "{seen} forms");
}

/// Returns a valid token of exactly this many bytes.
fn token_of_length(keys: &Keys, length: usize) -> String {
    for pad in 0..4 {
        let header = with(&keys.a.header("at+jwt"), "x", Some("x".repeat(pad).into())).to_string();
        let length_with = |more: usize| {
            let payload = with(&claims(), "x", Some("x".repeat(more).into())).to_string();
            keys.a.token(&header, &payload)
        };
        let shortest = length_with(0).len();
        let more = (length - shortest) * 3 / 4;
        if let Some(token) = (more..more + 3).map(length_with).find(|token| token.len() == length) {
            return token;
        }
    }
    panic!("no token of {length} bytes");
}

#[test]
fn a_token_has_at_most_8_kib() {
    let keys = Keys::new("EdDSA");
    for (length, expected) in [(8191, true), (8192, true), (8193, false), (8194, false), (70_000, false)] {
        let token = token_of_length(&keys, length);
        assert_eq!(token.len(), length);
        assert_eq!(keys.accepts(&token), expected, "{length} bytes");
    }
}

#[test]
fn truncated_and_extended_tokens_are_rejected() {
    for algorithm in ["EdDSA", "ES256", "HS256"] {
        let keys = Keys::new(algorithm);
        let good = keys.good_token();
        assert!(keys.accepts(&good));
        for length in 0..good.len() {
            assert!(!keys.accepts(&good[..length]), "{algorithm}: the first {length} bytes");
            assert!(!keys.accepts(&good[good.len() - length..]), "{algorithm}: the last {length} bytes");
        }
        for more in ["A", "AA", "AAA", "AAAA", "AAAAAAAA"] {
            assert!(!keys.accepts(&format!("{good}{more}")), "{algorithm}: {more} after it");
            assert!(!keys.accepts(&format!("{more}{good}")), "{algorithm}: {more} before it");
        }
    }
}

#[test]
fn tokens_with_one_flipped_bit_are_rejected() {
    for algorithm in ["EdDSA", "ES256", "RS256", "PS256", "HS256"] {
        let keys = Keys::new(algorithm);
        let good = keys.good_token();
        for (position, byte) in good.bytes().enumerate() {
            for bit in 0..8 {
                let mut flipped = good[..position].to_owned();
                flipped.push(char::from(byte ^ (1 << bit)));
                flipped.push_str(&good[position + 1..]);
                assert!(!keys.accepts(&flipped), "{algorithm}: bit {bit} of byte {position}");
            }
        }
    }
}

#[test]
fn trivial_signatures_are_rejected() {
    for algorithm in ASYMMETRIC.into_iter().chain(SYMMETRIC) {
        let keys = Keys::new(algorithm);
        let good = keys.good_token();
        let (signed, signature) = good.rsplit_once('.').expect("a signature");
        let length = URL_SAFE_NO_PAD.decode(signature).expect("base64url").len();
        for (name, bytes) in [
            ("zeros", vec![0; length]),
            ("ones", vec![0xff; length]),
            ("one and one", (0..length).map(|at| u8::from(at % (length / 2) == length / 2 - 1)).collect()),
            ("one byte", vec![0]),
            ("twice as long", vec![0; length * 2]),
        ] {
            assert!(!keys.accepts(&format!("{signed}.{}", base64url(bytes))), "{algorithm}: {name}");
        }
    }
}

#[test]
fn string_claims_must_be_non_empty_strings() {
    let refused = TokenRefusal::Claim(Claim::Sub);
    for (sub, required, optional) in [
        (Some(json!("x")), Ok("x"), Ok(Some("x"))),
        (None, Err(refused), Ok(None)),
        (Some(json!("")), Err(refused), Ok(Some(""))),
        (Some(json!(null)), Err(refused), Err(refused)),
        (Some(json!(1)), Err(refused), Err(refused)),
        (Some(json!(["x"])), Err(refused), Err(refused)),
    ] {
        let claims = with(&json!({"iss": ISSUER}), "sub", sub);
        let claims = claims.as_object().expect("an object");
        assert_eq!((text(claims, Claim::Sub), optional_text(claims, Claim::Sub)), (required, optional));
    }
}
