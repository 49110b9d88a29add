//! `POST /clients`

use serde_json::{Value, json};
use shared::ids::sha256_hex;

use crate::support::answer::{invalid_fields, missing_right, outside_data_room};
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, created, ok_at, refused};

fn duplicate() -> Answer {
    refused(422, "errors.duplicateValue", "Client already exists")
}

/// Returns the items of a new client. `more` contains further attributes of the client itself.
fn created_items(world: &World, ext_id: &str, name: &str, answer: &Answer, more: Value) -> Changes {
    let (unit, policy) = (answer.uuid("defaultUnitExtId"), answer.uuid("defaultProfilePolicyExtId"));
    let collection = format!("default_for_-{name}");
    let mut client = more;
    client["extId"] = json!(ext_id);
    client["name"] = json!(name);
    let entry = client.clone();
    client["defaultUnitExtId"] = json!(unit);
    client["defaultProfilePolicyExtId"] = json!(policy);
    let by = "operators/root";
    let pk = format!("CLIENT#{ext_id}");
    let name_pk = format!("CLIENT_NAME#{}", sha256_hex(&world.id(name)));
    let part = |id: &str| json!({"clientExtId": ext_id, "extId": id});
    let default_unit = json!({
        "clientExtId": ext_id, "extId": unit, "name": "Default", "state": "active", "displayName": {},
        "abbreviation": {}, "profileless": false, "hierarchicalName": format!("/{unit}"),
    });
    let profile_policy = json!({
        "clientExtId": ext_id, "extId": policy, "policyType": "ProfilePolicy", "name": "Default",
        "parameters": {"defaultUnit": unit}, "defaultPolicy": true,
    });
    Changes::none()
        .created(by, [&pk, "CLIENT"], "Client", client)
        .created(by, ["CLIENTS", &format!("CLIENT#{ext_id}")], "ClientEntry", entry)
        .created(by, [&name_pk, "CLIENT_NAME"], "ClientName", json!({"clientExtId": ext_id, "name": name}))
        .created(by, [&pk, &format!("UNIT#{unit}")], "Unit", default_unit)
        .created(by, [&pk, &format!("POLICY#{policy}")], "Policy", profile_policy)
        .created(by, [&pk, "APPLICATION#nevisIdm"], "ApplicationAssignment", part("nevisIdm"))
        .created(
            by,
            [&pk, &format!("TEMPLATE_COLLECTION#{collection}")],
            "TemplateCollection",
            part(&collection),
        )
}

fn body_of(answer: &Answer, collection: &str) -> Value {
    json!({
        "defaultTemplateCollectionName": collection,
        "defaultUnitExtId": answer.uuid("defaultUnitExtId"),
        "defaultProfilePolicyExtId": answer.uuid("defaultProfilePolicyExtId"),
    })
}

#[tokio::test]
async fn page_201_created_with_all_initial_items() {
    let world = World::new().await;
    let before = world.items().await;
    let body = json!({
        "extId": "{client-1}", "name": "{newClient}",
        "displayName": {"EN": "New", "DE": "Neu"}, "remarks": "A remark",
    });
    let answer = world.post("/clients").by(&Caller::root()).json(body).send().await;
    assert_eq!(answer, created("/clients/client-1", body_of(&answer, "default_for_-newClient")));
    let more = json!({"displayName": {"EN": "New", "DE": "Neu"}, "remarks": "A remark"});
    assert_eq!(
        world.items().await.since(&before),
        created_items(&world, "client-1", "newClient", &answer, more)
    );
}

#[tokio::test]
async fn page_403_permission_denied() {
    let world = World::furnished().await;
    let helpdesk = Caller::new("{operators}", "h").with("nevisIdm.Helpdesk", Some(&["*"]), None);
    let call = world.post("/clients").by(&helpdesk).json(json!({"name": "{newClient}"}));
    call.expect_unchanged(missing_right("ClientCreate")).await;
}

#[tokio::test]
async fn page_403_data_room_permission_denied() {
    let world = World::furnished().await;
    let of_a_client = Caller::new("{client-123}", "admin").with(ROOT, None, None);
    let call = world.post("/clients").by(&of_a_client).json(json!({"name": "{newClient}"}));
    call.expect_unchanged(outside_data_room("ClientCreate")).await;
}

#[tokio::test]
async fn page_422_missing_required_field() {
    let world = World::furnished().await;
    let call = world.post("/clients").by(&Caller::root()).json(json!({"extId": "{client-1}"}));
    call.expect_unchanged(invalid_fields("name")).await;
}

#[tokio::test]
async fn page_422_duplicate_client() {
    let world = World::furnished().await;
    let root = Caller::root();
    let call = |body| world.post("/clients").by(&root).json(body);
    call(json!({"name": "{Default}"})).expect_unchanged(duplicate()).await;
    call(json!({"extId": "{client-123}", "name": "{newClient}"})).expect_unchanged(duplicate()).await;
    call(json!({"extId": "{client-123}", "name": "{Default}"})).expect_unchanged(duplicate()).await;
    call(json!({"extId": "{client-123}", "name": "{Other}"})).expect_unchanged(duplicate()).await;
    // A rejected request reserves no name.
    let answer = call(json!({"extId": "{client-1}", "name": "{newClient}"})).send().await;
    assert_eq!(answer.status, 201);
    call(json!({"name": "{newClient}"})).expect_unchanged(duplicate()).await;
}

