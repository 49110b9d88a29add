//! Parser of the configuration. The input is lines of the form `NAME=value`, which override a complete
//! configuration.
//!
//! Invariants: an error is reported in one line of bounded length, and an accepted configuration respects the
//! limits of its variables.

use std::collections::BTreeMap;

use shared::ids::MAX_BYTES;
use shared::service::config::Config;

use crate::service::variables;

/// Checks the parser with some variables.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    let Ok(input) = str::from_utf8(input) else { return };
    let mut set: BTreeMap<String, String> = variables();
    for (name, value) in input.lines().filter_map(|line| line.split_once('=')) {
        set.insert(name.to_owned(), value.to_owned());
    }
    let value =
        |name: &str| set.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    match Config::read(|name| set.get(name).cloned()) {
        Ok(config) => {
            let settings = &config.settings;
            assert_eq!(Some(config.table_name), value("TABLE_NAME"));
            assert!(!config.issuers.is_empty());
            for issuer in &config.issuers {
                let rules = &issuer.rules;
                assert!(rules.issuer.as_deref().is_some_and(|name| !name.is_empty()));
                assert!(!rules.audiences.is_empty() && !rules.types.is_empty());
                assert!(rules.leeway <= 60 && rules.max_age.is_none());
            }
            if value("BEARER_ISSUERS").is_none() {
                assert_eq!(config.issuers[0].rules.issuer, value("BEARER_ISSUER"));
                assert_eq!(config.issuers.len(), 1);
            }
            assert!(config.x_token.max_age.is_some_and(|seconds| (1..=86_400).contains(&seconds)));
            assert_eq!(settings.multi_client_mode, value("MULTI_CLIENT_MODE").as_deref() == Some("true"));
            assert!((1..=MAX_BYTES).contains(&settings.naming_policy.max_length()));
            // An invalid pattern is reported by the first operation that uses it.
            if settings.prepare_naming_policy().is_ok() {
                assert!(settings.naming_policy.pattern().len() <= shared::pattern::MAX_LENGTH);
            }
            assert!(!settings.languages.is_empty());
        }
        Err(error) => {
            let line = error.to_string();
            assert!(!line.contains(['\n', '\r']), "{line:?} has more than one line");
            assert!(line.len() <= 4096 + 8 * input.len(), "{} bytes", line.len());
        }
    }
}
