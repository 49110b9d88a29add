//! A wave of consents during which the document gets a new version, and what the table has of it afterwards.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ::limits::Limits;
use serde_json::Value;
use shared::http::Method;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Result;
use crate::harness::fleet::{Call, Called, Fleet, Place, user};

/// The document.
const TERMS: &str = "terms";
/// Its first and its second version.
const VERSIONS: [&str; 2] = ["1", "2"];
/// The number of callers.
const CALLERS: usize = 64;

/// The counts of a wave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wave {
    /// Requested consents.
    pub(crate) requested: usize,
    /// Responses with 201.
    pub(crate) created: usize,
    /// Responses with 503, whose consents may exist or not.
    pub(crate) unavailable: usize,
    /// Consents in the table to each version.
    pub(crate) stored: [usize; 2],
    /// Consents with a response of 201 that ended before the change began, overlapped it, and began after
    /// it.
    pub(crate) moments: [usize; 3],
    /// Rules that a consent breaks.
    pub(crate) broken: Vec<String>,
}

/// A consent with a response of 201.
#[derive(Clone, Debug)]
struct Created {
    user: usize,
    version: String,
    called: Called,
}

/// Makes this number of consents of different users. The new version comes when a third has ended.
pub(crate) async fn measure(count: usize, has_limits: bool) -> Result<Wave> {
    let lines = format!(
        r#"{{"type":"terms","extId":"{TERMS}","name":"Terms","active":true,"silentAcceptance":false,"termsVersion":"{}"}}"#,
        VERSIONS[0]
    );
    let place = Place::new(&lines, count).await?;
    let fleet = Fleet::new(&place, if has_limits { Limits::published() } else { Limits::none() });
    let next = Arc::new(AtomicUsize::new(0));
    let mut calling = JoinSet::new();
    for _ in 0..CALLERS {
        let (fleet, next) = (Arc::clone(&fleet), Arc::clone(&next));
        calling.spawn(async move {
            let mut made = Vec::new();
            loop {
                let user = next.fetch_add(1, Ordering::Relaxed);
                if user >= count {
                    return Ok::<_, crate::Error>(made);
                }
                made.push((user, fleet.call(consent(user)).await?));
            }
        });
    }
    while next.load(Ordering::Relaxed) < count / 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let change = fleet.call(change()).await?;
    if !change.is_success() {
        return Err(format!("the change was answered with {}", change.status).into());
    }
    let mut made = Vec::new();
    while let Some(caller) = calling.join_next().await {
        made.extend(caller??);
    }
    verify(made, &change, &place.texts()?)
}

fn consent(number: usize) -> Call {
    Call {
        method: Method::POST,
        path: format!("{}/consents", user(number)),
        body: format!(r#"{{"termsExtId":"{TERMS}"}}"#),
    }
}

fn change() -> Call {
    Call {
        method: Method::PATCH,
        path: format!("/terms/{TERMS}"),
        body: format!(r#"{{"termsVersion":"{}"}}"#, VERSIONS[1]),
    }
}

/// Compares the responses with the items.
fn verify(made: Vec<(usize, Called)>, change: &Called, texts: &[String]) -> Result<Wave> {
    let mut wave = Wave { requested: made.len(), ..Wave::default() };
    let mut created = Vec::new();
    for (user, called) in made {
        match (called.status, &called.location) {
            (201, Some(location)) => {
                let version = location.rsplit('/').next().unwrap_or_default().to_owned();
                created.push(Created { user, version, called });
            }
            (503, _) => wave.unavailable += 1,
            (status, _) => wave.broken.push(format!("the consent of u-{user} was answered with {status}")),
        }
    }
    wave.created = created.len();
    let stored = stored(texts)?;
    for version in stored.values().flatten() {
        match VERSIONS.iter().position(|known| known == version) {
            Some(place) => wave.stored[place] += 1,
            None => wave.broken.push(format!("a consent is to version {version}")),
        }
    }
    let count: usize = stored.values().map(Vec::len).sum();
    if !(wave.created..=wave.created + wave.unavailable).contains(&count) {
        wave.broken.push(format!("{count} consents are stored"));
    }
    // The first moment at which somebody knew of the new version.
    let known =
        created.iter().filter(|created| created.version == VERSIONS[1]).map(|created| created.called.end);
    let known = known.chain([change.end]).min().unwrap_or(change.end);
    for Created { user, version, called } in &created {
        let versions = stored.get(user).map_or(&[][..], Vec::as_slice);
        if versions != [version.as_str()] {
            wave.broken.push(format!("u-{user} accepted version {version}, but has {versions:?}"));
        }
        wave.moments[moment(called, change)] += 1;
        if !is_of_its_moment(called, version, change.begin, known) {
            wave.broken.push(format!("u-{user} accepted version {version} at the wrong moment"));
        }
    }
    Ok(wave)
}

/// Returns the versions of the consents in the table, by the number of their user.
fn stored(texts: &[String]) -> Result<HashMap<usize, Vec<String>>> {
    let mut stored: HashMap<usize, Vec<String>> = HashMap::new();
    for text in texts {
        let item: Value = serde_json::from_str(text)?;
        let part = |name: &str| item[name]["S"].as_str().unwrap_or_default();
        let user = part("PK").strip_prefix("USER#").and_then(|pk| pk.split_once("#u-")?.1.parse().ok());
        let version = part("SK").strip_prefix(&format!("CONSENT#{TERMS}#"));
        if let Some((user, version)) = user.zip(version) {
            stored.entry(user).or_default().push(version.to_owned());
        }
    }
    Ok(stored)
}

/// Returns 0 for a consent before the change, 2 for one after it, and 1 for another one.
fn moment(called: &Called, change: &Called) -> usize {
    if called.end < change.begin {
        0
    } else if called.begin > change.end {
        2
    } else {
        1
    }
}

/// Returns true if a consent names a version that the document had during the request: not the new one before
/// the change began, and not the old one after somebody knew of the new one.
fn is_of_its_moment(called: &Called, version: &str, change_begin: Instant, known: Instant) -> bool {
    if version == VERSIONS[1] { called.end >= change_begin } else { called.begin <= known }
}

#[cfg(test)]
mod tests;
