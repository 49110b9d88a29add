//! The demo data, and example requests for it.

mod requests;
mod tokens;

use shared::clock::{Clock, Random};
use shared::policy::Settings;

pub(crate) use self::requests::curl_lines;
pub(crate) use self::tokens::Tokens;
use crate::error::Error;
use crate::import::{Importer, LineOutcome, import_lines};
use crate::store::Store;

/// The demo data in the format of `import`.
const DATA: &str = include_str!("data.jsonl");

/// Imports the demo data. Skips lines that the configured rules reject, and reports them on standard error.
pub(crate) async fn load(store: &Store, settings: &Settings) -> Result<(), Error> {
    let (client, name) = (store.client.clone(), &store.table_name);
    let importer = Importer::new(client, name, settings.clone(), Clock::system(), Random::system());
    let report = |number: usize, outcome: &LineOutcome| {
        if let LineOutcome::Refused(reason) = outcome {
            eprintln!("note: skipped line {number} of the demo data: {reason}");
        }
    };
    import_lines(&importer, DATA.as_bytes(), report).await.map(|_| ())
}
