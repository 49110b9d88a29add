//! The server, and commands that use its folder at the same time.

use std::fs;
use std::path::Path;

use tempfile::tempdir;

use crate::run::{Running, run};

const CLIENT: &str = "{\"type\":\"client\",\"extId\":\"300\",\"name\":\"Other\"}\n";

fn import(data: &Path, lines: &str) {
    let file = data.join("lines.jsonl");
    fs::write(&file, lines).expect("written");
    let ended = run(data, &["import", file.to_str().expect("UTF-8")]);
    assert!(ended.success, "{}", ended.errors);
}

fn export(data: &Path) -> String {
    let ended = run(data, &["export"]);
    assert!(ended.success, "{}", ended.errors);
    ended.output
}

#[test]
fn data_survives_a_kill() {
    let folder = tempdir().expect("a folder");
    let (running, _) = Running::start(folder.path(), &["serve", "--port", "0"]);
    import(folder.path(), CLIENT);
    let before = export(folder.path());
    running.kill();
    assert!(before.contains(CLIENT));
    assert_eq!(export(folder.path()), before);

    let (running, _) = Running::start(folder.path(), &["serve", "--port", "0"]);
    assert_eq!(export(folder.path()), before);
    running.kill();
}

#[test]
fn data_in_memory_is_accessible_only_while_it_is_served() {
    let folder = tempdir().expect("a folder");
    let (running, _) = Running::start(folder.path(), &["engine", "--memory"]);
    import(folder.path(), CLIENT);
    assert_eq!(export(folder.path()), CLIENT);
    running.kill();
    let ended = run(folder.path(), &["export"]);
    assert_eq!((ended.success, ended.output.as_str()), (false, ""));
    assert!(ended.errors.ends_with(" contains no table\n"), "{}", ended.errors);
}

#[test]
fn the_environment_contains_the_endpoint_of_the_running_engine() {
    let folder = tempdir().expect("a folder");
    let (_running, endpoint) = Running::start(folder.path(), &["engine", "--memory"]);
    let ended = run(folder.path(), &["env"]);
    assert_eq!(ended.errors, "");
    assert!(ended.output.contains(&format!("\nAWS_ENDPOINT_URL_DYNAMODB={endpoint}\n")));
}

#[test]
fn the_demo_data_is_loaded_only_into_an_empty_table() {
    let folder = tempdir().expect("a folder");
    import(folder.path(), CLIENT);
    let (_running, _) = Running::start(folder.path(), &["serve", "--port", "0"]);
    assert_eq!(export(folder.path()), CLIENT);
}

#[cfg(unix)]
#[test]
fn a_server_stops_cleanly_on_sigterm() {
    let folder = tempdir().expect("a folder");
    for arguments in [&["serve", "--port", "0"][..], &["engine"]] {
        let (running, _) = Running::start(folder.path(), arguments);
        let ended = running.stop();
        assert!(ended.success);
        assert_eq!(ended.errors, "");
        assert!(!folder.path().join("engine").exists(), "the address is removed");
        assert!(!folder.path().join("table.sqlite-wal").exists(), "the log is in the data file");
    }
}

#[cfg(unix)]
#[test]
fn a_server_prints_its_address_its_data_location_and_example_requests() {
    let folder = tempdir().expect("a folder");
    let (running, first) = Running::start(folder.path(), &["serve", "--port", "0"]);
    assert!(first.starts_with("Serving http://127.0.0.1:"), "{first}");
    let ended = running.stop();
    let lines: Vec<&str> = ended.output.lines().collect();
    let data = folder.path().join("table.sqlite");
    assert_eq!(lines[0], format!("Data    {}", data.display()));
    let printed: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("# ")?.split_once(':')).map(|(id, _)| id).collect();
    let changes = functions::OPERATIONS.into_iter().filter(|operation| operation.is_change());
    let changes: Vec<&str> = changes.map(|operation| operation.id).collect();
    assert_eq!(printed, changes);
    assert_eq!(lines.iter().filter(|line| line.starts_with("curl ")).count(), changes.len());
}
