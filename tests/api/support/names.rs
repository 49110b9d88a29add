//! Names that do not collide with those of other tests in a shared table.
//!
//! Tests write `{user-123}` for the extId of a user. In a table of its own the test uses
//! `user-123`, in a shared table `user-123-` and a tag of the test. The tag is removed from
//! responses and items, so that tests compare the same text everywhere.

use std::sync::LazyLock;

use functions::properties::{PropertyName, Scope, imported_id};
use regex::{Captures, Regex};
use serde_json::{Map, Value};
use shared::clock::{Random, Timestamp};

static NAME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{([A-Za-z0-9_-]+)\}").expect("a pattern"));

/// What only the names of users and of what belongs to them contain.
const OF_USERS: [&str; 5] = ["user", "profile", "dt", "uaf", "deletion"];

/// What stands for the identifier of a new property in a response.
pub(crate) const PROPERTY: &str = "<propertyId>";

static PROPERTY_ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{propertyId:([A-Za-z0-9_-]+)\}").expect("a pattern"));

static PROPERTY_PATH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("/properties/[0-9]+$").expect("a pattern"));

/// The tag that distinguishes the names of one test from those of others.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    suffix: String,
    /// The suffix of the names of users and of what belongs to them.
    of_users: &'static str,
    base: Option<String>,
    start: Timestamp,
}

impl Names {
    /// Returns the names of a test with a table of its own.
    pub(crate) fn alone(base_url: &str, start: Timestamp) -> Self {
        Self { suffix: String::new(), of_users: "", base: base(base_url), start }
    }

    /// Returns the names by which the same requests act on other users of the same client.
    pub(crate) fn of_other_users(self) -> Self {
        Self { of_users: "-other", ..self }
    }

    /// Returns the names of a test that shares a table.
    pub(crate) fn shared(base_url: &str, start: Timestamp) -> Self {
        let suffix = format!("-{}", &Random::system().uuid()[..8]);
        Self { suffix, of_users: "", base: base(base_url), start }
    }

    /// Returns the suffix of every name of this test; empty in a table of its own.
    pub(crate) fn suffix(&self) -> &str {
        &self.suffix
    }

    /// Returns true if the names are those of the tests, without any tag.
    pub(crate) fn is_plain(&self) -> bool {
        self.suffix.is_empty() && self.of_users.is_empty()
    }

    /// Replaces each `{name}` in the text with its name in the table, and each `{propertyId:name}` with the
    /// identifier of this property of mobile signatures for all clients.
    pub(crate) fn fill(&self, text: &str) -> String {
        let text = PROPERTY_ID.replace_all(text, |name: &Captures<'_>| {
            let name = PropertyName::unchecked(&format!("{}{}", &name[1], self.suffix));
            imported_id(Scope::MobileSignature, None, &name).to_string()
        });
        let of_users =
            |name: &str| if OF_USERS.iter().any(|own| name.contains(own)) { self.of_users } else { "" };
        let filled = NAME.replace_all(&text, |name: &Captures<'_>| {
            format!("{}{}{}", &name[1], of_users(&name[1]), self.suffix)
        });
        filled.into_owned()
    }

    /// Applies [`Names::fill`] to all strings and member names.
    pub(crate) fn fill_json(&self, value: Value) -> Value {
        map_texts(value, &|text| self.fill(text))
    }

    /// Replaces what varies between runs: removes the tag, replaces the host's address with
    /// `<api>`, the identifier at the end of a property's URL with `<propertyId>`, and times since the start
    /// of the test with `<now>`.
    pub(crate) fn scrub(&self, value: Value) -> Value {
        map_texts(value, &|text| self.scrub_text(text))
    }

    /// Applies [`Names::scrub`] to a string.
    pub(crate) fn scrub_text(&self, text: &str) -> String {
        if text.ends_with('Z') && Timestamp::parse(text).is_some_and(|time| time >= self.start) {
            return "<now>".to_owned();
        }
        let mut text = text.to_owned();
        if !self.suffix.is_empty() {
            text = text.replace(&self.suffix, "");
        }
        if let Some(base) = self.base.as_ref().filter(|base| text.contains(*base)) {
            text =
                text.replace(&format!("http://{base}"), "<api>").replace(&format!("https://{base}"), "<api>");
        }
        if text.contains("/properties/") {
            text = PROPERTY_PATH.replace(&text, format!("/properties/{PROPERTY}")).into_owned();
        }
        text
    }
}

/// Returns a base URL without its scheme, because a gateway uses only `https` and its rehearsal
/// only `http`.
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
