//! Copies and entries that are missing, differ from their original, or have none.

use aws_sdk_dynamodb::types::AttributeValue;
use functions::properties::values::entry_key;
use functions::properties::{self, PropertyName, Scope};
use functions::terms::{self, TermsExtId};
use functions::{clients, profiles, units, users};
use shared::ids::{ExtId, UnitExtId};
use shared::table::Key;
use shared::table::item::{COPIES, HELD_UNTIL};

use super::table::{self, Attributes, LINES, TestTable, client, key, text, user};

/// Returns copies of the fixture, an attribute to change, another key for the copy, and the beginning of the findings.
fn copies() -> Vec<(Key, &'static str, Key, &'static str)> {
    let (jane, richard) = (user("user-123"), user("user-456"));
    let [root, sales] = ["root", "sales"].map(UnitExtId::unchecked);
    let emails = |address: &str| key("CLIENT#100#EMAILS", &format!("EMAIL#{address}#user-456"));
    let terms = TermsExtId::unchecked("terms-123");
    let colour = PropertyName::unchecked("colour");
    let scope = Scope::MobileSignature;
    vec![
        (
            clients::directory_key(&client()),
            "name",
            clients::directory_key(&ExtId::unchecked("0")),
            "copy: CLIENT#100 | CLIENT: ClientEntry at CLIENTS | CLIENT#100",
        ),
        (
            units::child_key(&client(), &root, &sales),
            "state",
            units::child_key(&client(), &sales, &sales),
            "copy: CLIENT#100 | UNIT#sales: UnitEntry at UNIT#100#root | UNIT#sales",
        ),
        (
            users::directory_key(&jane),
            "createdBy",
            users::directory_key(&user("old")),
            "copy: USER#100#user-123 | USER: UserEntry at CLIENT#100#USERS | USER#user-123",
        ),
        (
            emails("rroe@example.com"),
            "remarks",
            emails("old@example.com"),
            "copy: USER#100#user-456 | USER: UserEmail at CLIENT#100#EMAILS | EMAIL#rroe@example.com#user-456",
        ),
        (
            profiles::entry_key(&jane, &ExtId::unchecked("p-1")),
            "remarks",
            profiles::entry_key(&richard, &ExtId::unchecked("p-1")),
            "copy: PROFILE#100#p-1 | PROFILE: ProfileEntry at USER#100#user-123 | PROFILE#p-1",
        ),
        (
            terms::directory_key(&terms),
            "name",
            terms::directory_key(&ExtId::unchecked("old")),
            "copy: TERMS#terms-123 | TERMS: TermsEntry at TERMS | TERMS#terms-123",
        ),
        (
            properties::directory_key(scope, Some(&client()), &colour),
            "accessModify",
            properties::directory_key(scope, None, &colour),
            "copy: PROPERTIES#100 | PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#colour: PropertyEntry at PROPERTIES | PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#100#colour",
        ),
        (
            properties::id_key("101"),
            "lastModified",
            properties::id_key("999"),
            "copy: PROPERTIES#100 | PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#colour: PropertyId at PROPERTY_ID#101 | PROPERTY_ID",
        ),
    ]
}

/// Returns the entity type of the original of a copy.
fn original_of(kind: &str) -> &str {
    match kind {
        "UserEmail" => "User",
        "PropertyId" | "PropertyEntry" => "PropertyDefinition",
        other => other.trim_end_matches("Entry"),
    }
}

#[tokio::test]
async fn copy_is_missing() {
    for (place, _, _, finding) in copies() {
        let table = TestTable::filled().await.delete(place).await;
        table.assert_findings(&[&format!("{finding} is missing")]).await;
    }
}

#[tokio::test]
async fn copy_differs_from_its_original() {
    for (place, name, _, finding) in copies() {
        let value = match name {
            "state" => "disabled",
            "accessModify" => "OFF",
            _ => "another",
        };
        let table = TestTable::filled().await.set(place, name, value).await;
        table.assert_findings(&[&format!("{finding} differs in {name}")]).await;
    }
}

#[tokio::test]
async fn copy_without_an_original() {
    for (from, _, to, finding) in copies() {
        let (_, copy) = finding.rsplit_once(": ").expect("a copy");
        let (kind, _) = copy.split_once(" at ").expect("a type");
        let owner = format!("{} has this {kind}", original_of(kind));
        let table = TestTable::filled().await.copy(&from, &to, |_| ()).await;
        let finding = format!("copy: {} | {}: no {owner}", to.pk(), to.sk());
        table.assert_findings(&[&finding]).await;
    }
}

