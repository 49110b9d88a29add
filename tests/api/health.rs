//! `GET /health`: public, about the table and the key sets.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use shared::auth::key_set::{Fetch, RETRY_INTERVAL};
use shared::clock::{Clock, Timestamp};
use shared::network::NetworkFailure;
use signing::{SigningKey, jwks};

use crate::agreement::granted_actions;
use crate::support::answer::health_answer;
use crate::support::events::GATEWAYS;
use crate::support::items::Changes;
use crate::support::recorder::Recorder;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World};

#[tokio::test]
async fn everybody_can_read_the_status_of_the_service() {
    let world = World::furnished().await;
    let before = world.items().await;
    let answer = health_answer(true, &[true], true);
    assert_eq!(world.get("/health").send().await, answer);
    assert_eq!(world.get("/health").by(&Caller::root()).send().await, answer);
    let broken = world.get("/health").header("authorization", "Bearer x").header("x-token", "x");
    assert_eq!(broken.send().await, answer);
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn every_gateway_returns_the_status() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "another gateway's events") {
        return;
    }
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        assert_eq!(world.get("/health").send().await, health_answer(true, &[true], true), "{gateway:?}");
    }
}

#[tokio::test]
async fn a_table_that_fails_is_reported() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that fails") {
        return;
    }
    // Nothing listens on the discard port.
    let world = World::in_process(&[], |_| local::engine::client("http://127.0.0.1:9")).await;
    assert_eq!(world.get("/health").send().await, health_answer(false, &[true], true));
    let world = World::in_process(&[("TABLE_NAME", "made")], |client| client).await;
    world.drop_table().await;
    assert_eq!(world.get("/health").send().await, health_answer(false, &[true], true));
}

/// Without keys, every request with a token is answered with 503.
#[tokio::test]
async fn missing_keys_are_reported_until_they_can_be_fetched() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "another key server") {
        return;
    }
    let [first, second, x_token] = ["a", "b", "x"].map(|host| format!("https://{host}.example/jwks"));
    let issuer = |name: &str, jwks: &str| json!({"issuer": name, "audience": "idm", "jwks": jwks});
    let issuers = json!([issuer("a", &first), issuer("b", &second)]).to_string();
    for missing in [&first, &second, &x_token] {
        let published = Arc::new(Mutex::new(vec![first.clone(), second.clone(), x_token.clone()]));
        published.lock().expect("not poisoned").retain(|address| address != missing);
        let addresses = Arc::clone(&published);
        let fetch: Fetch = Arc::new(move |address| {
            let is_published = addresses.lock().expect("not poisoned").contains(&address);
            let set = jwks([&SigningKey::new("EdDSA", &address)]).to_string().into_bytes();
            Box::pin(async move { if is_published { Ok(set) } else { Err(NetworkFailure::Dns) } })
        });
        let now = Arc::new(AtomicI64::new(1_800_000_000));
        let time = Arc::clone(&now);
        let clock = Clock::from_fn(move || {
            Timestamp::from_unix_millis(time.load(Ordering::SeqCst) * 1000).expect("a moment")
        });
        let variables = [
            ("BEARER_ISSUER", ""),
            ("BEARER_AUDIENCE", ""),
            ("BEARER_JWKS", ""),
            ("BEARER_ISSUERS", issuers.as_str()),
            ("X_TOKEN_JWKS", x_token.as_str()),
        ];
        let world = World::at(clock, &fetch, &variables).await;
        let expected = health_answer(true, &[missing != &first, missing != &second], missing != &x_token);
        assert_eq!(world.get("/health").send().await, expected, "{missing}");
        published.lock().expect("not poisoned").push(missing.clone());
        now.fetch_add(RETRY_INTERVAL, Ordering::SeqCst);
        assert_eq!(world.get("/health").send().await, health_answer(true, &[true, true], true), "{missing}");
    }
}

/// The operation reads a key that no item has in one call, which is all that its function may do.
#[tokio::test]
async fn a_health_check_reads_the_table_once() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "its calls to the table") {
        return;
    }
    let recorder = Recorder::default();
    let world = World::in_process(&[], |client| recorder.watch(&client)).await;
    assert_eq!(world.get("/health").send().await.status, 200);
    assert_eq!(recorder.trips(), [["BatchGetItem of 1"]]);
    assert_eq!(granted_actions("get-health"), BTreeSet::from(["dynamodb:BatchGetItem".to_owned()]));
}
