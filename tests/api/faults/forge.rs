//! Answers that the table gives when it is busy or broken, as it words them.

use serde_json::{Value, json};

use super::wire::Message;

const PREFIX: &str = "com.amazonaws.dynamodb.v20120810#";
/// What a caller of the service never gets to see.
const MESSAGE: &str = "The table speaks";

/// An answer that does not tell whether anything was done.
pub(crate) fn failed(status: u16) -> Message {
    let code = if status == 503 { "ServiceUnavailable" } else { "InternalServerError" };
    Message::answer(status, &json!({"__type": format!("{PREFIX}{code}"), "message": MESSAGE}))
}

/// A refusal with this code.
pub(crate) fn refused(code: &str) -> Message {
    Message::answer(400, &json!({"__type": format!("{PREFIX}{code}"), "message": MESSAGE}))
}

/// A cancelled transaction of `size` actions, for a reason at one place and a condition that does
/// not hold at another.
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
