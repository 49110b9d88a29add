//! `import`: writes JSON Lines to the table.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;
use shared::clock::{Clock, Random};

use super::{Data, Target};
use crate::error::Error;
use crate::import::{Importer, LineOutcome, import_lines};
use crate::table;

/// The number of lines between updates of the progress display.
const PROGRESS_INTERVAL: usize = 50;

/// The arguments of `import`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    target: Target,
    /// File with one JSON object per line (- reads standard input)
    file: PathBuf,
}

/// Imports the file. Reports rejected lines on standard error.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Error> {
    let input = open(&arguments.file)?;
    let (folder, _, environment) = arguments.data.open()?;
    let settings = environment.config()?.settings;
    let store = arguments.target.open(&folder, &environment).await?;
    table::probe(&store.client, &store.table_name).await?;
    let importer =
        Importer::new(store.client.clone(), &store.table_name, settings, Clock::system(), Random::system());
    let shows_progress = io::stderr().is_terminal();
    let result = import_lines(&importer, input, |number, outcome| {
        if let LineOutcome::Refused(reason) = outcome {
            clear_progress(shows_progress);
            eprintln!("line {number}: {reason}");
        }
        if shows_progress && number.is_multiple_of(PROGRESS_INTERVAL) {
            eprint!("\r{number} lines");
        }
    })
    .await;
    store.close().await;
    clear_progress(shows_progress);
    let summary = result?;
    let (lines, refused) = (summary.lines(), summary.refused);
    eprintln!("written {}, unchanged {}, rejected {refused}", summary.written, summary.unchanged);
    if refused > 0 { Err(Error::LinesRefused { refused, lines }) } else { Ok(()) }
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Error> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let unreadable = |reason| Error::Stream { name: path.display().to_string(), reason };
    Ok(Box::new(BufReader::new(File::open(path).map_err(unreadable)?)))
}

/// Clears the progress display.
fn clear_progress(shows_progress: bool) {
    if shows_progress {
        eprint!("\r\u{1b}[K");
    }
}
