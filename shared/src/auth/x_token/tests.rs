//! Tests which X-Tokens are accepted. All others produce the same error.

use serde_json::{Value, json};
use signing::{ASYMMETRIC, SYMMETRIC, SigningKey};

use super::*;
use crate::auth::keys::Purpose;
use crate::auth::tests::{NOW, key_set, now, request, unreachable_key_set, with};

fn x_tokens(keys: KeySet) -> XTokens {
    let expectation = TokenRules {
        issuer: Some("https://login.example".to_owned()),
        audience: Some("idm-x".to_owned()),
        types: vec![Some("jwt".to_owned()), None],
    };
    XTokens { keys, expectation }
}

fn claims() -> Value {
    json!({"iss": "https://login.example", "aud": "idm-x", "exp": NOW + 60, "sub": "user-123"})
}

async fn check(tokens: &XTokens, headers: &[(&str, &str)]) -> Result<(), ApiError> {
    let (client, user) = (ClientExtId::unchecked("100"), UserExtId::unchecked("user-123"));
    tokens.check(&request(headers), &client, &user, now()).await
}

/// Returns true if a token is accepted. Every rejection must be the same error.
async fn accepts(key: &SigningKey, token: &str) -> bool {
    let answer = check(&x_tokens(key_set(&[key], Purpose::XToken)), &[("X-Token", token)]).await;
    assert!(matches!(answer, Ok(()) | Err(ApiError::InvalidXToken)), "{answer:?}");
    answer.is_ok()
}

#[tokio::test]
async fn a_valid_token_of_every_algorithm_is_accepted() {
    for algorithm in ASYMMETRIC.into_iter().chain(SYMMETRIC) {
        let key = SigningKey::new(algorithm, "a");
        assert!(accepts(&key, &key.token_of("JWT", &claims())).await, "{algorithm}");
        let untyped = with(&key.header(""), "typ", None).to_string();
        assert!(accepts(&key, &key.token(&untyped, &claims().to_string())).await, "{algorithm}, no type");
        let forged = SigningKey::of_secret("HS256", "a", &key.public_forms()[0]).token_of("JWT", &claims());
        assert!(!accepts(&key, &forged).await, "{algorithm}, its public key used as a secret");
    }
}

#[tokio::test]
async fn the_claims_must_match_the_user_and_the_current_time() {
    let key = SigningKey::new("ES256", "a");
    for (name, value, expected) in [
        ("sub", None, false),
        ("sub", Some(json!("user-124")), false),
        ("sub", Some(json!("USER-123")), false),
        ("sub", Some(json!("user-123 ")), false),
        ("sub", Some(json!("100/user-123")), false),
        ("sub", Some(json!("")), false),
        ("sub", Some(json!(null)), false),
        ("sub", Some(json!(123)), false),
        ("sub", Some(json!(["user-123"])), false),
        ("clientExtId", Some(json!("100")), true),
        ("clientExtId", Some(json!("200")), false),
        ("clientExtId", Some(json!("*")), false),
        ("clientExtId", Some(json!("")), false),
        ("clientExtId", Some(json!(null)), false),
        ("clientExtId", Some(json!(100)), false),
        ("clientExtId", Some(json!(["100"])), false),
        ("exp", None, false),
        ("exp", Some(json!(NOW)), false),
        ("exp", Some(json!(NOW - 60)), false),
        ("exp", Some(json!("9999999999")), false),
        ("exp", Some(json!(NOW + 1)), true),
        ("nbf", Some(json!(NOW + 1)), false),
        ("nbf", Some(json!(NOW)), true),
        ("iat", Some(json!(NOW + 1)), false),
        ("iss", None, false),
        ("iss", Some(json!("https://issuer.example")), false),
        ("aud", None, false),
        ("aud", Some(json!("idm")), false),
        ("aud", Some(json!(["idm", "idm-x"])), true),
    ] {
        let row = format!("{name} {value:?}");
        assert_eq!(
            accepts(&key, &key.token_of("JWT", &with(&claims(), name, value))).await,
            expected,
            "{row}"
        );
    }
}

