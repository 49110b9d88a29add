//! The demo data, and requests that can be tried on it.

mod requests;
mod tokens;

use shared::clock::{Clock, Random};
use shared::policy::Settings;

pub(crate) use self::requests::curl_lines;
pub(crate) use self::tokens::Tokens;
use crate::error::Error;
use crate::import::{Importer, LineOutcome, import_lines};
use crate::store::Store;

/// The demo data, as `import` reads it.
const DATA: &str = include_str!("data.jsonl");

/// Imports the demo data. What the configured rules refuse of it is left out, and told on standard
/// error.
pub(crate) async fn load(store: &Store, settings: &Settings) -> Result<(), Error> {
    let (client, name) = (store.client.clone(), &store.table_name);
    let importer = Importer::new(client, name, settings.clone(), Clock::system(), Random::system());
    let report = |number: usize, outcome: &LineOutcome| {
        if let LineOutcome::Refused(reason) = outcome {
            eprintln!("note: line {number} of the demo data is left out: {reason}");
        }
    };
    import_lines(&importer, DATA.as_bytes(), report).await.map(|_| ())
}
