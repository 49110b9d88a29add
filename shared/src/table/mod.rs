//! The DynamoDB table: keys, items, reads and writes.
//!
//! Reads are strongly consistent, and writes are transactions. Conflicts between callers are decided by
//! the conditions of transactions, never by reading first.

mod attempts;
pub mod attribute;
pub mod connection;
pub mod item;
pub mod key;
pub mod meter;
pub mod new_item;
mod read;
pub mod stream;
pub mod tombstone;
pub mod transaction;
mod write;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::clock::{Deadline, Random};
use crate::log::sanitize_for_log;
use crate::network::NetworkFailure;
pub use connection::Connection;
pub use item::Item;
pub use key::Key;
pub use meter::{Meter, Usage};
pub use new_item::{NewItem, Stamp};
pub use read::Order;
pub use transaction::{ActionIndex, Condition, FailedCondition, FailedConditions, Transaction, Update};
pub use write::Outcome;

/// The table and its client.
#[derive(Clone)]
pub struct Table {
    client: Client,
    host: Option<String>,
    name: String,
    random: Random,
    meter: Meter,
}

/// An error of a table call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableError {
    /// The table is busy, unreachable, or did not respond in time. The result of a write is unknown.
    Unavailable,
    /// The table rejected the call: a missing table or permission, or an invalid call.
    Refused,
    /// An item lacks a required attribute or has it with another type.
    Corrupt,
}

impl Table {
    /// Creates a table of this name. `random` provides the jitter of retries.
    #[must_use]
    pub fn new(connection: impl Into<Connection>, name: impl Into<String>, random: Random) -> Self {
        let Connection { client, host } = connection.into();
        Self { client, host, name: name.into(), random, meter: Meter::default() }
    }

    /// Returns the same table with `meter` counting its calls.
    #[must_use]
    pub fn metered(&self, meter: &Meter) -> Self {
        Self { meter: meter.clone(), ..self.clone() }
    }

    /// Runs a call until the deadline at the latest.
    ///
    /// Only the code of a failure is logged, because the table's messages quote keys and values. The
    /// future is pinned by the caller: it takes 5 KB, which would be copied each time it is moved.
    async fn call<T, E>(
        &self,
        deadline: Deadline,
        call: &'static str,
        response: Pin<&mut impl Future<Output = Result<T, SdkError<E>>>>,
    ) -> Result<T, Failure<E>>
    where
        E: ProvideErrorMetadata,
    {
        let _under_way = self.meter.call();
        let Ok(result) = tokio::time::timeout_at(deadline.instant(), response).await else {
            return Err(self.unavailable(call, NetworkFailure::Timeout, None));
        };
        let error = match result {
            Ok(output) => return Ok(output),
            Err(error) => error,
        };
        let code = error.code().map(|code| sanitize_for_log(code.to_owned()));
        let failure = match error {
            SdkError::ServiceError(context) => match context.raw().status().as_u16() {
                status if status < 500 => {
                    return Err(Failure::Service(context.into_err(), code.unwrap_or_default()));
                }
                status => NetworkFailure::Status(status),
            },
            SdkError::ConstructionFailure(_) => NetworkFailure::Construction,
            SdkError::TimeoutError(_) => NetworkFailure::Timeout,
            SdkError::DispatchFailure(context) => {
                context.as_connector_error().map_or(NetworkFailure::Connection, NetworkFailure::of_connector)
            }
            // The enum may get further variants.
            SdkError::ResponseError(_) | _ => NetworkFailure::Response,
        };
        Err(self.unavailable(call, failure, code.as_deref()))
    }

    /// Logs a call without a usable response.
    fn unavailable<E>(&self, call: &'static str, failure: NetworkFailure, code: Option<&str>) -> Failure<E> {
        let (kind, status) = (failure.kind(), failure.status());
        tracing::warn!(call, kind, host = self.host, status, code, "table unavailable");
        Failure::Other(TableError::Unavailable)
    }

    /// Backs off before another attempt, with full jitter: up to 20 ms at first, and up to 640 ms at
    /// most.
    pub(crate) async fn back_off(&self, attempt: u32, deadline: Deadline) -> Result<(), TableError> {
        self.pause(longest_back_off(attempt), deadline).await
    }

    /// Waits for a random time, of at most this many milliseconds.
    async fn pause(&self, longest: u64, deadline: Deadline) -> Result<(), TableError> {
        let until = tokio::time::sleep(Duration::from_millis(self.random.up_to(longest)));
        tokio::time::timeout_at(deadline.instant(), until).await.map_err(|_| TableError::Unavailable)
    }
}

/// Returns the longest back-off before another attempt, in milliseconds.
fn longest_back_off(attempt: u32) -> u64 {
    10 << attempt.clamp(1, 6)
}

/// A failed call: an error response of the table with its code, or no response.
enum Failure<E> {
    Service(E, String),
    Other(TableError),
}

impl<E> Failure<E> {
    /// Converts the failure if no error response is expected.
    fn unexpected(self, call: &'static str) -> TableError {
        match self {
            Self::Other(error) => error,
            Self::Service(_, code) => {
                let may_succeed = is_transient(&code) || attempts::is_outdated_signature(&code);
                let error = if may_succeed { TableError::Unavailable } else { TableError::Refused };
                tracing::error!(call, code, "table rejected a call");
                error
            }
        }
    }
}

/// Returns true if an error code is transient, so that the same call may succeed when retried.
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
