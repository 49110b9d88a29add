//! Where the tests call: the one switch of the suite.
//!
//! | variable | meaning |
//! |---|---|
//! | `API_TARGET` | the base URL of a host, what stands before the API's base path; not set: in-process |
//! | `API_TARGET_KIND` | `local`, `watch` or `gateway`, where the URL does not tell |
//! | `API_DATA` | the data folder whose development keys the host trusts (`.local`) |
//! | `AWS_ENDPOINT_URL_DYNAMODB`, `TABLE_NAME` | the host's table; in-process: another engine than the embedded one |
//!
//! A path in `API_DATA` is relative to the root of the repository, as for `cargo run`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What answers the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The handlers, in this process.
    InProcess,
    /// `cargo run`.
    Local,
    /// `cargo lambda watch`.
    Watch,
    /// A deployment behind API Gateway, rehearsed or real.
    Gateway,
}

/// The base URL of the host; `None` for the handlers in this process.
pub(crate) fn url() -> Option<String> {
    variable("API_TARGET").map(|url| url.trim_end_matches('/').to_owned())
}

/// What answers the calls.
pub(crate) fn kind() -> Kind {
    let Some(url) = url() else { return Kind::InProcess };
    match variable("API_TARGET_KIND").as_deref() {
        Some("local") => Kind::Local,
        Some("watch") => Kind::Watch,
        Some("gateway") => Kind::Gateway,
        Some(other) => panic!("API_TARGET_KIND is {other:?}, none of local, watch and gateway"),
        None if url.starts_with("https:") || url.contains(".execute-api.") => Kind::Gateway,
        None => Kind::Local,
    }
}

/// The data folder of the host.
pub(crate) fn data_folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.join(variable("API_DATA").unwrap_or_else(|| ".local".to_owned()))
}

/// The endpoint of another engine than the embedded one.
pub(crate) fn engine() -> Option<String> {
    variable("AWS_ENDPOINT_URL_DYNAMODB")
}

/// The name of the table.
pub(crate) fn table_name() -> String {
    variable("TABLE_NAME").unwrap_or_else(|| "nevisidm".to_owned())
}

/// Whether this is one of `kinds`, on which something cannot be seen: then the reason is printed.
pub(crate) fn leaves_out(kinds: &[Kind], what: &str) -> bool {
    let leaves_out = kinds.contains(&kind());
    if leaves_out {
        // Past the test harness, which keeps what a test prints to itself.
        let line = format!("left out on {:?}: {what}\n", kind());
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    leaves_out
}

/// The number in a variable that makes a test longer, or draws it from another seed; else this one.
pub(crate) fn number<T: FromStr>(name: &str, default: T) -> T {
    let parse = |text: String| text.parse().unwrap_or_else(|_| panic!("{name} is no number"));
    variable(name).map_or(default, parse)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
