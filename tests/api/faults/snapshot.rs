//! Snapshots of the table, to compare with and to restore.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};

use crate::support::items::{Changes, IMPORT, Items};
use crate::support::names::Names;

/// Maximum number of changes in one call.
const BATCH: usize = 25;

type Item = HashMap<String, AttributeValue>;

/// The items of a table by key. Snapshots share the items that are the same.
#[derive(Clone, Default)]
pub(crate) struct Snapshot(Arc<BTreeMap<Arc<[String; 2]>, Arc<Item>>>);

impl Snapshot {
    /// Reads the table.
    pub(crate) async fn take((client, table): (&Client, &str)) -> Self {
        let scan = client.scan().table_name(table).consistent_read(true);
        let mut pages = scan.into_paginator().items().send();
        let mut items = BTreeMap::new();
        while let Some(item) = pages.next().await {
            let item = item.expect("the table can be read");
            items.insert(key_of(&item), Arc::new(item));
        }
        Self(Arc::new(items))
    }

    /// Reads the table after changes of requests since this state, most of which was imported.
    ///
    /// Every write stores the identifier of its request, so only items with one are transferred. If the table
    /// has fewer items than these and those of this state, the whole table is read.
    pub(crate) async fn take_after(&self, (client, table): (&Client, &str)) -> Self {
        let scan = client.scan().table_name(table).consistent_read(true);
        let written = scan
            .filter_expression("requestId <> :import")
            .expression_attribute_values(":import", AttributeValue::S(IMPORT.to_owned()));
        let mut pages = written.into_paginator().send();
        let (mut items, mut count) = (BTreeMap::clone(&self.0), 0);
        while let Some(page) = pages.next().await {
            let page = page.expect("the table can be read");
            count += page.scanned_count();
            let written = page.items.unwrap_or_default().into_iter();
            items.extend(written.map(|item| (key_of(&item), Arc::new(item))));
        }
        if usize::try_from(count) == Ok(items.len()) {
            Self(Arc::new(items))
        } else {
            Self::take((client, table)).await
        }
    }

    /// Returns the items that are missing or different in `other`.
    fn besides<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Item> {
        let is_in = |(key, item): &(&'a Arc<[String; 2]>, &'a Arc<Item>)| {
            other.0.get(*key).is_some_and(|own| Arc::ptr_eq(own, item) || own == *item)
        };
        self.0.iter().filter(move |entry| !is_in(entry)).map(|(_, item)| item.as_ref())
    }

    /// Returns the changes since `before`.
    pub(crate) fn since(&self, before: &Self, names: &Names) -> Changes {
        let items = |items: &Self, others: &Self| {
            Items::of(items.besides(others).cloned().collect::<Vec<_>>(), names)
        };
        items(self, before).since(&items(before, self))
    }

    /// Restores this state of the table. `now` is its current state.
    pub(crate) async fn restore(&self, (client, table): (&Client, &str), now: &Self) {
        let put = self.besides(now).map(|item| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build();
            WriteRequest::builder().put_request(put.expect("an item")).build()
        });
        let gone = now.0.keys().filter(|key| !self.0.contains_key(*key));
        let delete = gone.map(|key| {
            let [pk, sk] = key.as_ref();
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

fn key_of(item: &Item) -> Arc<[String; 2]> {
    Arc::new(["PK", "SK"].map(|name| item[name].as_s().expect("a key").clone()))
}
