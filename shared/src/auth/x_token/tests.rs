//! Tests which X-Tokens are accepted, and why the others are refused.

use serde_json::{Value, json};
use signing::{ASYMMETRIC, SYMMETRIC, SigningKey};

use super::*;
use crate::auth::keys::Purpose;
use crate::auth::tests::{NOW, key_set, now, request, unreachable_key_set, with};
use crate::error::TokenRefusal::{Malformed, Missing, Repeated, Signature};

/// What is wrong with some headers, why they are refused, and the headers.
type Row<'a> = (&'a str, TokenRefusal, &'a [(&'a str, &'a str)]);

fn x_tokens(keys: KeySet) -> XTokens {
    let expectation = TokenRules {
        issuer: Some("https://login.example".to_owned()),
        audiences: vec!["idm-x".to_owned()],
        types: vec![Some("jwt".to_owned()), None],
        leeway: 5,
        max_age: Some(3600),
    };
    XTokens { keys, expectation, requires_client: false }
}

fn claims() -> Value {
    json!({"iss": "https://login.example", "aud": "idm-x", "exp": NOW + 60, "sub": "user-123"})
}

async fn check(tokens: &XTokens, headers: &[(&str, &str)]) -> Result<(), TokenRefusal> {
    let (client, user) = (ClientExtId::unchecked("100"), UserExtId::unchecked("user-123"));
    tokens.check(&request(headers), &client, &user, now()).await
}

/// Returns true if a token is accepted.
async fn accepts(key: &SigningKey, token: &str) -> bool {
    refusal(key, token).await.is_none()
}

/// Returns why a token is refused.
async fn refusal(key: &SigningKey, token: &str) -> Option<TokenRefusal> {
    check(&x_tokens(key_set(&[key], Purpose::XToken)), &[("X-Token", token)]).await.err()
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
    let of = |claim| Some(TokenRefusal::Claim(claim));
    let (sub, client, exp) = (of(Claim::Sub), of(Claim::ClientExtId), of(Claim::Exp));
    for (name, value, expected) in [
        ("sub", None, sub),
        ("sub", Some(json!("user-124")), Some(TokenRefusal::Sub)),
        ("sub", Some(json!("USER-123")), Some(TokenRefusal::Sub)),
        ("sub", Some(json!("user-123 ")), Some(TokenRefusal::Sub)),
        ("sub", Some(json!("100/user-123")), Some(TokenRefusal::Sub)),
        ("sub", Some(json!("")), sub),
        ("sub", Some(json!(null)), sub),
        ("sub", Some(json!(123)), sub),
        ("sub", Some(json!(["user-123"])), sub),
        ("clientExtId", Some(json!("100")), None),
        ("clientExtId", Some(json!("200")), Some(TokenRefusal::Client)),
        ("clientExtId", Some(json!("*")), Some(TokenRefusal::Client)),
        ("clientExtId", Some(json!("")), Some(TokenRefusal::Client)),
        ("clientExtId", Some(json!(null)), client),
        ("clientExtId", Some(json!(100)), client),
        ("clientExtId", Some(json!(["100"])), client),
        ("exp", None, exp),
        ("exp", Some(json!(NOW)), Some(TokenRefusal::Exp)),
        ("exp", Some(json!(NOW - 60)), Some(TokenRefusal::Exp)),
        ("exp", Some(json!("9999999999")), exp),
        ("exp", Some(json!(NOW + 1)), None),
        ("exp", Some(json!(NOW + 3600)), None),
        ("exp", Some(json!(NOW + 3601)), Some(TokenRefusal::Age)),
        ("nbf", Some(json!(NOW + 6)), Some(TokenRefusal::Nbf)),
        ("nbf", Some(json!(NOW + 5)), None),
        ("iat", Some(json!(NOW + 6)), Some(TokenRefusal::Iat)),
        ("iat", Some(json!(NOW + 5)), None),
        ("iat", Some(json!(NOW - 3600)), None),
        ("iat", Some(json!(NOW - 3601)), Some(TokenRefusal::Age)),
        ("auth_time", Some(json!(NOW - 3601)), Some(TokenRefusal::Age)),
        ("auth_time", Some(json!(true)), of(Claim::AuthTime)),
        ("iss", None, of(Claim::Iss)),
        ("iss", Some(json!("https://issuer.example")), Some(TokenRefusal::Iss)),
        ("aud", None, of(Claim::Aud)),
        ("aud", Some(json!("idm")), Some(TokenRefusal::Aud)),
        ("aud", Some(json!(["idm", "idm-x"])), None),
    ] {
        let row = format!("{name} {value:?}");
        let token = key.token_of("JWT", &with(&claims(), name, value));
        assert_eq!(refusal(&key, &token).await, expected, "{row}");
    }
}

