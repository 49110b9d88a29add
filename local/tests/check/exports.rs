//! Exports and imports during a deletion.

use super::deletions::{deleting_client, deleting_user, running};
use super::table::{LINES, TestTable, client};

/// Returns the lines of the fixture that satisfy a condition.
fn lines(is_kept: impl Fn(&str) -> bool) -> String {
    LINES.lines().filter(|line| is_kept(line)).map(|line| line.to_owned() + "\n").collect()
}

/// Returns true if a line is of the user who is being deleted.
fn is_of_user(line: &str) -> bool {
    line.contains(r#""clientExtId":"100","userExtId":"user-123""#)
        || line.contains(r#""clientExtId":"100","extId":"user-123""#)
}

fn is_of_client(line: &str) -> bool {
    line.contains(r#""clientExtId":"100""#) || line.contains(r#"{"type":"client","extId":"100""#)
}

#[tokio::test]
async fn users_and_clients_that_are_being_deleted_are_not_exported() {
    assert_eq!(deleting_user().await.export(None).await, Ok(lines(|line| !is_of_user(line))));
    assert_eq!(deleting_client().await.export(None).await, Ok(lines(|line| !is_of_client(line))));
    let missing = Err("client '100' does not exist".to_owned());
    assert_eq!(deleting_client().await.export(Some("100")).await, missing);
}

/// What has lost a part is not read.
#[tokio::test]
async fn a_client_that_is_half_deleted_is_not_exported() {
    let table = deleting_client().await.delete(functions::clients::key(&client())).await;
    assert_eq!(table.export(None).await, Ok(lines(|line| !is_of_client(line))));
}

#[tokio::test]
async fn an_archived_user_without_credentials_is_exported() {
    let table = running(TestTable::filled().await, "credentials", Some("user-456")).await;
    assert_eq!(table.export(None).await, Ok(LINES.to_owned()));
}

/// Neither what is being deleted nor what belongs to it can be imported, and no line waits for the end.
#[tokio::test]
async fn nothing_is_imported_into_what_is_being_deleted() {
    let lines = lines(is_of_user);
    let refusals = deleting_user().await.import(&lines).await;
    assert_eq!(refusals.len(), lines.lines().count(), "{refusals:#?}");
}
