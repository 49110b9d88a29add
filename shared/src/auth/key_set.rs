//! Key sets: where they come from and how long they are used.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lambda_http::http::Uri;

use super::keys::{ParsedKeys, PassedOver, Purpose, RefusedSet, Unusable, VerificationKey, parse_key_set};
use crate::clock::Timestamp;
use crate::log::sanitize_for_log;
use crate::network::NetworkFailure;

/// Seconds after which a fetched key set is refreshed.
pub const REFRESH_AFTER: i64 = 300;
/// Seconds for which a fetched key set is used while its server cannot be reached.
pub const MAX_AGE: i64 = 24 * 60 * 60;
/// Seconds between two fetches, even if tokens name unknown keys.
pub const MIN_INTERVAL: i64 = 60;
/// Seconds after a failed fetch until the next one, if a token cannot be verified without it.
pub const RETRY_INTERVAL: i64 = 5;

/// The source of a key set.
pub enum KeySource {
    /// The key set is part of the configuration.
    Inline(ParsedKeys),
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
            let keys = parse_key_set(text.as_bytes(), purpose, &[]);
            keys.map(Self::Inline).map_err(|reason| reason.to_string())
        } else {
            Err("is neither a JSON Web Key Set nor an https URL".to_owned())
        }
    }
}

/// The result of a fetch: the response body.
pub type Fetched = Pin<Box<dyn Future<Output = Result<Vec<u8>, NetworkFailure>> + Send>>;

/// Fetches the text at a URL.
pub type Fetch = Arc<dyn Fn(String) -> Fetched + Send + Sync>;

/// An error that no usable key set is available, or that the key of a token may be one that could not be
/// fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoKeys;

/// A key set that is refreshed as needed.
pub struct KeySet {
    purpose: Purpose,
    source: Source,
}

enum Source {
    Inline(Arc<[VerificationKey]>),
    Remote(Box<Remote>),
}

/// A key set at a URL.
struct Remote {
    address: String,
    fetch: Fetch,
    state: Mutex<State>,
    /// Held during a fetch, so that concurrent callers share it.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// The keys of the last successful fetch and its time.
    keys: Option<(Arc<[VerificationKey]>, Timestamp)>,
    /// The time of the last fetch and whether it failed.
    tried: Option<(Timestamp, bool)>,
    /// The entries that the last log lines were about.
    passed_over: Vec<PassedOver>,
}

impl KeySet {
    /// Creates the key set of a source, which uses `fetch` if the source is remote.
    ///
    /// Logs the entries of an inline set that are passed over.
    #[must_use]
    pub fn new(source: KeySource, purpose: Purpose, fetch: Fetch) -> Self {
        let source = match source {
            KeySource::Inline(parsed) => {
                log_passed_over(purpose, &parsed.passed_over);
                Source::Inline(parsed.keys.into())
            }
            KeySource::Remote(address) => Source::Remote(Box::new(Remote {
                address,
                fetch,
                state: Mutex::default(),
                fetching: tokio::sync::Mutex::default(),
            })),
        };
        Self { purpose, source }
    }

    /// Returns the keys for a token with this key ID.
    ///
    /// A fetched set is refreshed if it is old or does not contain the key ID, but at most once per
    /// [`MIN_INTERVAL`]. If a fetch fails, the last good set is used for up to [`MAX_AGE`], and the next
    /// token that cannot be verified with it causes a fetch after [`RETRY_INTERVAL`].
    ///
    /// # Errors
    /// Returns [`NoKeys`] if no usable key set is available, or if the set does not contain the key ID
    /// and the last fetch failed.
    pub async fn keys(&self, key_id: Option<&str>, now: Timestamp) -> Result<Arc<[VerificationKey]>, NoKeys> {
        let remote = match &self.source {
            Source::Inline(keys) => return Ok(Arc::clone(keys)),
            Source::Remote(remote) => remote,
        };
        if remote.state().should_fetch(key_id, now) {
            let _fetching = remote.fetching.lock().await;
            // Another caller may have fetched the set in the meantime.
            if remote.state().should_fetch(key_id, now) {
                remote.refresh(self.purpose, now).await;
            }
        }
        remote.state().keys(key_id, now)
    }
}