#[tokio::test]
async fn issuer_and_audience_are_only_checked_if_configured() {
    let key = SigningKey::new("EdDSA", "a");
    let expectation = TokenRules { issuer: None, audience: None, types: vec![None] };
    let tokens = XTokens { keys: key_set(&[&key], Purpose::XToken), expectation };
    let bare = json!({"exp": NOW + 60, "sub": "user-123"}).to_string();
    let token = key.token(r#"{"alg":"EdDSA"}"#, &bare);
    assert_eq!(check(&tokens, &[("x-token", &token)]).await, Ok(()));
}

#[tokio::test]
async fn a_bearer_token_is_rejected_as_x_token_even_with_the_same_key() {
    let key = SigningKey::new("EdDSA", "a");
    let whole = with(&with(&claims(), "clientExtId", Some(json!("100"))), "authorizations", Some(json!([])));
    for token_type in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        assert!(!accepts(&key, &key.token_of(token_type, &whole)).await, "{token_type}");
    }
    assert!(accepts(&key, &key.token_of("JWT", &whole)).await);
    let bearer = SigningKey::new("EdDSA", "a");
    assert!(!accepts(&key, &bearer.token_of("JWT", &whole)).await, "of the key of Bearer tokens");
}

#[tokio::test]
async fn the_header_contains_exactly_one_token() {
    let key = SigningKey::new("EdDSA", "a");
    let tokens = x_tokens(key_set(&[&key], Purpose::XToken));
    let good = key.token_of("JWT", &claims());
    let bad = SigningKey::new("EdDSA", "a").token_of("JWT", &claims());
    let bearer = format!("Bearer {good}");
    let (comma, comma_and_space) = (format!("{good},{good}"), format!("{good}, {bad}"));
    let rows: [(&str, &[(&str, &str)]); 13] = [
        ("no header", &[]),
        ("an empty header", &[("x-token", "")]),
        ("a space", &[("x-token", " ")]),
        ("no token", &[("x-token", "a.b.c")]),
        ("a scheme", &[("x-token", &bearer)]),
        ("a bad one", &[("x-token", &bad)]),
        ("the header twice, the same", &[("x-token", &good), ("x-token", &good)]),
        ("the header twice, the bad one first", &[("x-token", &bad), ("X-Token", &good)]),
        ("the header twice, the bad one last", &[("X-TOKEN", &good), ("x-token", &bad)]),
        ("the header twice, once empty", &[("x-token", &good), ("x-token", "")]),
        ("two with a comma", &[("x-token", &comma)]),
        ("two with a comma and a space", &[("x-token", &comma_and_space)]),
        ("another header", &[("authorization", &bearer), ("x-tokens", &good)]),
    ];
    for (name, headers) in rows {
        assert_eq!(check(&tokens, headers).await, Err(ApiError::InvalidXToken), "{name}");
    }
    for value in [good.clone(), format!(" {good} ")] {
        assert_eq!(check(&tokens, &[("x-tOKEN", &value)]).await, Ok(()), "{value:?}");
    }
}

#[tokio::test]
async fn the_user_in_the_path_is_compared_exactly() {
    let key = SigningKey::new("EdDSA", "a");
    let tokens = x_tokens(key_set(&[&key], Purpose::XToken));
    let token = key.token_of("JWT", &with(&claims(), "clientExtId", Some(json!("100"))));
    let request = request(&[("x-token", &token)]);
    for (client, user, expected) in [
        ("100", "user-123", true),
        ("200", "user-123", false),
        ("100", "user-124", false),
        ("100", "", false),
    ] {
        let (client, user) = (ClientExtId::unchecked(client), UserExtId::unchecked(user));
        assert_eq!(tokens.check(&request, &client, &user, now()).await.is_ok(), expected, "{client} {user}");
    }
}

#[tokio::test]
async fn a_missing_key_set_is_reported_as_unavailable() {
    let tokens = x_tokens(unreachable_key_set(Purpose::XToken));
    let token = SigningKey::new("EdDSA", "a").token_of("JWT", &claims());
    assert_eq!(check(&tokens, &[("x-token", &token)]).await, Err(ApiError::Unavailable));
    assert_eq!(check(&tokens, &[]).await, Err(ApiError::InvalidXToken));
}
