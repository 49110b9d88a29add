//! Key sets that may change: where they come from, how long they are believed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::keys::{Purpose, VerificationKey, parse_key_set};
use crate::clock::Timestamp;

/// How old a fetched set may grow before it is fetched again, in seconds.
pub const REFRESH_AFTER: i64 = 300;
/// How old a fetched set may grow at most while its server cannot be reached, in seconds.
pub const MAX_AGE: i64 = 24 * 60 * 60;
/// How long to wait between two fetches, whatever the tokens demand, in seconds.
pub const MIN_INTERVAL: i64 = 60;
/// How long to wait between two fetches as long as there is no set at all, in seconds.
const MIN_INTERVAL_AT_FIRST: i64 = 2;

/// Where a key set comes from.
#[derive(Clone)]
pub enum KeySource {
    /// It stands in the configuration.
    Inline(Vec<VerificationKey>),
    /// It is fetched from this `https` address.
    Remote(String),
}

impl KeySource {
    /// Reads a key set or its address.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn parse(text: &str, purpose: Purpose) -> Result<Self, String> {
        if text.starts_with("https://") {
            Ok(Self::Remote(text.to_owned()))
        } else if text.trim_start().starts_with('{') {
            parse_key_set(text.as_bytes(), purpose).map(Self::Inline)
        } else {
            Err("is neither a JSON Web Key Set nor an https address".to_owned())
        }
    }
}

/// The answer to a fetch: the text, or nothing.
pub type Fetched = Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send>>;

/// Fetches the text at an address.
pub type Fetch = Arc<dyn Fn(String) -> Fetched + Send + Sync>;

/// There is no key set that could be believed, and none can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoKeys;

/// A key set, kept as fresh as it has to be.
pub struct KeySet {
    purpose: Purpose,
    source: Source,
}

enum Source {
    Inline(Arc<[VerificationKey]>),
    Remote { address: String, fetch: Fetch, state: Mutex<State> },
}

#[derive(Default)]
struct State {
    keys: Option<(Arc<[VerificationKey]>, Timestamp)>,
    tried: Option<Timestamp>,
}

impl KeySet {
    /// The key set of a source; `fetch` is asked for it where it is remote.
    #[must_use]
    pub fn new(source: KeySource, purpose: Purpose, fetch: Fetch) -> Self {
        let source = match source {
            KeySource::Inline(keys) => Source::Inline(keys.into()),
            KeySource::Remote(address) => Source::Remote { address, fetch, state: Mutex::default() },
        };
        Self { purpose, source }
    }

    /// The keys to verify a token with that names this key. A fetched set is fetched again when it
    /// is old or lacks the key, but not more often than every [`MIN_INTERVAL`]; while its server
    /// cannot be reached, the last good set serves for [`MAX_AGE`].
    ///
    /// # Errors
    /// [`NoKeys`] when there is no set and none can be had.
    pub async fn keys(&self, key_id: Option<&str>, now: Timestamp) -> Result<Arc<[VerificationKey]>, NoKeys> {
        let (address, fetch, state) = match &self.source {
            Source::Inline(keys) => return Ok(Arc::clone(keys)),
            Source::Remote { address, fetch, state } => (address, fetch, state),
        };
        // Held while fetching: callers that need the same set wait for one fetch.
        let mut state = state.lock().await;
        if state.should_fetch(key_id, now) {
            state.tried = Some(now);
            match (fetch)(address.clone()).await.map(|text| parse_key_set(&text, self.purpose)) {
                Some(Ok(keys)) => state.keys = Some((keys.into(), now)),
                Some(Err(reason)) => tracing::error!(reason, "the key set at its address is not usable"),
                None => tracing::warn!("the key set cannot be fetched"),
            }
        }
        match &state.keys {
            Some((keys, fetched)) if age(*fetched, now) <= MAX_AGE => Ok(Arc::clone(keys)),
            Some(_) | None => Err(NoKeys),
        }
    }
}

