//! `GET /{clientExtId}/users/{userExtId}/credentials`

use serde_json::{Value, json};

use crate::support::{Caller, World, ok};

const USER: &str = "/{client-123}/users/{user-123}";

fn helpdesk() -> Caller {
    Caller::new("{client-123}", "h").with("nevisIdm.Helpdesk", None, None)
}

async fn get(world: &World, path: &str) -> Value {
    world.get(&format!("{USER}/{path}")).by(&helpdesk()).send().await.body
}

/// Each credential is as it is read alone, with its kind.
#[tokio::test]
async fn all_credentials_of_a_user_are_listed() {
    let world = World::furnished().await;
    let mut expected = Vec::new();
    for ext_id in ["{uaf-1}", "{uaf-2}", "{uaf-3}", "{uaf-4}"] {
        let mut one = get(&world, &format!("fido-authenticators/{ext_id}")).await;
        one["type"] = json!("FIDO_UAF");
        expected.push(one);
    }
    let mut signature = get(&world, "mobile-signature").await;
    signature["type"] = json!("MOBILE_SIGNATURE");
    expected.push(signature);
    let page = json!({"items": expected, "_pagination": {"limit": 100}, "_classifications": {}});
    let call = world.get(&format!("{USER}/credentials")).by(&helpdesk());
    call.expect_unchanged(ok(page)).await;
}

#[tokio::test]
async fn the_credentials_of_a_user_have_pages() {
    let world = World::furnished().await;
    let first = get(&world, "credentials?limit=4").await;
    assert_eq!(first["items"].as_array().map(Vec::len), Some(4));
    let token = first["_pagination"]["continuationToken"].as_str().expect("a token");
    let rest = get(&world, &format!("credentials?continuationToken={token}")).await;
    assert_eq!(rest["items"][0]["type"], "MOBILE_SIGNATURE");
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_user_without_credentials_has_an_empty_list() {
    let world = World::furnished().await;
    let call = world.get("/{client-123}/users/{user-789}/credentials").by(&helpdesk());
    let page = json!({"items": [], "_pagination": {"limit": 100}, "_classifications": {}});
    call.expect_unchanged(ok(page)).await;
}
