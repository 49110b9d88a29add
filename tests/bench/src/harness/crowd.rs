//! Large tables. Copies of the items that an operation created are imported directly into the engine.

use dynoxide::actions::scan::ScanRequest;
use dynoxide::{ImportOptions, Item};
use functions::clients;
use serde_json::Value;
use shared::ids::sha256_hex;

use super::Harness;
use super::events::{CLIENT, USER};
use super::function::Function;
use crate::Result;

/// Name of the client in the stored event, with escaped quotes.
const NAME: &str = r#"\"name\":\"Example\""#;
/// Identifier and name of the client that is copied.
const SEED: &str = "seed-client";
const SEED_NAME: &str = "seed-name";
/// Number of clients per import call.
const CHUNK: usize = 2_000;

/// Returns the replacement that makes the stored event create the client with this identifier and name.
pub(crate) fn named(ext_id: &str, name: &str) -> [(&'static str, String); 1] {
    [(NAME, format!(r#"\"extId\":\"{ext_id}\",\"name\":\"{name}\""#))]
}

impl Harness {
    /// Adds this number of clients to the table, each with all items that are created with a client.
    pub(crate) async fn put_clients(&self, count: usize) -> Result<()> {
        if count == 0 {
            return Ok(());
        }
        let mut function = Function::start(&self.function(&clients::create::OPERATION)).await?;
        function.ready().await?;
        let changes = named(SEED, SEED_NAME);
        let event = self.events.event_with(&clients::create::OPERATION, &changes)?;
        function.invoke_for(event, 201).await?;
        function.stop().await?;
        let hash = sha256_hex(SEED_NAME);
        let is_seed = |text: &String| text.contains(SEED) || text.contains(&hash);
        let seeds: Vec<String> = self.texts()?.into_iter().filter(is_seed).collect();
        let numbers: Vec<usize> = (1..count).collect();
        for numbers in numbers.chunks(CHUNK) {
            let copies = numbers.iter().flat_map(|number| {
                let (ext_id, name) = (format!("client-{number}"), format!("name-{number}"));
                let new_hash = sha256_hex(&name);
                let hash = &hash;
                let copy = move |seed: &String| {
                    seed.replace(SEED, &ext_id).replace(SEED_NAME, &name).replace(hash, &new_hash)
                };
                seeds.iter().map(copy)
            });
            let items: std::result::Result<Vec<Item>, _> =
                copies.map(|text| serde_json::from_str(&text)).collect();
            self.database.import_items(&self.table_name, items?, ImportOptions::default())?;
        }
        Ok(())
    }

    /// Adds consents of the demo user to this number of versions of the terms.
    pub(crate) fn put_consents(&self, count: usize) -> Result<()> {
        let key = |version: usize| format!("CONSENT#terms-123#{version}");
        let items = (1..=count).map(|version| {
            let item = serde_json::json!({
                "PK": {"S": format!("USER#{CLIENT}#{USER}")},
                "SK": {"S": key(version)},
                "entityType": {"S": functions::consents::ENTITY_TYPE},
                "clientExtId": {"S": CLIENT},
                "userExtId": {"S": USER},
                "termsExtId": {"S": "terms-123"},
                "termsVersion": {"S": version.to_string()},
                "acceptanceDate": {"S": "2026-01-01T00:00:00Z"},
                "created": {"S": "2026-01-01T00:00:00Z"},
                "createdBy": {"S": "100/admin"},
                "lastModified": {"S": "2026-01-01T00:00:00Z"},
                "modifiedBy": {"S": "100/admin"},
                "requestId": {"S": "7c9e6679-7425-40de-944b-e07fc1f90ae7"},
                "version": {"N": "0"},
            });
            serde_json::from_value(item)
        });
        let items: std::result::Result<Vec<Item>, _> = items.collect();
        self.database.import_items(&self.table_name, items?, ImportOptions::default())?;
        Ok(())
    }

    /// Returns all items of the table as JSON.
    fn texts(&self) -> Result<Vec<String>> {
        let request = ScanRequest { table_name: self.table_name.clone(), ..ScanRequest::default() };
        let items = self.database.scan(request)?.items.unwrap_or_default();
        items.iter().map(|item| Ok(serde_json::to_value(item).map(|item: Value| item.to_string())?)).collect()
    }
}
