//! Keys that come and go at a key server, seen through the whole service: how soon a new one
//! counts, how soon one that was taken back does not, and how long the service does without the
//! server.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::auth::key_set::{Fetch, MAX_AGE, MIN_INTERVAL, REFRESH_AFTER};
use shared::clock::{Clock, Timestamp};
use signing::{SigningKey, base64url, jwks};

use super::tokens::keys::keys;
use crate::support::answer::unauthorized;
use crate::support::members::{with, without};
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, refused};

/// When a test begins, in seconds since 1970.
const START: i64 = 1_800_000_000;
/// The addresses of the two sets.
const BEARER: &str = "https://keys.example/bearer";
const X_TOKEN: &str = "https://keys.example/x-token";

/// The two headers, the addresses of whose sets are these.
const HEADERS: [&str; 2] = [BEARER, X_TOKEN];

/// A key server that answers what it is told to, and counts how often it is asked for a set.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    bearer: Option<String>,
    x_token: Option<String>,
    asked: [usize; 2],
}

impl Server {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the set at an address is this text; without one the server cannot be reached.
    fn publishes(&self, address: &str, text: Option<&str>) {
        let mut state = self.state();
        let set = if address == BEARER { &mut state.bearer } else { &mut state.x_token };
        *set = text.map(str::to_owned);
    }

    /// How often the set at an address was asked for.
    fn asked(&self, address: &str) -> usize {
        self.state().asked[usize::from(address == X_TOKEN)]
    }

    fn fetch(&self) -> Fetch {
        let server = self.clone();
        Arc::new(move |address| {
            let mut state = server.state();
            state.asked[usize::from(address == X_TOKEN)] += 1;
            let text = if address == BEARER { state.bearer.clone() } else { state.x_token.clone() };
            Box::pin(async move {
                tokio::task::yield_now().await;
                text.map(String::into_bytes)
            })
        })
    }
}

/// A service that fetches its keys, at a time that moves.
struct Service {
    world: World,
    server: Server,
    now: Arc<AtomicI64>,
    /// The keys of `EdDSA`: two for each header, the first of which is published when a test begins.
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
            service.server.publishes(address, Some(&service.set(address, &[0])));
        }
        service
    }

    fn key(&self, address: &str, which: usize) -> &SigningKey {
        &self.keys[usize::from(address == X_TOKEN)][which]
    }

    fn set(&self, address: &str, which: &[usize]) -> String {
        jwks(which.iter().map(|which| self.key(address, *which))).to_string()
    }

    /// It is this many seconds after the test began.
    fn at(&self, seconds: i64) -> &Self {
        self.now.store(START + seconds, Ordering::SeqCst);
        self
    }

    /// A token for a header, signed by a key, whose header was changed.
    fn token(&self, address: &str, key: &SigningKey, change: impl FnOnce(Value) -> Value) -> String {
        let (token_type, claims) = if address == BEARER {
            ("at+jwt", self.world.claims(&Caller::root()))
        } else {
            ("JWT", self.world.x_claims("{client-123}", "{user-123}"))
        };
        key.token(&change(key.header(token_type)).to_string(), &claims.to_string())
    }

    /// What is answered to a token in its header, with everything else good; 200 or 404 where it is
    /// believed.
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

    async fn believes(&self, address: &str, which: usize) -> bool {
        let token = self.token(address, self.key(address, which), |header| header);
        self.decides(address, &token).await
    }

    /// Whether a token is believed; if not, the answer is the one refusal of its header.
    async fn decides(&self, address: &str, token: &str) -> bool {
        let answer = self.answer(address, token).await;
        if answer.status == 200 || answer.status == 404 {
            return true;
        }
        let x_refusal = refused(422, "errors.invalidJWTToken", "Invalid JWT token.");
        assert_eq!(answer, if address == BEARER { unauthorized() } else { x_refusal });
        false
    }
}

fn left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a key server and a clock of one's own")
}

fn unavailable() -> Answer {
    refused(503, "errors.fatalError", "Service unavailable, try again later").with("retry-after", "1")
}

/// A token that names the new key has the set fetched again, once a minute has passed; one that
/// names none waits for the set to be five minutes old.
#[tokio::test]
async fn a_new_key_works_within_a_minute_and_without_its_id_within_five() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        let service = Service::new().await;
        assert!(service.believes(address, 0).await);
        service.server.publishes(address, Some(&service.set(address, &[0, 1])));
        assert!(!service.at(MIN_INTERVAL - 1).believes(address, 1).await, "{address}");
        assert!(service.at(MIN_INTERVAL).believes(address, 1).await, "{address}");
        assert!(service.believes(address, 0).await, "{address}: the old one stays");
        assert_eq!(service.server.asked(address), 2);

        let service = Service::new().await;
        assert!(service.believes(address, 0).await);
        service.server.publishes(address, Some(&service.set(address, &[0, 1])));
        for (seconds, expected) in [(REFRESH_AFTER - 1, false), (REFRESH_AFTER, true)] {
            let key = service.at(seconds).key(address, 1);
            let nameless = service.token(address, key, |header| without(&header, "kid"));
            assert_eq!(service.decides(address, &nameless).await, expected, "{address} {seconds}");
        }
    }
}

