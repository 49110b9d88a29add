//! `/{clientExtId}/policies`

pub(crate) mod rows;

use serde_json::json;

use crate::support::answer::invalid_fields;
use crate::support::{Caller, World, ok, ok_at};

#[tokio::test]
async fn a_policy_is_returned_with_its_version() {
    let world = World::furnished().await;
    let call = world.get("/{client-123}/policies/policy").by(&Caller::root());
    call.expect_unchanged(ok_at(0, rows::shown())).await;
}

/// The identifiers in the response to a creation lead to the policy and to its unit.
#[tokio::test]
async fn a_new_client_has_a_default_profile_policy() {
    let world = World::new().await;
    let root = Caller::root();
    let body = json!({"extId": "{client-1}", "name": "{newClient}"});
    let client = world.post("/clients").by(&root).json(body).send().await;
    let (unit, policy) = (client.uuid("defaultUnitExtId"), client.uuid("defaultProfilePolicyExtId"));
    let answer = world.get(&format!("/{{client-1}}/policies/{policy}")).by(&root).send().await;
    let shown = json!({
        "extId": policy, "clientExtId": "client-1", "policyType": "ProfilePolicy", "name": "Default",
        "parameters": {"defaultUnit": unit}, "defaultPolicy": true,
        "created": answer.body["created"], "lastModified": answer.body["created"], "version": 0,
    });
    assert_eq!(answer, ok_at(0, shown.clone()));
    let list = world.get("/clients/{client-1}/policies").by(&root).send().await;
    let page = json!({"items": [shown], "_pagination": {"limit": 100}, "_classifications": {}});
    assert_eq!(list, ok(page));
}

#[tokio::test]
async fn policies_have_no_filters() {
    let world = World::furnished().await;
    for name in ["policyType", "name", "sortBy", "offset", "returnTotalResultCount"] {
        let path = format!("/clients/{{client-123}}/policies?{name}=a");
        world.get(&path).by(&Caller::root()).expect_unchanged(invalid_fields(name)).await;
    }
}