impl State {
    fn should_fetch(&self, key_id: Option<&str>, now: Timestamp) -> bool {
        let (needed, interval) = match &self.keys {
            None => (true, MIN_INTERVAL_AT_FIRST),
            Some((keys, fetched)) => {
                let lacks = key_id.is_some_and(|id| !keys.iter().any(|key| key.id() == Some(id)));
                (lacks || age(*fetched, now) >= REFRESH_AFTER, MIN_INTERVAL)
            }
        };
        needed && self.tried.is_none_or(|tried| age(tried, now) >= interval)
    }
}

fn age(then: Timestamp, now: Timestamp) -> i64 {
    now.unix_seconds() - then.unix_seconds()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex as StdMutex;

    const A: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    const B: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"b","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    /// A key server that answers what it is told to, and counts how often it is asked.
    #[derive(Clone, Default)]
    struct Server(Arc<StdMutex<(Option<&'static str>, u32)>>);

    impl Server {
        fn says(&self, text: Option<&'static str>) {
            self.0.lock().expect("not poisoned").0 = text;
        }

        fn asked(&self) -> u32 {
            self.0.lock().expect("not poisoned").1
        }

        fn key_set(&self) -> KeySet {
            let server = self.clone();
            let fetch: Fetch = Arc::new(move |_| {
                let mut state = server.0.lock().expect("not poisoned");
                state.1 += 1;
                let answer = state.0.map(|text| text.as_bytes().to_vec());
                Box::pin(async move { answer })
            });
            let source = KeySource::parse("https://keys.example/jwks", Purpose::Bearer).expect("an address");
            KeySet::new(source, Purpose::Bearer, fetch)
        }
    }

    async fn ids(set: &KeySet, wanted: &str, second: i64) -> Result<Vec<String>, NoKeys> {
        let now = Timestamp::from_unix_millis(second * 1000).expect("a moment");
        let keys = set.keys(Some(wanted), now).await?;
        Ok(keys.iter().filter_map(|key| key.id().map(str::to_owned)).collect())
    }

    #[tokio::test]
    async fn a_new_key_works_and_a_removed_one_stops_within_the_refresh_time() {
        let server = Server::default();
        server.says(Some(A));
        let set = server.key_set();
        assert_eq!(ids(&set, "a", 0).await, Ok(vec!["a".to_owned()]));
        server.says(Some(B));
        assert_eq!(ids(&set, "a", REFRESH_AFTER - 1).await, Ok(vec!["a".to_owned()]));
        assert_eq!(ids(&set, "a", REFRESH_AFTER).await, Ok(vec!["b".to_owned()]));
        assert_eq!(server.asked(), 2);
    }

    #[tokio::test]
    async fn unknown_key_ids_cost_at_most_one_fetch_an_interval() {
        let server = Server::default();
        server.says(Some(A));
        let set = server.key_set();
        for second in 0..=MIN_INTERVAL {
            assert_eq!(ids(&set, "unknown", second).await, Ok(vec!["a".to_owned()]));
        }
        assert_eq!(server.asked(), 2);
    }

    #[tokio::test]
    async fn the_last_good_set_serves_until_it_is_too_old() {
        let server = Server::default();
        let set = server.key_set();
        assert_eq!(ids(&set, "a", 0).await, Err(NoKeys));
        server.says(Some(A));
        assert_eq!(ids(&set, "a", 1).await, Err(NoKeys));
        assert_eq!(ids(&set, "a", MIN_INTERVAL_AT_FIRST).await, Ok(vec!["a".to_owned()]));
        server.says(None);
        let a_day_later = MIN_INTERVAL_AT_FIRST + 86_400;
        assert_eq!(ids(&set, "a", a_day_later).await, Ok(vec!["a".to_owned()]));
        server.says(Some("{}"));
        assert_eq!(ids(&set, "a", a_day_later + 1).await, Err(NoKeys));
    }
}
