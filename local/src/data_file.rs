//! Integrity check of the data file.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use crate::error::Error;

/// Checks the integrity of the data file if it exists. Without this check, damage would be found only by
/// the first request that reads the damaged part.
///
/// # Errors
/// [`Error::DamagedData`] if the file is not an intact database, [`Error::DataFile`] if it cannot be read.
pub(crate) fn check(path: &Path) -> Result<(), Error> {
    if !path.exists() {
        return Ok(());
    }
    let verdict = Connection::open(path).and_then(|connection| {
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
    });
    let damaged = |reason: String| Error::DamagedData { path: path.to_owned(), reason };
    match verdict {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(damaged(verdict)),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Err(damaged(error.to_string())),
            _ => Err(Error::DataFile { path: path.to_owned(), reason: error.to_string() }),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::tempdir;

    use crate::engine::Engine;
    use crate::error::Error;
    use crate::table;

    #[tokio::test]
    async fn a_file_that_is_not_a_database_is_reported_as_damaged() {
        let directory = tempdir().expect("a folder");
        let path = directory.path().join("table.sqlite");
        fs::write(&path, "not a database, but long enough to be read as one".repeat(100)).expect("written");
        let error = Engine::file_on(&path, 0).await.expect_err("damaged");
        assert!(matches!(error, Error::DamagedData { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_file_with_an_overwritten_page_is_reported_as_damaged() {
        let directory = tempdir().expect("a folder");
        let path = directory.path().join("table.sqlite");
        let engine = Engine::file_on(&path, 0).await.expect("started");
        table::make(&engine.client(), "table").await.expect("made");
        engine.stop().await;

        let mut bytes = fs::read(&path).expect("there");
        let page = bytes.len() / 2;
        bytes[page..].fill(0x5a);
        fs::write(&path, bytes).expect("written");
        let error = Engine::file_on(&path, 0).await.expect_err("damaged");
        assert!(matches!(error, Error::DamagedData { .. }), "{error}");
    }
}
