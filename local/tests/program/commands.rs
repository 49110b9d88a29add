//! Commands that print a result and exit.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use aws_sdk_dynamodb::types::AttributeValue;
use functions::clients;
use local::environment::Environment;
use local::folder::DataFolder;
use local::keys::DevelopmentKeys;
use local::store::Store;
use shared::ids::ClientExtId;
use shared::table::key::{PK, SK};
use tempfile::tempdir;

use crate::run::{Ended, run, run_with};

const TOKEN: [&str; 7] = ["token", "--client", "100", "--sub", "root", "--role", "nevisIdm.Root"];

/// The token is printed nevertheless, because another service may know the role.
#[test]
fn an_unknown_role_is_a_warning() {
    let folder = tempdir().expect("a folder");
    let mut arguments = TOKEN;
    arguments[6] = "nevisIdm.Rooot";
    let ended = run(folder.path(), &arguments);
    let warning = "warning: the role nevisIdm.Rooot is unknown and grants no rights; known roles: \
                   nevisIdm.ClientRoot, nevisIdm.Helpdesk, nevisIdm.Root, nevisIdm.SelfAdmin, \
                   nevisIdm.TechUser, nevisIdm.TemplateAdmin, nevisIdm.UserAdmin, \
                   nevisIdm.UserAndUnitAdmin\n";
    assert_eq!((ended.success, ended.errors.as_str()), (true, warning));
    assert_eq!(ended.output.matches('.').count(), 2);
    let roles = [("ROLE_RIGHTS", r#"{"nevisIdm.Rooot": ["*"]}"#)];
    assert_eq!(run_with(folder.path(), &arguments, &roles).errors, "");
}

#[test]
fn a_token_command_prints_only_the_token() {
    let folder = tempdir().expect("a folder");
    for arguments in [&TOKEN[..], &["x-token", "--client", "100", "--sub", "user-123"]] {
        let ended = run(folder.path(), arguments);
        assert!(ended.success, "{}", ended.errors);
        assert_eq!(ended.errors, "");
        let token = ended.output.strip_suffix('\n').expect("a line");
        let is_token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(token.chars().all(is_token) && token.matches('.').count() == 2, "{token}");
    }
}

#[test]
fn every_command_has_help() {
    let folder = tempdir().expect("a folder");
    for command in ["serve", "engine", "token", "x-token", "env", "import", "export", "check"] {
        let ended = run(folder.path(), &[command, "--help"]);
        assert!(ended.success && ended.output.contains("--data <DIR>"), "{command}");
    }
    assert!(run(folder.path(), &["--help"]).success);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "help creates no files");
}

#[test]
fn the_environment_is_complete_except_for_the_endpoint_without_an_engine() {
    let folder = tempdir().expect("a folder");
    let ended = run(folder.path(), &["env"]);
    let names: BTreeSet<&str> =
        ended.output.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    let expected = [
        "AWS_ACCESS_KEY_ID",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "BEARER_AUDIENCE",
        "BEARER_ISSUER",
        "BEARER_JWKS",
        "MULTI_CLIENT_MODE",
        "TABLE_NAME",
        "X_TOKEN_JWKS",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    assert_eq!(
        ended.errors,
        format!(
            "note: no engine is running on {}; AWS_ENDPOINT_URL_DYNAMODB is omitted\n",
            folder.path().display()
        )
    );
}

#[test]
fn an_import_reports_rejected_lines_and_fails() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("lines.jsonl");
    fs::write(&file, "{\"type\":\"client\",\"extId\":\"100\",\"name\":\"Default\"}\n{}\n").expect("written");
    let file = file.to_str().expect("UTF-8");
    let ended = run(folder.path(), &["import", file]);
    assert!(!ended.success);
    assert_eq!(ended.output, "");
    assert_eq!(
        ended.errors,
        "line 2: errors.invalidParameter The following fields are not valid: type\n\
         written 1, unchanged 0, rejected 1\n\
         error: 1 of 2 lines rejected\n"
    );
    let ended = run(folder.path(), &["export"]);
    assert_eq!(ended.output, "{\"type\":\"client\",\"extId\":\"100\",\"name\":\"Default\"}\n");
}

#[test]
fn an_import_that_replaces_objects_counts_what_it_created_and_replaced() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("lines.jsonl");
    let import = |lines: &str, arguments: &[&str]| {
        fs::write(&file, lines).expect("written");
        let file = file.to_str().expect("UTF-8");
        run(folder.path(), &[&["import"], arguments, &[file]].concat())
    };
    let line =
        |id: &str, name: &str| format!("{{\"type\":\"client\",\"extId\":\"{id}\",\"name\":\"{name}\"}}\n");
    assert!(import(&(line("1", "A") + &line("2", "B")), &[]).success);
    let lines = line("1", "A") + &line("2", "C") + &line("3", "D") + &line("4", "A");
    let ended = import(&lines, &["--replace"]);
    assert!(!ended.success);
    assert_eq!(
        ended.errors,
        "line 4: errors.duplicateValue Client already exists\n\
         created 1, replaced 1, unchanged 1, rejected 1\n\
         error: 1 of 4 lines rejected\n"
    );
    let exported = line("1", "A") + &line("2", "C") + &line("3", "D");
    assert_eq!(run(folder.path(), &["export"]).output, exported);
    let ended = import(&exported, &["--replace"]);
    assert_eq!(
        (ended.success, ended.errors.as_str()),
        (true, "created 0, replaced 0, unchanged 3, rejected 0\n")
    );
}

#[tokio::test]
async fn a_check_prints_and_counts_what_it_finds() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("lines.jsonl");
    fs::write(&file, "{\"type\":\"client\",\"extId\":\"100\",\"name\":\"Default\"}\n").expect("written");
    assert!(run(folder.path(), &["import", file.to_str().expect("UTF-8")]).success);
    let ended = run(folder.path(), &["check"]);
    let errors = "13 items, 0 findings\n".to_owned();
    assert_eq!(ended, Ended { success: true, output: String::new(), errors });

    delete_client(folder.path(), "100").await;
    let ended = run(folder.path(), &["check"]);
    let orphans =
        ["APPLICATION#nevisIdm", "POLICY#default", "TEMPLATE_COLLECTION#default_for_-Default", "UNIT#root"];
    let orphan = |sk| format!("orphan: CLIENT#100 | {sk}: Client at CLIENT#100 | CLIENT is missing\n");
    let orphans: String = orphans.into_iter().map(orphan).collect();
    let output = format!(
        "copy: CLIENT#100 | CLIENT: 3 of 4 copies exist\n\
         copy: CLIENTS | CLIENT#100: no Client has this ClientEntry\n\
         {orphans}\
         reservation: {} | CLIENT_NAME: no Client has this ClientName\n",
        clients::name_key("Default").pk()
    );
    let errors = "error: 12 items, 7 findings\n".to_owned();
    assert_eq!(ended, Ended { success: false, output, errors });
}

/// Deletes only the first copy of the item of a client from the table in a folder.
async fn delete_client(folder: &Path, client: &str) {
    let folder = DataFolder::open(folder).expect("a folder");
    let keys = DevelopmentKeys::of(&folder).expect("keys");
    let environment = Environment::new(&keys, []).expect("an environment");
    let store = Store::of_folder(&folder, &environment).await.expect("a table");
    let key = clients::key(&ClientExtId::unchecked(client));
    let part = |text: &str| AttributeValue::S(text.to_owned());
    let delete = store.client.delete_item().table_name(&store.table_name);
    delete.key(PK, part(key.pk())).key(SK, part(key.sk())).send().await.expect("deleted");
    store.close().await;
}
