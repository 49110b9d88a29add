//! Reads: strongly consistent and complete, until the deadline.

use std::collections::HashMap;
use std::pin::pin;

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity, Select};
use futures_util::future::try_join_all;

use super::item::DELETION;
use super::key::{PK, SK, partition_of_copy};
use super::{Item, Key, Table, TableError};
use crate::clock::Deadline;

/// The maximum number of items per page of a scan. Pages of 1 MB, which is the maximum of a call, take
/// several times as much memory as the rest of an export.
const MAX_SCANNED: i32 = 200;

/// The maximum number of items that one call reads by their keys.
const MAX_KEYS: usize = 100;

/// The number of copies of the key that [`Table::ask`] reads. Each serves 3,000 reads a second, and together they serve more than
/// the 10,000 requests a second that an account can send by default.
const NOTHINGS: u64 = 8;

/// The order of the sort keys in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The smallest first.
    #[default]
    Ascending,
    /// The greatest first.
    Descending,
}

impl Table {
    /// Reads the items at up to 100 distinct keys in one call, and returns them in the order of the
    /// keys. Reads a random copy of an item that lies in copies.
    ///
    /// Keys that a throttled table leaves unprocessed are requested again, with other copies.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn get<const COUNT: usize>(
        &self,
        deadline: Deadline,
        keys: [&Key; COUNT],
    ) -> Result<[Option<Item>; COUNT], TableError> {
        let mut found = self.get_many(deadline, keys.to_vec()).await?;
        Ok(keys.map(|key| found.remove(key)))
    }

    /// Reads the items at up to 100 distinct keys. See [`Table::get`].
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn get_many(
        &self,
        deadline: Deadline,
        keys: Vec<&Key>,
    ) -> Result<HashMap<Key, Item>, TableError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let mut wanted = keys;
        let mut found = HashMap::new();
        let mut attempt = 0;
        while !wanted.is_empty() {
            if attempt > 0 {
                self.back_off(attempt, deadline).await?;
            }
            attempt += 1;
            let asked: Vec<_> = wanted.iter().map(|key| (*key, self.any_copy(key.copies()))).collect();
            let keys = asked.iter().map(|(key, copy)| key.attributes(*copy)).collect();
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let keys = keys.map_err(|_| TableError::Refused)?;
            let request = pin!(
                self.client
                    .batch_get_item()
                    .request_items(&self.name, keys)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .send()
            );
            let output = self
                .call(deadline, "BatchGetItem", request)
                .await
                .map_err(|failure| failure.unexpected("BatchGetItem"))?;
            self.meter.add_read(output.consumed_capacity());
            let items = output.responses.unwrap_or_default().remove(&self.name).unwrap_or_default();
            for item in items.into_iter().map(Item::from_attributes) {
                found.insert(item.key()?, item);
            }
            let unprocessed = output.unprocessed_keys.unwrap_or_default().remove(&self.name);
            let unprocessed = unprocessed.map(|keys| keys.keys).unwrap_or_default();
            let is_left =
                |key: &Key, copy: u64| !unprocessed.is_empty() && unprocessed.contains(&key.attributes(copy));
            wanted =
                asked.into_iter().filter(|(key, copy)| is_left(key, *copy)).map(|(key, _)| key).collect();
        }
        Ok(found)
    }

    /// Returns the number of a random copy of an item that lies in this many.
    fn any_copy(&self, copies: u64) -> u64 {
        if copies == 1 { 0 } else { self.random.up_to(copies - 1) }
    }

    /// Returns the partition key of a random copy of the items of a partition, each of which lies in this many.
    #[must_use]
    pub fn any_partition(&self, pk: &str, copies: u64) -> String {
        partition_of_copy(pk, self.any_copy(copies))
    }

    /// Reads the items at distinct keys, 100 in each of several concurrent calls. See [`Table::get`].
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn get_all(&self, deadline: Deadline, keys: &[&Key]) -> Result<HashMap<Key, Item>, TableError> {
        let calls = keys.chunks(MAX_KEYS).map(|keys| self.get_many(deadline, keys.to_vec()));
        Ok(try_join_all(calls).await?.into_iter().flatten().collect())
    }

    /// Reads the items of one partition whose sort keys begin with `sk_prefix`, in the order of their
    /// sort keys.
    ///
    /// All pages are read.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn query(
        &self,
        deadline: Deadline,
        pk: &str,
        sk_prefix: &str,
    ) -> Result<Vec<Item>, TableError> {
        let mut items = Vec::new();
        let mut next = None;
        loop {
            let query = self.query_of(pk, sk_prefix).set_exclusive_start_key(next);
            let (found, last) = self.send_query(deadline, query).await?;
            items.extend(found);
            next = last;
            if next.is_none() {
                return Ok(items);
            }
        }
    }

    /// Returns true if one of these lists has an item: partitions and the beginnings of the sort keys. Reads the first
    /// item of each at the same time.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn has_any(&self, deadline: Deadline, lists: &[(&str, &str)]) -> Result<bool, TableError> {
        let pages = lists.iter().map(|list| self.page(deadline, *list, Order::Ascending, None, 0));
        Ok(try_join_all(pages).await?.iter().any(|(_, has_items)| *has_items))
    }

    /// Reads at most `limit` items of one partition whose sort keys begin with `sk_prefix`, in one
    /// call.
    ///
    /// The items are in this order of their sort keys. `after` is the rest of the sort key after which
    /// the page begins. It does not have to exist. Returns true as second value if more items follow.
    ///
    /// A page ends early at 1 MB, which is the maximum of a call.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn page(
        &self,
        deadline: Deadline,
        (pk, sk_prefix): (&str, &str),
        order: Order,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Item>, bool), TableError> {
        let start = after.map(|after| Key::new(&[pk], &[&format!("{sk_prefix}{after}")]).attributes(0));
        // One more item than requested shows whether more follow.
        let most = i32::try_from(limit + 1).unwrap_or(i32::MAX);
        // Ascending by default.
        let forward = (order == Order::Descending).then_some(false);
        let query = self.query_of(pk, sk_prefix).set_scan_index_forward(forward);
        let query = query.limit(most).set_exclusive_start_key(start);
        let (mut items, last) = self.send_query(deadline, query).await?;
        let has_more = items.len() > limit || last.is_some();
        items.truncate(limit);
        Ok((items, has_more))
    }

    /// Counts the items of one partition whose sort keys begin with `sk_prefix` and, if there is a filter, whose
    /// attribute of this name is this text. Those that are being deleted do not count.
    ///
    /// The table reads all of these items, 1 MB in each call, and returns their number only.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn count(
        &self,
        deadline: Deadline,
        (pk, sk_prefix): (&str, &str),
        filter: Option<(&str, &str)>,
    ) -> Result<usize, TableError> {
        let mut total = 0;
        let mut next = None;
        loop {
            let query = self.query_of(pk, sk_prefix).select(Select::Count).set_exclusive_start_key(next);
            let query = query.expression_attribute_names("#deletion", DELETION);
            let query = match filter {
                None => query.filter_expression("attribute_not_exists(#deletion)"),
                Some((attribute, value)) => query
                    .filter_expression("attribute_not_exists(#deletion) AND #filter = :filter")
                    .expression_attribute_names("#filter", attribute)
                    .expression_attribute_values(":filter", AttributeValue::S(value.to_owned())),
            };
            let output = self.query_output(deadline, query).await?;
            total += usize::try_from(output.count).unwrap_or_default();
            next = output.last_evaluated_key;
            if next.is_none() {
                return Ok(total);
            }
        }
    }

    /// Sends a query. Returns its items, and the key after which more may follow.
    async fn send_query(
        &self,
        deadline: Deadline,
        query: QueryFluentBuilder,
    ) -> Result<(Vec<Item>, Option<HashMap<String, AttributeValue>>), TableError> {
        let output = self.query_output(deadline, query).await?;
        let items = output.items.ok_or(TableError::Corrupt)?.into_iter().map(Item::from_attributes).collect();
        Ok((items, output.last_evaluated_key))
    }

    async fn query_output(
        &self,
        deadline: Deadline,
        query: QueryFluentBuilder,
    ) -> Result<QueryOutput, TableError> {
        let request = pin!(query.send());
        let output =
            self.call(deadline, "Query", request).await.map_err(|failure| failure.unexpected("Query"))?;
        self.meter.add_read(output.consumed_capacity());
        Ok(output)
    }

    /// Builds a query of one partition for the sort keys that begin with `sk_prefix`.
    fn query_of(&self, pk: &str, sk_prefix: &str) -> QueryFluentBuilder {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        // DynamoDB rejects an empty text as the value of a key.
        if sk_prefix.is_empty() {
            return query.key_condition_expression("#pk = :pk");
        }
        query
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :sk)")
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":sk", AttributeValue::S(sk_prefix.to_owned()))
    }

    /// Reads one page of the whole table, in no particular order: at most 200 items. `after` is the key after
    /// which the page begins. Returns the key after which the next page begins, if more items may follow.
    ///
    /// This is for exports only, and not for operations, because it reads all items.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn scan(
        &self,
        deadline: Deadline,
        after: Option<&Key>,
    ) -> Result<(Vec<Item>, Option<Key>), TableError> {
        let request = pin!(
            self.client
                .scan()
                .table_name(&self.name)
                .limit(MAX_SCANNED)
                .consistent_read(true)
                .set_exclusive_start_key(after.map(|key| key.attributes(0)))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
        );
        let output =
            self.call(deadline, "Scan", request).await.map_err(|failure| failure.unexpected("Scan"))?;
        self.meter.add_read(output.consumed_capacity());
        let items = output.items.unwrap_or_default().into_iter().map(Item::from_attributes).collect();
        let next = output.last_evaluated_key.map(|key| Item::from_attributes(key).key()).transpose()?;
        Ok((items, next))
    }

    /// Checks that the table responds, by reading a random one of several keys that no item has.
    ///
    /// During initialisation, this opens the connection, so that the first request does not wait for
    /// it.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn ask(&self, deadline: Deadline) -> Result<(), TableError> {
        self.get(deadline, [&Key::copied(NOTHINGS, &["NOTHING"], &["NOTHING"])]).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests;
