//! Isolation of clients: no identifier gives access to another client's data.

use serde_json::{Value, json};

use crate::support::answer::outside_data_room;
use crate::support::caller::ROOT;
use crate::support::target::{Kind, kind};
use crate::support::{Caller, World};

/// Returns encoded identifiers that could be mistaken for others.
fn odd_ids() -> Vec<String> {
    let mut ids: Vec<String> = [
        "%23",
        "client-123%23",
        "client-123%23user-123",
        "%23client-123",
        "client-123%2Fusers%2Fuser-123",
        "client-123%252Fusers",
        "client-456%2F..%2Fclient-123",
        "..",
        "%2E%2E",
        ".",
        "%2e",
        "*",
        "%2A",
        "client-123%00",
        "%00client-123",
        "client-123%20",
        "%20client-123",
        "client-123%0A",
        "CLIENT-123",
        "client-123%E2%80%AE",
        "%E2%80%8Fclient-123",
        "client-123%EF%BB%BF",
        "client-123;client-456",
        "client-123,client-456",
        "client-123%3Fa=b",
        "%C3%A4",
        "null",
        "undefined",
        "[]",
        "%5B%22client-123%22%5D",
        "%7B%7D",
        "'%20OR%20'1'='1",
        "clients",
        "USER",
        "CLIENT%23client-123",
        "%F0%9F%92%A9",
    ]
    .map(str::to_owned)
    .to_vec();
    ids.extend([128, 129, 130, 480, 481, 2000].map(|length| "a".repeat(length)));
    ids
}

/// Returns a call of every operation on this client, user and object.
fn calls(client: &str, user: &str, thing: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let users = format!("/{client}/users/{user}");
    vec![
        ("GET", format!("/clients/{client}"), None),
        ("POST", format!("/{client}/personal-questions"), Some(json!({"stateName": "active"}))),
        ("GET", format!("/{client}/personal-questions/{thing}"), None),
        ("POST", format!("{users}/consents"), Some(json!({"termsExtId": "{terms-123}"}))),
        ("GET", format!("{users}/consents"), None),
        ("GET", format!("{users}/consents/{thing}/1"), None),
        ("PATCH", format!("{users}/mobile-signature/properties"), Some(json!({"{nickname}": "x"}))),
        ("DELETE", format!("{users}/dispatch-targets/{thing}"), None),
    ]
}

/// A caller with every right over their own client gets the same error for every other client,
/// whether it exists or not. Nothing is written.
#[tokio::test]
async fn callers_of_one_client_cannot_access_another() {
    let world = World::furnished().await;
    let caller = Caller::new("{client-456}", "admin").with(ROOT, None, None);
    let mut clients = odd_ids();
    clients.push("{client-123}".to_owned());
    let before = world.items().await;
    let mut tried = 0;
    for client in &clients {
        for (method, path, body) in calls(client, "{user-123}", "{dt-123}") {
            let answer = world.call(method, &path).by(&caller).json_if(body).send().await;
            let code = &answer.body["errors"][0]["code"];
            let of_host = kind() == Kind::Watch && answer.status == 404 && code.is_null();
            if !of_host && code != "errors.invalidUri" && answer.status != 405 {
                let right = answer.body["errors"][0]["message"].as_str().unwrap_or_default();
                let right = right.rsplit('.').next().unwrap_or_default().to_owned();
                assert_eq!(answer, outside_data_room(&right), "{method} {path}");
            }
            tried += 1;
        }
    }
    assert_eq!(tried, clients.len() * 8);
    assert_eq!(world.items().await, before);
}

/// Within a client, odd identifiers of users and objects do not exist: every response is an error,
/// and nothing is written.
#[tokio::test]
async fn odd_identifiers_match_nothing_within_a_client() {
    let world = World::furnished().await;
    let caller = Caller::new("{client-456}", "admin").with(ROOT, None, None);
    let before = world.items().await;
    for odd in odd_ids() {
        let of_odd_user = calls("{client-456}", &odd, "{dt-123}").into_iter().skip(3);
        let odd_things = calls("{client-456}", "{user-123}", &odd);
        let odd_things = odd_things.into_iter().enumerate().filter(|(index, _)| [2, 5, 7].contains(index));
        let odd_things = odd_things.map(|(_, call)| call);
        for (method, path, body) in of_odd_user.chain(odd_things) {
            let answer = world.call(method, &path).by(&caller).json_if(body).send().await;
            assert!((400..500).contains(&answer.status), "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(world.items().await, before);
}

/// The same names in another client belong to different objects.
#[tokio::test]
async fn equal_names_in_two_clients_are_different_objects() {
    let world = World::furnished().await;
    let caller = Caller::new("{client-456}", "admin").with(ROOT, None, None);
    let path = "/{client-456}/users/{user-123}";
    for (method, path) in [
        ("DELETE", format!("{path}/dispatch-targets/{{dt-123}}")),
        ("PATCH", format!("{path}/mobile-signature/properties")),
        ("GET", format!("{path}/consents/{{terms-456}}/2")),
        ("GET", "/{client-456}/personal-questions/{question-123}".to_owned()),
    ] {
        let body = (method == "PATCH").then(|| json!({"{nickname}": "x"}));
        let answer = world.call(method, &path).by(&caller).json_if(body).send().await;
        assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
    }
    let answer = world.get(&format!("{path}/consents")).by(&caller).send().await;
    assert_eq!(answer, crate::support::ok(json!([])));
}
