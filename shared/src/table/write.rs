//! Writes: transactions only, retried while the table is throttled.
//!
//! All attempts, including those of the SDK, use the same client request token. If the response of an
//! attempt is lost, the next one returns its result instead of a condition failure.

use std::pin::pin;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, ReturnConsumedCapacity};

use super::{FailedCondition, FailedConditions, Failure, Item, Table, TableError, Transaction, is_transient};
use crate::clock::Deadline;
use crate::log::sanitize_for_log;

/// The result of a transaction.
#[derive(Debug)]
pub enum Outcome {
    /// All actions were applied.
    Done,
    /// No action was applied, because these conditions failed.
    Failed(FailedConditions),
}

impl Table {
    /// Applies all actions of the transaction, or none.
    ///
    /// Transaction conflicts and throttling are retried until the deadline.
    ///
    /// # Errors
    /// See [`TableError`]. After [`TableError::Unavailable`], the result is unknown.
    pub async fn transact(
        &self,
        deadline: Deadline,
        transaction: &Transaction,
    ) -> Result<Outcome, TableError> {
        let token = self.random.uuid();
        let mut attempt = 0;
        loop {
            // Built anew for each attempt: retries are rare, and a copy would slow down the first
            // attempt.
            let items = transaction.build(&self.name).map_err(|_| TableError::Refused)?;
            let request = pin!(
                self.client
                    .transact_write_items()
                    .client_request_token(&token)
                    .set_transact_items(Some(items))
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .send()
            );
            let failure = match self.call(deadline, "TransactWriteItems", request).await {
                Ok(output) => {
                    self.meter.add_write(output.consumed_capacity());
                    return Ok(Outcome::Done);
                }
                Err(failure) => failure,
            };
            match failure {
                Failure::Service(TransactWriteItemsError::TransactionCanceledException(canceled), _) => {
                    if let Some(failed) =
                        failed_conditions(canceled.cancellation_reasons.unwrap_or_default())?
                    {
                        return Ok(Outcome::Failed(failed));
                    }
                }
                Failure::Service(_, ref code) if is_transient(code) => {}
                other => return Err(other.unexpected("TransactWriteItems")),
            }
            attempt += 1;
            self.back_off(attempt, deadline).await?;
        }
    }
}

/// Returns the failed conditions, or `None` if the transaction must be retried.
///
/// A transaction conflict may have caused the failure of another action's condition.
fn failed_conditions(reasons: Vec<CancellationReason>) -> Result<Option<FailedConditions>, TableError> {
    let mut failed = Vec::with_capacity(reasons.len());
    let mut transient = false;
    for reason in reasons {
        failed.push(match reason.code.as_deref() {
            None | Some("None") => None,
            Some("ConditionalCheckFailed") => {
                let item = reason.item.map(Item::from_attributes);
                Some(FailedCondition { item: item.filter(|item| !item.is_being_deleted()) })
            }
            Some(code) if is_transient(code) => {
                transient = true;
                None
            }
            Some(code) => {
                tracing::error!(code = sanitize_for_log(code.to_owned()), "table cancelled a transaction");
                return Err(TableError::Refused);
            }
        });
    }
    let decided = !transient && failed.iter().any(Option::is_some);
    Ok(decided.then_some(FailedConditions(failed)))
}

#[cfg(test)]
mod tests;
