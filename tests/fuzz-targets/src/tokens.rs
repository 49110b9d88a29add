//! Token verification. The input is a token. An input with a line break is a header and a payload instead,
//! which are signed with the key of the header's algorithm.
//!
//! Invariants:
//!
//! - A token is valid if and only if it is valid according to an independent implementation, which computes
//!   the signature again.
//! - A token with a modified signature is invalid.
//! - A caller is created only from claims that have the documented structure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use serde_json::{Map, Value};
use shared::auth::bearer::{BearerTokens, Issuer};
use shared::auth::jwt::{MAX_BYTES, TokenRules, Unverified};
use shared::auth::key_set::{Fetch, KeySet, KeySource};
use shared::auth::keys::{ParsedKeys, Purpose};
use shared::error::TokenRefusal;
use shared::http::json::parse_object;
use shared::ids::ClientExtId;
use shared::network::NetworkFailure;

use crate::service::{AUDIENCE, ISSUER, KEYS, SIGNERS, now, request, signature};

/// Leeway for clocks in seconds.
const LEEWAY: u32 = 5;
/// The path of the claim with the roles.
const ROLES_CLAIM: [&str; 2] = ["access", "roles"];

/// Checks the verification of a token.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    let Ok(input) = str::from_utf8(input) else { return };
    let signed_token = input.split_once('\n').map(|(header, payload)| signed(header, payload));
    let token = signed_token.as_deref().unwrap_or(input);
    let claims = expected_claims(token);
    assert_eq!(verified(token), claims, "{token}");
    if let (Some(signed_token), Some(_)) = (&signed_token, &claims) {
        let changed = with_modified_signature(signed_token);
        assert_eq!(verified(&changed), None, "{changed}");
    }
    assert_caller(token);
}

/// Returns a signed token with this header and payload.
fn signed(header: &str, payload: &str) -> String {
    let algorithm = parse_object(header.as_bytes()).ok().and_then(|header| header.get("alg").cloned());
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = signature(algorithm.as_ref().and_then(Value::as_str).unwrap_or_default(), &text);
    format!("{text}.{signature}")
}

/// Replaces the first character of the signature of a token.
fn with_modified_signature(token: &str) -> String {
    let (text, signature) = token.rsplit_once('.').unwrap_or_default();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{text}.{first}{}", &signature[1..])
}

fn expectation() -> TokenRules {
    TokenRules {
        issuer: Some(ISSUER.to_owned()),
        audiences: vec![AUDIENCE.to_owned()],
        types: vec![Some("at+jwt".to_owned()), None],
        leeway: LEEWAY,
        max_age: None,
    }
}

/// Returns the claims of a token that the service verifies.
fn verified(token: &str) -> Option<Map<String, Value>> {
    let token = Unverified::read(token).ok()?;
    token.verify(&KEYS, &expectation(), now()).ok().cloned()
}

/// Returns the claims of a valid token, or `None`, independently of the service's verification.
fn expected_claims(token: &str) -> Option<Map<String, Value>> {
    let [header, payload, given] = token.split('.').collect::<Vec<_>>().try_into().ok()?;
    let [header, claims] =
        [header, payload].map(|part| parse_object(&URL_SAFE_NO_PAD.decode(part).ok()?).ok());
    let (header, claims) = (header?, claims?);
    let (key_id, algorithm) =
        SIGNERS.into_iter().find(|(_, algorithm)| header.get("alg") == Some(&(*algorithm).into()))?;
    let (text, _) = token.rsplit_once('.')?;
    let is_header_valid = ["crit", "b64"].iter().all(|name| !header.contains_key(*name))
        && header.get("kid").is_none_or(|id| id == key_id)
        && header.get("typ").is_none_or(|kind| kind.as_str().is_some_and(is_access_token));
    let number = |name: &str| claims.get(name).map(Value::as_f64);
    let latest = seconds() + f64::from(LEEWAY);
    let past = |name| number(name).is_none_or(|time| time.is_some_and(|time| time <= latest));
    let are_times_valid =
        number("exp").flatten().is_some_and(|time| time > seconds()) && past("nbf") && past("iat");
    let are_names_valid = claims.get("iss") == Some(&ISSUER.into())
        && match claims.get("aud") {
            Some(Value::Array(all)) => all.iter().all(Value::is_string) && all.contains(&AUDIENCE.into()),
            one => one == Some(&AUDIENCE.into()),
        };
    let is_valid = token.len() <= MAX_BYTES && is_header_valid && are_times_valid && are_names_valid;
    (is_valid && signature(algorithm, text) == given).then_some(claims)
}

