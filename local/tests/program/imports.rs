//! Imports that take long, and the programs that run beside them.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use tempfile::tempdir;

use crate::run::{Running, run};

const CLIENT: &str = "{\"type\":\"client\",\"extId\":\"100\",\"name\":\"Default\"}\n";
const USER: &str = "{\"type\":\"user\",\"clientExtId\":\"100\",\"extId\":\"u\",\"loginId\":\"u\",\"userState\":\"active\"}\n";

/// Starts an import and waits until it has written its first line.
fn started(data: &Path) -> Running {
    let mut import = Running::import(data);
    import.write(CLIENT);
    for _ in 0..600 {
        let ended = run(data, &["export"]);
        if ended.success && ended.output == CLIENT {
            return import;
        }
        sleep(Duration::from_millis(50));
    }
    panic!("the line was not written");
}

#[cfg(unix)]
#[test]
fn an_import_that_is_stopped_reports_its_last_line_and_fails() {
    let folder = tempdir().expect("a folder");
    let ended = started(folder.path()).stop();
    assert!(!ended.success);
    assert_eq!(
        ended.errors,
        "written 1, unchanged 0, rejected 0\n\
         error: stopped after line 1; import the same file again to continue\n"
    );
    assert_eq!(run(folder.path(), &["export"]).output, CLIENT);
}

#[test]
fn an_export_runs_beside_an_import() {
    let folder = tempdir().expect("a folder");
    // Returns only after an export has read the first line.
    let mut import = started(folder.path());
    import.write(USER);
    let ended = import.finish();
    assert_eq!((ended.success, ended.errors.as_str()), (true, "written 2, unchanged 0, rejected 0\n"));
    assert_eq!(run(folder.path(), &["export"]).output, format!("{CLIENT}{USER}"));
}

#[test]
fn a_server_starts_beside_an_import_which_continues_through_its_engine() {
    let folder = tempdir().expect("a folder");
    let mut import = started(folder.path());
    let (server, first) = Running::start(folder.path(), &["serve", "--port", "0"]);
    assert!(first.starts_with("Serving http://127.0.0.1:"), "{first}");
    import.write(USER);
    let ended = import.finish();
    assert_eq!((ended.success, ended.errors.as_str()), (true, "written 2, unchanged 0, rejected 0\n"));
    server.kill();
    assert_eq!(run(folder.path(), &["export"]).output, format!("{CLIENT}{USER}"));
}
