//! Lists of any length: the order of their entries, their pages, their tokens, and what a page costs.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use serde_json::Value;
use shared::table::key::{PK, SK};
use shared::table::{Item, Key};

use super::rows::{Listed, Row};
use super::{all_rows, for_each_operation};
use crate::support::answer::invalid_fields;
use crate::support::pages::{ext_ids, page, token, walk};
use crate::support::target::{self, Kind, leaves_out};
use crate::support::{Caller, World};

for_each_operation!(
    pages_have_each_entry_once_in_order,
    a_token_is_valid_for_its_list_only,
    pages_cost_the_same_wherever_they_are,
    #[ignore = "takes minutes"]
    long_lists_have_the_same_pages_at_the_same_cost,
);

/// The maximum number of items that one call writes.
const BATCH: usize = 25;

/// Returns the write of an item.
pub(super) fn put(item: HashMap<String, AttributeValue>) -> WriteRequest {
    let put = PutRequest::builder().set_item(Some(item)).build().expect("an item");
    WriteRequest::builder().put_request(put).build()
}

/// Returns all copies of an item, of which this one is the first.
fn copies_of(item: &HashMap<String, AttributeValue>) -> Vec<HashMap<String, AttributeValue>> {
    let key = Item::from_attributes(item.clone()).key().expect("a key");
    let copy = |copy: Key| {
        let mut item = item.clone();
        item.insert(PK.to_owned(), AttributeValue::S(copy.pk().to_owned()));
        item
    };
    key.all_copies().map(copy).collect()
}

/// Writes items to the table, or deletes them.
pub(super) async fn write(world: &World, writes: Vec<WriteRequest>) {
    let (client, table) = world.table();
    for batch in writes.chunks(BATCH) {
        let write = client.batch_write_item().request_items(table, batch.to_vec());
        let written = write.send().await.expect("the table can be written");
        assert_eq!(written.unprocessed_items, Some(HashMap::new()));
    }
}

/// A list in a table, whose entries are copies of one of them.
struct List<'a> {
    world: &'a World,
    path: &'static str,
    entry: HashMap<String, AttributeValue>,
    /// The sort key of an entry without its identifier, and the identifier.
    sort_key: (&'a str, String),
    /// The identifiers of the entries, in their order.
    ids: Vec<String>,
}

impl<'a> List<'a> {
    /// Returns the list of an operation without its furnished entries.
    async fn empty(world: &'a World, row: &Row, list: &'a Listed) -> Self {
        let partition = world.names().fill(list.partition);
        let id = world.names().fill(list.id);
        // Every list has the items whose sort keys begin with the same word.
        let (kind, _) = list.sort_key.split_once('#').expect("a kind of items");
        let (client, table) = world.table();
        let query = client.query().table_name(table).consistent_read(true);
        let query = query.key_condition_expression("PK = :pk AND begins_with(SK, :sk)");
        let query = query.expression_attribute_values(":pk", AttributeValue::S(partition));
        let query = query.expression_attribute_values(":sk", AttributeValue::S(format!("{kind}#")));
        let items = query.send().await.expect("the table can be read").items.unwrap_or_default();
        let own = AttributeValue::S(format!("{}{id}", list.sort_key));
        let entry = items.iter().find(|item| item[SK] == own).expect("a furnished entry").clone();
        let this = Self { world, path: row.path, entry, sort_key: (list.sort_key, id), ids: Vec::new() };
        let keys = items.iter().flat_map(copies_of).map(|mut item| {
            item.retain(|name, _| [PK, SK].contains(&name.as_str()));
            let delete = DeleteRequest::builder().set_key(Some(item)).build().expect("a key");
            WriteRequest::builder().delete_request(delete).build()
        });
        write(world, keys.collect()).await;
        this
    }

    /// Adds entries until the list has this number of them.
    async fn fill(&mut self, count: usize) {
        let more: Vec<String> = (self.ids.len()..count).map(|number| format!("e-{number:06}")).collect();
        let (sort_key, id) = &self.sort_key;
        let original = AttributeValue::S(id.clone());
        let writes = more.iter().flat_map(|id| {
            let mut item = self.entry.clone();
            let named = item.values_mut().filter(|value| **value == original);
            named.for_each(|value| *value = AttributeValue::S(id.clone()));
            item.insert(SK.to_owned(), AttributeValue::S(format!("{sort_key}{id}")));
            copies_of(&item).into_iter().map(put)
        });
        write(self.world, writes.collect()).await;
        self.ids.extend(more);
    }

