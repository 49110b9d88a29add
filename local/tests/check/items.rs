//! Items that cannot be read, or are at a wrong place.

use functions::units;
use shared::ids::UnitExtId;

use super::table::{TestTable, client, key};

#[tokio::test]
async fn unknown_type_of_an_item() {
    let place = key("CLIENT#100", "THING#1");
    let table = TestTable::filled().await.put_texts(&place, &[("entityType", "Thing")]).await;
    table.assert_findings(&["unknown-type: CLIENT#100 | THING#1: type Thing"]).await;
}

#[tokio::test]
async fn corrupt_item() {
    let place = units::key(&client(), &UnitExtId::unchecked("annex"));
    let table = TestTable::filled().await.edit(place, |item| drop(item.remove("name"))).await;
    let table = table.put_texts(&key("CLIENT#100", "THING#1"), &[("extId", "1")]).await;
    table
        .assert_findings(&[
            "corrupt: CLIENT#100 | THING#1: an attribute is missing or has another type",
            "corrupt: CLIENT#100 | UNIT#annex: an attribute is missing or has another type",
        ])
        .await;
}

#[tokio::test]
async fn key_of_another_object() {
    let unit = |unit: &str| units::key(&client(), &UnitExtId::unchecked(unit));
    let table = TestTable::filled().await.copy(&unit("annex"), &unit("other"), |_| ()).await;
    table
        .assert_findings(&[
            "key: CLIENT#100 | UNIT#other: its identifiers are those of CLIENT#100 | UNIT#annex",
        ])
        .await;
}

/// A line break in an e-mail address, which is part of a key, does not break a line.
#[tokio::test]
async fn control_characters_are_replaced() {
    let place = key("CLIENT#100#EMAILS", "EMAIL#a\nb#user-456");
    let table = TestTable::filled().await;
    let email = key("CLIENT#100#EMAILS", "EMAIL#rroe@example.com#user-456");
    let table = table.copy(&email, &place, |_| ()).await;
    table
        .assert_findings(&["copy: CLIENT#100#EMAILS | EMAIL#a�b#user-456: no User has this UserEmail"])
        .await;
}

#[tokio::test]
async fn another_type_at_a_key() {
    let place = key("CLIENT#100#LOGINS", "LOGIN#jdoe");
    let table = TestTable::filled().await.set(place, "entityType", "UserEmail").await;
    table.assert_findings(&[
        "reservation: USER#100#user-123 | USER: LoginId at CLIENT#100#LOGINS | LOGIN#jdoe is of type UserEmail",
    ]).await;
}
