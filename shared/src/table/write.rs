//! Writes: transactions only, retried while the table is throttled.
//!
//! All attempts, including those of the SDK, use the same client request token. If the response of an
//! attempt is lost, the next one returns its result instead of a condition failure. Only after the table has
//! cancelled an attempt does the next one get another token, if it checks other copies of an item.

use std::pin::pin;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, ReturnConsumedCapacity, TransactWriteItem};
use futures_util::future::join_all;

use super::item::HELD_UNTIL;
use super::transaction::hold;
use super::{
    FailedCondition, FailedConditions, Failure, Item, Key, Table, TableError, Transaction, is_transient,
    longest_back_off,
};
use crate::clock::Deadline;
use crate::log::sanitize_for_log;

/// The number of attempts that a change of copies makes before it holds them.
const ATTEMPTS_BEFORE_HOLD: u32 = 2;
/// How long a change holds the copies that it needs.
const HOLD: Duration = Duration::from_secs(2);

/// The result of a transaction.
#[derive(Debug)]
pub enum Outcome {
    /// All actions were applied.
    Done,
    /// No action was applied, because these conditions failed.
    Failed(FailedConditions),
}

/// The result of an attempt.
enum Attempt {
    /// All actions were applied.
    Done,
    /// No action was applied. These conditions failed.
    Failed(FailedConditions),
    /// No action was applied, because of conflicts, throttling, or a change that holds a copy.
    Cancelled(Cancellation),
    /// The result is unknown, or the table refused the call for now.
    Unknown,
}

/// Why no action was applied for now.
struct Cancellation {
    /// Whether this was the reason, for each action.
    actions: Vec<bool>,
    /// Until when a change holds a copy that was checked, in milliseconds since 1970.
    held_until: Option<u64>,
}

impl Table {
    /// Applies all actions of the transaction, or none.
    ///
    /// Transaction conflicts and throttling are retried until the deadline. An attempt after a cancelled one
    /// checks other copies of items that lie in copies. A change of such an item needs all of its copies at the
    /// same time, which checks of other requests can prevent as long as they go on. After two attempts, it
    /// therefore holds each copy for two seconds: checks of a copy that is held wait until the change is
    /// applied, for a random part of the rest of the hold before each attempt. A hold decides nothing. If the
    /// request ends before its change, the checks go on afterwards.
    ///
    /// # Errors
    /// See [`TableError`]. After [`TableError::Unavailable`], the result is unknown.
    pub async fn transact(
        &self,
        deadline: Deadline,
        transaction: &Transaction,
    ) -> Result<Outcome, TableError> {
        let mut token = self.random.uuid();
        let mut choice = if transaction.has_choice() { self.random.up_to(u64::MAX) } else { 0 };
        let stamped = u64::try_from(transaction.stamp().now.unix_millis()).unwrap_or_default();
        let begin = deadline.remaining();
        let mut held_until = 0;
        let mut attempt = 0;
        loop {
            let elapsed = begin.saturating_sub(deadline.remaining());
            let now = stamped + millis(elapsed);
            // Built anew for each attempt: retries are rare, and a copy would slow down the first
            // attempt.
            let items = transaction.build(&self.name, now, |copies| choice % copies);
            let items = items.map_err(|_| TableError::Refused)?;
            attempt += 1;
            match self.attempt(deadline, &token, items, now).await? {
                Attempt::Done => return Ok(Outcome::Done),
                Attempt::Failed(failed) => return Ok(Outcome::Failed(failed)),
                Attempt::Unknown => {}
                Attempt::Cancelled(cancellation) => {
                    if transaction.has_choice() {
                        token = self.random.uuid();
                        choice = self.random.up_to(u64::MAX);
                    }
                    let is_reason = |index| cancellation.actions.get(index).is_some_and(|is_one| *is_one);
                    let copies = transaction.updated_copies(is_reason);
                    if attempt >= ATTEMPTS_BEFORE_HOLD && held_until <= now && !copies.is_empty() {
                        held_until = now + millis(HOLD);
                        // Boxed: changes of copies are rare, and other transactions need no room for it.
                        Box::pin(self.hold(deadline, copies, held_until)).await?;
                        continue;
                    }
                    if let Some(until) = cancellation.held_until {
                        // All requests that check the item meet the hold. Those that wait in vain take capacity that
                        // the change needs. The hold is over after its last millisecond.
                        let left = until.saturating_sub(now) + 1;
                        self.pause(left.max(longest_back_off(attempt)), deadline).await?;
                        continue;
                    }
                }
            }
            self.back_off(attempt, deadline).await?;
        }
    }

