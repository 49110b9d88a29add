//! Reads of items by their keys.

use std::collections::HashMap;

use dynoxide::Result;
use dynoxide::actions::batch_get_item::BatchGetItemRequest;
use dynoxide::types::{Item, item_size};
use serde_json::{Value, json};

use super::{State, error, key_of, read, written};
use crate::item_key::ItemKey;
use crate::model::read_units;

impl State {
    /// Reads the items whose partitions have capacity, and leaves the other keys unprocessed.
    pub(super) fn batch_get(&self, body: &[u8]) -> Result<Value> {
        let request: BatchGetItemRequest = read(body)?;
        let wanted: Vec<(String, Vec<Item>, bool)> = request
            .request_items
            .iter()
            .map(|(table, of)| (table.clone(), of.keys.clone(), of.consistent_read.unwrap_or_default()))
            .collect();
        let mut response = self.database.batch_get_item(request)?;
        let (now, mut model) = (self.now(), self.model());
        let (mut served, mut throttled) = (0, 0);
        for (table, keys, is_consistent) in wanted {
            let items = response.responses.entry(table.clone()).or_default();
            let found = std::mem::take(items).into_iter().map(|item| Ok((key_of(&item)?, item)));
            let mut found: HashMap<ItemKey, Item> = found.collect::<Result<_>>()?;
            let mut unprocessed = Vec::new();
            for key in keys {
                let item_key = key_of(&key)?;
                let item = found.remove(&item_key);
                let units = read_units(item.as_ref().map_or(0, item_size), is_consistent);
                if model.read_item(now, &item_key, units) {
                    served += 1;
                    items.extend(item);
                } else {
                    throttled += 1;
                    unprocessed.push(key);
                }
            }
            if !unprocessed.is_empty() {
                let rest = json!({"Keys": unprocessed, "ConsistentRead": is_consistent});
                response.unprocessed_keys.insert(table, rest);
            }
        }
        model.count_read(throttled > 0);
        if served == 0 { Ok(error("ProvisionedThroughputExceededException")) } else { written(&response) }
    }
}
