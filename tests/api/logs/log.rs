//! What is logged, kept in memory, and what may not be in it.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use shared::log::log_lines;
use tracing::subscriber::{DefaultGuard, set_default};

/// What every mark begins with.
pub(super) const STEM: &str = "m4rk";
/// All that the service says of itself, and of others what they say where nothing is configured.
const FILTER: &str = "info,shared=trace,functions=trace";
/// What the house has of its people.
const OF_THE_HOUSE: [&str; 8] = [
    "Haustier",
    "first pet",
    "About pets",
    "push-address",
    "+4179",
    "identificator",
    "mssp.example",
    "public-key",
];

static MARKS: AtomicUsize = AtomicUsize::new(0);

/// A text that occurs nowhere else.
pub(super) fn mark() -> String {
    format!("{STEM}{:05}", MARKS.fetch_add(1, Ordering::SeqCst))
}

/// How many marks there are.
pub(super) fn marks() -> usize {
    MARKS.load(Ordering::SeqCst)
}

/// What was logged.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Takes what this thread logs, as a function's standard error would, until the value is dropped.
    pub(super) fn collect(&self) -> DefaultGuard {
        let writer = self.clone();
        set_default(log_lines(FILTER, move || writer.clone()).expect("a filter"))
    }

    /// The lines, all of which are JSON.
    pub(super) fn lines(&self) -> Vec<Value> {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8(text).expect("UTF-8");
        let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        let lines: Vec<Value> = text.split_terminator('\n').map(line).collect();
        assert!(lines.iter().all(Value::is_object));
        lines
    }

    /// Demands that no mark, nothing of the house and none of these is in any line.
    pub(super) fn demand(&self, secrets: &[String]) {
        for line in self.lines() {
            let text = line.to_string();
            let parts = secrets.iter().flat_map(|secret| secret.split('.'));
            let others = parts.filter(|part| part.len() > 8).chain(OF_THE_HOUSE);
            let found = [STEM].into_iter().chain(others).find(|secret| text.contains(secret));
            assert_eq!(found, None, "{text}");
        }
    }
}
