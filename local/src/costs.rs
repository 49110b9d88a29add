//! The cost of each operation: its calls to the table, capacity units and DynamoDB actions.
//!
//! `functions/costs.json` is written by hand and compared with the actual calls by the API tests. The
//! policies of the template and the tables of the documentation are generated from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use shared::operation::Operation;

use crate::error::Error;

/// The content of the file at build time.
const COSTS: &str = include_str!("../../functions/costs.json");

/// The DynamoDB actions of the steps of each job.
const JOBS: &str = include_str!("../../functions/jobs.json");

/// The cost of one request to an operation, without an `Idempotency-Key` and with items of up to 1 KB.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cost {
    /// The calls to the table. The calls of a trip are concurrent, and the trips are sequential.
    ///
    /// A call is an action and its size: `BatchGetItem of 3`, `Query`, or `TransactWriteItems of check put`. In the file,
    /// `put*4` stands for four actions of the same kind.
    pub trips: Vec<Vec<String>>,
    /// Further DynamoDB actions that other requests to the operation require.
    #[serde(default)]
    pub further_actions: BTreeSet<String>,
    /// The read units.
    pub read: Share,
    /// The write units.
    pub write: Share,
    /// The units of the stored event on the demo data, if they differ.
    pub demo: Option<Units>,
}

/// Capacity units of one kind and their purpose.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The number of units.
    pub units: f64,
    /// The items that are read, written or checked.
    #[serde(default)]
    pub items: String,
    /// The units of further items in a larger request.
    pub more: Option<String>,
}

/// Read and write units.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Units {
    /// The read units.
    pub read_units: f64,
    /// The write units.
    pub write_units: f64,
}

impl Cost {
    /// Returns the cost of an operation.
    ///
    /// # Errors
    /// [`Error::Costs`] if the file is not valid or has no entry for the operation.
    pub fn of(operation: &str) -> Result<Self, Error> {
        let mut costs = Self::all()?;
        costs.remove(operation).ok_or_else(|| Error::Costs(format!("no entry for {operation}")))
    }

    /// Returns the cost of each operation by its id.
    ///
    /// # Errors
    /// [`Error::Costs`] if the file is not valid.
    pub fn all() -> Result<BTreeMap<String, Self>, Error> {
        parse(COSTS)
    }

    /// Returns the number of calls.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.trips.iter().map(Vec::len).sum()
    }

    /// Returns the units of the stored event on the demo data.
    #[must_use]
    pub fn demo_units(&self) -> Units {
        self.demo.unwrap_or(Units { read_units: self.read.units, write_units: self.write.units })
    }

    /// Returns the DynamoDB actions that the function of an operation requires.
    ///
    /// Every function reads a key when it starts. A change also reads and writes the item of its
    /// `Idempotency-Key`.
    ///
    /// # Errors
    /// [`Error::Costs`] if a call is unknown.
    pub fn actions(&self, operation: &Operation) -> Result<BTreeSet<String>, Error> {
        let mut actions = self.further_actions.clone();
        for call in self.trips.iter().flatten() {
            actions.extend(actions_of(call)?.into_iter().map(str::to_owned));
        }
        actions.insert("BatchGetItem".to_owned());
        if operation.is_change() {
            actions.insert("PutItem".to_owned());
        }
        Ok(actions)
    }
}

/// Returns the DynamoDB actions that the function of a job requires: those of the steps, and the read of a key when it
/// starts.
///
/// # Errors
/// [`Error::Costs`] if the file is not valid or has no entry for the job.
pub fn actions_of_job(job: &str) -> Result<BTreeSet<String>, Error> {
    let jobs: BTreeMap<String, BTreeSet<String>> =
        serde_json::from_str(JOBS).map_err(|error| Error::Costs(error.to_string()))?;
    let actions = jobs.get(job).ok_or_else(|| Error::Costs(format!("no entry for {job}")))?;
    Ok(actions.iter().cloned().chain(["BatchGetItem".to_owned()]).collect())
}

fn parse(text: &str) -> Result<BTreeMap<String, Cost>, Error> {
    let mut costs: BTreeMap<String, Cost> =
        serde_json::from_str(text).map_err(|error| Error::Costs(error.to_string()))?;
    for call in costs.values_mut().flat_map(|cost| cost.trips.iter_mut().flatten()) {
        *call = call.split(' ').map(repeated).collect::<Vec<_>>().join(" ");
    }
    Ok(costs)
}

/// Returns an action as often as its factor says: `put put` for `put*2`.
fn repeated(action: &str) -> String {
    let times = action.split_once('*').and_then(|(action, times)| Some((action, times.parse().ok()?)));
    times.map_or_else(|| action.to_owned(), |(action, times)| vec![action; times].join(" "))
}

/// Returns the actions that a policy must allow for a call.
fn actions_of(call: &str) -> Result<BTreeSet<&'static str>, Error> {
    let unknown = || Error::Costs(format!("unknown call {call:?}"));
    let (name, of) = call.split_once(" of ").unwrap_or((call, ""));
    match name {
        "BatchGetItem" if of.parse::<usize>().is_ok() => Ok(BTreeSet::from(["BatchGetItem"])),
        "Query" if of.is_empty() => Ok(BTreeSet::from(["Query"])),
        "TransactWriteItems" => of
            .split(' ')
            .map(|kind| match kind {
                "check" => Ok("ConditionCheckItem"),
                "put" => Ok("PutItem"),
                "update" => Ok("UpdateItem"),
                "delete" => Ok("DeleteItem"),
                _ => Err(unknown()),
            })
            .collect(),
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use functions::{clients, mobile_signature};

    use super::{Cost, actions_of, parse};

    #[test]
    fn a_change_also_requires_the_actions_of_its_idempotency_key() {
        let actions = |operation| Cost::of("create-client").and_then(|cost| cost.actions(operation));
        let expected = ["BatchGetItem", "PutItem"].map(str::to_owned);
        assert_eq!(actions(&clients::create::OPERATION).expect("actions"), BTreeSet::from(expected));
        let actions = Cost::of("get-client").and_then(|cost| cost.actions(&clients::get::OPERATION));
        assert_eq!(actions.expect("actions"), BTreeSet::from(["BatchGetItem".to_owned()]));
    }

    #[test]
    fn further_actions_are_included() {
        let cost = Cost::of("update-mobile-signature-properties").expect("a cost");
        let actions = cost.actions(&mobile_signature::update_properties::OPERATION).expect("actions");
        let expected = ["BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"];
        let expected = expected.map(str::to_owned);
        assert_eq!(actions, BTreeSet::from(expected));
    }

    #[test]
    fn an_operation_without_an_entry_is_reported() {
        let error = Cost::of("get-other").expect_err("no entry");
        assert_eq!(error.to_string(), "functions/costs.json: no entry for get-other");
    }

    #[test]
    fn an_unknown_call_is_reported() {
        for call in
            ["Scan", "BatchGetItem", "Query of 2", "TransactWriteItems of touch", "TransactWriteItems"]
        {
            let error = actions_of(call).expect_err("unknown");
            let expected = format!("functions/costs.json: unknown call {call:?}");
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn an_unknown_member_is_rejected() {
        let text = r#"{"get-client": {"trips": [], "read": {"units": 1}, "write": {"units": 0}, "more": 1}}"#;
        assert!(parse(text).is_err());
    }
}
