//! Assigns attempts to calls.

use serde_json::Value;
use shared::table::key::split_copy;

use super::fault::{Call, Kind};
use super::wire::Message;

/// An attempt at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// Call.
    pub(crate) call: Call,
    /// Number of the attempt, starting at 1.
    pub(crate) number: usize,
}

/// The calls so far.
#[derive(Default)]
pub(crate) struct Calls(Vec<Known>);

struct Known {
    call: Call,
    /// Bodies of the attempts: retries of the whole call and of its unprocessed rest.
    bodies: Vec<Value>,
    attempts: usize,
}

impl Calls {
    /// Counts an attempt.
    pub(crate) fn attempt(&mut self, request: &Message) -> Attempt {
        let (kind, body) = (request.kind(), of_originals(request.json()));
        let of_kind = |known: &&mut Known| known.call.kind == kind;
        let ordinal = self.0.iter_mut().filter(of_kind).count();
        let mut same = self.0.iter_mut().filter(of_kind).filter(|known| known.bodies.contains(&body));
        if let Some(known) = same.next() {
            known.attempts += 1;
            return Attempt { call: known.call, number: known.attempts };
        }
        let call = Call { kind, ordinal, size: size(kind, &body) };
        self.0.push(Known { call, bodies: vec![body], attempts: 1 });
        Attempt { call, number: 1 }
    }

    /// Registers `rest`, the unprocessed part of a call, as the body of a retry.
    pub(crate) fn add_retry(&mut self, body: &Value, rest: &Value) {
        let body = of_originals(body.clone());
        let known = self.0.iter_mut().find(|known| known.bodies.contains(&body));
        known.expect("a call that was counted").bodies.push(of_originals(rest.clone()));
    }
}

/// Returns the body of a call without what differs between its attempts: the copies that it reads or checks and, if it
/// checks copies, the token and the time.
fn of_originals(mut body: Value) -> Value {
    strip_copies(&mut body);
    let mut has_copies = false;
    for action in body["TransactItems"].as_array_mut().into_iter().flatten() {
        let check = &mut action["ConditionCheck"];
        if check["ExpressionAttributeNames"].get("#heldUntil").is_some() {
            check["ExpressionAttributeValues"] = Value::Null;
            has_copies = true;
        }
    }
    if has_copies {
        body["ClientRequestToken"] = Value::Null;
    }
    body
}

/// Replaces the keys of copies with those of the first one.
fn strip_copies(value: &mut Value) {
    match value {
        Value::String(text) => *text = split_copy(text).0.to_owned(),
        Value::Array(values) => values.iter_mut().for_each(strip_copies),
        Value::Object(members) => members.values_mut().for_each(strip_copies),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Message {
    /// Returns the type of a call.
    pub(crate) fn kind(&self) -> Kind {
        match self.header("x-amz-target").and_then(|target| target.split('.').nth(1)) {
            Some("BatchGetItem") => Kind::BatchGet,
            Some("Query") => Kind::Query,
            Some("TransactWriteItems") => Kind::Transact,
            other => panic!("no operation makes the call {other:?}"),
        }
    }

    /// Returns the table of a read.
    pub(crate) fn table(&self) -> String {
        let body = self.json();
        let table = body["TableName"].as_str().or_else(|| {
            let tables = body["RequestItems"].as_object()?;
            tables.keys().next().map(String::as_str)
        });
        table.expect("a table").to_owned()
    }
}

fn size(kind: Kind, body: &Value) -> usize {
    let array = match kind {
        Kind::Query => return 1,
        Kind::Transact => &body["TransactItems"],
        Kind::BatchGet => {
            let tables = body["RequestItems"].as_object().and_then(|tables| tables.values().next());
            &tables.expect("a table")["Keys"]
        }
    };
    array.as_array().expect("an array").len()
}
