//! The Bearer token: requests without a valid one are rejected.

use local::keys::DevelopmentKeys;
use serde_json::{Value, json};

use super::for_each_operation;
use super::rows::Row;
use crate::support::answer::{invalid_authorization, invalid_token, unauthorized};
use crate::support::items::Changes;
use crate::support::members::{with, without};
use crate::support::{Caller, World};

for_each_operation!(invalid_bearer_tokens_are_rejected);

/// Returns invalid values of `Authorization` with what is wrong with them.
fn refused_values(world: &World) -> Vec<(&'static str, String)> {
    let good = world.bearer(&Caller::root());
    let mut values = vec![
        ("empty", String::new()),
        ("of another scheme", format!("Basic {good}")),
        ("without a scheme", good.clone()),
        ("without a token", "Bearer".to_owned()),
        ("no token", "Bearer nonsense".to_owned()),
        ("no token in three parts", "Bearer a.b.c".to_owned()),
        ("without its signature", format!("Bearer {}.", &good[..good.rfind('.').expect("a signature")])),
        ("with its signature broken", format!("Bearer {}", with_broken_signature(&good))),
        ("with its claims changed", format!("Bearer {}", with_changed_claims(&good))),
        ("twice in one header", format!("Bearer {good}, Bearer {good}")),
        ("with something behind it", format!("Bearer {good} {good}")),
        ("an X-Token", format!("Bearer {}", world.x_token("{operators}", "root"))),
    ];
    let keys = world.keys();
    let stranger = DevelopmentKeys::generate().expect("keys");
    let claims = world.claims(&Caller::root());
    let signed = [
        ("signed by a stranger", stranger.bearer.sign("at+jwt", &claims)),
        ("signed by the key of X-Tokens", keys.x_token.sign("at+jwt", &claims)),
        ("of the type of any token", keys.bearer.sign("JWT", &claims)),
        ("of an unknown type", keys.bearer.sign("", &claims)),
        ("of more than 8 KiB", keys.bearer.sign("at+jwt", &with(&claims, "more", json!("a".repeat(8192))))),
    ];
    values.extend(signed.map(|(what, token)| (what, format!("Bearer {}", token.expect("a token")))));
    let bad_claims = refused_claims(world, &claims).into_iter();
    values.extend(bad_claims.map(|(what, claims)| {
        (what, format!("Bearer {}", keys.bearer.sign("at+jwt", &claims).expect("a token")))
    }));
    values
}

/// Returns invalid claims for tokens with a valid signature.
fn refused_claims(world: &World, good: &Value) -> Vec<(&'static str, Value)> {
    let now = world.now();
    vec![
        ("expired this second", with(good, "exp", json!(now))),
        ("expired long ago", with(good, "exp", json!(now - 86_400))),
        ("without an end", without(good, "exp")),
        ("with a text as its end", with(good, "exp", json!((now + 300).to_string()))),
        ("not yet valid", with(good, "nbf", json!(now + 60))),
        ("with a text as its beginning", with(good, "nbf", json!("0"))),
        ("issued in the future", with(good, "iat", json!(now + 60))),
        ("of another issuer", with(good, "iss", json!("https://elsewhere.example"))),
        ("of no issuer", without(good, "iss")),
        ("for somebody else", with(good, "aud", json!("https://elsewhere.example"))),
        ("for several others", with(good, "aud", json!(["a", "b"]))),
        ("for nobody", without(good, "aud")),
        ("for a number", with(good, "aud", json!(7))),
        ("without a subject", without(good, "sub")),
        ("with an empty subject", with(good, "sub", json!(""))),
        ("with a number as its subject", with(good, "sub", json!(7))),
        ("without a client", without(good, "clientExtId")),
        ("with no text as its client", with(good, "clientExtId", json!(["client-123"]))),
        ("of a client that cannot be", with(good, "clientExtId", json!("a#b"))),
        ("of all clients", with(good, "clientExtId", json!("*"))),
        (
            "with no array as its authorizations",
            with(good, "authorizations", json!({"role": "nevisIdm.Root"})),
        ),
        ("with a text as an authorization", with(good, "authorizations", json!(["nevisIdm.Root"]))),
        ("with no role in an authorization", with(good, "authorizations", json!([{"clients": ["*"]}]))),
        (
            "with one client as its clients",
            with(good, "authorizations", json!([{"role": "nevisIdm.Root", "clients": "*"}])),
        ),
        (
            "with numbers as its units",
            with(good, "authorizations", json!([{"role": "nevisIdm.Root", "units": [1]}])),
        ),
        ("with an object as its roles", with(good, "roles", json!({"role": "nevisIdm.Root"}))),
    ]
}

/// Replaces the first character of the signature of a token.
fn with_broken_signature(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{signed}.{first}{}", &signature[1..])
}

/// Replaces the claims of a token with its header, which is valid JSON but was not signed as
/// claims.
fn with_changed_claims(token: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    format!("{}.{}.{}", parts[0], parts[0], parts[2])
}

async fn invalid_bearer_tokens_are_rejected(row: &'static Row) {
    let world = World::furnished().await;
    let before = world.items().await;
    assert_eq!(row.call(&world).send().await, unauthorized(), "without a token");
    let values = refused_values(&world);
    // One operation shows how tokens are read; the first values show that each operation reads them.
    let values = if row.id == "get-client" { &values[..] } else { &values[..2] };
    for (what, value) in values {
        let answer = row.call(&world).header("authorization", value).send().await;
        assert_eq!(answer, invalid_authorization(&[value]), "a token {what}");
    }
    let expired = with(&world.claims(&Caller::root()), "exp", json!(world.now()));
    let expired = world.keys().bearer.sign("at+jwt", &expired).expect("a token");
    assert_eq!(row.call(&world).bearer(&expired).send().await, invalid_token(), "an expired token");
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn valid_token_variants_are_accepted() {
    let world = World::furnished().await;
    let claims = world.claims(&Caller::root());
    let sign = |claims: &Value| world.keys().bearer.sign("at+jwt", claims).expect("a token");
    let good = sign(&claims);
    let values = [
        format!("bearer {good}"),
        format!("BEARER  {good}"),
        format!("Bearer {}", world.keys().bearer.sign("application/AT+JWT", &claims).expect("a token")),
        format!("Bearer {}", sign(&with(&claims, "aud", json!(["other", claims["aud"]])))),
        format!("Bearer {}", sign(&with(&claims, "nbf", json!(world.now())))),
        format!("Bearer {}", sign(&with(&claims, "iat", json!(world.now() + 2)))),
        format!("Bearer {}", sign(&without(&claims, "iat"))),
    ];
    for value in values {
        let answer = world.get("/clients/{client-123}").header("authorization", &value).send().await;
        assert_eq!(answer.status, 200, "{value}");
    }
}
