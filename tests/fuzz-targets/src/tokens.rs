//! The reader of tokens. The input is a token; or, where it has a line break, a header and a payload,
//! of which a token is made that is signed by the key of the header's algorithm.
//!
//! A token is believed exactly where a second reading of the rules says so, with signatures that are
//! made anew; one whose signature is changed is not; and a caller is made of the claims where these
//! have the shape that the page on authorisation describes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use serde_json::{Map, Value};
use shared::auth::bearer::BearerTokens;
use shared::auth::jwt::{MAX_BYTES, TokenRules, Unverified};
use shared::auth::key_set::{Fetch, KeySet, KeySource};
use shared::auth::keys::Purpose;
use shared::error::ApiError;
use shared::http::json::parse_object;
use shared::ids::ClientExtId;

use crate::service::{AUDIENCE, ISSUER, KEYS, SIGNERS, now, request, signature};

/// Checks the reader with one token.
///
/// # Panics
/// When it does not hold.
pub fn check(input: &[u8]) {
    let Ok(input) = str::from_utf8(input) else { return };
    let made = input.split_once('\n').map(|(header, payload)| signed(header, payload));
    let token = made.as_deref().unwrap_or(input);
    let claims = believed(token);
    assert_eq!(verified(token), claims, "{token}");
    if let (Some(made), Some(_)) = (&made, &claims) {
        let changed = with_another_signature(made);
        assert_eq!(verified(&changed), None, "{changed}");
    }
    demand_caller(token);
}

/// A token of this header and payload.
fn signed(header: &str, payload: &str) -> String {
    let algorithm = parse_object(header.as_bytes()).ok().and_then(|header| header.get("alg").cloned());
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = signature(algorithm.as_ref().and_then(Value::as_str).unwrap_or_default(), &text);
    format!("{text}.{signature}")
}

/// The token with another first character of its signature.
fn with_another_signature(token: &str) -> String {
    let (text, signature) = token.rsplit_once('.').unwrap_or_default();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{text}.{first}{}", &signature[1..])
}

fn expectation() -> TokenRules {
    TokenRules {
        issuer: Some(ISSUER.to_owned()),
        audience: Some(AUDIENCE.to_owned()),
        types: vec![Some("at+jwt".to_owned()), None],
    }
}

/// The claims of a token that the service believes.
fn verified(token: &str) -> Option<Map<String, Value>> {
    let token = Unverified::read(token).ok()?;
    token.verify(&KEYS, &expectation(), now()).ok()
}

/// The claims of a token that is to be believed, told once more.
fn believed(token: &str) -> Option<Map<String, Value>> {
    let [header, payload, given] = token.split('.').collect::<Vec<_>>().try_into().ok()?;
    let [header, claims] =
        [header, payload].map(|part| parse_object(&URL_SAFE_NO_PAD.decode(part).ok()?).ok());
    let (header, claims) = (header?, claims?);
    let (key_id, algorithm) =
        SIGNERS.into_iter().find(|(_, algorithm)| header.get("alg") == Some(&(*algorithm).into()))?;
    let (text, _) = token.rsplit_once('.')?;
    let header_is_good = ["crit", "b64"].iter().all(|name| !header.contains_key(*name))
        && header.get("kid").is_none_or(|id| id == key_id)
        && header.get("typ").is_none_or(|kind| kind.as_str().is_some_and(is_access_token));
    let number = |name: &str| claims.get(name).map(Value::as_f64);
    let past = |name| number(name).is_none_or(|time| time.is_some_and(|time| time <= seconds()));
    let times_are_good =
        number("exp").flatten().is_some_and(|time| time > seconds()) && past("nbf") && past("iat");
    let names_are_good = claims.get("iss") == Some(&ISSUER.into())
        && match claims.get("aud") {
            Some(Value::Array(all)) => all.iter().all(Value::is_string) && all.contains(&AUDIENCE.into()),
            one => one == Some(&AUDIENCE.into()),
        };
    let is_good = token.len() <= MAX_BYTES && header_is_good && times_are_good && names_are_good;
    (is_good && signature(algorithm, text) == given).then_some(claims)
}

/// The moment, as tokens write it.
fn seconds() -> f64 {
    now().numeric_date()
}

fn is_access_token(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("at+jwt") || kind.eq_ignore_ascii_case("application/at+jwt")
}

/// Demands that whoever sends the token is taken for the caller that its claims tell of, or for nobody.
fn demand_caller(token: &str) {
    let fetch: Fetch = std::sync::Arc::new(|_| Box::pin(async { None }));
    let tokens = BearerTokens {
        keys: KeySet::new(KeySource::Inline(KEYS.clone()), Purpose::Bearer, fetch),
        expectation: expectation(),
        roles_claim: "roles".to_owned(),
    };
    let request = request(&[("authorization", &format!("Bearer {token}"))], b"");
    let caller = tokens.caller(&request, now()).now_or_never().expect("keys that are at hand");
    // The blanks around what a header says are no part of it.
    let claims = believed(token.trim_end_matches([' ', '\t']).trim_start_matches(' '));
    match (caller, claims.filter(is_caller)) {
        (Ok(caller), Some(claims)) => {
            let name = ["clientExtId", "sub"].map(|name| claims[name].as_str().unwrap_or_default());
            assert_eq!(caller.key(), name.join("\n"));
            let count = |name| claims.get(name).and_then(Value::as_array).map_or(0, Vec::len);
            assert_eq!(caller.authorizations().len(), count("authorizations") + count("roles"));
        }
        (Err(ApiError::InvalidBearerToken), None) => {}
        (caller, claims) => panic!("{caller:?} from {claims:?}"),
    }
}

/// Whether claims have the shape of a caller's.
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
        && are_texts(claims.get("roles"))
        && authorizations.is_none_or(|all| all.as_array().is_some_and(|all| all.iter().all(is_authorization)))
}
