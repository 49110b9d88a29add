//! Performance targets, and whether a run meets them.

use crate::limits;
use crate::measure::scale::Scaled;
use crate::measure::sizes::{Size, baseline_zip};
use crate::measure::starts::Start;
use crate::report::{Figures, tables};

/// Maximum ratio of the cold start to F1, `baseline-table`.
pub(crate) const START: f64 = 1.25;
/// Maximum ratio of the cold start to F0, `baseline-empty`.
pub(crate) const START_TO_EMPTY: f64 = 2.0;
/// Maximum ratio of the first request to F1.
pub(crate) const FIRST: f64 = 1.25;
/// Maximum ratio of a warm request to F1.
pub(crate) const WARM: f64 = 1.3;
/// Maximum ratio of the memory to F1.
const MEMORY: f64 = 1.15;
/// Maximum growth of the memory. Above 1, because memory is measured in 4 KB pages and an allocator keeps
/// some freed memory.
const GROWTH: f64 = 1.02;
/// Maximum zip size in MB.
const ZIP: f64 = 2.5;
/// Maximum ratio of the time to create a client in the largest table to that in an empty one.
const SCALE: f64 = 1.1;
/// Minimum rate of the local server, as a share of the rate of direct calls.
const SERVER: f64 = 0.8;

/// A figure with a target value.
pub(crate) struct Target {
    figure: &'static str,
    expected: String,
    measured: String,
    is_met: bool,
}

/// Returns all targets with the results of this run.
pub(crate) fn targets(figures: &Figures) -> Vec<Target> {
    let exact = |figure, expected: &str| Target {
        figure,
        expected: expected.to_owned(),
        measured: if figures.broken.is_empty() {
            "as specified".to_owned()
        } else {
            figures.broken.join("; ")
        },
        is_met: figures.broken.is_empty(),
    };
    let starts = &figures.starts;
    let mut targets = vec![
        exact("trips, calls and units", "exactly as specified"),
        worst("cold start, ratio to F1", START, starts.iter().map(|start| start.ready.ratio())),
        worst("cold start, ratio to F0", START_TO_EMPTY, starts.iter().map(Start::to_empty)),
        worst("first request, ratio to F1", FIRST, starts.iter().map(|start| start.first.ratio())),
        worst(
            "warm request, same token, ratio to F1",
            WARM,
            figures.warm.iter().map(|warm| warm.same.ratio()),
        ),
        worst(
            "warm request, new tokens, ratio to F1",
            WARM,
            figures.warm.iter().map(|warm| warm.fresh.ratio()),
        ),
        worst(
            "memory after 10,000 requests, ratio to F1",
            MEMORY,
            figures.memory.iter().map(|of| of.late.ratio()),
        ),
        worst(
            "memory after 10,000 requests, ratio to 1,000 requests",
            GROWTH,
            figures.memory.iter().map(|of| of.late.function / of.early.function),
        ),
    ];
    let baseline = baseline_zip(&figures.sizes).unwrap_or(f64::NAN);
    let zips = || figures.sizes.iter().filter(|of| Size::is_of_a_function(of)).map(|of| of.zip);
    targets.push(worst("zip, ratio to F1", limits::ZIP_TO_BASELINE, zips().map(|zip| zip / baseline)));
    targets.push(worst("zip, in MB", ZIP, zips()));
    targets.extend(creations(&figures.scale.creations));
    let rates = figures.rates.iter().map(|rate| rate.server / rate.direct);
    let least = rates.fold(f64::INFINITY, f64::min);
    targets.push(Target {
        figure: "local server under 64 callers, share of the rate of direct calls",
        expected: format!("at least {:.0} %", SERVER * 100.0),
        measured: format!("{:.0} %", least * 100.0),
        is_met: least >= SERVER,
    });
    targets
}

/// Returns the targets as a table.
pub(crate) fn table(targets: &[Target]) -> String {
    let rows = targets.iter().map(|Target { figure, expected, measured, is_met }| {
        let word = if *is_met { "met" } else { "**not met**" };
        vec![(*figure).to_owned(), expected.clone(), measured.clone(), word.to_owned()]
    });
    tables::table(&["figure (worst operation)", "target", "this run", "status"], rows)
}

fn worst(figure: &'static str, limit: f64, values: impl Iterator<Item = f64>) -> Target {
    let worst = values.fold(f64::NEG_INFINITY, f64::max);
    Target {
        figure,
        expected: format!("at most {limit}"),
        measured: format!("{worst:.2}"),
        is_met: worst <= limit,
    }
}

/// Returns the targets for creating a client in the largest table, compared with an empty one.
fn creations(creations: &[Scaled]) -> Vec<Target> {
    let (Some(first), Some(last)) = (creations.first(), creations.last()) else { return Vec::new() };
    let counts = [first, last].map(|of| (of.counts.trips, of.counts.calls.len(), of.counts.units));
    vec![
        worst(
            "create a client: time with 100,000 clients, ratio to none",
            SCALE,
            [last.millis / first.millis].into_iter(),
        ),
        Target {
            figure: "create a client: trips, calls and units with 100,000 clients",
            expected: "same as with none".to_owned(),
            measured: if counts[0] == counts[1] { "same" } else { "different" }.to_owned(),
            is_met: counts[0] == counts[1],
        },
    ]
}
