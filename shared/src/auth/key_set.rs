//! Key sets: where they come from and how long they are used.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::keys::{Purpose, VerificationKey, parse_key_set};
use crate::clock::Timestamp;

/// Seconds after which a fetched key set is refreshed.
pub const REFRESH_AFTER: i64 = 300;
/// Seconds for which a fetched key set is used while its server cannot be reached.
pub const MAX_AGE: i64 = 24 * 60 * 60;
/// Seconds between two fetches, even if tokens name unknown keys.
pub const MIN_INTERVAL: i64 = 60;
/// Seconds between two fetches while no key set is available.
const MIN_INITIAL_INTERVAL: i64 = 2;

/// The source of a key set.
#[derive(Clone)]
pub enum KeySource {
    /// The key set is part of the configuration.
    Inline(Vec<VerificationKey>),
    /// The key set is fetched from this `https` URL.
    Remote(String),
}

impl KeySource {
    /// Parses a key set or its URL.
    ///
    /// # Errors
    /// Returns the reason in one line.
    pub fn parse(text: &str, purpose: Purpose) -> Result<Self, String> {
        if text.starts_with("https://") {
            Ok(Self::Remote(text.to_owned()))
        } else if text.trim_start().starts_with('{') {
            parse_key_set(text.as_bytes(), purpose).map(Self::Inline)
        } else {
            Err("is neither a JSON Web Key Set nor an https URL".to_owned())
        }
    }
}

/// The result of a fetch: the response body, or `None` if the fetch failed.
pub type Fetched = Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send>>;

/// Fetches the text at a URL.
pub type Fetch = Arc<dyn Fn(String) -> Fetched + Send + Sync>;

/// An error that no usable key set is available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoKeys;

/// A key set that is refreshed as needed.
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
    /// Creates the key set of a source, which uses `fetch` if the source is remote.
    #[must_use]
    pub fn new(source: KeySource, purpose: Purpose, fetch: Fetch) -> Self {
        let source = match source {
            KeySource::Inline(keys) => Source::Inline(keys.into()),
            KeySource::Remote(address) => Source::Remote { address, fetch, state: Mutex::default() },
        };
        Self { purpose, source }
    }

    /// Returns the keys for a token with this key ID.
    ///
    /// A fetched set is refreshed if it is old or does not contain the key ID, but at most once per
    /// [`MIN_INTERVAL`]. If the server cannot be reached, the last good set is used for up to
    /// [`MAX_AGE`].
    ///
    /// # Errors
    /// Returns [`NoKeys`] if no usable key set is available.
    pub async fn keys(&self, key_id: Option<&str>, now: Timestamp) -> Result<Arc<[VerificationKey]>, NoKeys> {
        let (address, fetch, state) = match &self.source {
            Source::Inline(keys) => return Ok(Arc::clone(keys)),
            Source::Remote { address, fetch, state } => (address, fetch, state),
        };
        // Held during the fetch, so that concurrent callers share one fetch.
        let mut state = state.lock().await;
        if state.should_fetch(key_id, now) {
            state.tried = Some(now);
            match (fetch)(address.clone()).await.map(|text| parse_key_set(&text, self.purpose)) {
                Some(Ok(keys)) => state.keys = Some((keys.into(), now)),
                Some(Err(reason)) => tracing::error!(reason, "key set unusable"),
                None => tracing::warn!("key set fetch failed"),
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
            None => (true, MIN_INITIAL_INTERVAL),
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

    /// A key server with a configurable response that counts its requests.
    #[derive(Clone, Default)]
    struct Server(Arc<StdMutex<(Option<&'static str>, u32)>>);

    impl Server {
        fn set_response(&self, text: Option<&'static str>) {
            self.0.lock().expect("not poisoned").0 = text;
        }

        fn requests(&self) -> u32 {
            self.0.lock().expect("not poisoned").1
        }

        fn key_set(&self) -> KeySet {
            let server = self.clone();
            let fetch: Fetch = Arc::new(move |_| {
                let mut state = server.0.lock().expect("not poisoned");
                state.1 += 1;
                let response = state.0.map(|text| text.as_bytes().to_vec());
                Box::pin(async move { response })
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
    async fn added_and_removed_keys_take_effect_within_the_refresh_time() {
        let server = Server::default();
        server.set_response(Some(A));
        let set = server.key_set();
        assert_eq!(ids(&set, "a", 0).await, Ok(vec!["a".to_owned()]));
        server.set_response(Some(B));
        assert_eq!(ids(&set, "a", REFRESH_AFTER - 1).await, Ok(vec!["a".to_owned()]));
        assert_eq!(ids(&set, "a", REFRESH_AFTER).await, Ok(vec!["b".to_owned()]));
        assert_eq!(server.requests(), 2);
    }

    #[tokio::test]
    async fn unknown_key_ids_cause_at_most_one_fetch_per_interval() {
        let server = Server::default();
        server.set_response(Some(A));
        let set = server.key_set();
        for second in 0..=MIN_INTERVAL {
            assert_eq!(ids(&set, "unknown", second).await, Ok(vec!["a".to_owned()]));
        }
        assert_eq!(server.requests(), 2);
    }

    #[tokio::test]
    async fn the_last_good_set_is_used_until_its_maximum_age() {
        let server = Server::default();
        let set = server.key_set();
        assert_eq!(ids(&set, "a", 0).await, Err(NoKeys));
        server.set_response(Some(A));
        assert_eq!(ids(&set, "a", 1).await, Err(NoKeys));
        assert_eq!(ids(&set, "a", MIN_INITIAL_INTERVAL).await, Ok(vec!["a".to_owned()]));
        server.set_response(None);
        let a_day_later = MIN_INITIAL_INTERVAL + 86_400;
        assert_eq!(ids(&set, "a", a_day_later).await, Ok(vec!["a".to_owned()]));
        server.set_response(Some("{}"));
        assert_eq!(ids(&set, "a", a_day_later + 1).await, Err(NoKeys));
    }
}
