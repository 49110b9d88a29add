//! Failures: the program exits immediately and prints a one-line reason.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use tempfile::tempdir;

use crate::run::{Running, run, run_with};

/// Runs the program, which must fail, and returns the line that it prints.
fn failure(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let ended = run_with(data, arguments, variables);
    assert!(!ended.success);
    assert_eq!(ended.output, "");
    let line = ended.errors.strip_suffix('\n').expect("a line");
    assert!(!line.contains('\n'), "{line}");
    line.to_owned()
}

#[test]
fn a_port_in_use_is_reported() {
    let folder = tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for command in ["serve", "engine"] {
        assert_eq!(
            failure(folder.path(), &[command, "--port", &port], &[]),
            format!("error: port {port} of 127.0.0.1 is in use; choose another one with --port")
        );
    }
}

#[test]
fn a_file_as_data_folder_is_reported() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    for arguments in [&["serve", "--port", "0"][..], &["engine"], &["export"], &["check"], &["env"]] {
        assert_eq!(
            failure(&file, arguments, &[]),
            format!("error: cannot use the data directory {}: not a directory", file.display())
        );
    }
}

#[test]
fn a_missing_data_folder_is_reported_and_not_created() {
    let folder = tempdir().expect("a folder");
    let missing = folder.path().join("missing");
    for arguments in [
        &["export"][..],
        &["check"],
        &["env"],
        &["token", "--client", "100", "--sub", "root", "--role", "nevisIdm.Root"],
        &["x-token", "--client", "100", "--sub", "user-123"],
    ] {
        assert_eq!(
            failure(&missing, arguments, &[]),
            format!("error: cannot use the data directory {}: entity not found", missing.display())
        );
        assert!(!missing.exists());
    }
}

#[test]
fn an_export_or_check_without_a_table_is_reported_and_creates_nothing() {
    let folder = tempdir().expect("a folder");
    for command in ["export", "check"] {
        assert_eq!(
            failure(folder.path(), &[command], &[]),
            format!("error: the data directory {} contains no table", folder.path().display())
        );
    }
    let files = fs::read_dir(folder.path()).expect("a folder").map(|file| file.expect("a file").file_name());
    assert_eq!(files.collect::<Vec<_>>(), ["lock"]);
}

#[test]
fn an_export_of_an_unknown_client_or_table_is_reported() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("lines.jsonl");
    fs::write(&file, "{\"type\":\"client\",\"extId\":\"100\",\"name\":\"Default\"}\n").expect("written");
    assert!(run(folder.path(), &["import", file.to_str().expect("UTF-8")]).success);
    let line = failure(folder.path(), &["export", "--client", "1000"], &[]);
    assert_eq!(line, "error: client '1000' does not exist");
    let line = failure(folder.path(), &["export"], &[("TABLE_NAME", "other")]);
    assert!(line.starts_with("error: table error: reading the table: ResourceNotFoundException"), "{line}");
}

#[test]
fn a_folder_as_import_file_is_reported() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    assert_eq!(failure(folder.path(), &["import", path], &[]), format!("error: {path}: is a directory"));
}

#[test]
fn a_damaged_data_file_is_reported() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("table.sqlite");
    fs::write(&file, "not a database".repeat(1000)).expect("written");
    for arguments in [&["serve", "--port", "0"][..], &["engine"], &["export"]] {
        assert_eq!(
            failure(folder.path(), arguments, &[]),
            format!(
                "error: the data file {} is damaged (file is not a database); \
                 move it away to start with an empty table",
                file.display()
            )
        );
    }
}

#[test]
fn a_folder_in_use_by_another_program_is_reported() {
    let folder = tempdir().expect("a folder");
    let (_running, endpoint) = Running::start(folder.path(), &["engine", "--memory"]);
    for arguments in [&["serve", "--port", "0"][..], &["engine"]] {
        assert_eq!(
            failure(folder.path(), arguments, &[]),
            format!(
                "error: the data directory {} is in use by another program, whose engine listens at {endpoint}",
                folder.path().display()
            )
        );
    }
}

#[test]
fn an_invalid_configuration_is_reported() {
    let folder = tempdir().expect("a folder");
    let line = failure(folder.path(), &["serve", "--port", "0"], &[("MULTI_CLIENT_MODE", "maybe")]);
    assert_eq!(
        line,
        "error: the configuration is not valid: MULTI_CLIENT_MODE is neither 'true' nor 'false'"
    );
    let line = failure(folder.path(), &["serve", "--port", "0"], &[("RUST_LOG", "==")]);
    assert_eq!(
        line,
        "error: the configuration is not valid: RUST_LOG has a part that is neither a level nor 'target=level'"
    );
}

#[test]
fn a_missing_import_file_is_reported() {
    let folder = tempdir().expect("a folder");
    let ended = run(folder.path(), &["import", "absent.jsonl"]);
    assert!(!ended.success);
    assert!(ended.errors.starts_with("error: absent.jsonl: ") && ended.errors.lines().count() == 1);
}
