//! An import, stopped and killed at random moments, and repeated until it is complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use fastrand::Rng;

use super::{Process, are_left_out, program};
use crate::support::target::number;

/// Number of users in the file.
const USERS: usize = 1500;
/// Number of users in the file with which objects are replaced.
const REPLACED_USERS: usize = 500;
/// Maximum time until an import is stopped, in milliseconds.
const LIFE: u64 = 500;

/// Returns lines that depend on each other in different ways.
fn lines(users: usize) -> String {
    let mut lines = vec![
        r#"{"type":"client","extId":"100","name":"Default"}"#.to_owned(),
        r#"{"type":"unit","clientExtId":"100","extId":"sales","parentUnitExtId":"root","name":"Sales"}"#.to_owned(),
        r#"{"type":"terms","extId":"t","name":"T","active":true,"silentAcceptance":false,"termsVersion":"1"}"#
            .to_owned(),
    ];
    for number in 0..users {
        lines.push(format!(
            r#"{{"type":"user","clientExtId":"100","extId":"u-{number}","loginId":"u-{number}","userState":"active"}}"#
        ));
        lines.push(format!(
            r#"{{"type":"profile","clientExtId":"100","userExtId":"u-{number}","extId":"p-{number}","unitExtId":"sales","isDefaultProfile":true}}"#
        ));
        lines.push(format!(
            r#"{{"type":"consent","clientExtId":"100","userExtId":"u-{number}","termsExtId":"t","termsVersion":"1","acceptanceDate":"2026-01-01T00:00:00Z"}}"#
        ));
    }
    lines.join("\n") + "\n"
}

fn local(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program("local"));
    command.env_clear().args(arguments).arg("--data").arg(data);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(output: &[u8]) -> &str {
    std::str::from_utf8(output).expect("UTF-8")
}

/// Imports for a random time, and then sends a signal.
fn import_until(signal: &str, data: &Path, arguments: &[&str], life: Duration) -> Output {
    let mut process = Process(local(data, arguments).spawn().expect("started"));
    std::thread::sleep(life);
    // The import may have ended.
    let kill = format!("kill -{signal} {} 2>&1", process.0.id());
    Command::new("sh").args(["-c", &kill]).output().expect("a shell");
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    std::io::Read::read_to_end(&mut process.0.stdout.take().expect("output"), &mut output).expect("read");
    std::io::Read::read_to_end(&mut process.0.stderr.take().expect("errors"), &mut errors).expect("read");
    Output { status: process.0.wait().expect("ended"), stdout: output, stderr: errors }
}

/// Stops and kills the import several times, and then completes it. Returns what it prints when it is repeated.
fn complete(data: &Path, arguments: &[&str]) -> String {
    let (crashes, seed) = (number("CRASHES", 4_u64), number("CRASH_SEED", 1));
    let mut rng = Rng::with_seed(seed);
    for crash in 0..crashes {
        let signal = if crash % 2 == 0 { "KILL" } else { "TERM" };
        let ended = import_until(signal, data, arguments, Duration::from_millis(rng.u64(..LIFE)));
        let errors = text(&ended.stderr);
        println!("{signal}: {errors}");
        let is_complete = ended.status.success();
        let is_stopped = errors.contains("error: stopped after line ");
        assert!(is_complete || is_stopped || errors.is_empty(), "{errors}");
    }
    let ended = local(data, arguments).output().expect("ended");
    println!("{}", text(&ended.stderr));
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    let again = local(data, arguments).output().expect("ended");
    text(&again.stderr).to_owned()
}

/// Requires that the table contains exactly these lines.
fn assert_contains(data: &Path, lines: &str) {
    let export = local(data, &["export"]).output().expect("ended");
    let (exported, imported): (BTreeSet<&str>, BTreeSet<&str>) =
        (text(&export.stdout).lines().collect(), lines.lines().collect());
    assert!(exported == imported);
    assert_eq!(text(&export.stdout).lines().count(), lines.lines().count());
}

#[test]
fn an_import_that_was_stopped_or_killed_is_completed_by_repeating_it() {
    if are_left_out() {
        return;
    }
    let place = tempfile::tempdir().expect("a folder");
    let (data, file) = (place.path().join("data"), place.path().join("lines.jsonl"));
    let lines = lines(USERS);
    fs::write(&file, &lines).expect("written");
    let again = complete(&data, &["import", file.to_str().expect("UTF-8")]);
    assert_eq!(again, format!("written 0, unchanged {}, rejected 0\n", lines.lines().count()));
    assert_contains(&data, &lines);
}

#[test]
fn an_import_that_replaces_objects_is_completed_by_repeating_it() {
    if are_left_out() {
        return;
    }
    let place = tempfile::tempdir().expect("a folder");
    let (data, file) = (place.path().join("data"), place.path().join("lines.jsonl"));
    let file_name = file.to_str().expect("UTF-8");
    let lines = lines(REPLACED_USERS);
    fs::write(&file, &lines).expect("written");
    assert!(local(&data, &["import", file_name]).status().expect("ended").success());
    let changed = lines
        .replace(r#""loginId":"u-"#, r#""loginId":"v-"#)
        .replace(r#""userState":"active""#, r#""userState":"disabled""#)
        .replace(r#""isDefaultProfile""#, r#""name":"N","isDefaultProfile""#)
        .replace(r#""name":"Sales""#, r#""name":"Trade""#)
        .replace(r#""name":"T""#, r#""name":"Terms""#);
    fs::write(&file, &changed).expect("written");
    let again = complete(&data, &["import", "--replace", file_name]);
    let count = changed.lines().count();
    assert_eq!(again, format!("created 0, replaced 0, unchanged {count}, rejected 0\n"));
    assert_contains(&data, &changed);
}
