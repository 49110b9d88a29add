//! Tables of a run in Markdown.

use crate::harness::Request;
use crate::measure::deletions::Deletions;
use crate::measure::import::{Import, ImportedFile};
use crate::measure::instructions::Instructions;
use crate::measure::memory::Memory;
use crate::measure::million::Walk;
use crate::measure::patterns::{PatternCost, RequestCost};
use crate::measure::scale::Scaled;
use crate::measure::server::Rate;
use crate::measure::sizes::{Size, baseline_zip};
use crate::measure::starts::Start;
use crate::measure::times::BuildTimes;
use crate::measure::warm::Warm;
use crate::report::prices::Prices;

/// Returns a table whose columns are right-aligned, except for the first one.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|---|{}\n", head.join(" | "), "---:|".repeat(head.len() - 1));
    for row in rows {
        text.extend(["| ", &row.join(" | "), " |\n"]);
    }
    text
}

/// Returns the table of trips, calls, units, bytes and cost.
pub(crate) fn counts(requests: &[Request], baselines: &[Request], prices: &Prices) -> String {
    let head = [
        "operation",
        "trips",
        "calls",
        "read units",
        "write units",
        "bytes sent",
        "bytes sent by F1",
        "USD per million: API",
        "function",
        "table",
        "total",
    ];
    let rows = requests.iter().zip(baselines).map(|(request, baseline)| {
        let cost = request.cost();
        let dollars = prices.million(request.counts.units);
        let mut row = vec![
            format!("`{}`", request.operation.id),
            cost.trips.to_string(),
            cost.calls.to_string(),
            cost.read.to_string(),
            cost.write.to_string(),
            format!("{:.0}", request.bytes()),
            format!("{:.0}", baseline.bytes()),
        ];
        let dollars = [dollars.gateway, dollars.function, dollars.table, dollars.sum()];
        row.extend(dollars.map(|dollars| format!("{dollars:.2}")));
        row
    });
    table(&head, rows)
}

/// Returns the table of cold starts and first requests.
pub(crate) fn starts(starts: &[Start]) -> String {
    let head = [
        "operation",
        "cold start",
        "F1",
        "F0",
        "ratio to F1",
        "ratio to F0",
        "first request",
        "F1",
        "ratio to F1",
    ];
    let rows = starts.iter().map(|start| {
        vec![
            format!("`{}`", start.operation),
            millis(start.ready.function),
            millis(start.ready.baseline),
            millis(start.empty),
            ratio(start.ready.ratio()),
            ratio(start.to_empty()),
            millis(start.first.function),
            millis(start.first.baseline),
            ratio(start.first.ratio()),
        ]
    });
    table(&head, rows)
}

/// Returns the table of warm requests.
pub(crate) fn warm(warm: &[Warm]) -> String {
    let head = [
        "operation",
        "same token",
        "F1",
        "ratio to F1",
        "new tokens",
        "F1",
        "ratio to F1",
        "processor time, same token",
        "F1",
        "ratio to F1",
    ];
    let rows = warm.iter().map(|warm| {
        let pairs = [warm.same, warm.fresh, warm.processor];
        let cells =
            pairs.iter().flat_map(|pair| [millis(pair.function), millis(pair.baseline), ratio(pair.ratio())]);
        [format!("`{}`", warm.operation)].into_iter().chain(cells).collect()
    });
    table(&head, rows)
}

/// Returns the table of memory.
pub(crate) fn memory(memory: &[Memory]) -> String {
    let head =
        ["operation", "after 1,000 requests", "after 10,000", "growth", "F1 after 10,000", "ratio to F1"];
    let rows = memory.iter().map(|memory| {
        let (early, late) = (memory.early.function, memory.late.function);
        vec![
            format!("`{}`", memory.operation),
            format!("{early:.2} MB"),
            format!("{late:.2} MB"),
            format!("{:+.2} MB", late - early),
            format!("{:.2} MB", memory.late.baseline),
            ratio(memory.late.ratio()),
        ]
    });
    table(&head, rows)
}

