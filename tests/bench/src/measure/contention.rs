//! Requests that share an item, with the limits of DynamoDB and different numbers of copies.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use ::limits::{Conflicts, Limits};
use shared::http::Method;
use tokio::time::sleep;

use super::load::{Calls, Load, closed, open, unloaded};
use crate::Result;
use crate::harness::fleet::{CLIENTS, Call, Fleet, Place, user};
use crate::moment::{median_millis, millis, simulated_now};

/// The time for which a partition keeps its unused capacity. Much less than in DynamoDB, because rates are
/// those that last.
const BURST: Duration = Duration::from_millis(100);
/// The number of callers that wait for their responses.
const CALLERS: usize = 256;
/// How long the callers run before the figures are taken, and how long these are taken. With one copy,
/// requests take seconds. With several, there are many more.
const ONE_COPY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(4));
const COPIES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(1));
/// The number of requests without any load.
const UNLOADED: u64 = 20;
/// The share of the highest rate at which the load is compared with none.
const NEAR: f64 = 0.8;
/// The shares of the highest rate at which documents are changed. That rate is the one with more conflicts, also
/// where there are fewer, so that both are compared under the same load.
const SHARES: [f64; 3] = [0.05, 0.2, NEAR];
/// The number of changes at each of them, or fewer if one fails or they take too long.
const CHANGES: usize = 20;
/// The time after which no further change is requested.
const CHANGING: Duration = Duration::from_secs(3);
/// The pause between two changes.
const PAUSE: Duration = Duration::from_millis(50);
/// The number of users.
const USERS: usize = 100_000;

/// The figures of all workloads.
#[derive(Clone, Debug)]
pub(crate) struct Contention {
    /// Workloads with a number of copies each.
    pub(crate) shared: Vec<Shared>,
    /// Changes of a document during consents to it.
    pub(crate) changes: Vec<Changes>,
}

/// A workload of requests that share an item.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    /// The workload.
    pub(crate) workload: Workload,
    /// Which transactions conflict.
    pub(crate) conflicts: Conflicts,
    /// The number of copies of the item.
    pub(crate) copies: u32,
    /// Requests without load.
    pub(crate) unloaded: Load,
    /// As many requests as are served.
    pub(crate) highest: Load,
    /// Requests at [`NEAR`] of this rate.
    pub(crate) near: Load,
}

/// Changes of a document during consents to it.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    /// Which transactions conflict.
    pub(crate) conflicts: Conflicts,
    /// The number of copies of the document.
    pub(crate) copies: u32,
    /// The consents per second, as a share of the highest rate.
    pub(crate) share: f64,
    /// The number of changes that were requested.
    pub(crate) requested: usize,
    /// The number of changes that succeeded.
    pub(crate) succeeded: usize,
    /// The median time of these, in milliseconds.
    pub(crate) median: f64,
    /// The longest time of these, in milliseconds.
    pub(crate) longest: f64,
    /// The consents meanwhile.
    pub(crate) consents: Load,
}

/// What the requests do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    /// Consents to one document.
    Consents,
    /// Reads of the users of one client.
    Users,
    /// Updates of one property.
    Properties,
}

