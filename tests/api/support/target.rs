//! The target of the tests.
//!
//! | variable | meaning |
//! |---|---|
//! | `API_TARGET` | base URL of a host, without the base path of the API; in-process if not set |
//! | `API_TARGET_KIND` | `local`, `watch` or `gateway`, if the URL does not imply it |
//! | `API_DATA` | data directory with the development keys that the host trusts (`.local`) |
//! | `CORS_ALLOWED_ORIGINS` | the origins that the host allows |
//! | `AWS_ENDPOINT_URL_DYNAMODB`, `TABLE_NAME` | the host's table; in-process: an engine to use instead of the embedded one |
//!
//! A relative path in `API_DATA` starts at the root of the repository, as for `cargo run`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The kinds of target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The handlers in this process.
    InProcess,
    /// `cargo run`.
    Local,
    /// `cargo lambda watch`.
    Watch,
    /// A deployment behind API Gateway, real or rehearsed.
    Gateway,
}

/// Returns the base URL of the host, or `None` for the handlers in this process.
pub(crate) fn url() -> Option<String> {
    variable("API_TARGET").map(|url| url.trim_end_matches('/').to_owned())
}

/// Returns the kind of the target.
pub(crate) fn kind() -> Kind {
    let Some(url) = url() else { return Kind::InProcess };
    match variable("API_TARGET_KIND").as_deref() {
        Some("local") => Kind::Local,
        Some("watch") => Kind::Watch,
        Some("gateway") => Kind::Gateway,
        Some(other) => panic!("API_TARGET_KIND is {other:?}, not local, watch or gateway"),
        None if url.starts_with("https:") || url.contains(".execute-api.") => Kind::Gateway,
        None => Kind::Local,
    }
}

/// Returns the data directory of the host.
pub(crate) fn data_folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.join(variable("API_DATA").unwrap_or_else(|| ".local".to_owned()))
}

/// Returns the endpoint of the engine that replaces the embedded one, if it is set.
pub(crate) fn engine() -> Option<String> {
    variable("AWS_ENDPOINT_URL_DYNAMODB")
}

/// Returns true if the host allows web pages of this origin. Otherwise prints that tests are skipped.
pub(crate) fn allows_page(origin: &str) -> bool {
    let allows = variable("CORS_ALLOWED_ORIGINS").is_some_and(|list| list.split(',').any(|it| it == origin));
    allows || !leaves_out(&[kind()], "pages of other origins, which its configuration does not allow")
}

/// Returns the name of the table.
pub(crate) fn table_name() -> String {
    variable("TABLE_NAME").unwrap_or_else(|| "nevisidm".to_owned())
}

/// Returns true and prints the reason if the target is one of `kinds`, on which `what` cannot be
/// tested.
pub(crate) fn leaves_out(kinds: &[Kind], what: &str) -> bool {
    let leaves_out = kinds.contains(&kind());
    if leaves_out {
        // Bypasses the test harness, which captures the output of a test.
        let line = format!("skipped on {:?}: {what}\n", kind());
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    leaves_out
}

/// Returns the number in a variable that makes a test longer or sets its seed, or the default.
pub(crate) fn number<T: FromStr>(name: &str, default: T) -> T {
    let parse = |text: String| text.parse().unwrap_or_else(|_| panic!("{name} is not a number"));
    variable(name).map_or(default, parse)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
