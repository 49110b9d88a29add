//! The names of things in a table that other tests use at the same time.
//!
//! Tests write `{user-123}` for the extId of a user. Where the table is a test's own, that is
//! `user-123`; where it is shared, it is `user-123-` and a tag of the test. What comes back, in
//! answers and in the table, loses the tag again, so that tests compare the same text everywhere.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value};
use shared::clock::{Random, Timestamp};

static NAME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{([A-Za-z0-9_-]+)\}").expect("a pattern"));

/// What tells the names of one test from those of others.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    suffix: String,
    base: Option<String>,
    start: Timestamp,
}

impl Names {
    /// The names of a test that has a table of its own.
    pub(crate) fn alone(base_url: &str, start: Timestamp) -> Self {
        Self { suffix: String::new(), base: base(base_url), start }
    }

    /// The names of a test that shares a table.
    pub(crate) fn shared(base_url: &str, start: Timestamp) -> Self {
        let suffix = format!("-{}", &Random::system().uuid()[..8]);
        Self { suffix, base: base(base_url), start }
    }

    /// What every name of this test ends with; nothing where the table is its own.
    pub(crate) fn suffix(&self) -> &str {
        &self.suffix
    }

    /// The text with `{name}` replaced by what has this name in the table.
    pub(crate) fn fill(&self, text: &str) -> String {
        let filled = NAME.replace_all(text, |name: &Captures<'_>| format!("{}{}", &name[1], self.suffix));
        filled.into_owned()
    }

    /// As [`Names::fill`], for all texts and member names.
    pub(crate) fn fill_json(&self, value: Value) -> Value {
        map_texts(value, &|text| self.fill(text))
    }

    /// The value without what differs from run to run: the tag, the host's address, and the times
    /// since the test began, which stand as `<now>`.
    pub(crate) fn scrub(&self, value: Value) -> Value {
        map_texts(value, &|text| self.scrub_text(text))
    }

    /// As [`Names::scrub`].
    pub(crate) fn scrub_text(&self, text: &str) -> String {
        if text.ends_with('Z') && Timestamp::parse(text).is_some_and(|time| time >= self.start) {
            return "<now>".to_owned();
        }
        let text = if self.suffix.is_empty() { text.to_owned() } else { text.replace(&self.suffix, "") };
        match &self.base {
            Some(base) => {
                text.replace(&format!("http://{base}"), "<api>").replace(&format!("https://{base}"), "<api>")
            }
            None => text,
        }
    }
}

/// A base URL without its scheme: a gateway knows only `https`, its rehearsal only `http`.
fn base(url: &str) -> Option<String> {
    url.split_once("://").map(|(_, rest)| format!("{rest}{}", shared::http::BASE_PATH))
}

fn map_texts(value: Value, map: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => map(&text).into(),
        Value::Array(values) => values.into_iter().map(|value| map_texts(value, map)).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (map(&name), map_texts(value, map)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}
