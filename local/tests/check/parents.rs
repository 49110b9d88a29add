//! What exists without its parent.

use functions::terms::{self, TermsExtId};
use functions::{clients, dispatch_targets};
use shared::ids::ClientExtId;

use super::table::{TestTable, client, user};

#[tokio::test]
async fn orphan_of_a_client() {
    let other = ClientExtId::unchecked("200");
    TestTable::filled().await.delete(clients::key(&other)).await.assert_findings(&[
        "copy: CLIENTS | CLIENT#200: no Client has this ClientEntry",
        "orphan: CLIENT#200 | APPLICATION#nevisIdm: Client at CLIENT#200 | CLIENT is missing",
        "orphan: CLIENT#200 | POLICY#strict: Client at CLIENT#200 | CLIENT is missing",
        "orphan: CLIENT#200 | TEMPLATE_COLLECTION#default_for_-Other: Client at CLIENT#200 | CLIENT is missing",
        "orphan: CLIENT#200 | UNIT#legal: Client at CLIENT#200 | CLIENT is missing",
        "orphan: CLIENT#200 | UNIT#top: Client at CLIENT#200 | CLIENT is missing",
        "orphan: USER#200#user-123 | USER: Client at CLIENT#200 | CLIENT is missing",
        "reservation: CLIENT_NAME#… | CLIENT_NAME: no Client has this ClientName",
    ]).await;
}

#[tokio::test]
async fn orphan_of_a_client_question_and_property() {
    let findings = TestTable::filled().await.delete(clients::key(&client())).await.findings().await;
    for found in [
        "orphan: CLIENT#100 | PERSONAL_QUESTION#q-2: Client at CLIENT#100 | CLIENT is missing",
        "orphan: PROPERTIES#100 | PROPERTY#USER_GLOBAL#staff_number: Client at CLIENT#100 | CLIENT is missing",
    ] {
        assert!(findings.iter().any(|line| line == found), "{findings:#?}");
    }
}

#[tokio::test]
async fn orphan_of_a_user() {
    TestTable::filled().await.delete(user("user-123").key()).await.assert_findings(&[
        "copy: CLIENT#100#USERS | USER#user-123: no User has this UserEntry",
        "membership: PROFILE#100#p-1 | PROFILE: no User has this Profile",
        "membership: PROFILE#100#p-2 | PROFILE: no User has this Profile",
        "orphan: PROFILE#100#p-1 | PROFILE: User at USER#100#user-123 | USER is missing",
        "orphan: PROFILE#100#p-2 | PROFILE: User at USER#100#user-123 | USER is missing",
        "orphan: PROPERTY_VALUES#100#1 | USER#100#user-123: User at USER#100#user-123 | USER is missing",
        "orphan: PROPERTY_VALUES#101#1 | USER#100#user-123: User at USER#100#user-123 | USER is missing",
        "orphan: PROPERTY_VALUES#102#1 | USER#100#user-123: User at USER#100#user-123 | USER is missing",
        "orphan: PROPERTY_VALUES#103#1 | USER#100#user-123: User at USER#100#user-123 | USER is missing",
        "orphan: USER#100#user-123 | CONSENT#terms-123#0: User at USER#100#user-123 | USER is missing",
        "orphan: USER#100#user-123 | CONSENT#terms-123#1: User at USER#100#user-123 | USER is missing",
        "orphan: USER#100#user-123 | CONSENT_WITHDRAWN#terms-123#0#2024-06-01T00:00:00.5Z#2024-01-01T00:00:00Z: User at USER#100#user-123 | USER is missing",
        "orphan: USER#100#user-123 | CREDENTIAL#FIDO_UAF#uaf-1: User at USER#100#user-123 | USER is missing",
        "orphan: USER#100#user-123 | CREDENTIAL#FIDO_UAF#uaf-2: User at USER#100#user-123 | USER is missing",
        "orphan: USER#100#user-123 | CREDENTIAL#MOBILE_SIGNATURE: User at USER#100#user-123 | USER is missing",
        "orphan: USER#100#user-123 | DISPATCH_TARGET#dt-123: User at USER#100#user-123 | USER is missing",
        "orphan: USER#100#user-123 | DISPATCH_TARGET#dt-456: User at USER#100#user-123 | USER is missing",
        "orphan: USER#100#user-123 | PROPERTIES: User at USER#100#user-123 | USER is missing",
        "reservation: CLIENT#100#LOGINS | LOGIN#jdoe: no User has this LoginId",
    ]).await;
}

#[tokio::test]
async fn orphan_of_a_dispatch_target() {
    let target = dispatch_targets::DispatchTargetExtId::unchecked("dt-123");
    let target = dispatch_targets::key(&user("user-123"), &target);
    TestTable::filled().await.delete(target).await.assert_findings(&[
        "orphan: USER#100#user-123 | APP_ATTESTATION#dt-123: DispatchTarget at USER#100#user-123 | DISPATCH_TARGET#dt-123 is missing",
        "reference: USER#100#user-123 | CREDENTIAL#FIDO_UAF#uaf-1: DispatchTarget at USER#100#user-123 | DISPATCH_TARGET#dt-123 is missing",
        "reservation: DISPATCH_TARGET_ID#100#dt-123 | DISPATCH_TARGET_ID: no DispatchTarget has this DispatchTargetExtId",
    ]).await;
}

#[tokio::test]
async fn orphan_of_terms() {
    let terms = TermsExtId::unchecked("terms-456");
    TestTable::filled()
        .await
        .delete(terms::key(&terms))
        .await
        .assert_findings(&[
            "copy: TERMS | TERMS#terms-456: no Terms has this TermsEntry",
            "orphan: TERMS#terms-456 | VERSION#2026-01: Terms at TERMS#terms-456 | TERMS is missing",
        ])
        .await;
}
