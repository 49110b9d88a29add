//! `GET /properties` and `GET /clients/{clientExtId}/properties`

use serde_json::{Value, json};

use crate::support::answer::invalid_fields;
use crate::support::caller::ROOT;
use crate::support::pages::{items, page, page_of, token};
use crate::support::target::{Kind, engine, leaves_out};
use crate::support::{Caller, World, ok};

const OF_CLIENT: &str = "/clients/{client-123}/properties";

/// Returns a world in which all definitions are known. In the order of the list, they are: of mobile
/// signatures `badge`, `color`, `employee_id`, `nickname`, `secret`, and `department` of `{client-123}`;
/// of users `Color`, also of both clients, `floor` and `staff_number`.
async fn world() -> Option<World> {
    let left_out = "a list of all definitions of the table";
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], left_out) || engine().is_some() {
        return None;
    }
    let world = World::furnished().await;
    for client in [json!(null), json!("{client-123}"), json!("{client-456}")] {
        let body = json!({"scope": "USER_GLOBAL", "clientExtId": client, "name": "Color", "type": "STRING"});
        assert_eq!(world.post("/properties").by(&Caller::root()).json(body).send().await.status, 201);
    }
    Some(world)
}

/// Returns scope, client and name of each definition, and asserts that it is shown as `get-property` shows it.
async fn listed(world: &World, found: &[Value]) -> Vec<String> {
    let mut names = Vec::new();
    for item in found {
        let path = format!("/properties/{}", item["propertyId"]);
        assert_eq!(world.get(&path).by(&Caller::root()).send().await.body, *item);
        let scope = item["scope"].as_str().and_then(|scope| scope.split('_').next()).expect("a scope");
        let client = item["clientExtId"].as_str().unwrap_or("*");
        names.push(format!("{scope} {client} {}", item["name"].as_str().expect("a name")));
    }
    names
}

async fn found(world: &World, caller: &Caller, query: &str) -> Vec<String> {
    listed(world, items(&page_of(world, caller, "/properties", query).await)).await
}

const OF_ALL: [&str; 11] = [
    "CREDENTIAL * badge",
    "CREDENTIAL * color",
    "CREDENTIAL * employee_id",
    "CREDENTIAL * nickname",
    "CREDENTIAL * secret",
    "CREDENTIAL client-123 department",
    "USER * Color",
    "USER * floor",
    "USER * staff_number",
    "USER client-123 Color",
    "USER client-456 Color",
];

#[tokio::test]
async fn a_search_finds_the_definitions_that_match_all_parameters() {
    let Some(world) = world().await else { return };
    for (query, expected) in [
        ("", &OF_ALL[..]),
        ("scope=USER_GLOBAL", &OF_ALL[6..]),
        ("scope=UNIT_GLOBAL", &[]),
        ("type=ENUM", &["CREDENTIAL * color"]),
        ("name=E_I", &["CREDENTIAL * employee_id"]),
        (
            "name=COLOR",
            &["CREDENTIAL * color", "USER * Color", "USER client-123 Color", "USER client-456 Color"],
        ),
        ("clientExtId=client-123", &OF_ALL[..10]),
        ("clientExtId=client-999&scope=USER_GLOBAL", &OF_ALL[6..9]),
        (
            "clientExtId=client-456&name=c&type=STRING",
            &["CREDENTIAL * nickname", "CREDENTIAL * secret", "USER * Color", "USER client-456 Color"],
        ),
    ] {
        assert_eq!(found(&world, &Caller::root(), query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_search_leaves_out_clients_that_the_right_does_not_cover() {
    let Some(world) = world().await else { return };
    let own = Caller::new("{client-456}", "somebody").with(ROOT, None, None);
    let expected = [&OF_ALL[..5], &OF_ALL[6..9], &OF_ALL[10..]].concat();
    assert_eq!(found(&world, &own, "").await, expected);
    assert_eq!(found(&world, &own, "clientExtId=client-123&scope=USER_GLOBAL").await, OF_ALL[6..9]);
}

#[tokio::test]
async fn parameters_of_a_search_that_are_not_valid_are_named() {
    let world = World::furnished().await;
    for (query, names) in [
        ("scope=OTHER", "scope"),
        ("scope=user_global&type=", "scope, type"),
        ("clientExtId=&name=", "clientExtId, name"),
        ("name=a&name=b", "name"),
        ("applicationExtId=a", "applicationExtId"),
        ("type=NUMBER&limit=x&Name=a", "Name, limit, type"),
    ] {
        assert_eq!(page(&world, "/properties", query).await, invalid_fields(names), "{query}");
    }
}

/// A page reads as many definitions as its limit, so it can have fewer.
#[tokio::test]
async fn the_pages_of_a_search_have_each_definition_once() {
    let Some(world) = world().await else { return };
    for (filter, expected) in [
        ("", &OF_ALL.chunks(2).map(<[&str]>::to_vec).collect::<Vec<_>>()[..]),
        ("scope=USER_GLOBAL", &[OF_ALL[6..8].to_vec(), OF_ALL[8..10].to_vec(), OF_ALL[10..].to_vec()]),
        ("type=ENUM", &[vec![OF_ALL[1]], vec![], vec![], vec![], vec![], vec![]]),
    ] {
        let mut pages = Vec::new();
        let mut query = format!("limit=2&{filter}");
        loop {
            let answer = page(&world, "/properties", &query).await;
            pages.push(listed(&world, items(&answer)).await);
            let Some(token) = token(&answer) else { break };
            query = format!("limit=2&continuationToken={token}&{filter}");
        }
        assert_eq!(pages, expected, "{filter}");
    }
    // The token of one scope is no position in the list of another.
    let first = token(&page(&world, "/properties", "limit=1&scope=USER_GLOBAL").await).expect("a token");
    let elsewhere = page(&world, "/properties", &format!("continuationToken={first}")).await;
    assert_eq!(elsewhere, invalid_fields("continuationToken"));
}

#[tokio::test]
async fn the_definitions_of_a_client_are_listed_without_those_of_all_clients() {
    let world = World::furnished().await;
    let body =
        json!({"scope": "UNIT_GLOBAL", "clientExtId": "{client-123}", "name": "{site}", "type": "STRING"});
    assert_eq!(world.post("/properties").by(&Caller::root()).json(body).send().await.status, 201);
    let all = page(&world, OF_CLIENT, "").await;
    let expected = ["CREDENTIAL client-123 department", "UNIT client-123 site"];
    assert_eq!(listed(&world, items(&all)).await, expected);
    let first = page(&world, OF_CLIENT, "limit=1").await;
    let second =
        page(&world, OF_CLIENT, &format!("limit=1&continuationToken={}", token(&first).expect("a token")))
            .await;
    assert_eq!([&items(&first)[..], items(&second)].concat(), *items(&all));
    assert_eq!(token(&second), None);
    let none = json!({"items": [], "_pagination": {"limit": 100}, "_classifications": {}});
    assert_eq!(page(&world, "/clients/{client-456}/properties", "").await, ok(none));
}
