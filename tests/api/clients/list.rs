//! `GET /clients`: which clients are shown, pages, and the entries of the list.

use functions::clients::{Client, Defaults};
use functions::policies::PolicyExtId;
use serde_json::{Value, json};
use shared::entity::{LocalizedText, NotReturned};
use shared::ids::{ClientExtId, UnitExtId};
use shared::table::ActionIndex;

use crate::support::answer::{invalid_fields, missing_right, outside_data_room};
use crate::support::caller::ROOT;
use crate::support::pages::{ext_ids, items, page, page_of, token, walk};
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World};

/// The most clients that one transaction creates: each has seven items.
const CLIENTS: usize = 7;

fn over(clients: &[&str]) -> Caller {
    Caller::new("{operators}", "somebody").with(ROOT, Some(clients), None)
}

async fn create(world: &World, ext_ids: &[String]) {
    let client = |ext_id: &String| Client {
        ext_id: ClientExtId::unchecked(ext_id),
        name: ext_id.as_str().into(),
        display_name: LocalizedText::default(),
        remarks: NotReturned(None),
    };
    let defaults =
        Defaults { unit: UnitExtId::unchecked("unit"), profile_policy: PolicyExtId::unchecked("policy") };
    for ext_ids in ext_ids.chunks(CLIENTS) {
        let created = |client: Client, transaction: &mut _| {
            let created = client.create(&defaults, "nevisIdm", transaction);
            [created.ext_id, created.name]
        };
        world
            .put(|transaction| {
                let clients = ext_ids.iter().map(client);
                clients.flat_map(|client| created(client, transaction)).collect::<Vec<ActionIndex>>()
            })
            .await;
    }
}

/// Returns the response of `get-client`.
async fn got(world: &World, client: &str) -> Value {
    world.get(&format!("/clients/{client}")).by(&Caller::root()).send().await.body
}

#[tokio::test]
async fn the_clients_of_the_callers_data_rooms_are_listed_as_they_are_read() {
    let world = World::furnished().await;
    let change = world.patch("/clients/{client-456}").by(&Caller::root());
    let change = change
        .json(json!({"name": "{Another}", "displayName": {"EN": "Another"}, "remarks": "Not returned"}));
    assert_eq!(change.send().await.status, 200);
    let (first, second) = (got(&world, "{client-123}").await, got(&world, "{client-456}").await);
    for (clients, expected) in [
        (&["{client-123}"][..], vec![&first]),
        (&["{client-456}", "{client-999}", "{client-123}"], vec![&first, &second]),
        (&["{client-999}"], vec![]),
    ] {
        let answer = world.get("/clients").by(&over(clients)).send().await;
        let page = json!({"items": expected, "_pagination": {"limit": 100}, "_classifications": {}});
        assert_eq!((answer.status, answer.body), (200, page), "{clients:?}");
    }
    let own = Caller::new("{client-123}", "somebody").with(ROOT, None, None);
    assert_eq!(items(&world.get("/clients").by(&own).send().await), &[first]);
}

#[tokio::test]
async fn a_right_over_no_client_lists_nothing() {
    let world = World::furnished().await;
    assert_eq!(world.get("/clients").by(&over(&[])).send().await, outside_data_room("ClientView"));
    let without = Caller::new("{client-123}", "somebody").with("nevisIdm.SelfAdmin", None, None);
    assert_eq!(world.get("/clients").by(&without).send().await, missing_right("ClientView"));
}

/// The clients that a caller's data rooms name are read in one call, whatever the limit.
#[tokio::test]
async fn a_page_has_at_most_100_named_clients() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "clients with extIds of their own") {
        return;
    }
    let world = World::new().await;
    let created: Vec<String> = (0..101).map(|number| format!("c-{number:04}")).collect();
    create(&world, &created).await;
    let named: Vec<&str> = created.iter().map(String::as_str).collect();
    let pages = walk(&world, &over(&named), ("/clients", 1000), async |_| {}).await;
    assert_eq!(pages, [&created[..100], &created[100..]]);
}

#[tokio::test]
async fn pages_of_named_clients_continue_behind_their_token() {
    let world = World::furnished().await;
    let caller = over(&["{client-123}", "{client-456}", "{client-999}"]);
    let pages = walk(&world, &caller, ("/clients", 1), async |_| {}).await;
    let listed = |client: &str| vec![world.id(client)];
    // The position is behind a client, so a page can be empty although the list has a client before it.
    assert_eq!(pages, [listed("client-123"), listed("client-456"), Vec::new()]);
}

#[tokio::test]
async fn a_token_is_valid_for_its_list_only() {
    let world = World::furnished().await;
    let caller = over(&["{client-123}", "{client-456}"]);
    let good = token(&page_of(&world, &caller, "/clients", "limit=1").await).expect("a second page");
    let query = format!("continuationToken={good}");
    assert_eq!(ext_ids(&page_of(&world, &caller, "/clients", &query).await), [world.id("client-456")]);
    let elsewhere = page(&world, "/{client-123}/personal-questions", &query).await;
    assert_eq!(elsewhere, invalid_fields("continuationToken"));
    for token in [&good[1..], "", "A"] {
        let answer = page_of(&world, &caller, "/clients", &format!("continuationToken={token}")).await;
        assert_eq!(answer, invalid_fields("continuationToken"), "{token}");
    }
    let unknown = page_of(&world, &caller, "/clients", "name=a").await;
    assert_eq!(unknown, invalid_fields("name"));
}
