//! Imports and exports with an in-memory engine.

mod order;
mod refusals;
mod replace;
mod replace_rules;
mod table;

use table::TestTable;

/// At least one line of each kind, in the order of an export.
const LINES: &str = include_str!("lines.jsonl");

#[tokio::test]
async fn an_export_returns_the_imported_lines() {
    let table = TestTable::new().await;
    table.import_all(LINES).await;
    assert_eq!(table.export(None).await, LINES);
}

#[tokio::test]
async fn a_repeated_import_changes_nothing() {
    let table = TestTable::new().await;
    table.import_all(LINES).await;
    let before = table.items().await;
    let (summary, outcomes) = table.import(LINES).await;
    assert_eq!((summary.written, summary.unchanged, summary.refused), (0, LINES.lines().count(), 0));
    assert_eq!(outcomes, []);
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn property_lines_without_identifier_and_with_the_former_name_are_unchanged() {
    let table = TestTable::new().await;
    table.import_all(LINES).await;
    let former =
        |line: &str| line.replace(r#""propertyId":100,"#, "").replace("uniquenessScope", "uniqueness");
    let lines: String = LINES.lines().map(|line| former(line) + "\n").collect();
    assert_ne!(lines, LINES);
    let (summary, outcomes) = table.import(&lines).await;
    assert_eq!((summary.written, summary.unchanged, summary.refused), (0, LINES.lines().count(), 0));
    assert_eq!(outcomes, []);
}

#[tokio::test]
async fn exported_units_come_after_their_ancestors() {
    // The ancestors come last in alphabetical order.
    let lines = r#"{"type":"client","extId":"100","name":"Default"}
{"type":"unit","clientExtId":"100","extId":"z","parentUnitExtId":"root","name":"Z"}
{"type":"unit","clientExtId":"100","extId":"m","parentUnitExtId":"z","name":"M"}
{"type":"unit","clientExtId":"100","extId":"a","parentUnitExtId":"m","name":"A"}
{"type":"user","clientExtId":"100","extId":"u","loginId":"u","userState":"active"}
{"type":"profile","clientExtId":"100","userExtId":"u","extId":"p","unitExtId":"a","isDefaultProfile":true}
"#;
    let (here, there) = (TestTable::new().await, TestTable::new().await);
    here.import_all(lines).await;
    let export = here.export(None).await;
    there.import_all(&export).await;
    assert_eq!(there.export(None).await, lines);
}

/// A line with `units` creates a profile for each unit. It is unchanged while these profiles exist.
#[tokio::test]
async fn units_of_a_user_are_read_as_profiles() {
    let lines = r#"{"type":"client","extId":"100","name":"Default"}
{"type":"unit","clientExtId":"100","extId":"a","parentUnitExtId":"root","name":"A"}
{"type":"user","clientExtId":"100","extId":"u","loginId":"u","userState":"active","units":["root","a"]}
"#;
    let table = TestTable::new().await;
    table.import_all(lines).await;
    let (summary, outcomes) = table.import(lines).await;
    assert_eq!((summary.written, summary.unchanged, outcomes), (0, 3, Vec::new()));
    let export = table.export(None).await;
    let profiles: Vec<&str> = export.lines().filter(|line| line.contains("profile")).collect();
    assert_eq!(
        profiles,
        [
            r#"{"type":"profile","clientExtId":"100","userExtId":"u","extId":"u:a","unitExtId":"a","isDefaultProfile":true}"#,
            r#"{"type":"profile","clientExtId":"100","userExtId":"u","extId":"u:root","unitExtId":"root"}"#,
        ]
    );
}

/// The line of a client creates its default unit, and a line of its own gives the unit other fields, once.
#[tokio::test]
async fn a_default_unit_is_imported_with_its_fields() {
    let table = TestTable::new().await;
    let line =
        |fields: &str| format!(r#"{{"type":"unit","clientExtId":"100","extId":"root","name":{fields}}}"#);
    let client = r#"{"type":"client","extId":"100","name":"Default"}"#;
    let renamed = line(r#""Head-office","location":"Bern""#);
    table.import_all(client).await;
    let (summary, _) = table.import(&line(r#""Default""#)).await;
    assert_eq!(summary.unchanged, 1);
    table.import_all(&renamed).await;
    assert_eq!(table.export(None).await, format!("{client}\n{renamed}\n"));
    let (summary, outcomes) = table.import(&line(r#""Other""#)).await;
    assert_eq!(summary.refused, 1);
    assert_eq!(outcomes, [(1, "Unit already exists with extId 'root'".to_owned())]);
    assert_eq!(table.export(None).await, format!("{client}\n{renamed}\n"));
}

#[tokio::test]
async fn an_export_of_one_client_includes_objects_above_clients() {
    let table = TestTable::new().await;
    table.import_all(LINES).await;
    let others = |line: &&str| !line.contains(r#""clientExtId":"100""#) && !line.contains(r#""extId":"100""#);
    let expected: String = LINES.lines().filter(others).map(|line| line.to_owned() + "\n").collect();
    let export = table.export(Some("200")).await;
    assert_eq!(export, expected);
    let elsewhere = TestTable::new().await;
    elsewhere.import_all(&export).await;
    assert_eq!(elsewhere.export(None).await, expected);
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped() {
    let table = TestTable::new().await;
    table.import_all(&format!("\u{feff}{LINES}")).await;
    assert_eq!(table.export(None).await, LINES);
}

#[tokio::test]
async fn an_export_of_an_unknown_client_fails_and_writes_nothing() {
    let table = TestTable::new().await;
    table.import_all(LINES).await;
    let (error, output) = table.try_export(Some("300")).await;
    assert_eq!((error, output), (Err("client '300' does not exist".to_owned()), String::new()));
}

/// The pages of a scan are limited to 200 items, and an object can be in two of them.
#[tokio::test]
async fn an_export_of_many_pages_is_complete_and_in_order() {
    let table = TestTable::new().await;
    let (receipt, count) = ("x".repeat(4_000), 450);
    let users = (0..count).map(|number| {
        format!(
            r#"{{"type":"user","clientExtId":"100","extId":"u-{number:03}","loginId":"u-{number:03}","userState":"active"}}"#
        )
    });
    let targets = (0..count).map(|number| {
        let attestation = format!(r#"{{"deviceId":"d","publicKey":"k","receipt":"{receipt}"}}"#);
        format!(
            r#"{{"type":"dispatchTarget","clientExtId":"100","userExtId":"u-{number:03}","extId":"t-{number:03}","targetType":"fido-uaf","deviceId":"d","target":"t","signingKey":"k","appId":"a","name":"n","stateName":"active","appAttestation":{attestation}}}"#
        )
    });
    let client = r#"{"type":"client","extId":"100","name":"Default"}"#.to_owned();
    let lines: Vec<String> = [client].into_iter().chain(users).chain(targets).collect();
    let lines = lines.join("\n") + "\n";
    table.import_all(&lines).await;
    assert!(table.export(None).await == lines);
}

#[tokio::test]
async fn empty_lines_are_skipped_but_numbered() {
    let table = TestTable::new().await;
    let lines = "\n  \r\n{\"type\":\"client\",\"extId\":\"100\",\"name\":\"Default\"}\r\n\n{}";
    let (summary, outcomes) = table.import(lines).await;
    assert_eq!((summary.lines(), summary.written), (2, 1));
    assert_eq!(
        outcomes,
        [(5, "errors.invalidParameter The following fields are not valid: type".to_owned())]
    );
}

#[tokio::test]
async fn a_line_that_is_too_long_is_rejected_and_the_next_one_is_read() {
    let table = TestTable::new().await;
    let long = "x".repeat(1024 * 1024);
    let lines = format!("{long}\n{{\"type\":\"client\",\"extId\":\"100\",\"name\":\"Default\"}}\n{long}");
    let (summary, outcomes) = table.import(&lines).await;
    assert_eq!((summary.written, summary.refused), (1, 2));
    let reason = "The line is longer than 262144 bytes".to_owned();
    assert_eq!(outcomes, [(1, reason.clone()), (3, reason)]);
}
