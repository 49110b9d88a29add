//! Records the responses of the table to a valid request for replay.

use axum::body::Bytes;
use serde::Deserialize;

/// The action whose response does not depend on the request.
const WRITE: &str = "TransactWriteItems";

/// A table call as sent on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// DynamoDB action, for example `BatchGetItem`.
    pub(crate) target: String,
    /// Request body.
    pub(crate) body: Bytes,
}

/// Consumed capacity units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Units {
    /// Read units.
    pub(crate) read: f64,
    /// Write units.
    pub(crate) write: f64,
}

/// Calls and their responses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recording(Vec<(Call, Bytes)>);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResponseBody {
    consumed_capacity: Option<OneOrMany>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Consumed),
    Many(Vec<Consumed>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Consumed {
    capacity_units: Option<f64>,
    read_capacity_units: Option<f64>,
}

impl Recording {
    /// Adds a call and its response.
    pub(crate) fn add(&mut self, call: Call, response: Bytes) {
        self.0.push((call, response));
    }

    /// Returns the recorded response to a call: that of the identical read, or else of the last call with the
    /// same action.
    ///
    /// The fallback exists because some keys of a baseline differ and because every transaction has new
    /// identifiers.
    pub(crate) fn response(&self, call: &Call) -> Option<Bytes> {
        let of_kind = || self.0.iter().filter(|(known, _)| known.target == call.target);
        let same = of_kind().find(|(known, _)| call.target != WRITE && known.body == call.body);
        same.or_else(|| of_kind().last()).map(|(_, response)| response.clone())
    }
}

/// Returns the consumed units that a response reports. Units of a transaction count as write units unless the
/// response reports them as read units.
pub(crate) fn units(target: &str, response: &[u8]) -> Units {
    let consumed =
        serde_json::from_slice::<ResponseBody>(response).ok().and_then(|response| response.consumed_capacity);
    let consumed = match consumed {
        None => Vec::new(),
        Some(OneOrMany::One(one)) => vec![one],
        Some(OneOrMany::Many(many)) => many,
    };
    let mut units = Units::default();
    for consumed in consumed {
        let total = consumed.capacity_units.unwrap_or_default();
        let read = if target == WRITE { consumed.read_capacity_units.unwrap_or_default() } else { total };
        units.read += read;
        units.write += total - read;
    }
    units
}