impl Workload {
    /// Returns the operation.
    pub(crate) fn operation(self) -> &'static str {
        match self {
            Self::Consents => "create-consent",
            Self::Users => "get-user",
            Self::Properties => "update-user-properties",
        }
    }

    /// Returns the numbers of copies to compare: one, and those of the table.
    fn copies(self) -> &'static [u32] {
        match self {
            Self::Consents => &[1, 8, 32],
            Self::Users => &[1, 4],
            Self::Properties => &[1, 8],
        }
    }

    /// Returns the readings to compare. Reads never conflict.
    fn readings(self) -> &'static [Conflicts] {
        match self {
            Self::Users => &[Conflicts::Any],
            Self::Consents | Self::Properties => &[Conflicts::Any, Conflicts::Changes],
        }
    }

    /// Returns the requests, of another user each. Updates set values that no earlier row has set.
    fn calls(self, terms: &str) -> Calls {
        let terms = terms.to_owned();
        Arc::new(move |number| {
            let number = usize::try_from(number).unwrap_or_default();
            let user = |number: usize| user(number % USERS);
            match self {
                Self::Consents => Call {
                    method: Method::POST,
                    path: format!("{}/consents", user(number)),
                    body: format!(r#"{{"termsExtId":"{terms}"}}"#),
                },
                Self::Users => {
                    Call { method: Method::GET, path: user(number * CLIENTS), body: String::new() }
                }
                Self::Properties => Call {
                    method: Method::PATCH,
                    path: format!("{}/properties", user(number)),
                    body: format!(r#"{{"nickname":"{terms}-{number}"}}"#),
                },
            }
        })
    }
}

/// Measures all workloads.
pub(crate) async fn measure() -> Result<Contention> {
    let workloads = [Workload::Consents, Workload::Users, Workload::Properties];
    let rows = workloads.into_iter().flat_map(|workload| {
        let copies = move |conflicts: &'static Conflicts| {
            workload.copies().iter().map(move |copies| (workload, *conflicts, *copies))
        };
        workload.readings().iter().flat_map(copies)
    });
    let rows: Vec<_> = rows.collect();
    let place = Place::new(&lines(rows.len()), USERS).await?;
    let (mut shared, mut changes) = (Vec::new(), Vec::new());
    for (row, (workload, conflicts, copies)) in rows.into_iter().enumerate() {
        eprintln!("measuring {} with copies: {copies}, {conflicts:?}", workload.operation());
        let fleet = Fleet::new(&place, limits(conflicts, copies));
        // Each load has a document of its own, because a user accepts a version only once.
        let calls = workload.calls(&terms(row, 0));
        let numbers = Arc::new(AtomicU64::new(0));
        let unloaded = unloaded(&fleet, &calls, &numbers, UNLOADED).await?;
        let times = if copies == 1 { ONE_COPY } else { COPIES };
        let highest = closed(&fleet, &calls, &numbers, CALLERS, times).await?;
        let near = open(&fleet, &calls, &numbers, highest.rate * NEAR, sleep(times.1)).await?;
        if workload == Workload::Consents {
            for (nth, share) in SHARES.into_iter().enumerate() {
                let (terms, rate) =
                    (terms(row, nth + 1), share * of_any(&shared, copies).unwrap_or(highest.rate));
                changes.push(Changes {
                    share,
                    ..changes_during(&place, &terms, rate, (conflicts, copies)).await?
                });
            }
        }
        shared.push(Shared { workload, conflicts, copies, unloaded, highest, near });
    }
    Ok(Contention { shared, changes })
}

/// Returns the highest rate of the consents that has been measured where any two transactions conflict.
fn of_any(shared: &[Shared], copies: u32) -> Option<f64> {
    let row = (Workload::Consents, Conflicts::Any, copies);
    let mut rows = shared.iter().filter(|of| (of.workload, of.conflicts, of.copies) == row);
    rows.next().map(|of| of.highest.rate)
}

/// Changes a document during consents to it, one change after the other, until one fails.
async fn changes_during(
    place: &Arc<Place>,
    terms: &str,
    rate: f64,
    (conflicts, copies): (Conflicts, u32),
) -> Result<Changes> {
    let fleet = Fleet::new(place, limits(conflicts, copies));
    let calls = Workload::Consents.calls(terms);
    let (mut requested, mut times, mut failure) = (0, Vec::new(), Ok(()));
    let changing = async {
        let end = simulated_now() + CHANGING;
        while requested < CHANGES && simulated_now() < end {
            sleep(PAUSE).await;
            requested += 1;
            let change = Call {
                method: Method::PATCH,
                path: format!("/terms/{terms}"),
                body: format!(r#"{{"termsVersion":"changed-{requested}"}}"#),
            };
            match fleet.call(change).await {
                Ok(called) if called.is_success() => times.push(millis(called.time())),
                Ok(called) if called.status == 503 => return,
                Ok(called) => return failure = Err(format!("a change was answered with {}", called.status)),
                Err(error) => return failure = Err(error.to_string()),
            }
        }
    };
    let consents = open(&fleet, &calls, &AtomicU64::new(0), rate, changing).await?;
    failure?;
    let longest = times.iter().copied().fold(0.0, f64::max);
    let succeeded = times.len();
    let median = median_millis(times);
    Ok(Changes { conflicts, copies, share: 0.0, requested, succeeded, median, longest, consents })
}

fn limits(conflicts: Conflicts, copies: u32) -> Limits {
    Limits { burst: BURST, conflicts, copies: NonZeroU32::new(copies), ..Limits::published() }
}

/// Returns the lines of the property and the documents of each row.
fn lines(rows: usize) -> String {
    let mut lines = vec![
        r#"{"type":"property","scope":"USER_GLOBAL","propertyId":1,"name":"nickname","valueType":"STRING","stringMaxLen":20,"accessModify":"READ_WRITE"}"#.to_owned(),
    ];
    for row in 0..rows {
        lines.extend((0..=SHARES.len()).map(|nth| {
            format!(r#"{{"type":"terms","extId":"{}","name":"Terms","active":true,"silentAcceptance":false,"termsVersion":"1"}}"#, terms(row, nth))
        }));
    }
    lines.join("\n")
}

/// Returns the identifier of a document: the `nth` of a row.
fn terms(row: usize, nth: usize) -> String {
    format!("terms-{row}-{nth}")
}
