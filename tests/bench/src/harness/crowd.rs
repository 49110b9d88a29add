//! Large tables. Copies of the items that an operation created are imported directly into the engine.

use std::ops::Range;

use dynoxide::actions::scan::ScanRequest;
use dynoxide::{Database, ImportOptions, Item};
use functions::clients;
use serde_json::Value;
use shared::ids::sha256_hex;
use shared::table::key::split_copy;

use super::Harness;
use super::events::{CLIENT, USER};
use super::function::Function;
use crate::Result;

/// Name of the client in the stored event, with escaped quotes.
const NAME: &str = r#"\"name\":\"Example\""#;
/// Identifier and name of the client that is copied.
const SEED: &str = "seed-client";
const SEED_NAME: &str = "seed-name";
/// Identifier and login ID of the user who is copied.
const SEED_USER: &str = "seed-user";
const SEED_LOGIN: &str = "seed-login";
/// Number of copied objects per import call.
const CHUNK: usize = 2_000;

/// Returns the replacement that makes the stored event create the client with this identifier and name.
pub(crate) fn named(ext_id: &str, name: &str) -> [(&'static str, String); 1] {
    [(NAME, format!(r#"\"extId\":\"{ext_id}\",\"name\":\"{name}\""#))]
}

impl Harness {
    /// Adds this number of clients to the table, each with the items that are created with a client. Of an item that
    /// lies in copies, it has the first one only, because a million clients would not fit into memory otherwise.
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
        let is_seed = |text: &String| {
            (text.contains(SEED) || text.contains(&hash)) && copy_number(text).is_ok_and(|number| number == 0)
        };
        let seeds: Vec<String> = self.texts()?.into_iter().filter(is_seed).collect();
        let copy = |seed: &str, number| {
            let (ext_id, name) = (format!("client-{number}"), format!("name-{number}"));
            seed.replace(SEED, &ext_id).replace(SEED_NAME, &name).replace(&hash, &sha256_hex(&name))
        };
        put_copies(&self.database, &self.table_name, &seeds, 1..count, copy)
    }

    /// Adds this number of users to the client of the demo data.
    pub(crate) async fn put_users(&self, count: usize) -> Result<()> {
        self.import(&format!(
            r#"{{"type":"user","clientExtId":"{CLIENT}","extId":"{SEED_USER}","loginId":"{SEED_LOGIN}","userState":"active"}}"#
        ))
        .await?;
        let seeds: Vec<String> = self.texts()?.into_iter().filter(|text| text.contains(SEED_USER)).collect();
        let copy = |seed: &str, number| {
            // All names have the same length, and therefore all users the same size.
            let (ext_id, login) = (format!("u-{number:07}"), format!("l-{number:07}"));
            seed.replace(SEED_USER, &ext_id).replace(SEED_LOGIN, &login)
        };
        put_copies(&self.database, &self.table_name, &seeds, 1..count, copy)
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

/// Returns the number of the copy that is the item with this JSON.
fn copy_number(text: &str) -> Result<u64> {
    let item: Value = serde_json::from_str(text)?;
    Ok(split_copy(item["PK"]["S"].as_str().unwrap_or_default()).1)
}

/// Adds a copy of all of these items for each number. `copy` returns an item with the names of that number.
pub(super) fn put_copies(
    database: &Database,
    table: &str,
    seeds: &[String],
    numbers: Range<usize>,
    copy: impl Fn(&str, usize) -> String,
) -> Result<()> {
    let numbers: Vec<usize> = numbers.collect();
    for numbers in numbers.chunks(CHUNK) {
        let copies = numbers.iter().flat_map(|number| seeds.iter().map(|seed| copy(seed, *number)));
        let items: std::result::Result<Vec<Item>, _> =
            copies.map(|text| serde_json::from_str(&text)).collect();
        database.import_items(table, items?, ImportOptions::default())?;
    }
    Ok(())
}
