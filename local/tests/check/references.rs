//! References to what does not exist, and counts and initial objects.

use aws_sdk_dynamodb::types::AttributeValue;
use functions::properties::{self, PropertyName, Scope};
use functions::terms::{self, TermsExtId, TermsVersion};
use functions::{clients, dispatch_targets, fido_authenticators, policies, profiles, units};
use shared::ids::{ExtId, UnitExtId};

use super::table::{TestTable, client, key, text, user};

#[tokio::test]
async fn reference_of_an_authenticator_to_a_dispatch_target() {
    let authenticator = fido_authenticators::key(&user("user-123"), &ExtId::unchecked("uaf-2"));
    let table = TestTable::filled().await;
    table.set(authenticator, "dispatchTargetExtId", "dt-0").await.assert_findings(&[
        "reference: USER#100#user-123 | CREDENTIAL#FIDO_UAF#uaf-2: DispatchTarget at USER#100#user-123 | DISPATCH_TARGET#dt-0 is missing",
    ]).await;
}

#[tokio::test]
async fn reference_of_a_profile_child_and_policy_to_a_unit() {
    let unit = |unit| units::key(&client(), &UnitExtId::unchecked(unit));
    TestTable::filled()
        .await
        .delete(unit("north"))
        .await
        .assert_findings(&[
            "copy: UNIT#100#sales | UNIT#north: no Unit has this UnitEntry",
            "reference: PROFILE#100#p-1 | PROFILE: Unit at CLIENT#100 | UNIT#north is missing",
            "reservation: UNIT#100#sales | NAME#…: no Unit has this UnitName",
        ])
        .await;
    TestTable::filled()
        .await
        .delete(unit("sales"))
        .await
        .assert_findings(&[
            "copy: UNIT#100#root | UNIT#sales: no Unit has this UnitEntry",
            "reference: CLIENT#100 | UNIT#north: Unit at CLIENT#100 | UNIT#sales is missing",
            "reference: PROFILE#100#p-2 | PROFILE: Unit at CLIENT#100 | UNIT#sales is missing",
            "reference: PROFILE#100#p-3 | PROFILE: Unit at CLIENT#100 | UNIT#sales is missing",
            "reservation: UNIT#100#root | NAME#…: no Unit has this UnitName",
        ])
        .await;
    TestTable::filled()
        .await
        .delete(unit("root"))
        .await
        .assert_findings(&[
            "initial: CLIENT#100 | CLIENT: Unit at CLIENT#100 | UNIT#root is missing",
            "reference: CLIENT#100 | POLICY#default: Unit at CLIENT#100 | UNIT#root is missing",
            "reference: CLIENT#100 | UNIT#sales: Unit at CLIENT#100 | UNIT#root is missing",
        ])
        .await;
}

#[tokio::test]
async fn reference_to_another_place_of_a_unit() {
    let profile = profiles::key(&client(), &ExtId::unchecked("p-3"));
    let units = AttributeValue::Ss(vec!["sales".to_owned()]);
    let table = TestTable::filled().await;
    let table = table.edit(profile, |item| drop(item.insert("unitsWithAncestors".to_owned(), units)));
    table.await.assert_findings(&[
        "copy: PROFILE#100#p-3 | PROFILE: ProfileEntry at USER#100#user-456 | PROFILE#p-3 differs in unitsWithAncestors",
        "membership: USER#100#user-456 | USER: Profile at PROFILE#100#p-3 | PROFILE differs in unitsWithAncestors",
        "reference: PROFILE#100#p-3 | PROFILE: Unit at CLIENT#100 | UNIT#sales differs in unitsWithAncestors",
    ]).await;
}

#[tokio::test]
async fn reference_of_a_profile_without_a_unit() {
    let profile = profiles::key(&client(), &ExtId::unchecked("p-3"));
    let table = TestTable::filled().await.edit(profile, |item| drop(item.remove("unitExtId")));
    table.await.assert_findings(&[
        "copy: PROFILE#100#p-3 | PROFILE: ProfileEntry at USER#100#user-456 | PROFILE#p-3 differs in unitExtId",
        "entry: UNIT#100#sales | PROFILE#p-3: no Profile has this ProfileOfUnit",
        "reference: PROFILE#100#p-3 | PROFILE: the profile has no unit",
    ]).await;
}

#[tokio::test]
async fn reference_of_a_consent_to_a_terms_version() {
    let (terms, version) = (TermsExtId::unchecked("terms-123"), TermsVersion::unchecked("0"));
    let table = TestTable::filled().await.delete(terms::version_key(&terms, &version)).await;
    table.assert_findings(&[
        "reference: USER#100#user-123 | CONSENT#terms-123#0: TermsVersion at TERMS#terms-123 | VERSION#0 is missing",
        "reference: USER#100#user-123 | CONSENT_WITHDRAWN#terms-123#0#2024-06-01T00:00:00.5Z#2024-01-01T00:00:00Z: TermsVersion at TERMS#terms-123 | VERSION#0 is missing",
    ]).await;
}

#[tokio::test]
async fn reference_of_terms_to_their_version() {
    let (terms, version) = (TermsExtId::unchecked("terms-456"), TermsVersion::unchecked("2026-01"));
    let table = TestTable::filled().await.delete(terms::version_key(&terms, &version)).await;
    table.assert_findings(&[
        "reference: TERMS#terms-456 | TERMS: TermsVersion at TERMS#terms-456 | VERSION#2026-01 is missing",
    ]).await;
}

