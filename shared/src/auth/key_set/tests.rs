//! Tests when a key set is fetched, what is used in the meantime, and what is logged.

use std::io;
use std::sync::Mutex as StdMutex;

use serde_json::{Value, json};

use super::*;
use crate::log::log_lines;

const KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

/// Returns a key set of one key with this ID.
fn set(id: &str) -> String {
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": id, "x": KEY}]}).to_string()
}

/// A key server with a configurable response that counts its requests.
#[derive(Clone)]
struct Server(Arc<StdMutex<(Result<String, NetworkFailure>, u32)>>);

impl Server {
    fn new(response: Result<String, NetworkFailure>) -> Self {
        Self(Arc::new(StdMutex::new((response, 0))))
    }

    fn set_response(&self, response: Result<String, NetworkFailure>) {
        self.0.lock().expect("not poisoned").0 = response;
    }

    fn requests(&self) -> u32 {
        self.0.lock().expect("not poisoned").1
    }

    fn key_set(&self) -> KeySet {
        let server = self.clone();
        let fetch: Fetch = Arc::new(move |_| {
            let mut state = server.0.lock().expect("not poisoned");
            state.1 += 1;
            let response = state.0.clone().map(String::into_bytes);
            Box::pin(async move { response })
        });
        let source = KeySource::parse("https://keys.example:8443/jwks?secret", Purpose::Bearer);
        KeySet::new(source.expect("an address"), Purpose::Bearer, fetch)
    }
}

const DOWN: Result<String, NetworkFailure> = Err(NetworkFailure::Timeout);

async fn ids(set: &KeySet, wanted: &str, second: i64) -> Result<Vec<String>, NoKeys> {
    let now = Timestamp::from_unix_millis(second * 1000).expect("a moment");
    let keys = set.keys(Some(wanted), now).await?;
    Ok(keys.iter().filter_map(|key| key.id().map(str::to_owned)).collect())
}

fn only(id: &str) -> Vec<String> {
    vec![id.to_owned()]
}