#[tokio::test]
async fn page_422_naming_policy_violated() {
    let world = World::furnished().await;
    let name = "a".repeat(130);
    let mut expected = refused(
        422,
        "errors.identifierPolicyViolated",
        "ch.nevis.idm.policy.PolicyViolation: Policy failed:\n\
         ch.nevis.idm.policy.element.PolicyElementViolation<element=Regex policy violation limit=129, actualValue=130>",
    );
    expected.body["policyViolations"] = json!([{
        "displayName": "Regex policy violation", "configString": "129", "suppliedValue": name,
        "limitValue": 129, "actualValue": "130",
    }]);
    world.post("/clients").by(&Caller::root()).json(json!({"name": name})).expect_unchanged(expected).await;
}

/// All policy violations are reported, the extId before the name.
#[tokio::test]
async fn all_policy_violations_are_reported() {
    let world = World::furnished().await;
    let body = json!({"extId": "a b", "name": "c".repeat(131)});
    let answer = world.post("/clients").by(&Caller::root()).json(body).send().await;
    assert_eq!(answer.status, 422);
    let errors = answer.body["errors"].as_array().expect("errors");
    let ends: Vec<&str> = errors
        .iter()
        .filter_map(|error| error["message"].as_str()?.rsplit_once("actualValue="))
        .map(|m| m.1)
        .collect();
    assert_eq!(ends, ["a b>", "131>"]);
    let supplied: Vec<&Value> = answer.body["policyViolations"]
        .as_array()
        .expect("violations")
        .iter()
        .map(|v| &v["suppliedValue"])
        .collect();
    assert_eq!(supplied, [&json!("a b"), &json!("c".repeat(131))]);
}

#[tokio::test]
async fn an_omitted_ext_id_is_a_generated_uuid() {
    let world = World::new().await;
    let before = world.items().await;
    let answer = world.post("/clients").by(&Caller::root()).json(json!({"name": "{newClient}"})).send().await;
    let ext_id = answer.created_uuid();
    let location = format!("/clients/{ext_id}");
    assert_eq!(answer, created(&location, body_of(&answer, "default_for_-newClient")));
    let more = json!({"displayName": {}});
    assert_eq!(
        world.items().await.since(&before),
        created_items(&world, &ext_id, "newClient", &answer, more)
    );
    let other = world.post("/clients").by(&Caller::root()).json(json!({"name": "{another}"})).send().await;
    assert_ne!(other.created_uuid(), ext_id);
}

#[tokio::test]
async fn the_location_resolves_to_the_client() {
    let world = World::new().await;
    let root = Caller::root();
    let bodies = [
        json!({"extId": "{client-1}", "name": "{a}", "displayName": {"EN": "A", "FR": "À"}, "remarks": "R"}),
        json!({"name": "{b}"}),
    ];
    for body in bodies {
        let answer = world.post("/clients").by(&root).json(body.clone()).send().await;
        let path = answer.leads_to.expect("a Location");
        let ext_id = path.strip_prefix("/clients/").expect("a client").to_owned();
        let mut expected = world.names().scrub(world.names().fill_json(body));
        expected["extId"] = world.names().scrub(json!(ext_id));
        // Remarks are accepted and not returned.
        expected.as_object_mut().expect("an object").remove("remarks");
        let texts = expected.get("displayName").cloned().unwrap_or(json!({}));
        expected["displayName"] = texts;
        for (name, value) in
            [("created", json!("<now>")), ("lastModified", json!("<now>")), ("version", json!(0))]
        {
            expected[name] = value;
        }
        assert_eq!(world.get(&path).by(&root).send().await, ok_at(0, expected));
    }
}

#[tokio::test]
async fn the_location_resolves_to_the_client_for_any_ext_id() {
    if leaves_out(&[Kind::Gateway], "an encoded slash in a segment, which its rehearsal does not route") {
        return;
    }
    let world = World::new().await;
    for name in ["a/b", "-@./_:()\\[]=!~+aZ09", "..a", "a+b=c"] {
        let ext_id = format!("{}{name}", world.names().fill("{client}"));
        let body = json!({"extId": ext_id, "name": ext_id});
        let answer = world.post("/clients").by(&Caller::root()).json(body).send().await;
        let path = answer.leads_to.unwrap_or_else(|| panic!("no Location for {name}"));
        let found = world.get(&path).by(&Caller::root()).send().await;
        assert_eq!((found.status, &found.body["extId"]), (200, &world.names().scrub(json!(ext_id))));
    }
}

/// `/clients` is a route, `.` and `..` cannot be path segments, and `*` means all clients.
#[tokio::test]
async fn ext_ids_that_cannot_be_a_path_segment_are_rejected() {
    let world = World::furnished().await;
    for ext_id in ["clients", ".", "..", "*"] {
        let body = json!({"extId": ext_id, "name": "{newClient}"});
        let before = world.items().await;
        let answer = world.post("/clients").by(&Caller::root()).json(body).send().await;
        assert_eq!(answer.status, 422, "{ext_id}");
        assert_eq!(answer.body["errors"][0]["code"], "errors.identifierPolicyViolated", "{ext_id}");
        assert_eq!(world.items().await.since(&before), Changes::none());
    }
}

#[tokio::test]
async fn client_names_are_case_sensitive() {
    let world = World::furnished().await;
    let body = json!({"extId": "{Client-123}", "name": "{DEFAULT}"});
    assert_eq!(world.post("/clients").by(&Caller::root()).json(body).send().await.status, 201);
}
