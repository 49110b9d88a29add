//! `GET /{clientExtId}/users/{userExtId}/consents`

use functions::consents;
use functions::terms::{TermsExtId, TermsVersion};
use serde_json::json;
use shared::table::{NewItem, Transaction};

use crate::support::{Caller, World, ok};

const PATH: &str = "/{client-123}/users/{user-123}/consents";

#[tokio::test]
async fn consents_are_returned_in_order() {
    let world = World::furnished().await;
    let kept =
        json!({"termsExtId": "terms-456", "termsVersion": "2", "acceptanceDate": "2025-12-24T18:00:00Z"});
    world.get(PATH).by(&Caller::root()).expect_unchanged(ok(json!([kept]))).await;
    world.put_terms("{terms-789}", "1").await;
    for terms in ["{terms-789}", "{terms-123}"] {
        let call = world.post(PATH).by(&Caller::root()).json(json!({"termsExtId": terms}));
        assert_eq!(call.send().await.status, 201);
    }
    let new = |terms| json!({"termsExtId": terms, "termsVersion": "1", "acceptanceDate": "<now>"});
    let all = json!([new("terms-123"), kept, new("terms-789")]);
    let helpdesk = Caller::new("{client-123}", "h").with("nevisIdm.Helpdesk", None, None);
    world.get(PATH).by(&helpdesk).expect_unchanged(ok(all)).await;
}

#[tokio::test]
async fn a_user_without_consents_has_an_empty_list() {
    let world = World::furnished().await;
    for path in ["/{client-123}/users/{user-456}/consents", "/{client-456}/users/{user-123}/consents"] {
        world.get(path).by(&Caller::root()).expect_unchanged(ok(json!([]))).await;
    }
}

/// Creates consents of `{user-123}` of `{client-456}`, who had none. The text makes their items larger.
async fn put_consents(world: &World, terms: &[String], text: &str) {
    let user = world.user_path("{client-456}", "{user-123}");
    // A transaction changes at most 100 items.
    for terms in terms.chunks(100) {
        let add = |transaction: &mut Transaction| {
            for terms in terms {
                let key = consents::key(&user, &TermsExtId::unchecked(terms), &TermsVersion::unchecked("1"));
                let item = NewItem::new(&key, consents::ENTITY_TYPE)
                    .with_text("termsExtId", terms)
                    .with_text("termsVersion", "1")
                    .with_text("acceptanceDate", "2026-01-01T00:00:00Z")
                    .with_text("padding", text);
                transaction.create(item);
            }
        };
        world.put(add).await;
    }
}

/// Asserts that the list has these consents in order, and nothing else.
async fn assert_list(world: &World, terms: &[String]) {
    let consent =
        |terms| json!({"termsExtId": terms, "termsVersion": "1", "acceptanceDate": "2026-01-01T00:00:00Z"});
    let all = terms.iter().map(consent).collect();
    let list = world.get("/{client-456}/users/{user-123}/consents").by(&Caller::root()).send().await;
    assert!(list == ok(all), "{} consents: {list:?}", terms.len());
}

#[tokio::test]
async fn lists_of_any_length_are_returned_as_a_whole() {
    let world = World::furnished().await;
    let all: Vec<String> = (0..1000).map(|number| format!("terms-{number:03}")).collect();
    let mut created = 0;
    for count in [0, 1, 100, 101, 1000] {
        put_consents(&world, &all[created..count], "").await;
        assert_list(&world, &all[..count]).await;
        created = count;
    }
}

/// The response is complete even if the table returns several pages.
#[tokio::test]
async fn consents_from_several_pages_of_the_table_are_returned() {
    let world = World::furnished().await;
    // 26 consents of 48 KB and more: a page of the table ends at 1 MB.
    let all: Vec<String> = ('a'..='z').map(String::from).collect();
    put_consents(&world, &all, &"x".repeat(48 * 1024)).await;
    assert_list(&world, &all).await;
}
