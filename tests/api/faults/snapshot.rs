//! Snapshots of the table, to compare with and to restore.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};

use crate::support::items::{Changes, Items};
use crate::support::names::Names;

/// Maximum number of changes in one call.
const BATCH: usize = 25;

type Item = HashMap<String, AttributeValue>;

/// The items of a table by key.
#[derive(Clone, Default)]
pub(crate) struct Snapshot(BTreeMap<[String; 2], Item>);

impl Snapshot {
    /// Reads the table.
    pub(crate) async fn take((client, table): (&Client, &str)) -> Self {
        let mut items = BTreeMap::new();
        let mut pages = client.scan().table_name(table).consistent_read(true).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            let item = item.expect("the table can be read");
            items.insert(["PK", "SK"].map(|name| item[name].as_s().expect("a key").clone()), item);
        }
        Self(items)
    }

    /// Returns the items that are missing or different in `other`.
    fn besides<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (&'a [String; 2], &'a Item)> {
        self.0.iter().filter(|(key, item)| other.0.get(*key) != Some(*item))
    }

    /// Returns the changes since `before`.
    pub(crate) fn since(&self, before: &Self, names: &Names) -> Changes {
        let items = |items: &Self, others: &Self| {
            let items = items.besides(others).map(|(_, item)| item.clone());
            Items::of(items.collect::<Vec<_>>(), names)
        };
        items(self, before).since(&items(before, self))
    }

    /// Restores this state of the table. `now` is its current state.
    pub(crate) async fn restore(&self, (client, table): (&Client, &str), now: &Self) {
        let put = self.besides(now).map(|(_, item)| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build();
            WriteRequest::builder().put_request(put.expect("an item")).build()
        });
        let gone = now.0.keys().filter(|key| !self.0.contains_key(*key));
        let delete = gone.map(|[pk, sk]| {
            let delete = DeleteRequest::builder()
                .key("PK", AttributeValue::S(pk.clone()))
                .key("SK", AttributeValue::S(sk.clone()))
                .build();
            WriteRequest::builder().delete_request(delete.expect("a key")).build()
        });
        let changes: Vec<WriteRequest> = put.chain(delete).collect();
        for changes in changes.chunks(BATCH) {
            let written = client.batch_write_item().request_items(table, changes.to_vec()).send().await;
            let left = written.expect("the table can be written").unprocessed_items.unwrap_or_default();
            assert!(left.is_empty(), "the engine is never busy");
        }
    }
}
