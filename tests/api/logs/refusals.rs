//! Why a token was refused: a word of a closed list in the log, and nothing in the response.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use shared::error::{Claim, TokenRefusal};
use signing::{SigningKey, jwks};

use super::are_left_out;
use crate::agreement::root;
use crate::support::answer::{invalid_token, unauthorized, unavailable};
use crate::support::call::Call;
use crate::support::members::{with, without};
use crate::support::{Answer, Caller, World, refused};

/// Reasons that only a Bearer token can have.
const OF_BEARER: [TokenRefusal; 3] =
    [TokenRefusal::Scheme, TokenRefusal::Claim(Claim::Authorizations), TokenRefusal::Claim(Claim::Roles)];
/// Reasons that only an X-Token can have.
const OF_X_TOKEN: [TokenRefusal; 4] =
    [TokenRefusal::Age, TokenRefusal::Sub, TokenRefusal::Client, TokenRefusal::Claim(Claim::AuthTime)];

/// A service, and a key for each of its two tokens.
struct Service {
    world: World,
    bearer: SigningKey,
    x_token: SigningKey,
}

impl Service {
    async fn new(changes: &[(&str, &str)]) -> Self {
        let (bearer, x_token) = (SigningKey::new("EdDSA", "a"), SigningKey::new("EdDSA", "a"));
        let (bearer_jwks, x_token_jwks) = (jwks([&bearer]).to_string(), jwks([&x_token]).to_string());
        let mut variables = vec![
            ("BEARER_JWKS", &*bearer_jwks),
            ("X_TOKEN_JWKS", &*x_token_jwks),
            ("X_TOKEN_ISSUER", "urn:local:login"),
            ("X_TOKEN_AUDIENCE", "urn:local:re-authentication"),
        ];
        variables.extend(changes);
        let world = World::in_process(&variables, |client| client).await;
        world.furnish("{Default}").await;
        Self { world, bearer, x_token }
    }

    fn bearer_claims(&self) -> Value {
        self.world.claims(&Caller::the_user())
    }

    fn x_claims(&self) -> Value {
        self.world.x_claims("{client-123}", "{user-123}")
    }

    fn with_bearer(&self) -> Call<'_> {
        self.world.delete("/{client-123}/users/{user-123}/dispatch-targets/{dt-123}")
    }

    fn with_x_token(&self) -> Call<'_> {
        self.with_bearer().bearer(&self.bearer.token_of("at+jwt", &self.bearer_claims()))
    }

    /// Asserts the response and the reason in the line of a request.
    async fn assert_refused(&self, call: Call<'_>, expected: &Answer, member: &str, refusal: TokenRefusal) {
        self.world.lines();
        assert_eq!(call.send().await, *expected, "{member} {refusal}");
        let [line] = self.world.lines().try_into().expect("one line");
        let reasons = ["tokenRefusal", "xTokenRefusal"].map(|name| line[name].clone());
        let word = json!(refusal.to_string());
        let expected = if member == "tokenRefusal" { [word, Value::Null] } else { [Value::Null, word] };
        assert_eq!(reasons, expected, "{line}");
    }
}

/// Returns an invalid token for each reason that both tokens can have.
fn tokens(key: &SigningKey, typ: &str, claims: &Value, now: i64) -> Vec<(TokenRefusal, String)> {
    let header = key.header(typ);
    let of_header =
        |name: &str, value: Value| key.token(&with(&header, name, value).to_string(), &claims.to_string());
    let of_claim = |name: &str, value: Value| key.token_of(typ, &with(claims, name, value));
    let claim = |claim: Claim, value: Value| (TokenRefusal::Claim(claim), of_claim(claim.name(), value));
    vec![
        (TokenRefusal::Size, of_claim("x", json!("x".repeat(8192)))),
        (TokenRefusal::Malformed, "a.b.c".to_owned()),
        (TokenRefusal::Malformed, key.token(&header.to_string(), "[]")),
        (TokenRefusal::Crit, of_header("crit", json!(["exp"]))),
        (TokenRefusal::Crit, of_header("b64", json!(true))),
        (TokenRefusal::Alg, of_header("alg", json!("none"))),
        (TokenRefusal::Alg, of_header("alg", json!(null))),
        (TokenRefusal::Kid, of_header("kid", json!("b"))),
        (TokenRefusal::Kid, of_header("kid", json!(1))),
        (TokenRefusal::Signature, SigningKey::new("EdDSA", "a").token_of(typ, claims)),
        (TokenRefusal::Typ, key.token_of("other", claims)),
        (TokenRefusal::Iss, of_claim("iss", json!("urn:other"))),
        (TokenRefusal::Aud, of_claim("aud", json!(["urn:other"]))),
        (TokenRefusal::Exp, of_claim("exp", json!(now))),
        (TokenRefusal::Nbf, of_claim("nbf", json!(now + 6))),
        (TokenRefusal::Iat, of_claim("iat", json!(now + 6))),
        claim(Claim::Iss, json!(1)),
        claim(Claim::Aud, json!(null)),
        claim(Claim::Exp, json!("tomorrow")),
        claim(Claim::Nbf, json!("now")),
        claim(Claim::Iat, json!([])),
        claim(Claim::Sub, json!("")),
        claim(Claim::ClientExtId, json!(7)),
        (TokenRefusal::Claim(Claim::ClientExtId), key.token_of(typ, &without(claims, "clientExtId"))),
    ]
}