    /// Asserts that the pages have each entry once and in order, and are full except the last one. Returns what
    /// each of them costs, if the service logs it here.
    async fn assert_pages(&self, limit: usize) -> Vec<[Value; 3]> {
        let mut costs = Vec::new();
        self.world.lines();
        let pages = walk(self.world, &Caller::root(), (self.path, limit), async |_| {
            let lines = self.world.lines();
            let cost =
                |line: &Value| ["TableTrips", "TableCalls", "ReadUnits"].map(|name| line[name].clone());
            costs.extend(lines.iter().map(cost));
        })
        .await;
        let mut expected: Vec<&[String]> = self.ids.chunks(limit).collect();
        if expected.is_empty() {
            expected.push(&[]);
        }
        assert!(pages == expected, "{} entries by {limit}: {pages:?}", self.ids.len());
        costs
    }

    /// Asserts that a page costs the same wherever it is in the list: the first one and that of this number, neither
    /// of which is the last one.
    async fn assert_constant_cost(&self, limit: usize, number: usize) {
        let costs = self.assert_pages(limit).await;
        assert_eq!(costs[0], costs[number - 1], "{} entries by {limit}", self.ids.len());
        assert!(costs.len() > number && costs[0][2].as_f64() > Some(0.0), "{:?}", costs[0]);
    }
}

/// Returns a furnished world whose table has no items of other tests.
pub(super) async fn alone() -> Option<World> {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "lists with the entries of other tests") {
        return None;
    }
    Some(World::furnished().await)
}

async fn pages_have_each_entry_once_in_order(row: &'static Row) {
    let Some(list) = &row.list else { return };
    let Some(world) = alone().await else { return };
    let mut list = List::empty(&world, row, list).await;
    for count in [0, 1, 100, 101] {
        list.fill(count).await;
        for limit in [1, 100, 1000].into_iter().filter(|limit| count.div_ceil(*limit) <= 2) {
            list.assert_pages(limit).await;
        }
    }
    let default = page(&world, row.path, "").await;
    assert_eq!(ext_ids(&default), list.ids[..100]);
    assert_eq!(page(&world, row.path, "limit=0").await, default);
}

async fn a_token_is_valid_for_its_list_only(row: &'static Row) {
    let Some(list) = &row.list else { return };
    let Some(world) = alone().await else { return };
    let mut list = List::empty(&world, row, list).await;
    list.fill(2).await;
    let good = token(&page(&world, row.path, "limit=1").await).expect("a second page");
    let second = page(&world, row.path, &format!("continuationToken={good}")).await;
    assert_eq!((ext_ids(&second), token(&second)), (vec![list.ids[1].clone()], None));

    let refused = async |path: &str, token: &str| {
        let answer = page(&world, path, &format!("continuationToken={token}")).await;
        assert_eq!(answer, invalid_fields("continuationToken"), "{token} for {path}");
    };
    for other in all_rows().filter(|other| other.list.is_some() && other.id != row.id) {
        refused(other.path, &good).await;
    }
    let elsewhere =
        [("{client-123}", "{client-456}"), ("users/{user-123}", "users/{user-456}"), ("/sales", "/root")];
    for (here, there) in elsewhere.into_iter().filter(|(here, _)| row.path.contains(here)) {
        refused(&row.path.replace(here, there), &good).await;
    }
    for at in 0..good.len() {
        refused(row.path, &good[..at]).await;
        let mut mutated = good.clone();
        mutated.replace_range(at..=at, if good[at..].starts_with('A') { "B" } else { "A" });
        refused(row.path, &mutated).await;
    }
    refused(row.path, &format!("{good}A")).await;
    refused(row.path, &list.ids[0]).await;
}

async fn pages_cost_the_same_wherever_they_are(row: &'static Row) {
    let Some(list) = &row.list else { return };
    let Some(world) = alone().await else { return };
    // Other engines report other units.
    if target::engine().is_some() {
        return;
    }
    let mut list = List::empty(&world, row, list).await;
    list.fill(101).await;
    list.assert_constant_cost(10, 10).await;
}

async fn long_lists_have_the_same_pages_at_the_same_cost(row: &'static Row) {
    let Some(list) = &row.list else { return };
    let Some(world) = alone().await else { return };
    let mut list = List::empty(&world, row, list).await;
    list.fill(1000).await;
    for limit in [1, 1000] {
        list.assert_pages(limit).await;
    }
    list.fill(100_000).await;
    list.assert_pages(1000).await;
    list.assert_constant_cost(99, 1000).await;
}