impl Remote {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches the set and logs a failure.
    async fn refresh(&self, purpose: Purpose, now: Timestamp) {
        let fetched = (self.fetch)(self.address.clone()).await;
        let (key_set, host) = (purpose.as_str(), host(&self.address));
        let mut state = self.state();
        let known = state.keys.as_ref().map(|(keys, _)| Arc::clone(keys)).unwrap_or_default();
        let parsed = match fetched.map(|text| parse_key_set(&text, purpose, &known)) {
            Ok(Ok(parsed)) => Some(parsed),
            Ok(Err(reason)) => {
                if let RefusedSet::NoUsableKey(passed_over) = &reason {
                    state.log_changed(purpose, passed_over);
                }
                tracing::error!(key_set, host, reason = reason.as_str(), "key set unusable");
                None
            }
            Err(failure) => {
                let (kind, status) = (failure.kind(), failure.status());
                tracing::warn!(key_set, host, kind, status, "key set fetch failed");
                None
            }
        };
        state.tried = Some((now, parsed.is_none()));
        if let Some(parsed) = parsed {
            state.log_changed(purpose, &parsed.passed_over);
            state.keys = Some((parsed.keys.into(), now));
        }
    }
}

impl State {
    /// Returns the keys that may be used, unless they are too old.
    fn usable(&self, now: Timestamp) -> Option<&(Arc<[VerificationKey]>, Timestamp)> {
        self.keys.as_ref().filter(|(_, fetched)| age(*fetched, now) <= MAX_AGE)
    }

    fn should_fetch(&self, key_id: Option<&str>, now: Timestamp) -> bool {
        let Some((tried, failed)) = self.tried else { return true };
        let usable = self.usable(now);
        let unverifiable = usable.is_none_or(|(keys, _)| lacks(keys, key_id));
        let is_old = usable.is_some_and(|(_, fetched)| age(*fetched, now) >= REFRESH_AFTER);
        let interval = if unverifiable && failed { RETRY_INTERVAL } else { MIN_INTERVAL };
        (unverifiable || is_old) && age(tried, now) >= interval
    }

    fn keys(&self, key_id: Option<&str>, now: Timestamp) -> Result<Arc<[VerificationKey]>, NoKeys> {
        let (keys, _) = self.usable(now).ok_or(NoKeys)?;
        let failed = self.tried.is_some_and(|(_, failed)| failed);
        if failed && lacks(keys, key_id) { Err(NoKeys) } else { Ok(Arc::clone(keys)) }
    }

    /// Logs the entries that are passed over, unless they are the same as before.
    fn log_changed(&mut self, purpose: Purpose, passed_over: &[PassedOver]) {
        if self.passed_over != passed_over {
            log_passed_over(purpose, passed_over);
            self.passed_over = passed_over.to_vec();
        }
    }
}

/// Returns true if no key has this key ID.
fn lacks(keys: &[VerificationKey], key_id: Option<&str>) -> bool {
    key_id.is_some_and(|id| !keys.iter().any(|key| key.id() == Some(id)))
}

/// Logs the entries of a set that are passed over.
fn log_passed_over(purpose: Purpose, passed_over: &[PassedOver]) {
    let key_set = purpose.as_str();
    for PassedOver { position, id, reason } in passed_over {
        let kid = id.clone().map(sanitize_for_log);
        let (member, reason_text) = (reason.member(), reason.as_str());
        // Most servers publish keys for encryption in the same set.
        if *reason == Unusable::OtherUse {
            tracing::info!(key_set, position, kid, reason = reason_text, "key passed over");
        } else {
            tracing::warn!(key_set, position, kid, reason = reason_text, member, "key passed over");
        }
    }
}

/// Returns the host of a URL, for the log.
fn host(address: &str) -> Option<String> {
    address.parse::<Uri>().ok()?.host().map(str::to_owned)
}

fn age(then: Timestamp, now: Timestamp) -> i64 {
    now.unix_seconds() - then.unix_seconds()
}

#[cfg(test)]
mod tests;
