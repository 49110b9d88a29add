//! Tests of `check` on damaged tables, one per rule.

mod copies;
mod deletions;
mod exports;
mod items;
mod parents;
mod references;
mod reservations;
mod table;

use table::{LINES, TestTable};

/// The demo data of the local server.
const DEMO: &str = include_str!("../../src/demo/data.jsonl");

#[tokio::test]
async fn an_imported_table_has_no_findings() {
    TestTable::of("").await.assert_findings(&[]).await;
    TestTable::of(LINES).await.assert_findings(&[]).await;
    TestTable::of(DEMO).await.assert_findings(&[]).await;
}
