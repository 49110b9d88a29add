//! Attempts at a call that are repeated in addition to those that the SDK repeats by itself.
//!
//! The SDK signs each attempt anew, so both cases share its limit of attempts, its back-off and its retry
//! budget.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_dynamodb::config::ConfigBag;
use aws_sdk_dynamodb::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemError, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::query::{QueryError, QueryOutput};
use aws_sdk_dynamodb::operation::scan::{ScanError, ScanOutput};
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{Error, InterceptorContext, Output};
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::retry::ErrorKind;

/// Returns true if the table rejects the signature of a call for its time.
///
/// A function is frozen between invocations, and possibly between signing and sending. A new signature is
/// valid. `InvalidSignatureException` is also the code for a wrong key, which no attempt can mend. Codes of
/// expired credentials are not in the list, because credentials last as long as the process.
pub(super) fn is_outdated_signature(code: &str) -> bool {
    matches!(
        code,
        "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "RequestTimeTooSkewed"
            | "RequestExpired"
            | "RequestInTheFuture"
    )
}

/// Rejects successful responses that lack what DynamoDB always returns, such as an empty body.
///
/// The SDK would read them as a table without items, or as a completed transaction.
#[derive(Debug)]
pub(super) struct CompleteResponses;

/// A response lacks a member that DynamoDB always returns.
#[derive(Debug)]
struct IncompleteResponse;

impl fmt::Display for IncompleteResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("incomplete response")
    }
}

impl StdError for IncompleteResponse {}

#[dyn_dispatch_hint]
impl Intercept for CompleteResponses {
    fn name(&self) -> &'static str {
        "CompleteResponses"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.output_or_error() {
            Ok(output) if !is_complete(output) => Err(IncompleteResponse.into()),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

fn is_complete(output: &Output) -> bool {
    if let Some(output) = output.downcast_ref::<BatchGetItemOutput>() {
        return output.responses.is_some();
    }
    if let Some(output) = output.downcast_ref::<QueryOutput>() {
        // A query that counts returns no items, but the consumed capacity, which every query requests.
        return output.items.is_some() || output.consumed_capacity.is_some();
    }
    if let Some(output) = output.downcast_ref::<ScanOutput>() {
        return output.items.is_some();
    }
    // Every transaction requests its consumed capacity. The response has no other required member.
    output.downcast_ref::<TransactWriteItemsOutput>().is_none_or(|output| output.consumed_capacity.is_some())
}

/// Repeats an attempt after an outdated signature or an incomplete response.
#[derive(Debug)]
pub(super) struct AnotherAttempt;

impl ClassifyRetry for AnotherAttempt {
    fn name(&self) -> &'static str {
        "AnotherAttempt"
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let code = error.as_operation_error().and_then(code_of);
        if code.is_some_and(is_outdated_signature) {
            return RetryAction::retryable_error(ErrorKind::ServerError);
        }
        if error.is_interceptor_error() && is_caused_by_incomplete_response(error) {
            return RetryAction::transient_error();
        }
        RetryAction::NoActionIndicated
    }
}

/// Returns the error code of a call that a request makes.
fn code_of(error: &Error) -> Option<&str> {
    let metadata: &dyn ProvideErrorMetadata = if let Some(error) = error.downcast_ref::<BatchGetItemError>() {
        error
    } else if let Some(error) = error.downcast_ref::<QueryError>() {
        error
    } else if let Some(error) = error.downcast_ref::<ScanError>() {
        error
    } else {
        error.downcast_ref::<TransactWriteItemsError>()?
    };
    metadata.code()
}

fn is_caused_by_incomplete_response(error: &(dyn StdError + 'static)) -> bool {
    error.is::<IncompleteResponse>() || error.source().is_some_and(is_caused_by_incomplete_response)
}