#[tokio::test]
async fn added_and_removed_keys_take_effect_within_the_refresh_time() {
    let server = Server::new(Ok(set("a")));
    let keys = server.key_set();
    assert_eq!(ids(&keys, "a", 0).await, Ok(only("a")));
    server.set_response(Ok(set("b")));
    assert_eq!(ids(&keys, "a", REFRESH_AFTER - 1).await, Ok(only("a")));
    assert_eq!(ids(&keys, "a", REFRESH_AFTER).await, Ok(only("b")));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn unknown_key_ids_cause_at_most_one_fetch_per_interval() {
    let server = Server::new(Ok(set("a")));
    let keys = server.key_set();
    for second in 0..=MIN_INTERVAL {
        assert_eq!(ids(&keys, "unknown", second).await, Ok(only("a")));
    }
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn after_a_failed_fetch_only_unknown_keys_are_unavailable() {
    let server = Server::new(Ok(set("a")));
    let keys = server.key_set();
    assert_eq!(ids(&keys, "a", 0).await, Ok(only("a")));
    server.set_response(DOWN);
    for second in MIN_INTERVAL..MIN_INTERVAL + RETRY_INTERVAL {
        assert_eq!(ids(&keys, "b", second).await, Err(NoKeys));
        assert_eq!(ids(&keys, "a", second).await, Ok(only("a")));
        assert_eq!(server.requests(), 2);
    }
    server.set_response(Ok(set("b")));
    assert_eq!(ids(&keys, "b", MIN_INTERVAL + RETRY_INTERVAL).await, Ok(only("b")));
    assert_eq!(ids(&keys, "c", MIN_INTERVAL + RETRY_INTERVAL).await, Ok(only("b")));
    assert_eq!(server.requests(), 3);
}

/// A refresh that fails delays one request a minute, not one every few seconds.
#[tokio::test]
async fn known_keys_cause_a_fetch_a_minute_while_the_server_is_down() {
    let server = Server::new(Ok(set("a")));
    let keys = server.key_set();
    assert_eq!(ids(&keys, "a", 0).await, Ok(only("a")));
    server.set_response(DOWN);
    for second in REFRESH_AFTER..=REFRESH_AFTER + MIN_INTERVAL {
        assert_eq!(ids(&keys, "a", second).await, Ok(only("a")));
    }
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn the_last_good_set_is_used_until_its_maximum_age() {
    let server = Server::new(DOWN);
    let keys = server.key_set();
    assert_eq!(ids(&keys, "a", 0).await, Err(NoKeys));
    server.set_response(Ok(set("a")));
    assert_eq!(ids(&keys, "a", RETRY_INTERVAL - 1).await, Err(NoKeys));
    assert_eq!(ids(&keys, "a", RETRY_INTERVAL).await, Ok(only("a")));
    server.set_response(DOWN);
    let a_day_later = RETRY_INTERVAL + 86_400;
    assert_eq!(ids(&keys, "a", a_day_later).await, Ok(only("a")));
    server.set_response(Ok("{}".to_owned()));
    assert_eq!(ids(&keys, "a", a_day_later + 1).await, Err(NoKeys));
}

/// A key server that never responds.
#[tokio::test(start_paused = true)]
async fn known_keys_do_not_wait_for_a_fetch() {
    let first = Arc::new(StdMutex::new(Some(set("a").into_bytes())));
    let fetch: Fetch = Arc::new(move |_| {
        let response = first.lock().expect("not poisoned").take();
        Box::pin(async move {
            match response {
                Some(response) => Ok(response),
                None => std::future::pending().await,
            }
        })
    });
    let keys = KeySet::new(KeySource::Remote("https://keys.example".to_owned()), Purpose::Bearer, fetch);
    assert_eq!(ids(&keys, "a", 0).await, Ok(only("a")));
    let a_while = std::time::Duration::from_mins(1);
    tokio::select! {
        biased;
        answer = ids(&keys, "b", MIN_INTERVAL) => panic!("{answer:?} without a fetch"),
        answer = ids(&keys, "a", MIN_INTERVAL) => assert_eq!(answer, Ok(only("a"))),
        () = tokio::time::sleep(a_while) => panic!("a known key waits"),
    }
}

#[derive(Clone, Default)]
struct Log(Arc<StdMutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn collect(&self) -> tracing::subscriber::DefaultGuard {
        crate::log::tests::keep_lines_enabled();
        let writer = self.clone();
        tracing::subscriber::set_default(log_lines("info", move || writer.clone()).expect("a filter"))
    }

    /// Returns the lines since the last call without their times.
    fn lines(&self) -> Vec<Value> {
        let text =
            String::from_utf8(std::mem::take(&mut self.0.lock().expect("not poisoned"))).expect("text");
        let line = |line: &str| {
            let mut line: Value = serde_json::from_str(line).expect("JSON");
            line.as_object_mut()
                .expect("an object")
                .retain(|name, _| name != "timestamp" && name != "target");
            line
        };
        text.lines().map(line).collect()
    }
}

/// Returns the text of a set with one good key and with entries that are passed over.
fn mixed() -> String {
    let mut set: Value = serde_json::from_str(&set("good")).expect("JSON");
    let others = [
        json!({"kty": "RSA", "use": "enc", "kid": "for-encryption", "n": "AA", "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "sh\u{1b}ort", "n": "AQAB", "e": "AQAB"}),
        json!({"kid": 7, "kty": "RSA"}),
        json!({"x5c": []}),
    ];
    set["keys"].as_array_mut().expect("an array").extend(others);
    set.to_string()
}

fn mixed_lines(key_set: &str) -> Vec<Value> {
    let line = |level, position: u64, reason| {
        json!({"level": level, "message": "key passed over", "key_set": key_set, "position": position,
               "reason": reason})
    };
    let mut lines = [
        line("INFO", 1, "other_use"),
        line("WARN", 2, "modulus_size"),
        line("WARN", 3, "malformed_member"),
        line("WARN", 4, "missing_member"),
    ];
    lines[0]["kid"] = "for-encryption".into();
    lines[1]["kid"] = "sh?ort".into();
    lines[2]["member"] = "kid".into();
    lines[3]["member"] = "kty".into();
    lines.to_vec()
}

#[tokio::test]
async fn entries_that_are_passed_over_are_logged_once() {
    let log = Log::default();
    let _collecting = log.collect();
    let inline = KeySource::parse(&mixed(), Purpose::XToken).expect("a set");
    let unused: Fetch = Arc::new(|_| Box::pin(async { Err(NetworkFailure::Connect) }));
    let inline = KeySet::new(inline, Purpose::XToken, unused);
    assert_eq!(log.lines(), mixed_lines("x_token"));
    assert_eq!(ids(&inline, "good", 0).await, Ok(only("good")));
    let server = Server::new(Ok(mixed()));
    let remote = server.key_set();
    assert_eq!(ids(&remote, "good", 0).await, Ok(only("good")));
    assert_eq!(log.lines(), mixed_lines("bearer"));
    assert_eq!(ids(&remote, "good", REFRESH_AFTER).await, Ok(only("good")));
    server.set_response(Ok(set("good")));
    assert_eq!(ids(&remote, "good", 2 * REFRESH_AFTER).await, Ok(only("good")));
    assert_eq!(log.lines(), [json!(null); 0]);
    server.set_response(Ok(mixed()));
    assert_eq!(ids(&remote, "good", 3 * REFRESH_AFTER).await, Ok(only("good")));
    assert_eq!(log.lines(), mixed_lines("bearer"));
    assert_eq!(server.requests(), 4);
}

#[tokio::test]
async fn a_failed_fetch_is_logged_with_its_reason_and_without_data() {
    let log = Log::default();
    let _collecting = log.collect();
    let failed = |kind: &str| {
        json!({"level": "WARN", "message": "key set fetch failed", "key_set": "bearer",
               "host": "keys.example", "kind": kind})
    };
    let unusable = |reason: &str| {
        json!({"level": "ERROR", "message": "key set unusable", "key_set": "bearer",
               "host": "keys.example", "reason": reason})
    };
    let mut with_status = failed("status");
    with_status["status"] = 404.into();
    let private = json!({"keys": [{"kty": "RSA", "d": "secret"}]}).to_string();
    for (response, expected) in [
        (Err(NetworkFailure::Dns), failed("dns")),
        (Err(NetworkFailure::Size), failed("size")),
        (Err(NetworkFailure::Status(404)), with_status),
        (Ok("<html>secret</html>".to_owned()), unusable("malformed")),
        (Ok(private), unusable("private_key")),
        (Ok(r#"{"keys":[]}"#.to_owned()), unusable("no_usable_key")),
    ] {
        assert_eq!(ids(&Server::new(response).key_set(), "a", 0).await, Err(NoKeys));
        assert_eq!(log.lines(), [expected]);
    }
}
