//! `import`: writes JSON Lines to the table.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use shared::clock::{Clock, Random};
use tokio::time::timeout;

use super::{Data, Target};
use crate::error::Error;
use crate::import::{Import, Importer, Summary};
use crate::progress::Progress;
use crate::signals::Signals;
use crate::store::Store;
use crate::table;

/// How long to wait for input before another program gets its turn.
const MAX_TURN: Duration = Duration::from_millis(100);

/// The arguments of `import`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    target: Target,
    /// Replace objects that exist with different content
    #[arg(long)]
    replace: bool,
    /// File with one JSON object per line (- reads standard input)
    file: PathBuf,
}

/// Imports the file until its end or until a signal requests a stop. Reports rejected lines on standard
/// error.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    let (input, length) = open(&arguments.file)?;
    let (folder, _, environment) = arguments.data.open()?;
    let settings = environment.config()?.settings;
    let mut store = if arguments.target.is_remote() {
        Store::configured(&environment).await
    } else {
        Store::of_folder(&folder, &environment).await?
    };
    table::probe(&store.client, &store.table_name).await?;
    let (clock, random) = (Clock::system(), Random::system());
    let importer = Importer::new(store.client.clone(), &store.table_name, settings, clock, random);
    let mut importer = importer.replacing(arguments.replace);
    let progress = Progress::of(length);
    let mut import = Import::of(progress.count(input))?;
    let work = async {
        loop {
            // A program that waits for the directory gets its turn even if the input pauses.
            let ready = timeout(MAX_TURN, import.ready());
            let ready = tokio::select! {
                biased;
                () = signals.stop() => return Err(Error::Stopped { line: import.last_line() }),
                ready = ready => ready,
            };
            if let Ok(has_more) = ready {
                if !has_more? {
                    return Ok(());
                }
                import.write(&importer, |number, outcome| progress.report(number, outcome)).await?;
            }
            if store.take_turns(&folder, &environment).await? {
                importer.use_client(store.client.clone());
            }
        }
    };
    let result = work.await;
    store.close().await;
    drop(progress);
    let summary = import.summary();
    let (lines, refused) = (summary.lines(), summary.refused);
    let Summary { written, replaced, unchanged, .. } = summary;
    if arguments.replace {
        eprintln!("created {written}, replaced {replaced}, unchanged {unchanged}, rejected {refused}");
    } else {
        eprintln!("written {written}, unchanged {unchanged}, rejected {refused}");
    }
    result?;
    if refused > 0 { Err(Error::LinesRefused { refused, lines }) } else { Ok(()) }
}

/// Opens the file. Returns its length, unless it is a stream.
fn open(path: &Path) -> Result<(Box<dyn Read + Send>, Option<u64>), Error> {
    if path == Path::new("-") {
        return Ok((Box::new(io::stdin()), None));
    }
    let unreadable = |reason| Error::Stream { name: path.display().to_string(), reason };
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    Ok((Box::new(file), metadata.is_file().then_some(metadata.len())))
}
