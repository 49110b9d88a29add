//! Captures the log, and asserts that it contains no secrets.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};

use serde_json::Value;
use shared::log::log_lines;
use tracing::subscriber::{DefaultGuard, set_default, set_global_default};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;

/// Prefix of every mark.
pub(super) const STEM: &str = "m4rk";
/// Everything that the service logs, and what its dependencies log by default.
const FILTER: &str = "info,shared=trace,functions=trace";
/// Personal data of the furnished world.
const PERSONAL_DATA: [&str; 8] = [
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

/// Returns a text that occurs nowhere else.
pub(super) fn mark() -> String {
    format!("{STEM}{:05}", MARKS.fetch_add(1, Ordering::SeqCst))
}

/// Returns the number of marks.
pub(super) fn marks() -> usize {
    MARKS.load(Ordering::SeqCst)
}

/// The captured log.
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
    /// Captures what this thread logs until the value is dropped, in the format of a function.
    pub(super) fn collect(&self) -> DefaultGuard {
        keep_lines_enabled();
        let writer = self.clone();
        set_default(log_lines(FILTER, move || writer.clone()).expect("a filter"))
    }

    /// Returns the lines as JSON.
    pub(super) fn lines(&self) -> Vec<Value> {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8(text).expect("UTF-8");
        let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        let lines: Vec<Value> = text.split_terminator('\n').map(line).collect();
        assert!(lines.iter().all(Value::is_object));
        lines
    }

    /// Asserts that no line contains a mark, personal data or one of these secrets.
    pub(super) fn assert_contains_no(&self, secrets: &[String]) {
        for line in self.lines() {
            let text = line.to_string();
            let parts = secrets.iter().flat_map(|secret| secret.split('.'));
            let others = parts.filter(|part| part.len() > 8).chain(PERSONAL_DATA);
            let found = [STEM].into_iter().chain(others).find(|secret| text.contains(secret));
            assert_eq!(found, None, "{text}");
        }
    }
}

/// Keeps all lines enabled in this process, for whichever subscriber a thread has.
///
/// The enabled lines are cached for all threads. A line that another thread reaches first, while this one begins to
/// collect, would otherwise be cached as disabled, because no subscriber was there for it.
fn keep_lines_enabled() {
    static ENABLED: Once = Once::new();
    ENABLED.call_once(|| {
        let nothing = tracing_subscriber::registry().with(dynamic_filter_fn(|_, _| false));
        set_global_default(nothing).expect("no other subscriber");
    });
}