#[tokio::test]
async fn initial_objects_of_a_client() {
    let table = TestTable::filled().await;
    let table = table.delete(policies::key(&client(), &ExtId::unchecked("default"))).await;
    let table = table.delete(key("CLIENT#100", "TEMPLATE_COLLECTION#default_for_-Default")).await;
    table
        .delete(key("CLIENT#100", "APPLICATION#nevisIdm"))
        .await
        .assert_findings(&[
            "initial: CLIENT#100 | CLIENT: ApplicationAssignment is missing",
            "initial: CLIENT#100 | CLIENT: Policy at CLIENT#100 | POLICY#default is missing",
            "initial: CLIENT#100 | CLIENT: TemplateCollection is missing",
        ])
        .await;
}

#[tokio::test]
async fn initial_policy_with_another_default_unit() {
    let table = TestTable::filled().await;
    table
        .set(clients::key(&client()), "defaultUnitExtId", "annex")
        .await
        .assert_findings(&[
            "initial: CLIENT#100 | CLIENT: Policy at CLIENT#100 | POLICY#default differs in defaultUnit",
        ])
        .await;
}

#[tokio::test]
async fn count_of_the_credentials_of_a_dispatch_target() {
    let target = dispatch_targets::key(&user("user-123"), &ExtId::unchecked("dt-123"));
    let two = AttributeValue::N("2".to_owned());
    let table = TestTable::filled().await;
    let table = table.edit(target, |item| drop(item.insert("credentials".to_owned(), two))).await;
    table
        .assert_findings(&["count: USER#100#user-123 | DISPATCH_TARGET#dt-123: counts 2 references, found 1"])
        .await;
}

#[tokio::test]
async fn membership_without_a_profile() {
    let profile = profiles::key(&client(), &ExtId::unchecked("p-1"));
    TestTable::filled()
        .await
        .delete(profile)
        .await
        .assert_findings(&[
            "copy: USER#100#user-123 | PROFILE#p-1: no Profile has this ProfileEntry",
            "entry: UNIT#100#north | PROFILE#p-1: no Profile has this ProfileOfUnit",
            "membership: USER#100#user-123 | USER: Profile at PROFILE#100#p-1 | PROFILE is missing",
        ])
        .await;
}

#[tokio::test]
async fn membership_that_the_user_lacks() {
    let table = TestTable::filled().await;
    let forget = |item: &mut super::table::Attributes| {
        if let Some(AttributeValue::M(memberships)) = item.get_mut("memberships") {
            memberships.remove("p-1");
        }
    };
    let table = table.edit(user("user-123").key(), forget).await;
    let table = table.edit(functions::users::directory_key(&user("user-123")), forget).await;
    table.assert_findings(&["membership: PROFILE#100#p-1 | PROFILE: no User has this Profile"]).await;
}

#[tokio::test]
async fn membership_with_another_state_of_the_user() {
    let profile = profiles::key(&client(), &ExtId::unchecked("p-1"));
    TestTable::filled()
        .await
        .set(profile, "userState", "disabled")
        .await
        .assert_findings(&[
            "membership: USER#100#user-123 | USER: Profile at PROFILE#100#p-1 | PROFILE differs in userState",
        ])
        .await;
}

#[tokio::test]
async fn default_profile_is_exactly_one() {
    let forget = |item: &mut super::table::Attributes| drop(item.remove("defaultProfileExtId"));
    let table = TestTable::filled().await.edit(user("user-123").key(), forget).await;
    let table = table.edit(functions::users::directory_key(&user("user-123")), forget).await;
    table.assert_findings(&[
        "default-profile: USER#100#user-123 | USER: the default profile is not one of the memberships",
        "membership: USER#100#user-123 | USER: Profile at PROFILE#100#p-2 | PROFILE differs in isDefaultProfile",
    ]).await;
    let profile = profiles::key(&client(), &ExtId::unchecked("p-1"));
    let second = |item: &mut super::table::Attributes| {
        item.insert("isDefaultProfile".to_owned(), AttributeValue::Bool(true));
    };
    let table = TestTable::filled().await.edit(profile, second).await;
    let entry = profiles::entry_key(&user("user-123"), &ExtId::unchecked("p-1"));
    table.edit(entry, second).await.assert_findings(&[
        "membership: USER#100#user-123 | USER: Profile at PROFILE#100#p-1 | PROFILE differs in isDefaultProfile",
    ]).await;
    let unknown = text("p-0");
    let table = TestTable::filled().await;
    let lost = |item: &mut super::table::Attributes| {
        item.insert("defaultProfileExtId".to_owned(), unknown.clone());
    };
    let table = table.edit(user("user-456").key(), lost).await;
    let table = table.edit(functions::users::directory_key(&user("user-456")), lost).await;
    table.assert_findings(&[
        "default-profile: USER#100#user-456 | USER: the default profile is not one of the memberships",
        "membership: USER#100#user-456 | USER: Profile at PROFILE#100#p-3 | PROFILE differs in isDefaultProfile",
    ]).await;
}

#[tokio::test]
async fn definition_of_a_value() {
    let definition = properties::key(Scope::User, None, &PropertyName::unchecked("floor"));
    TestTable::filled()
        .await
        .delete(definition)
        .await
        .assert_findings(&[
            "copy: PROPERTIES | PROPERTY#USER_GLOBAL#*#floor: no PropertyDefinition has this PropertyEntry",
            "copy: PROPERTY_ID#102 | PROPERTY_ID: no PropertyDefinition has this PropertyId",
            "definition: USER#100#user-123 | PROPERTIES: floor has a value but no definition",
            "definition: USER#200#user-123 | PROPERTIES: floor has a value but no definition",
            "entry: PROPERTY_VALUES#102#1 | USER#100#user-123: no value has this PropertyHolder",
            "entry: PROPERTY_VALUES#102#14 | USER#200#user-123: no value has this PropertyHolder",
        ])
        .await;
}
