//! The tables of a run, as Markdown.

use crate::harness::Request;
use crate::measure::instructions::Instructions;
use crate::measure::memory::Memory;
use crate::measure::patterns::PatternCost;
use crate::measure::scale::Scaled;
use crate::measure::server::Rate;
use crate::measure::sizes::{Size, floor_zip};
use crate::measure::starts::Start;
use crate::measure::times::BuildTimes;
use crate::measure::warm::Warm;
use crate::report::prices::Prices;

/// A table: what stands on the left, and right-aligned columns.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|---|{}\n", head.join(" | "), "---:|".repeat(head.len() - 1));
    for row in rows {
        text.extend(["| ", &row.join(" | "), " |\n"]);
    }
    text
}

/// Trips, calls, units, bytes and dollars.
pub(crate) fn counts(requests: &[Request], baseline: &[Request], prices: &Prices) -> String {
    let head = [
        "operation",
        "trips",
        "calls",
        "read units",
        "write units",
        "bytes sent",
        "bytes the floor sends",
        "$ a million: API",
        "function",
        "table",
        "together",
    ];
    let rows = requests.iter().zip(baseline).map(|(request, floor)| {
        let cost = request.cost();
        let dollars = prices.million(request.counts.units);
        let mut row = vec![
            format!("`{}`", request.operation.id),
            cost.trips.to_string(),
            cost.calls.to_string(),
            cost.read.to_string(),
            cost.write.to_string(),
            format!("{:.0}", request.bytes()),
            format!("{:.0}", floor.bytes()),
        ];
        let dollars = [dollars.gateway, dollars.function, dollars.table, dollars.sum()];
        row.extend(dollars.map(|dollars| format!("{dollars:.2}")));
        row
    });
    table(&head, rows)
}

/// Cold starts and the first request.
pub(crate) fn starts(starts: &[Start]) -> String {
    let head = ["operation", "start", "F1", "F0", "to F1", "to F0", "first request", "F1", "to F1"];
    let rows = starts.iter().map(|start| {
        vec![
            format!("`{}`", start.operation),
            millis(start.ready.function),
            millis(start.ready.floor),
            millis(start.empty),
            ratio(start.ready.ratio()),
            ratio(start.to_empty()),
            millis(start.first.function),
            millis(start.first.floor),
            ratio(start.first.ratio()),
        ]
    });
    table(&head, rows)
}

/// Warm requests.
pub(crate) fn warm(warm: &[Warm]) -> String {
    let head = [
        "operation",
        "the same token",
        "F1",
        "to F1",
        "new tokens",
        "F1",
        "to F1",
        "processor, the same token",
        "F1",
        "to F1",
    ];
    let rows = warm.iter().map(|warm| {
        let pairs = [warm.same, warm.fresh, warm.processor];
        let cells =
            pairs.iter().flat_map(|pair| [millis(pair.function), millis(pair.floor), ratio(pair.ratio())]);
        [format!("`{}`", warm.operation)].into_iter().chain(cells).collect()
    });
    table(&head, rows)
}

/// Memory.
pub(crate) fn memory(memory: &[Memory]) -> String {
    let head = ["operation", "after 1,000", "after 10,000", "growth", "F1 after 10,000", "to F1"];
    let rows = memory.iter().map(|memory| {
        let (early, late) = (memory.early.function, memory.late.function);
        vec![
            format!("`{}`", memory.operation),
            format!("{early:.2} MB"),
            format!("{late:.2} MB"),
            format!("{:+.2} MB", late - early),
            format!("{:.2} MB", memory.late.floor),
            ratio(memory.late.ratio()),
        ]
    });
    table(&head, rows)
}

/// Sizes.
pub(crate) fn sizes(sizes: &[Size]) -> String {
    let floor = floor_zip(sizes).unwrap_or(f64::NAN);
    let rows = sizes.iter().map(|size| {
        let numbers =
            [format!("{:.2} MB", size.binary), format!("{:.2} MB", size.zip), ratio(size.zip / floor)];
        [format!("`{}`", size.program)].into_iter().chain(numbers).collect()
    });
    table(&["program", "binary", "zip", "zip to F1's"], rows)
}

/// Instructions of a warm request, and where they go.
pub(crate) fn instructions(instructions: &[Instructions]) -> String {
    let rows = instructions.iter().map(|of| {
        let numbers = [thousands(of.all.function), thousands(of.all.floor), ratio(of.all.ratio())];
        [format!("`{}`", of.operation)].into_iter().chain(numbers).collect()
    });
    let mut text = table(&["operation", "thousands of instructions", "F1", "to F1"], rows);
    for of in instructions.iter().filter(|of| !of.groups.is_empty()) {
        let mut groups: Vec<_> = of.groups.iter().collect();
        groups.sort_by(|one, other| other.1.0.total_cmp(&one.1.0));
        let rows = groups.into_iter().map(|(name, (function, floor))| {
            vec![(*name).to_owned(), thousands(*function), thousands(*floor), thousands(function - floor)]
        });
        text.extend(["\nWhere those of `", of.operation, "` go, what is called not counted:\n\n"]);
        text += &table(&["what", "thousands", "F1", "more than F1"], rows);
    }
    text
}

/// A request on tables of several sizes; `touched` says what else it touches.
pub(crate) fn scaled(scaled: &[Scaled], touched: Option<&str>) -> String {
    let mut head = vec!["clients there"];
    head.extend(touched);
    head.extend(["trips", "calls", "read units", "write units", "time"]);
    let rows = scaled.iter().map(|scaled| {
        let mut row = vec![grouped(scaled.clients)];
        row.extend(touched.map(|_| grouped(scaled.touched)));
        let counts = &scaled.counts;
        row.extend([
            counts.trips.to_string(),
            counts.calls.len().to_string(),
            counts.units.read.to_string(),
            counts.units.write.to_string(),
            millis(scaled.millis),
        ]);
        row
    });
    table(&head, rows)
}

/// Patterns.
pub(crate) fn patterns(patterns: &[PatternCost]) -> String {
    let rows = patterns.iter().map(|of| {
        let times = [of.compile, of.first, of.again].map(millis);
        [of.name.to_owned()].into_iter().chain(times).collect()
    });
    table(&["pattern", "to compile", "to match, the first time", "again"], rows)
}

/// The local server.
pub(crate) fn rates(rates: &[Rate]) -> String {
    let rows = rates.iter().map(|rate| {
        let parts = |rate_of: f64| format!("{:.0} %", rate_of / rate.straight * 100.0);
        vec![
            format!("`{}`", rate.operation),
            format!("{:.0}", rate.straight),
            format!("{:.0}", rate.server),
            parts(rate.server),
            format!("{:.0}", rate.bare),
            parts(rate.bare),
        ]
    });
    let titles = [
        "operation",
        "the calls, straight, a second",
        "the local server",
        "of these",
        "a server that only makes the calls",
        "of these",
    ];
    table(&titles, rows)
}

/// How long building takes.
pub(crate) fn times(times: BuildTimes) -> String {
    let rows = [("all functions, from nothing", times.all), ("one more", times.one)];
    let rows = rows.map(|(name, seconds)| vec![name.to_owned(), format!("{seconds:.0} s")]);
    format!("Of the last run with `--build-times`.\n\n{}", table(&["what is built", "time"], rows))
}

/// A number with a comma between thousands.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn millis(millis: f64) -> String {
    format!("{millis:.2} ms")
}

fn ratio(ratio: f64) -> String {
    format!("{ratio:.2}")
}

fn thousands(thousands: f64) -> String {
    format!("{thousands:.0}")
}
