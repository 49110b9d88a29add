//! Key rotation, tested through the whole service: how soon a new key is accepted and a revoked one
//! rejected, and how long the service works without the key server.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::auth::key_set::{Fetch, MAX_AGE, MIN_INTERVAL, REFRESH_AFTER, RETRY_INTERVAL};
use shared::clock::{Clock, Timestamp};
use shared::network::NetworkFailure;
use signing::{SigningKey, base64url, jwks};

use super::tokens::keys::keys;
use crate::support::answer::{invalid_token, unavailable};
use crate::support::members::{with, without};
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, refused};

/// Start of a test in seconds since 1970.
const START: i64 = 1_800_000_000;
/// Addresses of the two key sets.
const BEARER: &str = "https://keys.example/bearer";
const X_TOKEN: &str = "https://keys.example/x-token";

/// The key sets of the two headers.
const HEADERS: [&str; 2] = [BEARER, X_TOKEN];

/// A key server that returns the configured sets and counts requests.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    bearer: Option<String>,
    x_token: Option<String>,
    requests: [usize; 2],
}

impl Server {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the key set at an address. With `None` the server cannot be reached.
    fn publish(&self, address: &str, text: Option<&str>) {
        let mut state = self.state();
        let set = if address == BEARER { &mut state.bearer } else { &mut state.x_token };
        *set = text.map(str::to_owned);
    }

    /// Returns how often the set at an address was requested.
    fn request_count(&self, address: &str) -> usize {
        self.state().requests[usize::from(address == X_TOKEN)]
    }

    fn fetch(&self) -> Fetch {
        let server = self.clone();
        Arc::new(move |address| {
            let mut state = server.state();
            state.requests[usize::from(address == X_TOKEN)] += 1;
            let text = if address == BEARER { state.bearer.clone() } else { state.x_token.clone() };
            Box::pin(async move {
                tokio::task::yield_now().await;
                text.map(String::into_bytes).ok_or(NetworkFailure::Connect)
            })
        })
    }
}

/// A service that fetches its keys, with an adjustable clock.
struct Service {
    world: World,
    server: Server,
    now: Arc<AtomicI64>,
    /// Two `EdDSA` keys for each header. The first one is published at the start of a test.
    keys: [[SigningKey; 2]; 2],
}

impl Service {
    async fn new() -> Self {
        let server = Server::default();
        let now = Arc::new(AtomicI64::new(START));
        let time = Arc::clone(&now);
        let clock = Clock::from_fn(move || {
            Timestamp::from_unix_millis(time.load(Ordering::SeqCst) * 1000).expect("a moment")
        });
        let variables = [("BEARER_JWKS", BEARER), ("X_TOKEN_JWKS", X_TOKEN)];
        let world = World::at(clock, &server.fetch(), &variables).await;
        world.furnish("{Default}").await;
        let pair = |owner: &str| {
            ["first", "second"].map(|which| SigningKey::new("EdDSA", &format!("{which}-of-{owner}")))
        };
        let service = Self { world, server, now, keys: [pair("bearer"), pair("x-token")] };
        for address in HEADERS {
            service.server.publish(address, Some(&service.set(address, &[0])));
        }
        service
    }

    fn key(&self, address: &str, which: usize) -> &SigningKey {
        &self.keys[usize::from(address == X_TOKEN)][which]
    }

    fn set(&self, address: &str, which: &[usize]) -> String {
        jwks(which.iter().map(|which| self.key(address, *which))).to_string()
    }

    /// Sets the time to this many seconds after the start of the test.
    fn at(&self, seconds: i64) -> &Self {
        self.now.store(START + seconds, Ordering::SeqCst);
        self
    }

    /// Returns a token for a header, signed by a key, with a changed JOSE header.
    fn token(&self, address: &str, key: &SigningKey, change: impl FnOnce(Value) -> Value) -> String {
        let (token_type, claims) = if address == BEARER {
            ("at+jwt", self.world.claims(&Caller::root()))
        } else {
            ("JWT", self.world.x_claims("{client-123}", "{user-123}"))
        };
        key.token(&change(key.header(token_type)).to_string(), &claims.to_string())
    }

    /// Returns the response to a token in its header, with everything else valid: 200 or 404 if the
    /// token is accepted.
    async fn answer(&self, address: &str, token: &str) -> Answer {
        if address == BEARER {
            return self.world.get("/clients/{client-123}").bearer(token).send().await;
        }
        let key = self.key(BEARER, 0);
        let claims = self.world.claims(&Caller::the_user());
        let bearer = key.token(&key.header("at+jwt").to_string(), &claims.to_string());
        let call = self.world.delete("/{client-123}/users/{user-123}/dispatch-targets/{dt-999}");
        call.bearer(&bearer).x_token(token).send().await
    }

    async fn accepts(&self, address: &str, which: usize) -> bool {
        let token = self.token(address, self.key(address, which), |header| header);
        self.accepts_token(address, &token).await
    }