/// Returns the table of sizes.
pub(crate) fn sizes(sizes: &[Size]) -> String {
    let baseline = baseline_zip(sizes).unwrap_or(f64::NAN);
    let rows = sizes.iter().map(|size| {
        let numbers =
            [format!("{:.2} MB", size.binary), format!("{:.2} MB", size.zip), ratio(size.zip / baseline)];
        [format!("`{}`", size.program)].into_iter().chain(numbers).collect()
    });
    table(&["program", "binary", "zip", "zip, ratio to F1"], rows)
}

/// Returns the tables of the instructions of a warm request, in total and by group.
pub(crate) fn instructions(instructions: &[Instructions]) -> String {
    let rows = instructions.iter().map(|of| {
        let numbers = [thousands(of.all.function), thousands(of.all.baseline), ratio(of.all.ratio())];
        [format!("`{}`", of.operation)].into_iter().chain(numbers).collect()
    });
    let mut text = table(&["operation", "thousands of instructions", "F1", "ratio to F1"], rows);
    for of in instructions.iter().filter(|of| !of.groups.is_empty()) {
        let mut groups: Vec<_> = of.groups.iter().collect();
        groups.sort_by(|one, other| other.1.0.total_cmp(&one.1.0));
        let rows = groups.into_iter().map(|(name, (function, baseline))| {
            vec![
                (*name).to_owned(),
                thousands(*function),
                thousands(*baseline),
                thousands(function - baseline),
            ]
        });
        text.extend([
            "\nInstructions of `",
            of.operation,
            "` by group, without those of called functions:\n\n",
        ]);
        text += &table(&["group", "thousands", "F1", "difference"], rows);
    }
    text
}