    /// Holds all copies of the items at these keys until a time, in milliseconds since 1970. A copy that does not exist
    /// cannot be held.
    async fn hold(&self, deadline: Deadline, keys: Vec<&Key>, until: u64) -> Result<(), TableError> {
        let held = keys.into_iter().flat_map(Key::all_copies).map(|copy| async move {
            let token = self.random.uuid();
            let mut unknown = 0;
            loop {
                let item = hold(&self.name, &copy, until).map_err(|_| TableError::Refused)?;
                match self.attempt(deadline, &token, vec![item], 0).await? {
                    Attempt::Done | Attempt::Failed(_) => return Ok(()),
                    // Always the shortest back-off: the more copies are held, the more checks go to the others.
                    Attempt::Cancelled(_) => self.back_off(1, deadline).await?,
                    Attempt::Unknown => {
                        unknown += 1;
                        self.back_off(unknown, deadline).await?;
                    }
                }
            }
        });
        join_all(held).await.into_iter().collect()
    }

    /// Sends the actions of an attempt at this time, in milliseconds since 1970.
    async fn attempt(
        &self,
        deadline: Deadline,
        token: &str,
        items: Vec<TransactWriteItem>,
        now: u64,
    ) -> Result<Attempt, TableError> {
        let request = pin!(
            self.client
                .transact_write_items()
                .client_request_token(token)
                .set_transact_items(Some(items))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
        );
        let failure = match self.call(deadline, "TransactWriteItems", request).await {
            Ok(output) => {
                self.meter.add_write(output.consumed_capacity());
                return Ok(Attempt::Done);
            }
            Err(failure) => failure,
        };
        match failure {
            Failure::Service(TransactWriteItemsError::TransactionCanceledException(canceled), _) => {
                outcome_of(canceled.cancellation_reasons.unwrap_or_default(), now)
            }
            Failure::Service(_, ref code) if is_transient(code) => Ok(Attempt::Unknown),
            other => Err(other.unexpected("TransactWriteItems")),
        }
    }
}

/// Returns a duration in milliseconds.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Returns the outcome of an attempt that the table cancelled at this time.
///
/// A transaction conflict may have caused the failure of another action's condition, and so may a change that holds a
/// copy.
fn outcome_of(reasons: Vec<CancellationReason>, now: u64) -> Result<Attempt, TableError> {
    let mut failed = Vec::with_capacity(reasons.len());
    let mut actions = Vec::with_capacity(reasons.len());
    let mut held_until = None;
    for reason in reasons {
        let (condition, is_transient) = match reason.code.as_deref() {
            None | Some("None") => (None, false),
            Some("ConditionalCheckFailed") => {
                let item = reason.item.map(Item::from_attributes);
                let until = item.as_ref().map_or(Ok(None), |item| item.optional_number(HELD_UNTIL))?;
                let until = until.filter(|until| *until >= now);
                held_until = held_until.max(until);
                let condition = FailedCondition { item: item.filter(|item| !item.is_being_deleted()) };
                (Some(condition), until.is_some())
            }
            Some(code) if is_transient(code) => (None, true),
            Some(code) => {
                tracing::error!(code = sanitize_for_log(code.to_owned()), "table cancelled a transaction");
                return Err(TableError::Refused);
            }
        };
        failed.push(condition);
        actions.push(is_transient);
    }
    if !actions.contains(&true) && failed.iter().any(Option::is_some) {
        return Ok(Attempt::Failed(FailedConditions(failed)));
    }
    Ok(Attempt::Cancelled(Cancellation { actions, held_until }))
}

#[cfg(test)]
mod tests;
