//! Random mutations of valid tokens: none is accepted unless it has the same content.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fastrand::Rng;
use functions::OPERATIONS;
use serde_json::Value;
use shared::clock::Deadline;
use shared::error::{ApiError, TokenRefusal};
use shared::http::BASE_PATH;
use shared::operation::{Entry, Operation, route};
use signing::base64url;

use super::Trusting;
use super::forge::Forge;
use super::second_opinion::verifies;
use super::signatures::twin;
use crate::callers::cases;
use crate::support::Caller;
use crate::support::call::Sent;
use crate::support::members::with;
use crate::support::target::{Kind, leaves_out};
use crate::support::world::incoming;

/// Seed of the mutations. A mutation with a given number is the same in every run, but of other
/// keys.
const SEED: u64 = 0x1d_0002;
/// Characters that a mutation inserts: those of tokens, and others.
const LETTERS: &str =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.., \t\n\0\"{}:%\u{e9}\u{ff0e}";

/// Returns two valid tokens of each algorithm with different claims.
fn good_tokens(forge: &Forge<'_>) -> Vec<(&'static str, String)> {
    let later = with(forge.claims.0, "exp", forge.now + 299);
    let keys = forge.own.iter();
    keys.flat_map(|key| {
        let header = forge.header(key.algorithm);
        [forge.claims.0, &later].map(|claims| (key.algorithm, forge.token(&header, claims)))
    })
    .collect()
}

/// Decodes one part, changes a byte, and encodes it again.
fn recode(random: &mut Rng, token: &str) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let at = random.usize(0..parts.len());
    let Ok(mut bytes) = URL_SAFE_NO_PAD.decode(&parts[at]) else { return token.to_owned() };
    if bytes.is_empty() {
        return token.to_owned();
    }
    let place = random.usize(0..bytes.len());
    match random.u8(0..4) {
        0 => bytes[place] ^= 1 << random.u8(0..8),
        1 => bytes[place] = random.u8(..),
        2 => bytes.insert(place, random.u8(..)),
        _ => drop(bytes.remove(place)),
    }
    parts[at] = base64url(bytes);
    parts.join(".")
}

/// Replaces the signature with the other valid one, if there is one.
fn turn(algorithm: &str, token: &str) -> String {
    let turned = token.rsplit_once('.').and_then(|(signed, signature)| {
        let signature =
            URL_SAFE_NO_PAD.decode(signature).ok().filter(|it| it.len() == 64 || it.len() == 96)?;
        Some(format!("{signed}.{}", base64url(twin(algorithm, &signature)?)))
    });
    turned.unwrap_or_else(|| token.to_owned())
}

fn mutate(random: &mut Rng, algorithm: &str, token: &str, good: &[(&str, String)]) -> String {
    let mut letters: Vec<char> = token.chars().collect();
    let place = random.usize(0..letters.len().max(1));
    let letter = LETTERS.chars().nth(random.usize(0..LETTERS.chars().count())).expect("a letter");
    match random.u8(0..12) {
        _ if letters.is_empty() => return token.to_owned(),
        0 => letters[place] = letter,
        1 => letters.insert(place, letter),
        2 => drop(letters.remove(place)),
        3 => letters.truncate(place),
        4 => letters.drain(..place).for_each(drop),
        5 => {
            let other = random.usize(0..letters.len());
            letters.swap(place, other);
        }
        6 => {
            let end = (place + random.usize(1..20)).min(letters.len());
            let copied = letters[place..end].to_vec();
            let to = random.usize(0..=letters.len());
            letters.splice(to..to, copied);
        }
        7 => {
            letters[place] = if letters[place].is_lowercase() {
                letters[place].to_ascii_uppercase()
            } else {
                letters[place].to_ascii_lowercase()
            }
        }
        8 => {
            let mut parts: Vec<&str> = token.split('.').collect();
            let at = random.usize(0..parts.len());
            let (_, other) = &good[random.usize(0..good.len())];
            parts[at] = other.split('.').nth(at).unwrap_or_default();
            return parts.join(".");
        }
        9 => return turn(algorithm, token),
        _ => return recode(random, token),
    }
    letters.into_iter().collect()
}

