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
/// Maximum time until an import is stopped, in milliseconds.
const LIFE: u64 = 500;

/// Returns lines that depend on each other in different ways.
fn lines() -> String {
    let mut lines = vec![
        r#"{"type":"client","extId":"100","name":"Default"}"#.to_owned(),
        r#"{"type":"unit","clientExtId":"100","extId":"sales","parentUnitExtId":"root","name":"Sales"}"#.to_owned(),
        r#"{"type":"terms","extId":"t","name":"T","active":true,"silentAcceptance":false,"termsVersion":"1"}"#
            .to_owned(),
    ];
    for number in 0..USERS {
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

/// Imports the file for a random time, and then sends a signal.
fn import_until(signal: &str, data: &Path, file: &str, life: Duration) -> Output {
    let mut process = Process(local(data, &["import", file]).spawn().expect("started"));
    std::thread::sleep(life);
    // The import may have ended.
    let kill = format!("kill -{signal} {} 2>&1", process.0.id());
    Command::new("sh").args(["-c", &kill]).output().expect("a shell");
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    std::io::Read::read_to_end(&mut process.0.stdout.take().expect("output"), &mut output).expect("read");
    std::io::Read::read_to_end(&mut process.0.stderr.take().expect("errors"), &mut errors).expect("read");
    Output { status: process.0.wait().expect("ended"), stdout: output, stderr: errors }
}

#[test]
fn an_import_that_was_stopped_or_killed_is_completed_by_repeating_it() {
    if are_left_out() {
        return;
    }
    let (crashes, seed) = (number("CRASHES", 4_u64), number("CRASH_SEED", 1));
    let (place, mut rng) = (tempfile::tempdir().expect("a folder"), Rng::with_seed(seed));
    let (data, file) = (place.path().join("data"), place.path().join("lines.jsonl"));
    let lines = lines();
    fs::write(&file, &lines).expect("written");
    let file = file.to_str().expect("UTF-8");
    for crash in 0..crashes {
        let signal = if crash % 2 == 0 { "KILL" } else { "TERM" };
        let ended = import_until(signal, &data, file, Duration::from_millis(rng.u64(..LIFE)));
        let errors = text(&ended.stderr);
        println!("{signal}: {errors}");
        let is_complete = ended.status.success();
        let is_stopped = errors.contains("error: stopped after line ");
        assert!(is_complete || is_stopped || errors.is_empty(), "{errors}");
    }
    let ended = local(&data, &["import", file]).output().expect("ended");
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    let again = local(&data, &["import", file]).output().expect("ended");
    let count = lines.lines().count();
    assert_eq!(text(&again.stderr), format!("written 0, unchanged {count}, rejected 0\n"));
    let export = local(&data, &["export"]).output().expect("ended");
    let (exported, imported): (BTreeSet<&str>, BTreeSet<&str>) =
        (text(&export.stdout).lines().collect(), lines.lines().collect());
    assert!(exported == imported);
    assert_eq!(text(&export.stdout).lines().count(), count);
}
