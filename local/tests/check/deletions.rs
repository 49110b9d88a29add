//! Deletions under way: their records, their marks, and what may be incomplete.

use aws_sdk_dynamodb::types::AttributeValue;
use functions::users::{self, UserPath};
use functions::{clients, dispatch_targets, fido_authenticators, policies, profiles, units};
use shared::ids::{ExtId, UnitExtId, UserExtId};
use shared::table::Key;

use super::table::{Attributes, TestTable, client, key, text, user};

/// The identifier of a deletion.
const ID: &str = "0f4c";

/// Returns the key of the record of a deletion.
fn record() -> Key {
    key(&format!("DELETION#{ID}"), "DELETION")
}

/// Returns the key of the entry of a running deletion.
fn entry() -> Key {
    key("DELETIONS#0", &format!("DELETION#{ID}"))
}

/// Adds the record of a deletion.
async fn with_record(table: TestTable, kind: &str, user: Option<&str>, state: &str) -> TestTable {
    let own = [
        ("entityType", "Deletion"),
        ("deletionId", ID),
        ("kind", kind),
        ("clientExtId", "100"),
        ("state", state),
        ("begun", "2026-01-01T00:00:00Z"),
    ];
    let user = user.map(|user| ("userExtId", user));
    let table = table.put_texts(&record(), &own.into_iter().chain(user).collect::<Vec<_>>()).await;
    let none = AttributeValue::N("0".to_owned());
    table.edit(record(), |item| drop(item.insert("deleted".to_owned(), none))).await
}

/// Adds the record of a running deletion and its entry.
pub(crate) async fn running(table: TestTable, kind: &str, user: Option<&str>) -> TestTable {
    let table = with_record(table, kind, user, "running").await;
    let entity_type = text("DeletionEntry");
    table.copy(&record(), &entry(), |item| drop(item.insert("entityType".to_owned(), entity_type))).await
}

/// Marks the item at a key.
async fn mark(table: TestTable, place: Key) -> TestTable {
    table.set(place, "deletion", ID).await
}

/// Returns the keys of what carries the mark of the deletion of `user-123`.
fn marked() -> [Key; 5] {
    let jane = user("user-123");
    [
        jane.key(),
        users::directory_key(&jane),
        users::login_id_key(&client(), "jdoe"),
        profiles::key(&client(), &ExtId::unchecked("p-1")),
        profiles::key(&client(), &ExtId::unchecked("p-2")),
    ]
}

/// Returns a table in which `user-123` is being deleted.
pub(crate) async fn deleting_user() -> TestTable {
    let mut table = running(TestTable::filled().await, "user", Some("user-123")).await;
    for place in marked() {
        table = mark(table, place).await;
    }
    table
}

/// Returns a table in which the client `100` is being deleted.
pub(crate) async fn deleting_client() -> TestTable {
    let table = running(TestTable::filled().await, "client", None).await;
    mark(table, clients::key(&client())).await.delete(clients::directory_key(&client())).await
}

fn target() -> Key {
    dispatch_targets::key(&user("user-123"), &ExtId::unchecked("dt-123"))
}

fn target_id() -> Key {
    dispatch_targets::id_key(&client(), &ExtId::unchecked("dt-123"))
}

#[tokio::test]
async fn deletion_under_way_leaves_no_findings() {
    deleting_user().await.assert_findings(&[]).await;
    deleting_client().await.assert_findings(&[]).await;
    let archived = running(TestTable::filled().await, "credentials", Some("user-456")).await;
    archived.assert_findings(&[]).await;
    with_record(TestTable::filled().await, "user", Some("gone"), "ended").await.assert_findings(&[]).await;
}

