//! Unique values without their reservation, and reservations without their owner.

use aws_sdk_dynamodb::types::AttributeValue;
use functions::properties::{self, PropertyName, Scope};
use functions::users::rules::reservation_key;
use functions::users::{self, properties as user_properties};
use functions::{clients, dispatch_targets, fido_authenticators, units};
use shared::ids::{ExtId, UnitExtId};
use shared::policy::UserMember;
use shared::table::Key;

use super::table::{Attributes, TestTable, client, user};

fn unit_name(name: &str) -> Key {
    units::name_key(&client(), &UnitExtId::unchecked("root"), name)
}

fn value(value: &str) -> Key {
    properties::value_key(Scope::User, &PropertyName::unchecked("staff_number"), value)
}

/// Returns reservations of the fixture, the attribute with their owner, and the beginning of the findings.
fn reservations() -> [(Key, &'static str, &'static str); 8] {
    let jane = user("user-123");
    [
        (
            clients::name_key("Default"),
            "clientExtId",
            "reservation: CLIENT#100 | CLIENT: ClientName at CLIENT_NAME#… | CLIENT_NAME",
        ),
        (
            users::login_id_key(&client(), "jdoe"),
            "clientExtId",
            "reservation: USER#100#user-123 | USER: LoginId at CLIENT#100#LOGINS | LOGIN#jdoe",
        ),
        (
            reservation_key(&client(), UserMember::Email, "rroe@example.com"),
            "userExtId",
            "reservation: USER#100#user-456 | USER: UserValue at USER_VALUE#100#contacts.email#… | USER_VALUE",
        ),
        (
            unit_name("Sales"),
            "unitExtId",
            "reservation: CLIENT#100 | UNIT#sales: UnitName at UNIT#100#root | NAME#…",
        ),
        (
            dispatch_targets::id_key(&client(), &ExtId::unchecked("dt-123")),
            "owner",
            "reservation: USER#100#user-123 | DISPATCH_TARGET#dt-123: DispatchTargetExtId at DISPATCH_TARGET_ID#100#dt-123 | DISPATCH_TARGET_ID",
        ),
        (
            dispatch_targets::attestation_name_key(&jane, "iPhone"),
            "extId",
            "reservation: USER#100#user-123 | APP_ATTESTATION#dt-123: AppAttestationName at USER#100#user-123 | APP_ATTESTATION_NAME#…",
        ),
        (
            fido_authenticators::directory_key(&client(), "ABCD#0001", "a2V5LTE"),
            "extId",
            "reservation: USER#100#user-123 | CREDENTIAL#FIDO_UAF#uaf-1: FidoUafKey at CLIENT#100#FIDO_UAF | FIDO_UAF#ABCD#0001#…",
        ),
        (
            value("1"),
            "owner",
            "reservation: USER#100#user-123 | PROPERTIES: PropertyValue at PROPERTY_VALUE#USER_GLOBAL#staff_number#… | PROPERTY_VALUE",
        ),
    ]
}

#[tokio::test]
async fn reservation_is_missing() {
    for (key, _, finding) in reservations() {
        TestTable::filled()
            .await
            .delete(key)
            .await
            .assert_findings(&[&format!("{finding} is missing")])
            .await;
    }
}

#[tokio::test]
async fn reservation_of_another_owner() {
    for (key, owner, finding) in reservations() {
        let table = TestTable::filled().await.set(key, owner, "another").await;
        table.assert_findings(&[&format!("{finding} differs in {owner}")]).await;
    }
}

#[tokio::test]
async fn reservation_without_an_owner() {
    let jane = user("user-123");
    for ([from, to], finding) in [
        (
            [clients::name_key("Default"), clients::name_key("Old")],
            "reservation: CLIENT_NAME#… | CLIENT_NAME: no Client has this ClientName",
        ),
        (
            [users::login_id_key(&client(), "jdoe"), users::login_id_key(&client(), "old")],
            "reservation: CLIENT#100#LOGINS | LOGIN#old: no User has this LoginId",
        ),
        (
            ["rroe@example.com", "old@x"].map(|email| reservation_key(&client(), UserMember::Email, email)),
            "reservation: USER_VALUE#100#contacts.email#… | USER_VALUE: no User has this UserValue",
        ),
        (["Sales", "Old"].map(unit_name), "reservation: UNIT#100#root | NAME#…: no Unit has this UnitName"),
        (
            ["dt-123", "old"].map(|id| dispatch_targets::id_key(&client(), &ExtId::unchecked(id))),
            "reservation: DISPATCH_TARGET_ID#100#old | DISPATCH_TARGET_ID: no DispatchTarget has this DispatchTargetExtId",
        ),
        (
            ["iPhone", "Old"].map(|name| dispatch_targets::attestation_name_key(&jane, name)),
            "reservation: USER#100#user-123 | APP_ATTESTATION_NAME#…: no AppAttestation has this AppAttestationName",
        ),
        (
            ["a2V5LTE", "b2xk"].map(|id| fido_authenticators::directory_key(&client(), "ABCD#0001", id)),
            "reservation: CLIENT#100#FIDO_UAF | FIDO_UAF#ABCD#0001#…: no FidoUafCredential has this FidoUafKey",
        ),
        (
            ["1", "2"].map(value),
            "reservation: PROPERTY_VALUE#USER_GLOBAL#staff_number#… | PROPERTY_VALUE: no value has this PropertyValue",
        ),
    ] {
        let table = TestTable::filled().await.copy(&from, &to, |_| ()).await;
        table.assert_findings(&[finding]).await;
    }
}

#[tokio::test]
async fn reservation_of_no_value() {
    let table = TestTable::filled().await;
    let reserve = |attribute: &'static str, name: &str| {
        let names = AttributeValue::Ss(vec![name.to_owned()]);
        move |item: &mut Attributes| drop(item.insert(attribute.to_owned(), names))
    };
    let table = table.edit(user("user-123").key(), reserve("uniqueMembers", "contacts.email")).await;
    let values = user_properties::key(&user("user-456"));
    let table = table.edit(values, reserve("uniqueProperties", "staff_number")).await;
    table
        .assert_findings(&[
            "reservation: USER#100#user-123 | USER: contacts.email is reserved but has no value",
            "reservation: USER#100#user-456 | PROPERTIES: staff_number is reserved but has no value",
        ])
        .await;
}