/// Returns the words of all reasons except these.
fn words_except(others: &[TokenRefusal]) -> BTreeSet<String> {
    let refusals = TokenRefusal::all().filter(|refusal| !others.contains(refusal));
    refusals.map(|refusal| refusal.to_string()).collect()
}

#[tokio::test]
async fn the_log_tells_why_a_bearer_token_was_refused() {
    if are_left_out() {
        return;
    }
    let service = Service::new(&[]).await;
    let (key, claims) = (&service.bearer, service.bearer_claims());
    let mut list = tokens(key, "at+jwt", &claims, service.world.now());
    for (claim, value) in [(Claim::Authorizations, json!({})), (Claim::Roles, json!([1]))] {
        let claims = with(&claims, claim.name(), value);
        list.push((TokenRefusal::Claim(claim), key.token_of("at+jwt", &claims)));
    }
    let mut seen = BTreeSet::new();
    for (refusal, token) in list {
        let call = service.with_bearer().bearer(&token);
        service.assert_refused(call, &invalid_token(), "tokenRefusal", refusal).await;
        seen.insert(refusal.to_string());
    }
    let good = key.token_of("at+jwt", &claims);
    let call = || service.with_bearer();
    let away = Service::new(&[("BEARER_JWKS", "https://keys.example/jwks")]).await;
    let unverified = away.with_bearer().bearer(&away.bearer.token_of("at+jwt", &away.bearer_claims()));
    for (refusal, service, call, answer) in [
        (TokenRefusal::Missing, &service, call(), unauthorized()),
        (TokenRefusal::Missing, &service, call().header("authorization", ""), unauthorized()),
        (TokenRefusal::Missing, &service, call().header("authorization", "Bearer"), unauthorized()),
        (TokenRefusal::Scheme, &service, call().header("authorization", "Basic eDp5"), unauthorized()),
        (TokenRefusal::Scheme, &service, call().header("authorization", &good), unauthorized()),
        (TokenRefusal::Repeated, &service, call().bearer(&good).bearer(&good), invalid_token()),
        (TokenRefusal::Keys, &away, unverified, unavailable()),
    ] {
        service.assert_refused(call, &answer, "tokenRefusal", refusal).await;
        seen.insert(refusal.to_string());
    }
    assert_eq!(seen, words_except(&OF_X_TOKEN));
}

#[tokio::test]
async fn the_log_tells_why_an_x_token_was_refused() {
    if are_left_out() {
        return;
    }
    let service = Service::new(&[]).await;
    let (key, claims, now) = (&service.x_token, service.x_claims(), service.world.now());
    let refusal = refused(422, "errors.invalidJWTToken", "Invalid JWT token.");
    let mut list = tokens(key, "JWT", &claims, now);
    for (refusal, name, value) in [
        (TokenRefusal::Age, "exp", json!(now + 3601)),
        (TokenRefusal::Age, "iat", json!(now - 3601)),
        (TokenRefusal::Age, "auth_time", json!(now - 3601)),
        (TokenRefusal::Sub, "sub", json!("other")),
        (TokenRefusal::Client, "clientExtId", json!("other")),
        (TokenRefusal::Claim(Claim::AuthTime), "auth_time", json!("now")),
    ] {
        list.push((refusal, key.token_of("JWT", &with(&claims, name, value))));
    }
    let mut seen = BTreeSet::new();
    for (reason, token) in list {
        let call = service.with_x_token().x_token(&token);
        service.assert_refused(call, &refusal, "xTokenRefusal", reason).await;
        seen.insert(reason.to_string());
    }
    let good = key.token_of("JWT", &claims);
    let call = || service.with_x_token();
    let away = Service::new(&[("X_TOKEN_JWKS", "https://keys.example/jwks")]).await;
    let unverified = away.with_x_token().x_token(&away.x_token.token_of("JWT", &away.x_claims()));
    for (reason, service, call, answer) in [
        (TokenRefusal::Missing, &service, call(), &refusal),
        (TokenRefusal::Missing, &service, call().x_token(""), &refusal),
        (TokenRefusal::Repeated, &service, call().x_token(&good).x_token(&good), &refusal),
        (TokenRefusal::Keys, &away, unverified, &unavailable()),
    ] {
        service.assert_refused(call, answer, "xTokenRefusal", reason).await;
        seen.insert(reason.to_string());
    }
    assert_eq!(seen, words_except(&OF_BEARER));
}

#[tokio::test]
async fn other_requests_have_no_reason_in_the_log() {
    if are_left_out() {
        return;
    }
    let service = Service::new(&[]).await;
    let accepted = service.x_token.token_of("JWT", &service.x_claims());
    let [good, no_route] = [service.with_x_token().x_token(&accepted), service.world.get("/nowhere")];
    for (call, status) in [(good, 204), (no_route, 404)] {
        service.world.lines();
        assert_eq!(call.send().await.status, status);
        let [line] = service.world.lines().try_into().expect("one line");
        assert!(!line.to_string().contains("Refusal"), "{line}");
    }
}

/// An operator who finds a word in the log finds what to do in the documentation.
#[test]
fn every_reason_is_documented() {
    let page = fs::read_to_string(root().join("docs/watching.md")).expect("the page");
    let (_, section) = page.split_once("## Refused tokens").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("a section after it");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let first = rows.map(|row| row.split('|').nth(1).expect("a cell"));
    let words: Vec<&str> = first.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let documented: BTreeSet<String> = words.iter().map(|word| (*word).to_owned()).collect();
    assert_eq!(documented, words_except(&[]));
    assert_eq!(documented.len(), words.len(), "each word has one row");
}
