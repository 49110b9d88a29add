//! `POST /{clientExtId}/users/{userExtId}/consents`

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use functions::terms;
use serde_json::{Value, json};
use shared::table::item::HELD_UNTIL;
use shared::table::key::{PK, SK};
use shared::table::{Condition, Update};

use crate::support::answer::{missing_right, outside_data_room, unavailable};
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World, created, ok, refused};

const PATH: &str = "/{client-123}/users/{user-123}/consents";

/// Returns the item of a new consent.
fn created_items(client: &str, user: &str, terms: &str, version: &str) -> Changes {
    let key = [&*format!("USER#{client}#{user}"), &format!("CONSENT#{terms}#{version}")];
    let item = json!({
        "clientExtId": client, "userExtId": user, "termsExtId": terms, "termsVersion": version,
        "acceptanceDate": "<now>",
    });
    Changes::none().created("operators/root", key, "Consent", item)
}

#[tokio::test]
async fn page_201_created() {
    let world = World::furnished().await;
    let call = world.post(PATH).by(&Caller::root()).json(json!({"termsExtId": "{terms-123}"}));
    let answer = created("/client-123/users/user-123/consents/terms-123/1", Value::Null);
    call.expect(answer, created_items("client-123", "user-123", "terms-123", "1")).await;
}

#[tokio::test]
async fn page_403_permission_denied() {
    let world = World::furnished().await;
    let helpdesk = Caller::new("{client-123}", "h").with("nevisIdm.Helpdesk", None, None);
    let call = world.post(PATH).by(&helpdesk).json(json!({"termsExtId": "{terms-123}"}));
    call.expect_unchanged(missing_right("ConsentCreate")).await;
}

#[tokio::test]
async fn page_403_data_room_permission_denied() {
    let world = World::furnished().await;
    let of_another = Caller::new("{client-456}", "admin").with(ROOT, None, None);
    let call = world.post(PATH).by(&of_another).json(json!({"termsExtId": "{terms-123}"}));
    call.expect_unchanged(outside_data_room("ConsentCreate")).await;
}

#[tokio::test]
async fn page_404_client_not_found() {
    let world = World::new().await;
    let call = world.post(PATH).by(&Caller::root()).json(json!({"termsExtId": "{terms-123}"}));
    let expected = refused(404, "errors.noRecord", "Client doesn't exist with extId 'client-123'");
    call.expect_unchanged(expected).await;
}

#[tokio::test]
async fn page_404_user_not_found() {
    let world = World::new().await;
    world.put_client("{client-123}", "{TestClient}").await;
    let call = world.post(PATH).by(&Caller::root()).json(json!({"termsExtId": "{terms-123}"}));
    let message = "A user with extId 'user-123' doesn't exist on client with name TestClient.";
    call.expect_unchanged(refused(404, "errors.noRecord", message)).await;
}

#[tokio::test]
async fn page_404_terms_not_found() {
    let world = World::new().await;
    world.put_client("{client-123}", "{TestClient}").await;
    world.put_user("{client-123}", "{user-123}", &["root"]).await;
    let call = world.post(PATH).by(&Caller::root()).json(json!({"termsExtId": "{terms-123}"}));
    let expected = refused(404, "errors.noRecord", "Terms doesn't exist with extId 'terms-123'");
    call.expect_unchanged(expected).await;
}

/// An extId that no terms can have is not an error in the body: the terms are not found.
#[tokio::test]
async fn terms_with_an_impossible_ext_id_are_not_found() {
    let world = World::furnished().await;
    let long = "a".repeat(130);
    let longest = "a".repeat(20_000);
    for terms in [long.as_str(), &longest, "a#b", "*", "..", " ", "terms-123#1", "a\u{0}b", "\u{202e}"] {
        let call = world.post(PATH).by(&Caller::root()).json(json!({"termsExtId": terms}));
        let message = format!("Terms doesn't exist with extId '{terms}'");
        call.expect_unchanged(refused(404, "errors.noRecord", &message)).await;
    }
}

#[tokio::test]
async fn page_422_duplicate_consent() {
    let world = World::furnished().await;
    let call = || world.post(PATH).by(&Caller::root()).json(json!({"termsExtId": "{terms-123}"}));
    assert_eq!(call().send().await.status, 201);
    let message =
        "A consent for userExtId: 'user-123', termsExtId: 'terms-123' and termsVersion: '1' already exists.";
    call().expect_unchanged(refused(422, "errors.duplicateValue", message)).await;
}

