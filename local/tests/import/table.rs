//! A table for a test.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;

use aws_sdk_dynamodb::types::AttributeValue;
use local::engine::Engine;
use local::environment::Environment;
use local::export::export_lines;
use local::import::{Importer, LineOutcome, Summary, import_lines};
use local::keys::DevelopmentKeys;
use shared::clock::{Clock, Random, Timestamp};
use shared::ids::ClientExtId;
use shared::policy::Settings;

/// The name of the table.
const NAME: &str = "table";

/// An in-memory table.
pub(crate) struct TestTable {
    engine: Engine,
    settings: Settings,
}

impl TestTable {
    /// Creates an empty table.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Creates an empty table for a service with these environment variables.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        let engine = Engine::memory().await.expect("an engine");
        local::table::make(&engine.client(), NAME).await.expect("a table");
        Self { engine, settings: settings(variables) }
    }

    /// Returns the table for a service with these environment variables.
    pub(crate) fn configured(self, variables: &[(&str, &str)]) -> Self {
        Self { settings: settings(variables), ..self }
    }

    /// Imports lines. Returns the summary, and the number and reason of each rejected line.
    pub(crate) async fn import(&self, lines: &str) -> (Summary, Vec<(usize, String)>) {
        self.import_as(lines, false).await
    }

    /// Imports lines, which replace objects. Returns the same as [`TestTable::import`].
    pub(crate) async fn replace(&self, lines: &str) -> (Summary, Vec<(usize, String)>) {
        self.import_as(lines, true).await
    }

    /// Imports lines, which replace objects if `replaces` is true. Returns the same as [`TestTable::import`].
    pub(crate) async fn import_as(&self, lines: &str, replaces: bool) -> (Summary, Vec<(usize, String)>) {
        let now = Timestamp::parse("2026-03-01T12:00:00Z").expect("a time");
        let importer = Importer::new(
            self.engine.client(),
            NAME,
            self.settings.clone(),
            Clock::from_fn(move || now),
            Random::system(),
        )
        .replacing(replaces);
        let mut refused = Vec::new();
        let report = |number, outcome: &LineOutcome| {
            if let LineOutcome::Refused(reason) = outcome {
                refused.push((number, reason.clone()));
            }
        };
        let summary =
            import_lines(&importer, Cursor::new(lines.to_owned()), report).await.expect("an import");
        (summary, refused)
    }

    /// Imports lines and requires that all of them are written.
    pub(crate) async fn import_all(&self, lines: &str) {
        let (summary, refused) = self.import(lines).await;
        assert_eq!(refused, []);
        assert_eq!(summary.written, lines.lines().count());
    }

    /// Exports the table, or only one client.
    pub(crate) async fn export(&self, client: Option<&str>) -> String {
        let (result, output) = self.try_export(client).await;
        assert_eq!(result, Ok(()));
        output
    }

    /// Exports the table, or only one client. Returns the error, and the output in any case.
    pub(crate) async fn try_export(&self, client: Option<&str>) -> (Result<(), String>, String) {
        let client = client.map(ClientExtId::unchecked);
        let mut output = Vec::new();
        let result = export_lines(self.engine.client(), NAME, client.as_ref(), &mut output).await;
        (result.map_err(|error| error.to_string()), String::from_utf8(output).expect("UTF-8"))
    }

    /// Returns all items of the table by key.
    pub(crate) async fn items(&self) -> BTreeMap<[String; 2], HashMap<String, AttributeValue>> {
        let response = self.engine.client().scan().table_name(NAME).consistent_read(true).send().await;
        let items = response.expect("a page").items.unwrap_or_default().into_iter();
        items
            .map(|item| (["PK", "SK"].map(|name| item[name].as_s().expect("a text").clone()), item))
            .collect()
    }
}

/// Returns the settings of a service with these environment variables.
fn settings(variables: &[(&str, &str)]) -> Settings {
    let keys = DevelopmentKeys::generate().expect("keys");
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Environment::new(&keys, variables).expect("an environment").config().expect("a configuration").settings
}