/// Returns true if a request with these headers passes authentication.
async fn passes(
    trusting: &Trusting,
    operation: &Operation,
    path: &str,
    headers: Vec<(String, String)>,
    refusal: fn(&ApiError) -> Option<TokenRefusal>,
) -> bool {
    let sent = Sent {
        method: operation.method.to_string(),
        path: format!("{BASE_PATH}{}", trusting.world.names().fill(path)),
        headers,
        body: Vec::new(),
    };
    let deadline = Deadline::after(Duration::from_secs(30));
    let (_, request) = route([operation], incoming(sent), deadline).expect("a route");
    let Entry::Authenticated { needs, subject, .. } = operation.entry else {
        panic!("the operation is public")
    };
    match trusting.world.app().admit(operation.id, (needs, subject), &request).await {
        Ok(_) => true,
        Err(error) => {
            assert!(refusal(&error).is_some_and(|refusal| refusal != TokenRefusal::Keys), "{error:?}");
            false
        }
    }
}

/// Mutates valid tokens and asserts that the service and the other library agree on each. The other
/// library gets the token without surrounding white space, which belongs to the header. Returns the
/// number of accepted tokens.
async fn mutate_all<Passes: Future<Output = bool>>(
    good: &[(&'static str, String)],
    jwks: &Value,
    without_space: fn(&str) -> &str,
    passes: impl Fn(String) -> Passes,
) -> u64 {
    let mut accepted = 0;
    for (algorithm, token) in good {
        assert!(passes(token.clone()).await, "{algorithm}");
    }
    for number in 0..cases(1_500) {
        let random = &mut Rng::with_seed(SEED + number);
        let (algorithm, original) = &good[random.usize(0..good.len())];
        let mut token = original.clone();
        for _ in 0..random.usize(1..4) {
            token = mutate(random, algorithm, &token, good);
        }
        let about =
            || format!("mutation {number} of seed {SEED:#x}, of {algorithm}: {token:?} from {original}");
        let is_accepted = passes(token.clone()).await;
        let bare = without_space(&token);
        assert_eq!(is_accepted, verifies(bare, jwks), "{}", about());
        if is_accepted {
            let signed = bare.rsplit_once('.').map(|(signed, _)| signed);
            let same = good.iter().any(|(_, good)| good.rsplit_once('.').map(|(signed, _)| signed) == signed);
            assert!(same, "{}", about());
            accepted += 1;
        }
    }
    accepted
}

/// Trims a token that is the whole value of a header.
fn trimmed(token: &str) -> &str {
    token.trim_matches([' ', '\t'])
}

/// Trims a token after its scheme: spaces before it, spaces and tabs after it.
fn trimmed_behind_scheme(token: &str) -> &str {
    token.trim_start_matches(' ').trim_end_matches([' ', '\t'])
}

fn left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "keys of every algorithm")
}

fn operation(id: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.id == id).expect("it is listed")
}

#[tokio::test]
async fn no_mutated_bearer_token_with_other_content_is_accepted() {
    if left_out() {
        return;
    }
    let trusting = Trusting::new().await;
    let good = good_tokens(&trusting.forge_bearer());
    let operation = operation("get-client");
    let accepted = mutate_all(&good, &trusting.bearer.jwks, trimmed_behind_scheme, |token| {
        let headers = vec![("authorization".to_owned(), format!("Bearer {token}"))];
        passes(&trusting, operation, "/clients/{client-123}", headers, ApiError::token_refusal)
    })
    .await;
    // Unchanged tokens, and the second form of a signature.
    assert!(accepted > 0);
}

#[tokio::test]
async fn no_mutated_x_token_with_other_content_is_accepted() {
    if left_out() {
        return;
    }
    let trusting = Trusting::new().await;
    let good = good_tokens(&trusting.forge_x_token());
    let bearer = format!("Bearer {}", trusting.bearer_of(&Caller::the_user()));
    let operation = operation("delete-dispatch-target");
    let accepted = mutate_all(&good, &trusting.x_token.jwks, trimmed, |token| {
        let headers = vec![("authorization".to_owned(), bearer.clone()), ("x-token".to_owned(), token)];
        let path = "/{client-123}/users/{user-123}/dispatch-targets/{dt-999}";
        passes(&trusting, operation, path, headers, ApiError::x_token_refusal)
    })
    .await;
    assert!(accepted > 0);
}
