//! Writing: transactions only, tried again while the table is busy.
//!
//! One client token goes through all attempts, the SDK's own and those here: a transaction whose
//! answer was lost is answered as what it was, not as its own duplicate.

use std::pin::pin;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, ReturnConsumedCapacity};

use super::{FailedCondition, FailedConditions, Failure, Item, Table, TableError, Transaction, is_transient};
use crate::clock::Deadline;
use crate::log::sanitize_for_log;

/// What became of a transaction that the table decided on.
#[derive(Debug)]
pub enum Outcome {
    /// All of it is done.
    Done,
    /// Nothing of it is done: these conditions did not hold.
    Failed(FailedConditions),
}

impl Table {
    /// Does all actions of the transaction, or nothing. A conflict with another transaction and a
    /// busy table are waited for until the deadline.
    ///
    /// # Errors
    /// As [`TableError`] says; after [`TableError::Unavailable`] it is unknown whether it was done.
    pub async fn transact(
        &self,
        deadline: Deadline,
        transaction: &Transaction,
    ) -> Result<Outcome, TableError> {
        let token = self.random.uuid();
        let mut attempt = 0;
        loop {
            // Anew for each attempt: there is seldom a second, and a copy for it would cost the first.
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
                Ok(answer) => {
                    self.meter.add_write(answer.consumed_capacity());
                    return Ok(Outcome::Done);
                }
                Err(failure) => failure,
            };
            match failure {
                Failure::Service(TransactWriteItemsError::TransactionCanceledException(canceled), _) => {
                    if let Some(refusals) = read(canceled.cancellation_reasons.unwrap_or_default())? {
                        return Ok(Outcome::Failed(refusals));
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

/// Which conditions did not hold; `None` when another attempt has to decide: a conflict beside a
/// failed condition may have been what made it fail.
fn read(reasons: Vec<CancellationReason>) -> Result<Option<FailedConditions>, TableError> {
    let mut refusals = Vec::with_capacity(reasons.len());
    let mut transient = false;
    for reason in reasons {
        refusals.push(match reason.code.as_deref() {
            None | Some("None") => None,
            Some("ConditionalCheckFailed") => {
                Some(FailedCondition { item: reason.item.map(Item::from_attributes) })
            }
            Some(code) if is_transient(code) => {
                transient = true;
                None
            }
            Some(code) => {
                tracing::error!(
                    code = sanitize_for_log(code.to_owned()),
                    "the table cancelled a transaction"
                );
                return Err(TableError::Refused);
            }
        });
    }
    let decided = !transient && refusals.iter().any(Option::is_some);
    Ok(decided.then_some(FailedConditions(refusals)))
}

#[cfg(test)]
mod tests;