/// A user consents once to each version of the terms.
#[tokio::test]
async fn a_new_terms_version_requires_a_new_consent() {
    let world = World::furnished().await;
    let call = || world.post(PATH).by(&Caller::root()).json(json!({"termsExtId": "{terms-123}"}));
    assert_eq!(call().send().await.status, 201);
    let key = terms::key(&terms::TermsExtId::unchecked(&world.id("terms-123")));
    let version = AttributeValue::S("2".to_owned());
    let update = Update::new(key, Condition::Exists).set(terms::VERSION, Some(version));
    world.put(|transaction| transaction.update(update)).await;
    let answer = created("/client-123/users/user-123/consents/terms-123/2", Value::Null);
    call().expect(answer, created_items("client-123", "user-123", "terms-123", "2")).await;
    let message =
        "A consent for userExtId: 'user-123', termsExtId: 'terms-123' and termsVersion: '2' already exists.";
    call().expect_unchanged(refused(422, "errors.duplicateValue", message)).await;
}

/// Returns a world whose terms a change holds for this long from now, and has not changed; `None` on a host.
async fn held_for(seconds: i64) -> Option<World> {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "the time of a change that was broken off") {
        return None;
    }
    let world = World::furnished().await;
    let key = terms::key(&terms::TermsExtId::unchecked("terms-123"));
    let (client, table) = world.table();
    let until = AttributeValue::N(((world.now() + seconds) * 1_000).to_string());
    for copy in key.all_copies() {
        let change = format!("SET {HELD_UNTIL} = :until");
        let hold = client.update_item().table_name(table).update_expression(change);
        let hold = hold.key(PK, AttributeValue::S(copy.pk().to_owned()));
        let hold = hold.key(SK, AttributeValue::S(copy.sk().to_owned()));
        hold.expression_attribute_values(":until", until.clone()).send().await.expect("held");
    }
    Some(world)
}

#[tokio::test]
async fn a_consent_is_given_after_a_change_of_the_terms_that_was_broken_off() {
    for seconds in [-1, 1] {
        let Some(world) = held_for(seconds).await else { return };
        let call = world.post(PATH).by(&Caller::root()).json(json!({"termsExtId": "{terms-123}"}));
        let answer = created("/client-123/users/user-123/consents/terms-123/1", Value::Null);
        call.expect(answer, created_items("client-123", "user-123", "terms-123", "1")).await;
    }
}

#[tokio::test]
async fn no_consent_is_given_while_a_change_holds_the_terms() {
    let Some(world) = held_for(60).await else { return };
    let world = world.within(Duration::from_secs(1));
    let call = world.post(PATH).by(&Caller::root()).json(json!({"termsExtId": "{terms-123}"}));
    call.expect_unchanged(unavailable()).await;
}

/// Terms are shared by all clients; a consent belongs to one user of one client.
#[tokio::test]
async fn consents_are_separate_for_each_user() {
    let world = World::furnished().await;
    let body = json!({"termsExtId": "{terms-456}"});
    for (client, user) in [("client-123", "user-456"), ("client-456", "user-123")] {
        let call = world.post(&format!("/{{{client}}}/users/{{{user}}}/consents")).by(&Caller::root());
        let answer = created(&format!("/{client}/users/{user}/consents/terms-456/2"), Value::Null);
        call.json(body.clone()).expect(answer, created_items(client, user, "terms-456", "2")).await;
    }
}

#[tokio::test]
async fn the_location_resolves_to_the_consent() {
    let world = World::furnished().await;
    world.put_terms("{terms-odd}", "2026-01+β/(1) x").await;
    let mut consents = vec![("terms-123", "1")];
    if !leaves_out(&[Kind::Gateway], "an encoded slash in a segment, which its rehearsal does not route") {
        consents.push(("terms-odd", "2026-01+β/(1) x"));
    }
    for (terms, version) in consents {
        let body = json!({"termsExtId": format!("{{{terms}}}")});
        let answer = world.post(PATH).by(&Caller::root()).json(body).send().await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let consent = json!({"termsExtId": terms, "termsVersion": version, "acceptanceDate": "<now>"});
        let path = answer.leads_to.expect("a Location");
        assert_eq!(world.get(&path).by(&Caller::root()).send().await, ok(consent));
    }
}