/// Returns the current time as a `NumericDate`.
fn seconds() -> f64 {
    now().numeric_date()
}

fn is_access_token(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("at+jwt") || kind.eq_ignore_ascii_case("application/at+jwt")
}

/// Asserts that the caller has the identity and the authorizations of the claims, or that the token is
/// rejected.
fn assert_caller(token: &str) {
    let fetch: Fetch = std::sync::Arc::new(|_| Box::pin(async { Err(NetworkFailure::Connect) }));
    let keys = ParsedKeys { keys: KEYS.clone(), passed_over: Vec::new() };
    let issuer = Issuer {
        keys: KeySet::new(KeySource::Inline(keys), Purpose::Bearer, fetch),
        expectation: expectation(),
        roles_claim: ROLES_CLAIM.join("."),
    };
    let tokens = BearerTokens { issuers: vec![issuer] };
    let request = request(&[("authorization", &format!("Bearer {token}"))], b"");
    let caller = tokens.caller(&request, now()).now_or_never().expect("inline keys are available at once");
    // White space around a header value is not part of the value.
    let claims = expected_claims(token.trim_end_matches([' ', '\t']).trim_start_matches(' '));
    match (caller, claims.filter(is_caller)) {
        (Ok(caller), Some(claims)) => {
            let name = ["clientExtId", "sub"].map(|name| claims[name].as_str().unwrap_or_default());
            assert_eq!(caller.key(), name.join("\n"));
            let count = |value: &Value| value.as_array().map_or(1, Vec::len);
            let expected = claims.get("authorizations").map_or(0, count) + roles(&claims).map_or(0, count);
            assert_eq!(caller.authorizations().len(), expected);
        }
        // A header without a token is reported differently from an invalid token.
        (Err(refusal), None) => {
            assert_eq!(refusal == TokenRefusal::Missing, token.trim_matches([' ', '\t']).is_empty());
        }
        (caller, claims) => panic!("{caller:?} from {claims:?}"),
    }
}

/// Returns the claim with the roles, by its name or else at its path; `None` if the path leads through
/// something that is not an object.
fn roles(claims: &Map<String, Value>) -> Option<&Value> {
    static NONE: Value = Value::Array(Vec::new());
    let [outer, inner] = ROLES_CLAIM;
    match (claims.get(&ROLES_CLAIM.join(".")), claims.get(outer)) {
        (Some(roles), _) => Some(roles),
        (None, None) => Some(&NONE),
        (None, Some(access)) => Some(access.as_object()?.get(inner).unwrap_or(&NONE)),
    }
}

/// Returns true if claims have the documented structure of a caller.
fn is_caller(claims: &Map<String, Value>) -> bool {
    let is_text = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let are_texts = |value: Option<&Value>| {
        value.is_none_or(|value| value.as_array().is_some_and(|texts| texts.iter().all(Value::is_string)))
    };
    let is_authorization = |entry: &Value| {
        entry.is_object()
            && is_text(entry.get("role"))
            && are_texts(entry.get("clients"))
            && are_texts(entry.get("units"))
    };
    let authorizations = claims.get("authorizations");
    let client = claims.get("clientExtId").and_then(Value::as_str);
    client.is_some_and(|client| ClientExtId::parse(client).is_ok())
        && is_text(claims.get("sub"))
        && roles(claims).is_some_and(|roles| roles.is_string() || are_texts(Some(roles)))
        && authorizations.is_none_or(|all| all.as_array().is_some_and(|all| all.iter().all(is_authorization)))
}
