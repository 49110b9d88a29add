//! What a million requests cost, at the prices that docs/costs.py knows.

use std::process::Command;

use serde::Deserialize;

use crate::harness::recording::Units;
use crate::{Result, root};

/// US dollars each, and what is assumed of a request.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Prices {
    /// A request to the API.
    pub(crate) rest_request: f64,
    /// A request to a function.
    pub(crate) function_request: f64,
    /// A gigabyte of memory for a second.
    pub(crate) function_gb_second: f64,
    /// A read unit.
    pub(crate) read_unit: f64,
    /// A write unit.
    pub(crate) write_unit: f64,
    /// How long a request is billed for: an assumption.
    pub(crate) billed_seconds: f64,
    /// How much memory a function has.
    pub(crate) memory_gb: f64,
}

/// US dollars for a million requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dollars {
    /// The API.
    pub(crate) gateway: f64,
    /// The function.
    pub(crate) function: f64,
    /// The table.
    pub(crate) table: f64,
}

impl Prices {
    /// Asks docs/costs.py.
    pub(crate) fn read() -> Result<Self> {
        let output = Command::new("python3").arg(root().join("docs/costs.py")).arg("--prices").output()?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// What a million requests cost that consume these units each.
    pub(crate) fn million(&self, units: Units) -> Dollars {
        let duration = self.billed_seconds * self.memory_gb * self.function_gb_second;
        Dollars {
            gateway: self.rest_request * 1e6,
            function: (self.function_request + duration) * 1e6,
            table: (units.read * self.read_unit + units.write * self.write_unit) * 1e6,
        }
    }
}

impl Dollars {
    /// All together.
    pub(crate) fn sum(self) -> f64 {
        self.gateway + self.function + self.table
    }
}
