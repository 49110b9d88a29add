//! `POST /clients` with other settings.

use serde_json::{Value, json};

use crate::support::answer::{invalid_fields, missing_right};
use crate::support::caller::ROOT;
use crate::support::{Caller, World, refused};

/// Returns a furnished world with one variable set, or `None` if the target cannot be configured.
async fn configured(name: &str, value: &str) -> Option<World> {
    let world = World::configured(&[(name, value)]).await?;
    world.furnish("{Default}").await;
    Some(world)
}

#[tokio::test]
async fn page_403_single_client_mode_restriction() {
    let Some(world) = configured("MULTI_CLIENT_MODE", "false").await else { return };
    let restricted = || {
        refused(403, "errors.singleClientModeRestriction", "Operation not supported in single-client mode")
    };
    let root = Caller::root();
    world
        .post("/clients")
        .by(&root)
        .json(json!({"name": "{newClient}"}))
        .expect_unchanged(restricted())
        .await;
    // A missing right is reported first, then the mode, then the data room and the body.
    let nobody = Caller::new("{operators}", "nobody");
    let call = world.post("/clients").by(&nobody).json(json!({"name": "{newClient}"}));
    call.expect_unchanged(missing_right("ClientCreate")).await;
    let of_a_client = Caller::new("{client-123}", "admin").with(ROOT, None, None);
    let call = world.post("/clients").by(&of_a_client).json(json!({"name": "{newClient}"}));
    call.expect_unchanged(restricted()).await;
    world.post("/clients").by(&root).text("{").expect_unchanged(restricted()).await;
}

#[tokio::test]
async fn the_default_application_is_configurable() {
    let Some(world) = configured("DEFAULT_APPLICATION", "portal").await else { return };
    let body = json!({"extId": "{client-1}", "name": "{newClient}"});
    let before = world.items().await;
    assert_eq!(world.post("/clients").by(&Caller::root()).json(body).send().await.status, 201);
    let changes = format!("{:?}", world.items().await.since(&before));
    assert!(changes.contains("CLIENT#client-1 | APPLICATION#portal"), "{changes}");
    assert!(!changes.contains("nevisIdm\""), "{changes}");
}

#[tokio::test]
async fn languages_are_configurable() {
    let Some(world) = configured("LANGUAGES", "ES, EN").await else { return };
    let call = |name: &str, texts: Value| {
        world.post("/clients").by(&Caller::root()).json(json!({"name": name, "displayName": texts}))
    };
    assert_eq!(call("{a}", json!({"ES": "a", "EN": "b"})).send().await.status, 201);
    call("{b}", json!({"ES": "a", "DE": "b"})).expect_unchanged(invalid_fields("displayName.DE")).await;
}

#[tokio::test]
async fn the_naming_policy_is_configurable() {
    let Some(world) = configured("NAMING_POLICY_REGEX", "[a-z0-9-]+").await else { return };
    let call = |name: &str| world.post("/clients").by(&Caller::root()).json(json!({"name": name}));
    let answer = call("{A}").send().await;
    assert_eq!(answer.body["policyViolations"][0]["configString"], "[a-z0-9-]+");
    assert_eq!(call("{a}").send().await.status, 201);
}

#[tokio::test]
async fn the_maximum_length_of_names_is_configurable() {
    let Some(world) = configured("NAMING_POLICY_MAX_LENGTH", "40").await else { return };
    let call = |name: &str| world.post("/clients").by(&Caller::root()).json(json!({"name": name}));
    let fits = format!("{:a<40}", world.names().fill("{a}"));
    let answer = call(&format!("{fits}a")).send().await;
    assert_eq!(answer.body["policyViolations"][0]["limitValue"], 40);
    assert_eq!(call(&fits).send().await.status, 201);
}
