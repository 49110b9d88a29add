//! The reading of a whole table, page by page, into a temporary database.

use std::io;
use std::time::Duration;

use shared::clock::Deadline;
use shared::table::TableError;

use crate::error::Error;
use crate::import::explain;

/// The maximum duration of the read of a page.
const MAX_PAGE_DURATION: Duration = Duration::from_secs(30);

/// Returns the deadline of the read of a page.
pub(crate) fn page_deadline() -> Deadline {
    Deadline::after(MAX_PAGE_DURATION)
}

/// Returns the error for a table that cannot be read.
pub(crate) fn unreadable(error: TableError) -> Error {
    Error::Table(explain(error).to_owned())
}

/// Returns the error for a temporary database that cannot be written.
pub(crate) fn unsorted(error: rusqlite::Error) -> Error {
    Error::Stream { name: "the temporary file".to_owned(), reason: io::Error::other(error) }
}

/// Returns the error for an output that cannot be written.
pub(crate) fn unwritable(reason: io::Error) -> Error {
    Error::Stream { name: "the output".to_owned(), reason }
}
