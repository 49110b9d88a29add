//! The one table: its keys, its items, how they are read and how they are written.
//!
//! Reads are strongly consistent, writes are transactions. What only one caller may do is decided
//! by the conditions of a transaction, never by reading first.

pub mod attribute;
pub mod connection;
pub mod item;
pub mod key;
pub mod meter;
pub mod new_item;
mod read;
pub mod transaction;
mod write;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::clock::{Deadline, Random};
use crate::log::sanitize_for_log;
pub use item::Item;
pub use key::Key;
pub use meter::{Meter, Usage};
pub use new_item::{NewItem, Stamp};
pub use transaction::{ActionIndex, Condition, FailedCondition, FailedConditions, Transaction, Update};
pub use write::Outcome;

/// The table and the way to it.
#[derive(Clone)]
pub struct Table {
    client: Client,
    name: String,
    random: Random,
    meter: Meter,
}

/// Why the table gave no answer that decides anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableError {
    /// It is busy, unreachable, or did not answer in time. What a write did is unknown.
    Unavailable,
    /// It refuses the call itself: a missing table or permission, a call that is not valid.
    Refused,
    /// An item does not hold what its kind has to hold.
    Corrupt,
}

impl Table {
    /// The table of this name, reached through `client`; `random` spreads the retries.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>, random: Random) -> Self {
        Self { client, name: name.into(), random, meter: Meter::default() }
    }

    /// The same table, whose calls `meter` counts.
    #[must_use]
    pub fn metered(&self, meter: &Meter) -> Self {
        Self { meter: meter.clone(), ..self.clone() }
    }

    /// Makes a call, at most until the deadline. Only the code of a failure is logged: the
    /// messages of the table quote keys and values. The call stays where it is pinned: it takes 5 KB,
    /// which would be copied, and its room kept, each time that it is handed on.
    async fn call<T, E>(
        &self,
        deadline: Deadline,
        call: &'static str,
        answer: Pin<&mut impl Future<Output = Result<T, SdkError<E>>>>,
    ) -> Result<T, Failure<E>>
    where
        E: ProvideErrorMetadata,
    {
        let _under_way = self.meter.call();
        let Ok(answer) = tokio::time::timeout_at(deadline.instant(), answer).await else {
            tracing::warn!(call, "the table did not answer in time");
            return Err(Failure::Other(TableError::Unavailable));
        };
        let error = match answer {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let code =
            error.code().map_or_else(|| "no answer".to_owned(), |code| sanitize_for_log(code.to_owned()));
        let http_status = error.raw_response().map(|response| response.status().as_u16());
        match error {
            SdkError::ServiceError(context) if http_status.is_some_and(|status| status < 500) => {
                Err(Failure::Service(context.into_err(), code))
            }
            _ => {
                tracing::warn!(call, code, "the table is not available");
                Err(Failure::Other(TableError::Unavailable))
            }
        }
    }

    /// Waits before another attempt: full jitter, up to 20 ms at first and to 640 ms at last.
    pub(crate) async fn back_off(&self, attempt: u32, deadline: Deadline) -> Result<(), TableError> {
        let millis = self.random.up_to(10 << attempt.clamp(1, 6));
        let until = tokio::time::sleep(Duration::from_millis(millis));
        tokio::time::timeout_at(deadline.instant(), until).await.map_err(|_| TableError::Unavailable)
    }
}

/// A failed call: an answer of the table, with its code, or none.
enum Failure<E> {
    Service(E, String),
    Other(TableError),
}

impl<E> Failure<E> {
    /// What the failure means where no answer of the table is expected.
    fn unexpected(self, call: &'static str) -> TableError {
        match self {
            Self::Other(error) => error,
            Self::Service(_, code) => {
                let error = if is_transient(&code) { TableError::Unavailable } else { TableError::Refused };
                tracing::error!(call, code, "the table refused a call");
                error
            }
        }
    }
}

/// Whether a code of the table says that the same call may succeed a little later.
fn is_transient(code: &str) -> bool {
    matches!(
        code,
        "ThrottlingException"
            | "ThrottlingError"
            | "ProvisionedThroughputExceededException"
            | "ProvisionedThroughputExceeded"
            | "RequestLimitExceeded"
            | "TransactionConflict"
            | "TransactionConflictException"
            | "TransactionInProgressException"
            | "InternalServerError"
    )
}

#[cfg(test)]
pub(crate) mod tests;