/// A profile, its membership and the count of a dispatch target disappear step by step.
#[tokio::test]
async fn deletion_of_a_user_can_be_incomplete() {
    let jane = user("user-123");
    let attestation = ExtId::unchecked("dt-123");
    for table in [
        deleting_user().await,
        running(TestTable::filled().await, "credentials", Some("user-123")).await,
        deleting_client().await,
    ] {
        let table = table.delete(target()).await.delete(target_id()).await;
        let table = table.delete(dispatch_targets::app_attestation_key(&jane, &attestation)).await;
        let table = table.delete(dispatch_targets::attestation_name_key(&jane, "iPhone")).await;
        table.assert_findings(&[]).await;
    }
    let authenticator = fido_authenticators::key(&jane, &ExtId::unchecked("uaf-1"));
    let registration = fido_authenticators::directory_key(&client(), "ABCD#0001", "a2V5LTE");
    let table = deleting_user().await.delete(authenticator).await.delete(registration).await;
    let [.., default] = marked();
    let table = table.delete(default).await;
    let table = table.delete(profiles::entry_key(&jane, &ExtId::unchecked("p-2"))).await;
    let place = profiles::member_key(&client(), &UnitExtId::unchecked("sales"), &ExtId::unchecked("p-2"));
    table.delete(place).await.assert_findings(&[]).await;
}

#[tokio::test]
async fn deletion_of_a_user_leaves_no_orphan_and_no_reservation() {
    deleting_user().await.delete(target()).await.assert_findings(&[
        "orphan: USER#100#user-123 | APP_ATTESTATION#dt-123: DispatchTarget at USER#100#user-123 | DISPATCH_TARGET#dt-123 is missing",
        "reservation: DISPATCH_TARGET_ID#100#dt-123 | DISPATCH_TARGET_ID: no DispatchTarget has this DispatchTargetExtId",
    ]).await;
    deleting_user().await.delete(target_id()).await.assert_findings(&[
        "reservation: USER#100#user-123 | DISPATCH_TARGET#dt-123: DispatchTargetExtId at DISPATCH_TARGET_ID#100#dt-123 | DISPATCH_TARGET_ID is missing",
    ]).await;
}

#[tokio::test]
async fn deletion_of_a_client_can_be_incomplete() {
    let table = deleting_client().await;
    let table = table.delete(policies::key(&client(), &ExtId::unchecked("default"))).await;
    let table = table.delete(key("CLIENT#100", "APPLICATION#nevisIdm")).await;
    let unit = |unit: &str| units::key(&client(), &UnitExtId::unchecked(unit));
    let table = table.delete(unit("root")).await.delete(unit("north")).await;
    let north = UnitExtId::unchecked("north");
    let sales = UnitExtId::unchecked("sales");
    let table = table.delete(units::name_key(&client(), &sales, "North")).await;
    let table = table.delete(units::child_key(&client(), &sales, &north)).await;
    let table = table.delete(users::directory_key(&user("user-123"))).await;
    mark(table, user("user-123").key()).await.assert_findings(&[]).await;
}

#[tokio::test]
async fn deletion_of_a_client_leaves_no_orphan_and_no_reservation() {
    let table = deleting_client().await;
    table
        .delete(clients::name_key("Default"))
        .await
        .assert_findings(&[
            "reservation: CLIENT#100 | CLIENT: ClientName at CLIENT_NAME#… | CLIENT_NAME is missing",
        ])
        .await;
    let table = deleting_client().await;
    table
        .delete(users::login_id_key(&client(), "jdoe"))
        .await
        .assert_findings(&[
            "reservation: USER#100#user-123 | USER: LoginId at CLIENT#100#LOGINS | LOGIN#jdoe is missing",
        ])
        .await;
    let table = running(TestTable::filled().await, "client", None).await;
    mark(table, clients::key(&client()))
        .await
        .assert_findings(&["copy: CLIENTS | CLIENT#100: no Client has this ClientEntry"])
        .await;
}

#[tokio::test]
async fn deletion_record_and_entry_exist_together() {
    with_record(TestTable::filled().await, "credentials", Some("user-456"), "running")
        .await
        .assert_findings(&[
            "deletion: DELETION#0f4c | DELETION: DeletionEntry at DELETIONS#0 | DELETION#0f4c is missing",
        ])
        .await;
    let entry = entry();
    let table = TestTable::filled().await.put_texts(&entry, &[("entityType", "DeletionEntry")]).await;
    table
        .assert_findings(&[
            "deletion: DELETIONS#0 | DELETION#0f4c: no running deletion has this DeletionEntry",
        ])
        .await;
    let table = with_record(TestTable::filled().await, "user", Some("gone"), "ended").await;
    table
        .put_texts(&entry, &[("entityType", "DeletionEntry")])
        .await
        .assert_findings(&[
            "deletion: DELETIONS#0 | DELETION#0f4c: no running deletion has this DeletionEntry",
        ])
        .await;
}

