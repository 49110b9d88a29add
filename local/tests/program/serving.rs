//! The server, and commands that use its folder at the same time.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use tempfile::tempdir;

use crate::run::{Running, run, run_with};

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

/// Waits until a running server has published an event about a subject, and returns all events.
fn events_with(data: &Path, subject: &str) -> Vec<Value> {
    for _ in 0..600 {
        let ended = run(data, &["events"]);
        let events: Vec<Value> =
            ended.output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        if ended.success && events.iter().any(|event| event["subject"] == subject) {
            return events;
        }
        sleep(Duration::from_millis(50));
    }
    panic!("no event about {subject}");
}

#[test]
fn changes_are_published_as_events_also_after_a_kill() {
    let folder = tempdir().expect("a folder");
    let ended = run(folder.path(), &["events"]);
    assert_eq!((ended.success, ended.output.as_str()), (true, ""));
    let serve = ["serve", "--port", "0", "--no-demo"];
    let (running, _) = Running::start(folder.path(), &serve);
    import(folder.path(), CLIENT);
    events_with(folder.path(), "/clients/300");
    // What was changed right before the kill is published by the next server.
    import(folder.path(), &CLIENT.replace("300", "400").replace("Other", "Another"));
    running.kill();
    let (running, _) = Running::start(folder.path(), &serve);
    let events = events_with(folder.path(), "/clients/400");
    for (client, name) in [("300", "Other"), ("400", "Another")] {
        let subject = format!("/clients/{client}");
        let of_client: Vec<&Value> = events.iter().filter(|event| event["subject"] == subject).collect();
        assert!(!of_client.is_empty());
        // An event that is published again is the same one.
        assert!(of_client.iter().all(|event| event["id"] == of_client[0]["id"]), "{of_client:#?}");
        assert_eq!(of_client[0]["data"]["changes"]["name"]["after"], name);
        assert_eq!(of_client[0]["type"], "com.example.client.created");
    }
    let later = run(folder.path(), &["events", "--since", "2999-01-01T00:00:00Z"]);
    assert_eq!((later.success, later.output.as_str()), (true, ""));
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
    // Without demo data, the job that publishes changes has nothing to log.
    for arguments in [&["serve", "--port", "0", "--no-demo"][..], &["engine"]] {
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
    for variable in ["API=", "JSON=", "TOKEN=", "USER_TOKEN=", "X_TOKEN="] {
        assert_eq!(lines.iter().filter(|line| line.starts_with(variable)).count(), 1, "{variable}");
    }
    let comments = lines.iter().filter(|line| line.starts_with("# ")).count();
    let reads = lines.iter().filter(|line| line.starts_with("curl -i \"")).count();
    let changes = functions::OPERATIONS.into_iter().filter(|operation| operation.is_change()).count();
    assert!(reads > 0);
    assert_eq!(lines.iter().filter(|line| line.starts_with("curl ")).count(), reads + changes);
    // One more for the lifetime of the X-Token.
    assert_eq!(comments, reads + changes + 1);
}

/// The requests that a start prints, as a shell passes them to `curl`.
#[cfg(unix)]
fn requests(text: &str) -> Vec<Vec<String>> {
    let script = "curl() { printf '%s\\n' \"$@\" end; }\n".to_owned() + text;
    let output = Command::new("sh").args(["-e", "-c", &script]).output().expect("a shell");
    let output = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<String> = output.lines().map(str::to_owned).collect();
    lines.split(|line| line == "end").filter(|request| !request.is_empty()).map(<[_]>::to_vec).collect()
}

/// Sends a request that is given as arguments of `curl`. Returns the status.
#[cfg(unix)]
fn status(arguments: &[String]) -> u16 {
    let (mut method, mut url, mut headers, mut body) = ("GET", "", String::new(), "");
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        match argument {
            "-i" => {}
            "-X" => method = arguments.next().expect("a method"),
            "-H" => headers = headers + arguments.next().expect("a header") + "\r\n",
            "-d" => body = arguments.next().expect("a body"),
            _ => url = argument,
        }
    }
    let (address, path) = url.strip_prefix("http://").and_then(|url| url.split_once('/')).expect("a URL");
    let mut stream = TcpStream::connect(address).expect("a connection");
    let length = body.len();
    let head = format!("{method} /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}");
    let request = format!("{head}Content-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).expect("written");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("UTF-8");
    response.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}

#[cfg(unix)]
#[test]
fn the_printed_requests_succeed_at_each_start_and_after_a_reset() {
    let folder = tempdir().expect("a folder");
    let mut demo_data = None;
    for (options, is_new) in [(&[][..], true), (&[], false), (&["--reset"], true)] {
        let (mut running, _) = Running::start(folder.path(), &[&["serve", "--port", "0"], options].concat());
        let exported = export(folder.path());
        assert_eq!(*demo_data.get_or_insert_with(|| exported.clone()) == exported, is_new, "{options:?}");
        let [_, variables, lines] = [(); 3].map(|()| running.paragraph());
        let requests = requests(&(variables + &lines));
        assert_eq!(requests.len(), lines.matches("curl ").count());
        for request in requests {
            let status = status(&request);
            assert!((200..300).contains(&status), "{options:?} {status} {request:?}");
        }
        assert!(running.stop().success);
    }
}

#[test]
fn a_reset_deletes_only_data_of_the_data_directory() {
    let folder = tempdir().expect("a folder");
    let endpoint = [("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")];
    let ended = run_with(folder.path(), &["serve", "--port", "0", "--reset"], &endpoint);
    assert!(!ended.success);
    assert!(ended.errors.contains("not the table at http://127.0.0.1:1"), "{}", ended.errors);
}

#[cfg(unix)]
#[test]
fn the_log_of_requests_has_their_method_and_path() {
    let folder = tempdir().expect("a folder");
    let (running, address) = Running::serve(folder.path(), &[]);
    let url = format!("http://{address}/nevisidm/api/core/v1/health?secret=1");
    assert_eq!(status(&[url]), 200);
    let errors = running.stop().errors;
    // The job that follows the stream logs too.
    let mut lines = errors.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let line = lines.find(|line| line["operation"] == "get-health").expect("a line");
    assert_eq!(line["method"], "GET");
    assert_eq!(line["path"], "/nevisidm/api/core/v1/health");
    assert!(!errors.contains("secret"));
}
