//! A log for tests, and tests of the filter.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, Once};

use serde_json::Value;
use tracing::subscriber::{DefaultGuard, set_default, set_global_default};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;

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
        keep_lines_enabled();
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

/// Keeps all lines enabled in this process, for whichever subscriber a thread has.
///
/// The enabled lines are cached for all threads. A line that another thread reaches first, while this one begins to
/// collect, would otherwise be cached as disabled, because no subscriber was there for it.
pub(crate) fn keep_lines_enabled() {
    static ENABLED: Once = Once::new();
    ENABLED.call_once(|| {
        let nothing = tracing_subscriber::registry().with(dynamic_filter_fn(|_, _| false));
        set_global_default(nothing).expect("no other subscriber");
    });
}

/// Returns the levels of the lines that pass a filter, of the target `shared` and of another one.
fn passing(filter: &str) -> Vec<String> {
    let log = Log::default();
    let guard = log.collect(filter);
    tracing::error!(target: "shared", "line");
    tracing::warn!(target: "shared::log", "line");
    tracing::info!(target: "shared", "line");
    tracing::error!(target: "other", "line");
    tracing::info!(target: "other", "line");
    drop(guard);
    let name = |line: &Value| {
        format!("{} {}", line["target"].as_str().unwrap_or("-"), line["level"].as_str().unwrap_or("-"))
    };
    log.lines(&[]).iter().map(name).collect()
}

#[test]
fn lines_are_filtered_by_levels_and_by_levels_of_targets() {
    let errors = ["shared ERROR", "other ERROR"];
    for filter in ["error", " ERROR ", ",error,", "Error"] {
        assert_eq!(passing(filter), errors, "{filter}");
    }
    let all = ["shared ERROR", "shared::log WARN", "shared INFO", "other ERROR", "other INFO"];
    assert_eq!(passing("info"), all);
    assert_eq!(passing("error, shared = warn"), ["shared ERROR", "shared::log WARN", "other ERROR"]);
    assert_eq!(passing("shared::log=info"), ["shared::log WARN"]);
    assert!(passing("off").is_empty());
}

/// An unknown level must not disable the log.
#[test]
fn filters_with_an_unknown_level_are_rejected() {
    for filter in ["warning", "shared", "shared=", "shared=warning", "info,verbose", "shared[span]=info x"] {
        let invalid = log_lines(filter, io::sink).err().map(|error| error.to_string());
        let expected =
            "the configuration is not valid: RUST_LOG has a part that is neither a level nor 'target=level'";
        assert_eq!(invalid.as_deref(), Some(expected), "{filter}");
    }
}
