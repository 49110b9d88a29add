//! `/terms`

mod pending;
pub(crate) mod rows;

use serde_json::{Value, json};

use crate::support::answer::{invalid_fields, missing_right, outside_data_room};
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::pages::{ext_ids, walk};
use crate::support::target::{Kind, engine, leaves_out};
use crate::support::{Answer, Caller, World, created, ok_at, refused};

const TERMS: &str = "/terms/{terms-123}";

fn new_terms() -> Value {
    json!({"extId": "{terms-new}", "name": "Use", "active": true, "silentAcceptance": true, "termsVersion": "2026-01",
           "urls": {"en": "https://example.com/use"}})
}

async fn patch(world: &World, body: Value) -> Answer {
    world.patch(TERMS).by(&Caller::root()).json(body).send().await
}

async fn consent(world: &World) -> Answer {
    let call = world.post("/{client-123}/users/{user-123}/consents").by(&Caller::root());
    call.json(json!({"termsExtId": "{terms-123}"})).send().await
}

fn had_before(version: &str) -> Answer {
    let message = format!("Terms with extId 'terms-123' had the version '{version}' before");
    refused(422, "errors.invalidData", &message)
}

#[tokio::test]
async fn terms_are_created_with_their_version_and_their_entry_in_the_list() {
    let world = World::furnished().await;
    let before = world.items().await;
    let answer = world.post("/terms").by(&Caller::root()).json(new_terms()).send().await;
    assert_eq!(answer, created("/terms/terms-new", Value::Null));
    let by = "operators/root";
    let mut terms = new_terms();
    terms["extId"] = json!("terms-new");
    let version = json!({"termsExtId": "terms-new", "termsVersion": "2026-01"});
    let expected = Changes::none()
        .created(by, ["TERMS#terms-new", "TERMS"], "Terms", terms.clone())
        .created(by, ["TERMS", "TERMS#terms-new"], "TermsEntry", terms)
        .created(by, ["TERMS#terms-new", "VERSION#2026-01"], "TermsVersion", version);
    assert_eq!(world.items().await.since(&before), expected);
}

#[tokio::test]
async fn terms_are_read_as_they_were_created() {
    let world = World::furnished().await;
    world.post("/terms").by(&Caller::root()).json(new_terms()).send().await;
    let reader = Caller::new("{client-123}", "somebody").with("nevisIdm.Helpdesk", None, None);
    let answer = world.get("/terms/{terms-new}").by(&reader).send().await;
    let mut expected = new_terms();
    expected["extId"] = json!("terms-new");
    for name in ["created", "lastModified"] {
        expected[name] = answer.body[name].clone();
    }
    expected["version"] = json!(0);
    assert_eq!(answer, ok_at(0, expected));
}

/// Terms of all clients are changed by those who administer all clients.
#[tokio::test]
async fn only_a_right_over_all_clients_covers_a_change() {
    let world = World::furnished().await;
    let of_clients =
        Caller::new("{client-123}", "admin").with(ROOT, Some(&["{client-123}", "{client-456}"]), None);
    let create = world.post("/terms").by(&of_clients).json(new_terms());
    create.expect_unchanged(outside_data_room("TermsCreate")).await;
    let update = world.patch(TERMS).by(&of_clients).json(json!({"active": false}));
    update.expect_unchanged(outside_data_room("TermsView")).await;
    let administrator = Caller::new("{operators}", "admin").with("nevisIdm.UserAdmin", Some(&["*"]), None);
    let create = world.post("/terms").by(&administrator).json(new_terms());
    create.expect_unchanged(missing_right("TermsCreate")).await;
}

#[tokio::test]
async fn a_new_version_is_what_users_consent_to() {
    let world = World::furnished().await;
    assert_eq!(
        consent(&world).await.leads_to.as_deref(),
        Some("/client-123/users/user-123/consents/terms-123/1")
    );
    let changed = patch(&world, json!({"termsVersion": "2", "urls": {"de": "https://example.com/de"}})).await;
    assert_eq!((changed.status, &changed.body["termsVersion"]), (200, &json!("2")));
    let urls = json!({"de": "https://example.com/de", "en": "https://example.com/privacy"});
    assert_eq!(changed.body["urls"], urls);
    assert_eq!(world.get(TERMS).by(&Caller::root()).send().await, changed);
    assert_eq!(
        consent(&world).await.leads_to.as_deref(),
        Some("/client-123/users/user-123/consents/terms-123/2")
    );
}

#[tokio::test]
async fn a_version_is_never_used_again() {
    let world = World::furnished().await;
    assert_eq!(patch(&world, json!({"termsVersion": "2"})).await.status, 200);
    let before = world.items().await;
    assert_eq!(patch(&world, json!({"termsVersion": "1", "name": "Lost"})).await, had_before("1"));
    assert_eq!(world.items().await.since(&before), Changes::none());
    // The current version changes nothing.
    assert_eq!(patch(&world, json!({"termsVersion": "2"})).await.body["version"], 1);
    assert_eq!(patch(&world, json!({"termsVersion": "3"})).await.body["version"], 2);
    assert_eq!(patch(&world, json!({"termsVersion": "2"})).await, had_before("2"));
}

#[tokio::test]
async fn the_kind_of_acceptance_cannot_be_changed() {
    let world = World::furnished().await;
    for value in [json!(true), json!(false), Value::Null] {
        let answer = patch(&world, json!({"silentAcceptance": value})).await;
        assert_eq!(answer, invalid_fields("silentAcceptance"));
    }
}

#[tokio::test]
async fn all_terms_are_listed_as_they_are_read() {
    let left_out = "a list of all terms of the table";
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], left_out) || engine().is_some() {
        return;
    }
    let world = World::new().await;
    let list = async |query: &str| world.get(&format!("/terms{query}")).by(&Caller::root()).send().await;
    let none = json!({"items": [], "_pagination": {"limit": 100}, "_classifications": {}});
    assert_eq!(list("").await.body, none);
    for ext_id in ["b", "c", "a"] {
        world.put_terms(ext_id, "1").await;
    }
    let change =
        world.patch("/terms/b").by(&Caller::root()).json(json!({"termsVersion": "2", "name": "New"}));
    assert_eq!(change.send().await.status, 200);
    let page = list("").await;
    assert_eq!(ext_ids(&page), ["a", "b", "c"]);
    for item in page.body["items"].as_array().expect("items") {
        let path = format!("/terms/{}", item["extId"].as_str().expect("an extId"));
        assert_eq!(world.get(&path).by(&Caller::root()).send().await.body, *item);
    }
    let pages = walk(&world, &Caller::root(), ("/terms", 2), async |_| {}).await;
    assert_eq!(pages, [vec!["a".to_owned(), "b".to_owned()], vec!["c".to_owned()]]);
}
