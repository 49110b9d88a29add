//! Cost of a million requests at the prices in docs/costs.py.

use std::process::Command;

use serde::Deserialize;

use crate::harness::recording::Units;
use crate::{Result, root};

/// Prices in US dollars, and the assumptions about a request.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Prices {
    /// Price of a request to the API.
    pub(crate) rest_request: f64,
    /// Price of an invocation of a function.
    pub(crate) function_request: f64,
    /// Price of a gigabyte-second of a function.
    pub(crate) function_gb_second: f64,
    /// Price of a read unit.
    pub(crate) read_unit: f64,
    /// Price of a write unit.
    pub(crate) write_unit: f64,
    /// Assumed billed duration of a request.
    pub(crate) billed_seconds: f64,
    /// Memory size of a function.
    pub(crate) memory_gb: f64,
}

/// Cost of a million requests in US dollars.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dollars {
    /// Cost of the API.
    pub(crate) gateway: f64,
    /// Cost of the function.
    pub(crate) function: f64,
    /// Cost of the table.
    pub(crate) table: f64,
}

impl Prices {
    /// Reads the prices from the output of docs/costs.py.
    pub(crate) fn read() -> Result<Self> {
        let output = Command::new("python3").arg(root().join("docs/costs.py")).arg("--prices").output()?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Returns the cost of a million requests that consume these units each.
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
    /// Returns the total.
    pub(crate) fn sum(self) -> f64 {
        self.gateway + self.function + self.table
    }
}