/// Returns the table of a request at several table sizes. `affected` is the title of the column of affected
/// objects, if there is one.
pub(crate) fn scaled(scaled: &[Scaled], affected: Option<&str>) -> String {
    let mut head = vec!["clients"];
    head.extend(affected);
    head.extend(["trips", "calls", "read units", "write units", "time"]);
    let rows = scaled.iter().map(|scaled| {
        let mut row = vec![grouped(scaled.clients)];
        row.extend(affected.map(|_| grouped(scaled.affected)));
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

/// Returns the table of patterns.
pub(crate) fn patterns(patterns: &[PatternCost]) -> String {
    let rows = patterns.iter().map(|of| {
        let times = [of.compile, of.first, of.median].map(millis);
        [of.name.to_owned()].into_iter().chain(times).collect()
    });
    table(&["pattern", "compile", "first match", "median match"], rows)
}

/// Returns the table of requests with many patterns.
pub(crate) fn requests(requests: &[RequestCost]) -> String {
    let rows = requests.iter().map(|of| {
        let counts = [of.patterns, of.rejected, of.exceeding].map(grouped);
        [of.name.to_owned()].into_iter().chain(counts).chain([of.median, of.longest].map(millis)).collect()
    });
    let head =
        ["patterns", "number", "rejected", "requests beyond the limit", "median request", "longest request"];
    table(&head, rows)
}

/// Returns the table of the rates of the local server.
pub(crate) fn rates(rates: &[Rate]) -> String {
    let rows = rates.iter().map(|rate| {
        let share = |of: f64| format!("{:.0} %", of / rate.direct * 100.0);
        vec![
            format!("`{}`", rate.operation),
            format!("{:.0}", rate.direct),
            format!("{:.0}", rate.server),
            share(rate.server),
            format!("{:.0}", rate.calls_only),
            share(rate.calls_only),
        ]
    });
    let titles = [
        "operation",
        "direct calls per second",
        "local server",
        "share of direct calls",
        "calls-only server",
        "share of direct calls",
    ];
    table(&titles, rows)
}

/// Returns the table of an import and the export of its table.
pub(crate) fn import(import: &Import) -> String {
    let share = |of: f64| format!("{:.0} %", of / import.direct * 100.0);
    let rows = [
        ("direct transactions per second", import.direct),
        ("the first 2,000", import.first),
        ("the last 2,000 of 20,000", import.last),
        ("imported lines per second", import.file.import.rate),
    ];
    let mut rows: Vec<_> = rows
        .iter()
        .map(|(name, rate)| vec![(*name).to_owned(), format!("{rate:.0}"), share(*rate)])
        .collect();
    let ImportedFile { export, lines, .. } = import.file;
    let time = format!("{:.1} s", export.time.as_secs_f64());
    rows.push(vec![format!("export of {} lines", grouped(lines)), time, String::new()]);
    rows.push(vec!["its memory".to_owned(), format!("{:.0} MB", export.memory), String::new()]);
    table(&["figure", "value", "share of direct transactions"], rows)
}

/// Returns the table of imports and exports. Ratios are those of the rates per processor time to the first one.
pub(crate) fn files(files: &[ImportedFile]) -> String {
    let head = [
        "lines",
        "imported per second",
        "per second of processor time",
        "ratio",
        "memory",
        "exported per second",
        "per second of processor time",
        "ratio",
        "memory",
    ];
    let rows = files.iter().map(|file| {
        let runs = [(file.import, files[0].import), (file.export, files[0].export)];
        let cells = runs.iter().flat_map(|(run, first)| {
            let rates = [run.rate, run.processor_rate].map(|rate| format!("{rate:.0}"));
            let ratio = ratio(run.processor_rate / first.processor_rate);
            rates.into_iter().chain([ratio, format!("{:.0} MB", run.memory)])
        });
        [grouped(file.lines)].into_iter().chain(cells).collect()
    });
    table(&head, rows)
}

/// Returns the table of a list that was read page by page.
pub(crate) fn walk(walk: &Walk) -> String {
    let Walk { users, begin, end } = walk;
    let title = format!("pages of {} users", grouped(*users));
    let head = [
        &title,
        "table calls per page",
        "read units per page",
        "time of a page",
        "ratio",
        "memory of the function",
    ];
    let rows = [("the first tenth", begin), ("the last tenth", end)].map(|(name, page)| {
        vec![
            name.to_owned(),
            page.calls.to_string(),
            page.read.to_string(),
            millis(page.millis),
            ratio(page.millis / begin.millis),
            format!("{:.2} MB", page.memory),
        ]
    });
    table(&head, rows)
}

/// Returns the table of the creation of a client at several table sizes. Ratios are those to the first one.
pub(crate) fn creations(scaled: &[Scaled]) -> String {
    let head = ["clients", "table calls", "read units", "write units", "time", "ratio"];
    let rows = scaled.iter().map(|of| {
        let units = of.counts.units;
        vec![
            grouped(of.clients),
            of.counts.calls.len().to_string(),
            units.read.to_string(),
            units.write.to_string(),
            millis(of.millis),
            ratio(of.millis / scaled[0].millis),
        ]
    });
    table(&head, rows)
}

/// Returns the table of the deletion of a client.
pub(crate) fn deletions(deletions: Deletions) -> String {
    let rows = [("bare deletes per second", deletions.bare), ("deleted items per second", deletions.swept)];
    let share = |rate: f64| format!("{:.0} %", rate / deletions.bare * 100.0);
    let rows = rows.map(|(name, rate)| vec![name.to_owned(), format!("{rate:.0}"), share(rate)]);
    let title = format!("{} items", grouped(deletions.items));
    table(&[&title, "value", "share of bare deletes"], rows)
}

/// Returns the table of build times.
pub(crate) fn times(times: BuildTimes) -> String {
    let rows = [("all functions, from scratch", times.all), ("one further function", times.one)];
    let rows = rows.map(|(name, seconds)| vec![name.to_owned(), format!("{seconds:.0} s")]);
    format!("From the last run with `--build-times`.\n\n{}", table(&["build", "time"], rows))
}

/// Returns a number with thousands separators.
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
