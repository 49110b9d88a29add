//! Access to the table for the steps of a job, which has no caller.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::try_join_all;

use super::access::Access;
use crate::clock::{Deadline, Timestamp};
use crate::table::{Item, Key, Order, Outcome, Stamp, Table, TableError, Transaction};

/// The time before the deadline in which no further step begins.
const RESERVE: Duration = Duration::from_secs(4);

/// The first items of a list.
#[derive(Debug)]
pub struct Beginning {
    /// The items.
    pub items: Vec<Item>,
    /// Whether more follow.
    pub has_more: bool,
}

/// Access to the table for the steps of a job, or of a request that does the work of a job.
///
/// It has no caller and checks no rights. The role of a job allows the calls of its steps only.
pub struct Steps {
    pub(super) table: Table,
    pub(super) deadline: Deadline,
    pub(super) stamp: Stamp,
}

impl Steps {
    /// Returns true if there is time for a further step.
    #[must_use]
    pub fn has_time(&self) -> bool {
        !self.deadline.is_within(RESERVE)
    }

    /// Returns the stamp of the run: its author is the caller or the job.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// Returns an empty transaction.
    #[must_use]
    pub fn transaction(&self) -> Transaction {
        Transaction::new(&self.stamp)
    }

    /// Reads the items at distinct keys, also those that are being deleted.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn get_many(&self, keys: &[Key]) -> Result<HashMap<Key, Item>, TableError> {
        self.table.get_all(self.deadline, &keys.iter().collect::<Vec<_>>()).await
    }

    /// Reads the first items of each of these lists, at most `limit`, also those that are being deleted. A list is a
    /// partition and the beginning of the sort keys.
    ///
    /// A list with more than one item begins with at least two.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn first(&self, lists: &[(&str, &str)], limit: usize) -> Result<Vec<Beginning>, TableError> {
        let pages = lists.iter().map(|list| async {
            let mut beginning = Beginning { items: Vec::new(), has_more: true };
            // One of the items may be what is deleted last, which must not hide those behind it.
            while beginning.items.len() < 2.min(limit) && beginning.has_more {
                let after = beginning.items.last().map(Item::key).transpose()?;
                let after = after.as_ref().and_then(|key| key.sk().strip_prefix(list.1));
                let (items, has_more) =
                    self.table.page(self.deadline, *list, Order::Ascending, after, limit).await?;
                beginning.items.extend(items);
                beginning.has_more = has_more;
            }
            Ok(beginning)
        });
        try_join_all(pages).await
    }

    /// Applies a transaction. Returns false if nothing is applied because a condition failed.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn apply(&self, transaction: &Transaction) -> Result<bool, TableError> {
        Ok(matches!(self.table.transact(self.deadline, transaction).await?, Outcome::Done))
    }

    /// Backs off before a further attempt at what changed concurrently.
    ///
    /// # Errors
    /// [`TableError::Unavailable`] at the deadline.
    pub async fn back_off(&self, attempt: u32) -> Result<(), TableError> {
        self.table.back_off(attempt, self.deadline).await
    }
}

/// What a run of a job left for later runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// The number of things that are left.
    pub left: usize,
    /// The time of the oldest of them.
    pub oldest: Option<Timestamp>,
    /// The number of things that were passed over, because they can never be processed.
    pub failed: usize,
}

impl Access<'_> {
    /// Returns the access for the steps of what the request has begun in its transaction.
    #[must_use]
    pub fn steps(&self) -> Steps {
        Steps { table: self.table.clone(), deadline: self.request.deadline, stamp: self.stamp.clone() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::table::Condition;
    use crate::table::tests::{Answer, Wire, cancelled, random, seconds, stamp};

    /// Returns an item that is being deleted, as the table returns it.
    fn being_deleted(key: &str) -> Value {
        json!({"PK": {"S": key}, "SK": {"S": key}, "deletion": {"S": "d"}})
    }

    fn steps(region: &'static str, answer: Answer) -> (Wire, Steps) {
        let wire = Wire::new(move |_| answer.clone());
        let table = wire.table(region, random());
        (wire, Steps { table, deadline: seconds(10), stamp: stamp() })
    }

    #[tokio::test(start_paused = true)]
    async fn no_step_begins_in_the_last_four_seconds() {
        let (_, steps) = steps("steps-time", Answer::Done);
        for (millis, expected) in [(5_999, true), (1, false), (4_000, false), (1, false)] {
            tokio::time::advance(Duration::from_millis(millis)).await;
            assert_eq!(steps.has_time(), expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn steps_read_items_that_are_being_deleted() {
        let found = json!({"Responses": {"the-table": [being_deleted("A")]}});
        let (_, of_keys) = steps("steps-get", Answer::Ok(found));
        let key = Key::new(&["A"], &["A"]);
        let found = of_keys.get_many(&[key.clone(), Key::new(&["B"], &["B"])]).await.expect("a read");
        assert_eq!(found.into_keys().collect::<Vec<_>>(), [key]);
        let listed = json!({"Items": [being_deleted("A"), being_deleted("B"), being_deleted("C")]});
        let (wire, of_lists) = steps("steps-first", Answer::Ok(listed));
        let lists = of_lists.first(&[("L", "A#"), ("M", "")], 2).await.expect("a read");
        let read: Vec<(usize, bool)> = lists.iter().map(|list| (list.items.len(), list.has_more)).collect();
        assert_eq!(read, [(2, true); 2]);
        let values = |body: &Value| body["ExpressionAttributeValues"].clone();
        let expected = [json!({":pk": {"S": "L"}, ":sk": {"S": "A#"}}), json!({":pk": {"S": "M"}})];
        assert_eq!(wire.bodies().iter().map(values).collect::<Vec<_>>(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_whose_condition_fails_is_not_applied() {
        for (region, answer, expected) in [
            ("step-applied", Answer::Done, Ok(true)),
            ("step-failed", cancelled(&["ConditionalCheckFailed"]), Ok(false)),
            ("step-refused", cancelled(&["ValidationError"]), Err(TableError::Refused)),
        ] {
            let (_, steps) = steps(region, answer);
            let mut transaction = steps.transaction();
            transaction.delete(Key::new(&["A"], &["A"]), Condition::Exists);
            assert_eq!(transaction.stamp(), steps.stamp());
            assert_eq!(steps.apply(&transaction).await, expected, "{region}");
        }
    }
}