#[tokio::test]
async fn entry_in_a_unit() {
    let place =
        |unit: &str| profiles::member_key(&client(), &UnitExtId::unchecked(unit), &ExtId::unchecked("p-1"));
    let table = TestTable::filled().await.copy(&place("north"), &place("sales"), |_| ()).await;
    table
        .delete(place("north"))
        .await
        .assert_findings(&[
            "entry: PROFILE#100#p-1 | PROFILE: ProfileOfUnit at UNIT#100#north | PROFILE#p-1 is missing",
            "entry: UNIT#100#sales | PROFILE#p-1: no Profile has this ProfileOfUnit",
        ])
        .await;
}

#[tokio::test]
async fn entry_of_a_value() {
    let entry = |user_id: &str| entry_key(103, &user(user_id).partition());
    let table = TestTable::filled().await.copy(&entry("user-123"), &entry("user-456"), |_| ()).await;
    let table = table.copy(&entry("user-123"), &entry("nobody"), |_| ()).await;
    table.delete(entry("user-123")).await.assert_findings(&[
        "entry: PROPERTY_VALUES#103#1 | USER#100#user-456: no value has this PropertyHolder",
        "entry: PROPERTY_VALUES#103#2 | USER#100#nobody: no value has this PropertyHolder",
        "entry: USER#100#user-123 | PROPERTIES: PropertyHolder at PROPERTY_VALUES#103#1 | USER#100#user-123 is missing",
        "orphan: PROPERTY_VALUES#103#2 | USER#100#nobody: User at USER#100#nobody | USER is missing",
    ]).await;
}

/// A client can define a property that has been defined for all clients. Values from before it have their entry at the
/// identifier of the other definition until they change.
#[tokio::test]
async fn entry_of_a_value_from_before_the_definition() {
    let line = r#"{"type":"property","propertyId":104,"scope":"USER_GLOBAL","clientExtId":"100","name":"floor","valueType":"STRING"}"#;
    // The line of the value comes first.
    TestTable::of(&format!("{LINES}{line}\n")).await.assert_findings(&[]).await;
}

/// Returns the keys of the copies of the items that lie in several.
fn shared_items() -> [Key; 5] {
    let terms = TermsExtId::unchecked("terms-123");
    let colour = PropertyName::unchecked("colour");
    [
        clients::key(&client()),
        units::key(&client(), &UnitExtId::unchecked("sales")),
        properties::key(Scope::MobileSignature, Some(&client()), &colour),
        terms::key(&terms),
        terms::directory_key(&terms),
    ]
}

#[tokio::test]
async fn a_missing_copy_of_a_shared_item_is_found() {
    for key in shared_items() {
        let copies = table::copies(&key);
        let last = copies.last().expect("a copy");
        let table = TestTable::filled().await.delete_copy(last).await;
        let (pk, sk, count) = (key.pk(), key.sk(), copies.len());
        let expected = format!("copy: {pk} | {sk}: {} of {count} copies exist", count - 1);
        table.assert_findings(&[&expected]).await;
    }
}

#[tokio::test]
async fn a_copy_of_a_shared_item_that_differs_is_found() {
    for key in shared_items() {
        let copies = table::copies(&key);
        let last = copies.last().expect("a copy");
        let rename = |item: &mut Attributes| drop(item.insert("name".to_owned(), text("Other")));
        let table = TestTable::filled().await.edit_copy(last, rename).await;
        let expected = format!("copy: {} | {}: the copies differ in name", key.pk(), key.sk());
        table.assert_findings(&[&expected]).await;
    }
}

/// The change that holds a copy may have been broken off.
#[tokio::test]
async fn a_copy_that_is_held_does_not_differ() {
    let key = terms::key(&TermsExtId::unchecked("terms-123"));
    let hold = |item: &mut Attributes| {
        drop(item.insert(HELD_UNTIL.to_owned(), AttributeValue::N("1".to_owned())));
    };
    TestTable::filled().await.edit_copy(&table::copies(&key)[7], hold).await.assert_findings(&[]).await;
}

/// An earlier version has written it.
#[tokio::test]
async fn a_shared_item_without_copies_is_found() {
    let shared = clients::key(&client());
    let mut table = TestTable::filled().await;
    for copy in &table::copies(&shared)[1..] {
        table = table.delete_copy(copy).await;
    }
    let single = |item: &mut Attributes| drop(item.remove(COPIES));
    let table = table.edit_copy(&table::copies(&shared)[0], single).await;
    table.assert_findings(&["copy: CLIENT#100 | CLIENT: has 1 copies instead of 4"]).await;
}