#[tokio::test]
async fn deletion_of_a_mark_is_running() {
    deleting_user()
        .await
        .delete(record())
        .await
        .delete(entry())
        .await
        .assert_findings(&[
            "deletion: USER#100#user-123 | USER: Deletion at DELETION#0f4c | DELETION is missing",
        ])
        .await;
    let table = deleting_user().await.set(record(), "state", "ended").await.delete(entry()).await;
    table
        .assert_findings(&[
            "deletion: USER#100#user-123 | USER: Deletion at DELETION#0f4c | DELETION differs in state",
        ])
        .await;
    deleting_user().await.set(record(), "clientExtId", "200").await.assert_findings(&[
        "deletion: DELETION#0f4c | DELETION: User at USER#200#user-123 | USER does not carry the mark of the deletion 0f4c",
        "deletion: USER#100#user-123 | USER: Deletion at DELETION#0f4c | DELETION differs in clientExtId",
    ]).await;
}

#[tokio::test]
async fn deletion_marks_its_user_and_copies_and_profiles() {
    let unmark = |item: &mut Attributes| drop(item.remove("deletion"));
    let [owner, copies @ ..] = marked();
    let places = [
        "UserEntry at CLIENT#100#USERS | USER#user-123",
        "LoginId at CLIENT#100#LOGINS | LOGIN#jdoe",
        "Profile at PROFILE#100#p-1 | PROFILE",
        "Profile at PROFILE#100#p-2 | PROFILE",
    ];
    for (copy, place) in copies.into_iter().zip(places) {
        let finding = format!(
            "deletion: USER#100#user-123 | USER: {place} does not carry the mark of the deletion 0f4c"
        );
        deleting_user().await.edit(copy, unmark).await.assert_findings(&[&finding]).await;
    }
    let table = deleting_user().await.edit(owner, unmark).await;
    let marked = "deletion: DELETION#0f4c | DELETION: User at USER#100#user-123 | USER does not carry the mark of the deletion 0f4c";
    let findings = table.findings().await;
    assert!(findings.len() == 5 && findings.iter().any(|finding| finding == marked), "{findings:#?}");
    let table = mark(TestTable::filled().await, users::directory_key(&user("user-123"))).await;
    table.assert_findings(&[
        "deletion: USER#100#user-123 | USER: UserEntry at CLIENT#100#USERS | USER#user-123 carries the mark of a deletion",
    ]).await;
}

#[tokio::test]
async fn deletion_of_nothing() {
    let gone = UserPath { client: client(), user: UserExtId::unchecked("gone") };
    let table = running(TestTable::filled().await, "user", Some(gone.user.as_str())).await;
    table
        .assert_findings(&["deletion: DELETION#0f4c | DELETION: User at USER#100#gone | USER is missing"])
        .await;
    running(TestTable::filled().await, "client", None).await.assert_findings(&[
        "deletion: DELETION#0f4c | DELETION: Client at CLIENT#100 | CLIENT does not carry the mark of the deletion 0f4c",
    ]).await;
}

#[tokio::test]
async fn deletion_of_the_credentials_of_an_archived_user_is_running() {
    let jane = user("user-123").key();
    let table = running(TestTable::filled().await, "credentials", Some("user-123")).await;
    let table = table.set(jane.clone(), "archiving", ID).await;
    table.assert_findings(&[]).await;
    let table = TestTable::filled().await.set(jane, "archiving", ID).await;
    table
        .assert_findings(&[
            "deletion: USER#100#user-123 | USER: Deletion at DELETION#0f4c | DELETION is missing",
        ])
        .await;
}
