//! The progress display of an import.

use std::io::Read;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::import::LineOutcome;

/// The time between two updates of the display.
const INTERVAL: Duration = Duration::from_millis(250);

/// A line on standard error that is updated. It is displayed only if standard error is a terminal.
///
/// Dropping the value removes the display.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Starts the display for an input of `length` bytes, if it is known.
    pub(crate) fn of(length: Option<u64>) -> Self {
        let (bar, template) = match length {
            Some(length) => (ProgressBar::new(length), "{bar:30} {percent}% {msg}, {eta} left"),
            None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(INTERVAL);
        Self(bar)
    }

    /// Counts the bytes that are read from the input.
    pub(crate) fn count<R: Read>(&self, input: R) -> impl Read + use<R> {
        self.0.wrap_read(input)
    }

    /// Displays the number of lines, and prints the reason for a rejected line.
    pub(crate) fn report(&self, number: usize, outcome: &LineOutcome) {
        if let LineOutcome::Refused(reason) = outcome {
            self.0.suspend(|| eprintln!("line {number}: {reason}"));
        }
        let millis = self.0.elapsed().as_millis().max(1);
        let rate = u128::try_from(number).unwrap_or_default() * 1000 / millis;
        self.0.set_message(format!("{number} lines, {rate}/s"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
