//! The section of the simulation in `docs/scale.md`.

use std::fs;

use ::limits::Conflicts;

use super::{plot, tables};
use crate::measure::contention::{Changes, Contention, Shared, Workload};
use crate::measure::load::Load;
use crate::measure::wave::Wave;
use crate::{Result, root};

/// Marks around the generated part of the page.
const BEGIN: &str = "<!-- BEGIN measured: simulation -->\n";
const END: &str = "<!-- END measured: simulation -->\n";

impl Contention {
    /// Returns the generated tables.
    pub(crate) fn text(&self) -> String {
        let pictures = self.pictures();
        let plots: Vec<_> =
            pictures.iter().map(|(name, title, _)| format!("\n![{title}](scale/{name})\n")).collect();
        let plots = plots.concat();
        format!(
            "As many requests as are served:\n\n{}{plots}\nAt 80 % of this rate, and without load:\n\n{}\n\
             Changes of a document during consents to it:\n\n{}",
            self.highest(),
            self.near(),
            self.changes(),
        )
    }

    /// Updates the page and writes the plots.
    pub(crate) fn write(&self) -> Result<()> {
        let page = root().join("docs/scale.md");
        let text = fs::read_to_string(&page)?;
        let (begin, end) =
            text.find(BEGIN).zip(text.find(END)).ok_or("docs/scale.md lacks the marks of the simulation")?;
        fs::write(&page, format!("{}\n{}\n{}", &text[..begin + BEGIN.len()], self.text(), &text[end..]))?;
        let folder = root().join("docs/scale");
        fs::create_dir_all(&folder)?;
        for (name, _, picture) in self.pictures() {
            fs::write(folder.join(name), picture)?;
        }
        Ok(())
    }

    fn highest(&self) -> String {
        let head = [
            "operation",
            "conflicts",
            "copies",
            "per second",
            "ratio to one copy",
            "cancelled for a conflict",
            "calls throttled",
            "median",
            "99 %",
            "503",
        ];
        let rows = self.shared.iter().map(|row| {
            let load = &row.highest;
            let mut cells = names(row.workload, row.conflicts, row.copies);
            cells.push(format!("{:.0}", load.rate));
            cells.push(format!("{:.1}", load.rate / self.of_one_copy(row)));
            cells.extend([percent(load.conflicts), percent(load.throttled)]);
            cells.extend([load.median, load.p99].map(millis));
            cells.push(unavailable(load));
            cells
        });
        tables::table(&head, rows)
    }

    fn near(&self) -> String {
        let head = [
            "operation",
            "conflicts",
            "copies",
            "per second",
            "cancelled for a conflict",
            "99 %",
            "99 % without load",
            "ratio",
            "503",
        ];
        let rows = self.shared.iter().map(|row| {
            let (near, unloaded) = (&row.near, &row.unloaded);
            let mut cells = names(row.workload, row.conflicts, row.copies);
            cells.extend([format!("{:.0}", near.rate), percent(near.conflicts)]);
            cells.extend([near.p99, unloaded.p99].map(millis));
            cells.extend([format!("{:.1}", near.p99 / unloaded.p99), unavailable(near)]);
            cells
        });
        tables::table(&head, rows)
    }

    fn changes(&self) -> String {
        let head = [
            "operation",
            "conflicts",
            "copies",
            "share of the highest rate of consents",
            "consents per second",
            "successful changes",
            "median",
            "longest",
            "consents with 503",
        ];
        let rows = self.changes.iter().map(|row: &Changes| {
            let mut cells = vec!["`update-terms`".to_owned(), reading(row.conflicts), row.copies.to_string()];
            cells.extend([percent(row.share), format!("{:.0}", row.consents.rate)]);
            cells.push(format!("{} of {}", row.succeeded, row.requested));
            cells.extend([row.median, row.longest].map(millis));
            cells.push(unavailable(&row.consents));
            cells
        });
        tables::table(&head, rows)
    }

    /// Returns the highest rate with one copy of the same workload.
    fn of_one_copy(&self, row: &Shared) -> f64 {
        let same = |other: &&Shared| {
            (other.workload, other.conflicts, other.copies) == (row.workload, row.conflicts, 1)
        };
        self.shared.iter().find(same).map_or(f64::NAN, |one| one.highest.rate)
    }

    /// Returns the plots with their names and titles.
    fn pictures(&self) -> Vec<(&'static str, &'static str, String)> {
        let plots = [
            (Workload::Consents, "consents.svg", "Consents per second to one document"),
            (Workload::Users, "users.svg", "Reads per second of the users of one client"),
            (Workload::Properties, "properties.svg", "Updates per second of one property"),
        ];
        let picture = |(workload, name, title)| {
            let rows =
                self.shared.iter().filter(|row| (row.workload, row.conflicts) == (workload, Conflicts::Any));
            let values: Vec<_> = rows.map(|row| (copies(row.copies), row.highest.rate)).collect();
            (name, title, plot::line(title, "/s", &values))
        };
        plots.into_iter().map(picture).collect()
    }
}

/// Returns the table of a wave.
pub(crate) fn wave(wave: &Wave) -> String {
    let [first, second] = wave.stored;
    let [before, during, after] = wave.moments;
    let rows = [
        ("requested", wave.requested),
        ("201", wave.created),
        ("503", wave.unavailable),
        ("stored, to the first version", first),
        ("stored, to the second version", second),
        ("201 before the change", before),
        ("201 during the change", during),
        ("201 after the change", after),
        ("broken rules", wave.broken.len()),
    ];
    tables::table(
        &["consents", "number"],
        rows.map(|(name, number)| vec![name.to_owned(), tables::grouped(number)]),
    )
}

fn names(workload: Workload, conflicts: Conflicts, copies: u32) -> Vec<String> {
    let reading = if workload == Workload::Users { "–".to_owned() } else { reading(conflicts) };
    vec![format!("`{}`", workload.operation()), reading, copies.to_string()]
}

fn reading(conflicts: Conflicts) -> String {
    let text = match conflicts {
        Conflicts::Any => "any two",
        Conflicts::Changes => "with a change",
        Conflicts::None => "none",
    };
    text.to_owned()
}

fn copies(copies: u32) -> String {
    if copies == 1 { "1 copy".to_owned() } else { format!("{copies} copies") }
}

fn unavailable(load: &Load) -> String {
    format!("{} of {}", load.unavailable, tables::grouped(load.responses))
}

fn millis(millis: f64) -> String {
    if millis.is_nan() { "–".to_owned() } else { format!("{millis:.0} ms") }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