    /// Returns true if a token is accepted.
    ///
    /// Panics if the error response is not the one for an invalid token in this header.
    async fn accepts_token(&self, address: &str, token: &str) -> bool {
        let answer = self.answer(address, token).await;
        if answer.status == 200 || answer.status == 404 {
            return true;
        }
        let x_refusal = refused(422, "errors.invalidJWTToken", "Invalid JWT token.");
        assert_eq!(answer, if address == BEARER { invalid_token() } else { x_refusal });
        false
    }
}

fn left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "another key server and clock")
}

/// A token with an unknown key id triggers a fetch at most once a minute. A token without a key id
/// does not trigger a fetch before the set is five minutes old.
#[tokio::test]
async fn a_new_key_is_accepted_within_a_minute_or_five_without_a_key_id() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        let service = Service::new().await;
        assert!(service.accepts(address, 0).await);
        service.server.publish(address, Some(&service.set(address, &[0, 1])));
        assert!(!service.at(MIN_INTERVAL - 1).accepts(address, 1).await, "{address}");
        assert!(service.at(MIN_INTERVAL).accepts(address, 1).await, "{address}");
        assert!(service.accepts(address, 0).await, "{address}: the old key is still accepted");
        assert_eq!(service.server.request_count(address), 2);

        let service = Service::new().await;
        assert!(service.accepts(address, 0).await);
        service.server.publish(address, Some(&service.set(address, &[0, 1])));
        for (seconds, expected) in [(REFRESH_AFTER - 1, false), (REFRESH_AFTER, true)] {
            let key = service.at(seconds).key(address, 1);
            let nameless = service.token(address, key, |header| without(&header, "kid"));
            assert_eq!(service.accepts_token(address, &nameless).await, expected, "{address} {seconds}");
        }
    }
}

#[tokio::test]
async fn a_revoked_key_is_rejected_within_five_minutes() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        let service = Service::new().await;
        service.server.publish(address, Some(&service.set(address, &[0, 1])));
        assert!(service.accepts(address, 1).await);
        service.server.publish(address, Some(&service.set(address, &[0])));
        assert!(service.at(299).accepts(address, 1).await, "{address}: the set is still fresh");
        assert!(!service.at(300).accepts(address, 1).await, "{address}");
        assert!(service.accepts(address, 0).await, "{address}: the other key is still accepted");
        // Another key with the id of a revoked one is not accepted.
        let thief = SigningKey::new("EdDSA", &service.key(address, 0).id);
        let stolen = service.token(address, &thief, |header| header);
        assert!(!service.accepts_token(address, &stolen).await, "{address}");
    }
}

/// Returns responses that are not valid key sets. They are treated as if the server could not be
/// reached.
fn broken_sets(address: &str) -> Vec<Option<String>> {
    let stranger = SigningKey::new("EdDSA", "stranger").jwk();
    let many: Vec<Value> = (0..65).map(|_| stranger.clone()).collect();
    let mut sets = vec![
        None,
        Some(String::new()),
        Some("<html>502</html>".to_owned()),
        Some("{}".to_owned()),
        Some(json!({"keys": []}).to_string()),
        Some(json!({"keys": {}}).to_string()),
        Some(json!([stranger]).to_string()),
        Some(json!({"keys": many}).to_string()),
        Some(json!({"keys": [with(&stranger, "use", "enc")]}).to_string()),
        Some(json!({"keys": [with(&stranger, "x", base64url([0; 32]))]}).to_string()),
        Some(format!("{{\"keys\":[],\"keys\":[{stranger}]}}")),
    ];
    if address == BEARER {
        // Anyone who can verify with a shared secret can also sign.
        let secret = keys("stranger").into_iter().find(|key| key.algorithm == "HS256").expect("a secret");
        sets.push(Some(jwks([&secret]).to_string()));
    }
    sets
}

#[tokio::test]
async fn the_last_good_key_set_is_used_for_at_most_24_hours() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        for broken in broken_sets(address) {
            let service = Service::new().await;
            // The other set is always available.
            assert!(service.accepts(X_TOKEN, 0).await && service.accepts(BEARER, 0).await);
            service.server.publish(address, broken.as_deref());
            for seconds in [300, 3_600, 12 * 3_600, MAX_AGE] {
                assert!(service.at(seconds).accepts(address, 0).await, "{address} {broken:?} {seconds}");
                let token = service.token(address, service.key(address, 1), |header| header);
                assert_eq!(service.answer(address, &token).await, unavailable(), "{address} {broken:?}");
            }
            let too_old = service.at(MAX_AGE + 1);
            let token = too_old.token(address, too_old.key(address, 0), |header| header);
            assert_eq!(too_old.answer(address, &token).await, unavailable(), "{address} {broken:?}");
            service.server.publish(address, Some(&service.set(address, &[0])));
            assert!(service.at(MAX_AGE + 1 + MIN_INTERVAL).accepts(address, 0).await, "{address}");
        }
    }
}

