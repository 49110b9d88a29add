//! What a run tells: the tables that it prints, the page and the plots that it writes.

pub(crate) mod goals;
pub(crate) mod groups;
mod machine;
mod plot;
pub(crate) mod prices;
pub(crate) mod tables;

use std::fs;

use self::prices::Prices;
use crate::harness::Request;
use crate::measure::instructions::Instructions;
use crate::measure::memory::Memory;
use crate::measure::patterns::PatternCost;
use crate::measure::scale::Scale;
use crate::measure::server::Rate;
use crate::measure::sizes::Size;
use crate::measure::starts::Start;
use crate::measure::times::BuildTimes;
use crate::measure::warm::Warm;
use crate::{Result, root};

/// Between these stands what a run writes; the text around them is written by hand.
const BEGIN: &str =
    "<!-- What stands between here and the end of the figures is written by the benchmark. -->\n";
const END: &str = "<!-- The end of the figures. -->\n";
/// The last section.
const BUILDING: &str = "Building";

/// The figures of a run.
pub(crate) struct Figures {
    /// The good requests, as the functions make them.
    pub(crate) requests: Vec<Request>,
    /// The same, as the baseline make them.
    pub(crate) baseline: Vec<Request>,
    /// What is wrong with them.
    pub(crate) broken: Vec<String>,
    /// Prices.
    pub(crate) prices: Prices,
    /// Sizes.
    pub(crate) sizes: Vec<Size>,
    /// Cold starts.
    pub(crate) starts: Vec<Start>,
    /// Starts of the floor with the SDK's defaults, and of the floor with a table beside it.
    pub(crate) defaults: (f64, f64),
    /// Warm requests.
    pub(crate) warm: Vec<Warm>,
    /// Memory.
    pub(crate) memory: Vec<Memory>,
    /// Instructions; none without valgrind.
    pub(crate) instructions: Vec<Instructions>,
    /// Tables of several sizes.
    pub(crate) scale: Scale,
    /// Patterns.
    pub(crate) patterns: Vec<PatternCost>,
    /// The local server.
    pub(crate) rates: Vec<Rate>,
    /// Building, where it was asked for.
    pub(crate) times: Option<BuildTimes>,
}

impl Figures {
    /// The sections of the page.
    pub(crate) fn text(&self) -> String {
        let sections = [
            (
                "Goals",
                format!("{}\nMeasured on {}.\n", goals::table(&goals::goals(self)), machine::describe()),
            ),
            ("The table, and dollars", tables::counts(&self.requests, &self.baseline, &self.prices)),
            ("Sizes", tables::sizes(&self.sizes)),
            ("Starts", self.starts_text()),
            (
                "Warm requests",
                format!("{}\n![Warm requests, to F1](performance/warm.svg)\n", tables::warm(&self.warm)),
            ),
            ("Instructions of a warm request", self.instructions_text()),
            ("Memory", tables::memory(&self.memory)),
            ("Many clients, many credentials, many consents", self.scale_text()),
            (
                "Patterns, with the dearest of eight values of 4,000 characters",
                tables::patterns(&self.patterns),
            ),
            ("The local server under 64 callers", tables::rates(&self.rates)),
        ];
        sections
            .into_iter()
            .chain(self.times.map(|times| (BUILDING, tables::times(times))))
            .flat_map(|(title, text)| {
                ["### ".to_owned(), title.to_owned(), "\n\n".to_owned(), text, "\n".to_owned()]
            })
            .collect()
    }

    /// Writes the page and the plots.
    pub(crate) fn write(&self) -> Result<()> {
        let page = root().join("docs/performance.md");
        let text = fs::read_to_string(&page)?;
        let marks = text.find(BEGIN).zip(text.find(END));
        let (begin, end) = marks.ok_or("docs/performance.md has no place for the figures")?;
        let (before, earlier) = text[..end].split_at(begin + BEGIN.len());
        // What takes minutes to measure stays until it is measured again.
        let building = earlier.find(&format!("### {BUILDING}\n")).filter(|_| self.times.is_none());
        let kept = building.map_or("", |place| &earlier[place..]);
        fs::write(&page, format!("{before}\n{}{kept}{}", self.text(), &text[end..]))?;
        let folder = root().join("docs/performance");
        fs::create_dir_all(&folder)?;
        for (name, picture) in self.pictures() {
            fs::write(folder.join(name), picture)?;
        }
        Ok(())
    }

    fn pictures(&self) -> [(&'static str, String); 4] {
        let starts = |of: fn(&Start) -> f64| -> Vec<_> {
            self.starts.iter().map(|start| (start.operation, of(start))).collect()
        };
        let warm: Vec<_> = self.warm.iter().map(|warm| (warm.operation, warm.same.ratio())).collect();
        let creations = self.scale.creations.iter();
        let creations: Vec<_> =
            creations.map(|of| (format!("{} there", tables::grouped(of.clients)), of.millis)).collect();
        let start = starts(|start| start.ready.ratio());
        let first = starts(|start| start.first.ratio());
        [
            ("start.svg", plot::bars("Cold start, to F1", &start, goals::START)),
            ("first.svg", plot::bars("First request after a cold start, to F1", &first, goals::FIRST)),
            ("warm.svg", plot::bars("Warm request with the same token, to F1", &warm, goals::WARM)),
            ("clients.svg", plot::line("Creating a client, on the embedded engine", "ms", &creations)),
        ]
    }

    fn starts_text(&self) -> String {
        let (defaults, table) = self.defaults;
        format!(
            "{}\nF1 with the SDK's defaults starts in {defaults:.2} ms, F1 beside it in {table:.2} ms: {:.2} \
             times as long.\n\n![Cold starts, to F1](performance/start.svg)\n\n\
             ![First requests, to F1](performance/first.svg)\n",
            tables::starts(&self.starts),
            defaults / table,
        )
    }

    fn instructions_text(&self) -> String {
        if self.instructions.is_empty() {
            return "There was no valgrind to count them.\n".to_owned();
        }
        tables::instructions(&self.instructions)
    }

    fn scale_text(&self) -> String {
        let Scale { creations, deletions, listings } = &self.scale;
        format!(
            "Creating a client:\n\n{}\n![Creating a client](performance/clients.svg)\n\n\
             Deleting a dispatch target:\n\n{}\nListing the consents of a user:\n\n{}",
            tables::scaled(creations, None),
            tables::scaled(deletions, Some("credentials")),
            tables::scaled(listings, Some("consents")),
        )
    }
}