/// An X-Token of the last century that never ends proves no recent re-authentication.
#[tokio::test]
async fn a_token_of_thirty_years_is_not_recent() {
    let key = SigningKey::new("ES256", "a");
    let years = 30 * 365 * 86_400;
    let old = with(&claims(), "iat", Some(json!(NOW - years)));
    let endless = with(&old, "exp", Some(json!(NOW + years)));
    for claims in [&old, &endless, &with(&endless, "iat", None)] {
        assert_eq!(refusal(&key, &key.token_of("JWT", claims)).await, Some(TokenRefusal::Age), "{claims}");
    }
}

#[tokio::test]
async fn the_client_claim_is_required_where_configured() {
    let key = SigningKey::new("ES256", "a");
    let tokens = XTokens { requires_client: true, ..x_tokens(key_set(&[&key], Purpose::XToken)) };
    for (client, expected) in [
        (None, Err(TokenRefusal::Claim(Claim::ClientExtId))),
        (Some(json!("200")), Err(TokenRefusal::Client)),
        (Some(json!("100")), Ok(())),
    ] {
        let token = key.token_of("JWT", &with(&claims(), "clientExtId", client));
        assert_eq!(check(&tokens, &[("x-token", &token)]).await, expected);
    }
}

#[tokio::test]
async fn issuer_and_audience_are_only_checked_if_configured() {
    let key = SigningKey::new("EdDSA", "a");
    let expectation =
        TokenRules { issuer: None, audiences: Vec::new(), types: vec![None], leeway: 5, max_age: None };
    let tokens = XTokens { keys: key_set(&[&key], Purpose::XToken), expectation, requires_client: false };
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
    let rows: [Row<'_>; 13] = [
        ("no header", Missing, &[]),
        ("an empty header", Missing, &[("x-token", "")]),
        ("a space", Missing, &[("x-token", " ")]),
        ("no token", Malformed, &[("x-token", "a.b.c")]),
        ("a scheme", Malformed, &[("x-token", &bearer)]),
        ("a bad one", Signature, &[("x-token", &bad)]),
        ("the header twice, the same", Repeated, &[("x-token", &good), ("x-token", &good)]),
        ("the header twice, the bad one first", Repeated, &[("x-token", &bad), ("X-Token", &good)]),
        ("the header twice, the bad one last", Repeated, &[("X-TOKEN", &good), ("x-token", &bad)]),
        ("the header twice, once empty", Repeated, &[("x-token", &good), ("x-token", "")]),
        ("two with a comma", Malformed, &[("x-token", &comma)]),
        ("two with a comma and a space", Malformed, &[("x-token", &comma_and_space)]),
        ("another header", Missing, &[("authorization", &bearer), ("x-tokens", &good)]),
    ];
    for (name, expected, headers) in rows {
        assert_eq!(check(&tokens, headers).await, Err(expected), "{name}");
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
    assert_eq!(check(&tokens, &[("x-token", &token)]).await, Err(TokenRefusal::Keys));
    assert_eq!(check(&tokens, &[]).await, Err(TokenRefusal::Missing));
}
