//! The outcomes of lines.

use shared::table::TableError;

use crate::records::{Plan, Stop};

/// The outcome of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineOutcome {
    /// The line was written.
    Written,
    /// The line replaced an object that existed with different content.
    Replaced,
    /// The table already contained the same content.
    Unchanged,
    /// The line was rejected. Contains the reason, which is a single line.
    Refused(String),
}

/// The numbers of lines of an import by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The number of written lines.
    pub written: usize,
    /// The number of lines that replaced an object.
    pub replaced: usize,
    /// The number of lines whose content already existed.
    pub unchanged: usize,
    /// The number of rejected lines.
    pub refused: usize,
}

impl Summary {
    /// Returns the number of lines, without empty ones.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.written + self.replaced + self.unchanged + self.refused
    }
}

impl LineOutcome {
    /// Returns the outcome of a line.
    pub(super) fn of(planned: Result<Plan, Stop>) -> Result<Self, TableError> {
        match planned {
            Ok(Plan::Write) => Ok(Self::Written),
            Ok(Plan::Replace) => Ok(Self::Replaced),
            Ok(Plan::Unchanged) => Ok(Self::Unchanged),
            Err(Stop::Refused(refusal)) => Ok(Self::Refused(refusal.to_string())),
            Err(Stop::Table(error)) => Err(error),
        }
    }
}
