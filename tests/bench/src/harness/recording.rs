//! What the table answered to a good request, to be answered again.

use axum::body::Bytes;
use serde::Deserialize;

/// The call whose answers are the same whatever it writes.
const WRITE: &str = "TransactWriteItems";

/// A call, as it was seen on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Its kind, such as `BatchGetItem`.
    pub(crate) target: String,
    /// Its body.
    pub(crate) body: Bytes,
}

/// Capacity units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Units {
    /// Of reads.
    pub(crate) read: f64,
    /// Of writes.
    pub(crate) write: f64,
}

/// Calls and their answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recording(Vec<(Call, Bytes)>);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
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
    /// Adds a call and its answer.
    pub(crate) fn add(&mut self, call: Call, answer: Bytes) {
        self.0.push((call, answer));
    }

    /// The answer to a call: to the very same read, or else to the last call of its kind. What a
    /// floor asks for is named differently here and there, and a transaction carries new ids.
    pub(crate) fn answer(&self, call: &Call) -> Option<Bytes> {
        let of_kind = || self.0.iter().filter(|(known, _)| known.target == call.target);
        let same = of_kind().find(|(known, _)| call.target != WRITE && known.body == call.body);
        same.or_else(|| of_kind().last()).map(|(_, answer)| answer.clone())
    }
}

/// The units that an answer tells of. Those of a transaction are of writes, unless it says otherwise.
pub(crate) fn units(target: &str, answer: &[u8]) -> Units {
    let consumed = serde_json::from_slice::<Answer>(answer).ok().and_then(|answer| answer.consumed_capacity);
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