/// Without a first key set, requests get a 503 response. They succeed as soon as the key server is
/// available.
#[tokio::test]
async fn requests_succeed_once_the_first_key_set_is_available() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        let service = Service::new().await;
        service.server.publish(address, None);
        let token = service.token(address, service.key(address, 0), |header| header);
        for second in [0, RETRY_INTERVAL - 1] {
            assert_eq!(service.at(second).answer(address, &token).await, unavailable(), "{address}");
        }
        assert_eq!(service.server.request_count(address), 1, "{address}");
        service.server.publish(address, Some(&service.set(address, &[0])));
        assert!(service.at(RETRY_INTERVAL).accepts(address, 0).await, "{address}");
        assert_eq!(service.server.request_count(address), 2, "{address}");
    }
}

/// A token of a new key is valid, even if its key cannot be fetched at the moment.
#[tokio::test]
async fn a_token_of_an_unknown_key_is_not_rejected_while_the_key_server_fails() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        let service = Service::new().await;
        assert!(service.accepts(address, 0).await);
        let before = service.server.request_count(address);
        service.server.publish(address, None);
        let token = service.token(address, service.key(address, 1), |header| header);
        for seconds in MIN_INTERVAL..MIN_INTERVAL + RETRY_INTERVAL {
            assert_eq!(service.at(seconds).answer(address, &token).await, unavailable(), "{address}");
            assert!(service.accepts(address, 0).await, "{address}: known keys are still accepted");
        }
        assert_eq!(service.server.request_count(address), before + 1, "{address}");
        service.server.publish(address, Some(&service.set(address, &[0, 1])));
        assert!(service.at(MIN_INTERVAL + RETRY_INTERVAL).accepts(address, 1).await, "{address}");
        // After a successful fetch, an unknown key is rejected.
        let stranger = SigningKey::new("EdDSA", "stranger");
        assert!(!service.accepts_token(address, &service.token(address, &stranger, |header| header)).await);
    }
}

/// Returns entries that cannot be used, next to which there may be good keys.
fn unusable_entries() -> Vec<Value> {
    let rsa = SigningKey::new("RS256", "unusable").jwk();
    let elliptic = SigningKey::new("ES256", "unusable").jwk();
    vec![
        json!(null),
        json!({"x5c": ["AA=="]}),
        with(&rsa, "n", base64url([0xff; 128])),
        with(&rsa, "n", base64url([&[0xff; 255][..], &[0xfe]].concat())),
        with(&rsa, "n", format!("{}=", rsa["n"].as_str().expect("a text"))),
        with(&rsa, "use", json!(null)),
        with(&rsa, "kid", 7),
        with(&rsa, "alg", "ES256"),
        without(&rsa, "kty"),
        without(&elliptic, "y"),
    ]
}

#[tokio::test]
async fn one_unusable_entry_does_not_affect_the_other_keys_of_a_set() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        let other = if address == BEARER { X_TOKEN } else { BEARER };
        for entry in unusable_entries() {
            let service = Service::new().await;
            let set = |which: usize| {
                json!({"keys": [entry.clone(), service.key(address, which).jwk(), entry.clone()]}).to_string()
            };
            service.server.publish(address, Some(&set(0)));
            assert!(service.accepts(address, 0).await && service.accepts(other, 0).await, "{entry}");
            service.server.publish(address, Some(&set(1)));
            assert!(service.at(MIN_INTERVAL).accepts(address, 1).await, "{entry}");
        }
    }
}

/// Two thousand tokens with different unknown key ids within ten minutes cause one fetch a minute.
/// Valid tokens are not affected, nor is the key set of the other header.
#[tokio::test]
async fn unknown_key_ids_cause_at_most_one_fetch_a_minute() {
    if left_out() {
        return;
    }
    let minutes = 10;
    for (address, other) in [(BEARER, X_TOKEN), (X_TOKEN, BEARER)] {
        let service = Service::new().await;
        assert!(service.accepts(X_TOKEN, 0).await && service.accepts(BEARER, 0).await);
        let others = service.server.request_count(other);
        let stranger = SigningKey::new("EdDSA", "stranger");
        for number in 0..200 * minutes {
            service.at(number * 60 / 200);
            let forged = format!("unknown-{number}");
            let token = service.token(address, &stranger, |header| with(&header, "kid", forged));
            assert!(!service.accepts_token(address, &token).await, "{address}");
            if number % 50 == 0 {
                assert!(service.accepts(address, 0).await, "{address}");
            }
        }
        // One fetch at the start, and one at the end of each minute except the last.
        assert_eq!(
            service.server.request_count(address),
            usize::try_from(minutes).expect("few"),
            "{address}"
        );
        // The other set is fetched again only when it is stale, and only if it is used.
        assert!(service.server.request_count(other) <= others + 1, "{address}");
    }
}

/// Concurrent callers wait for the same fetch.
#[tokio::test]
async fn concurrent_callers_share_a_fetch() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        let service = Service::new().await;
        let accepted = join_all((0..64).map(|_| service.accepts(address, 0))).await;
        assert_eq!(accepted, [true; 64], "{address}");
        assert_eq!(service.server.request_count(address), 1, "{address}");
    }
}
