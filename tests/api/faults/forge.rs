//! Error responses of the table.

use serde_json::{Value, json};

use super::wire::Message;

const PREFIX: &str = "com.amazonaws.dynamodb.v20120810#";
/// Text that no response of the service may contain.
const MESSAGE: &str = "The table speaks";

/// Returns a response that leaves open whether the call was applied.
pub(crate) fn failed(status: u16) -> Message {
    let code = if status == 503 { "ServiceUnavailable" } else { "InternalServerError" };
    Message::answer(status, &json!({"__type": format!("{PREFIX}{code}"), "message": MESSAGE}))
}

/// Returns an error response with this code.
pub(crate) fn refused(code: &str) -> Message {
    Message::answer(400, &json!({"__type": format!("{PREFIX}{code}"), "message": MESSAGE}))
}

/// Returns the response to a cancelled transaction of `size` actions, with a reason at one action
/// and a failed condition at another.
pub(crate) fn cancelled(size: usize, (reason, at): (&str, usize), failed: Option<usize>) -> Message {
    let code = |place: usize| match place {
        place if place == at => reason,
        place if Some(place) == failed => "ConditionalCheckFailed",
        _ => "None",
    };
    let reasons: Vec<Value> = (0..size)
        .map(|place| match code(place) {
            "None" => json!({"Code": "None"}),
            code => json!({"Code": code, "Message": MESSAGE}),
        })
        .collect();
    let body = json!({
        "__type": format!("{PREFIX}TransactionCanceledException"),
        "Message": MESSAGE,
        "CancellationReasons": reasons,
    });
    Message::answer(400, &body)
}