#[tokio::test]
async fn a_key_that_is_taken_back_stops_within_five_minutes() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        let service = Service::new().await;
        service.server.publishes(address, Some(&service.set(address, &[0, 1])));
        assert!(service.believes(address, 1).await);
        service.server.publishes(address, Some(&service.set(address, &[0])));
        assert!(service.at(299).believes(address, 1).await, "{address}: the set is still young");
        assert!(!service.at(300).believes(address, 1).await, "{address}");
        assert!(service.believes(address, 0).await, "{address}: the other one stays");
        // Somebody else's key that takes over the id of the one that is gone is another key.
        let thief = SigningKey::new("EdDSA", &service.key(address, 0).id);
        let stolen = service.token(address, &thief, |header| header);
        assert!(!service.decides(address, &stolen).await, "{address}");
    }
}

/// What a server may answer that is no set of keys: it is as if it could not be reached.
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
        // Whoever verifies with a shared secret could sign.
        let secret = keys("stranger").into_iter().find(|key| key.algorithm == "HS256").expect("a secret");
        sets.push(Some(jwks([&secret]).to_string()));
    }
    sets
}

#[tokio::test]
async fn the_last_good_set_serves_a_day_without_its_server_and_not_longer() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        for broken in broken_sets(address) {
            let service = Service::new().await;
            // The other set is there all the time.
            assert!(service.believes(X_TOKEN, 0).await && service.believes(BEARER, 0).await);
            service.server.publishes(address, broken.as_deref());
            for seconds in [300, 3_600, 12 * 3_600, MAX_AGE] {
                assert!(service.at(seconds).believes(address, 0).await, "{address} {broken:?} {seconds}");
                assert!(!service.believes(address, 1).await, "{address} {broken:?}");
            }
            let too_old = service.at(MAX_AGE + 1);
            let token = too_old.token(address, too_old.key(address, 0), |header| header);
            assert_eq!(too_old.answer(address, &token).await, unavailable(), "{address} {broken:?}");
            service.server.publishes(address, Some(&service.set(address, &[0])));
            assert!(service.at(MAX_AGE + 1 + MIN_INTERVAL).believes(address, 0).await, "{address}");
        }
    }
}

/// Without any set there is nobody to believe, and nobody is refused; as soon as the server is there,
/// so is the service.
#[tokio::test]
async fn without_a_first_set_the_service_waits_for_one() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        let service = Service::new().await;
        service.server.publishes(address, None);
        let token = service.token(address, service.key(address, 0), |header| header);
        for second in [0, 1] {
            assert_eq!(service.at(second).answer(address, &token).await, unavailable(), "{address}");
        }
        assert_eq!(service.server.asked(address), 1, "{address}");
        service.server.publishes(address, Some(&service.set(address, &[0])));
        assert!(service.at(2).believes(address, 0).await, "{address}");
        assert_eq!(service.server.asked(address), 2, "{address}");
    }
}

/// Two thousand tokens over ten minutes, each of which names another key: a fetch a minute, and
/// whoever has a good token notices nothing. A flood in one header costs the other nothing.
#[tokio::test]
async fn a_flood_of_unknown_key_ids_costs_a_fetch_a_minute() {
    if left_out() {
        return;
    }
    let minutes = 10;
    for (address, other) in [(BEARER, X_TOKEN), (X_TOKEN, BEARER)] {
        let service = Service::new().await;
        assert!(service.believes(X_TOKEN, 0).await && service.believes(BEARER, 0).await);
        let others = service.server.asked(other);
        let stranger = SigningKey::new("EdDSA", "stranger");
        for number in 0..200 * minutes {
            service.at(number * 60 / 200);
            let forged = format!("unknown-{number}");
            let token = service.token(address, &stranger, |header| with(&header, "kid", forged));
            assert!(!service.decides(address, &token).await, "{address}");
            if number % 50 == 0 {
                assert!(service.believes(address, 0).await, "{address}");
            }
        }
        // The first one at the start of the test, and one at the end of each minute but the last.
        assert_eq!(service.server.asked(address), usize::try_from(minutes).expect("few"), "{address}");
        // The other set is fetched when it is old, where it is read at all.
        assert!(service.server.asked(other) <= others + 1, "{address}");
    }
}

/// Callers who come at the same time wait for one fetch together.
#[tokio::test]
async fn callers_at_the_same_time_share_a_fetch() {
    if left_out() {
        return;
    }
    for address in HEADERS {
        let service = Service::new().await;
        let believed = join_all((0..64).map(|_| service.believes(address, 0))).await;
        assert_eq!(believed, [true; 64], "{address}");
        assert_eq!(service.server.asked(address), 1, "{address}");
    }
}
