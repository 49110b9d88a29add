//! The goals, and whether they are reached.

use crate::limits;
use crate::measure::scale::Scaled;
use crate::measure::sizes::{Size, floor_zip};
use crate::measure::starts::Start;
use crate::report::{Figures, tables};

/// How much longer the start of a function may take than that of the floor with a table.
pub(crate) const START: f64 = 1.25;
/// The same, beside the floor without one.
pub(crate) const START_TO_EMPTY: f64 = 2.0;
/// How much longer the first request may take.
pub(crate) const FIRST: f64 = 1.25;
/// How much longer a warm request may take.
pub(crate) const WARM: f64 = 1.3;
/// How much more memory a function may have.
const MEMORY: f64 = 1.15;
/// How much it may have grown: what is measured is in pages of 4 KB, and an allocator keeps some.
const GROWTH: f64 = 1.02;
/// How large the zip of a function should be, in MB.
const ZIP: f64 = 2.5;
/// How much longer a client's creation may take when there are most.
const SCALE: f64 = 1.1;
/// What the local server has to reach of the engine.
const SERVER: f64 = 0.8;

/// A figure that has a goal.
pub(crate) struct Goal {
    figure: &'static str,
    aim: String,
    measured: String,
    is_reached: bool,
}

/// All goals, as this run shows them.
pub(crate) fn goals(figures: &Figures) -> Vec<Goal> {
    let exact = |figure, aim: &str| Goal {
        figure,
        aim: aim.to_owned(),
        measured: if figures.broken.is_empty() { "they are".to_owned() } else { figures.broken.join("; ") },
        is_reached: figures.broken.is_empty(),
    };
    let starts = &figures.starts;
    let mut goals = vec![
        exact("trips, calls and units", "those of the design, no more and no less"),
        worst("cold start, to F1", START, starts.iter().map(|start| start.ready.ratio())),
        worst("cold start, to F0", START_TO_EMPTY, starts.iter().map(Start::to_empty)),
        worst("first request, to F1", FIRST, starts.iter().map(|start| start.first.ratio())),
        worst("warm request, the same token, to F1", WARM, figures.warm.iter().map(|warm| warm.same.ratio())),
        worst("warm request, new tokens, to F1", WARM, figures.warm.iter().map(|warm| warm.fresh.ratio())),
        worst("memory after 10,000 requests, to F1", MEMORY, figures.memory.iter().map(|of| of.late.ratio())),
        worst(
            "memory after 10,000 requests, to that after 1,000",
            GROWTH,
            figures.memory.iter().map(|of| of.late.function / of.early.function),
        ),
    ];
    let floor = floor_zip(&figures.sizes).unwrap_or(f64::NAN);
    let zips = || figures.sizes.iter().filter(|of| Size::is_of_a_function(of)).map(|of| of.zip);
    goals.push(worst("zip, to F1's", limits::ZIP_TO_FLOOR, zips().map(|zip| zip / floor)));
    goals.push(worst("zip, in MB", ZIP, zips()));
    goals.extend(creations(&figures.scale.creations));
    let rates = figures.rates.iter().map(|rate| rate.server / rate.straight);
    let least = rates.fold(f64::INFINITY, f64::min);
    goals.push(Goal {
        figure: "the local server under 64 callers, of the same calls straight at the engine",
        aim: format!("at least {:.0} %", SERVER * 100.0),
        measured: format!("{:.0} %", least * 100.0),
        is_reached: least >= SERVER,
    });
    goals
}

/// The goals as a table.
pub(crate) fn table(goals: &[Goal]) -> String {
    let rows = goals.iter().map(|Goal { figure, aim, measured, is_reached }| {
        let word = if *is_reached { "reached" } else { "**not reached**" };
        vec![(*figure).to_owned(), aim.clone(), measured.clone(), word.to_owned()]
    });
    tables::table(&["figure, the worst of all operations", "goal", "this run", ""], rows)
}

fn worst(figure: &'static str, limit: f64, values: impl Iterator<Item = f64>) -> Goal {
    let worst = values.fold(f64::NEG_INFINITY, f64::max);
    Goal {
        figure,
        aim: format!("at most {limit}"),
        measured: format!("{worst:.2}"),
        is_reached: worst <= limit,
    }
}

/// With most clients there, beside with none.
fn creations(creations: &[Scaled]) -> Vec<Goal> {
    let (Some(first), Some(last)) = (creations.first(), creations.last()) else { return Vec::new() };
    let counts = [first, last].map(|of| (of.counts.trips, of.counts.calls.len(), of.counts.units));
    vec![
        worst(
            "creating a client, 100,000 there, to none: time",
            SCALE,
            [last.millis / first.millis].into_iter(),
        ),
        Goal {
            figure: "creating a client, 100,000 there, to none: trips, calls and units",
            aim: "the same".to_owned(),
            measured: if counts[0] == counts[1] { "the same" } else { "others" }.to_owned(),
            is_reached: counts[0] == counts[1],
        },
    ]
}
