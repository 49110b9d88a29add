//! `PATCH /clients/{clientExtId}`

use serde_json::json;

use crate::support::{Caller, World, ok_at};

const CLIENT: &str = "/clients/{client-123}";

#[tokio::test]
async fn members_are_merged_and_read_back() {
    let world = World::furnished().await;
    let body = json!({"name": "{New}", "displayName": {"DE": "Neu"}, "remarks": "Not returned"});
    let answer = world.patch(CLIENT).by(&Caller::root()).json(body).send().await;
    let changed = world.get(CLIENT).by(&Caller::root()).send().await.body;
    assert_eq!(answer, ok_at(1, changed.clone()));
    assert_eq!(changed["displayName"]["DE"], "Neu");
    assert_eq!(changed.get("remarks"), None, "remarks are accepted and not returned");
}

#[tokio::test]
async fn a_name_moves_between_clients() {
    let world = World::furnished().await;
    let rename = |client: &'static str, name: &'static str| {
        let call = world.patch(&format!("/clients/{client}")).by(&Caller::root());
        async move { call.json(json!({"name": name})).send().await.status }
    };
    assert_eq!(rename("{client-123}", "{Other}").await, 422);
    assert_eq!(rename("{client-456}", "{Another}").await, 200);
    assert_eq!(rename("{client-123}", "{Other}").await, 200);
    assert_eq!(rename("{client-456}", "{Other}").await, 422);
    assert_eq!(rename("{client-456}", "{Default}").await, 200);
    let create = world.post("/clients").by(&Caller::root()).json(json!({"name": "{Another}"}));
    assert_eq!(create.send().await.status, 201);
}
