//! A log for tests.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing::subscriber::{DefaultGuard, set_default};

use super::*;

/// A log that is kept in memory.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Collects the log lines of this thread that pass the filter, until the returned value is dropped.
    pub(crate) fn collect(&self, filter: &str) -> DefaultGuard {
        let writer = self.clone();
        set_default(log_lines(filter, move || writer.clone()).expect("a filter"))
    }

    /// Returns the lines without the members whose values a test cannot know.
    pub(crate) fn lines(&self, unknown: &[&str]) -> Vec<Value> {
        let text = self.0.lock().expect("not poisoned").clone();
        let lines = String::from_utf8(text).expect("UTF-8");
        let line = |line: &str| {
            let mut line: Value = serde_json::from_str(line).expect("a line is JSON");
            let members = line.as_object_mut().expect("an object");
            for name in unknown {
                assert!(members.remove(*name).is_some(), "{name}");
            }
            line
        };
        lines.lines().map(line).collect()
    }
}
