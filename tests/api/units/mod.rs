//! `/{clientExtId}/units` and `/clients/{clientExtId}/units`

pub(crate) mod rows;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use self::rows::{hierarchical_name, shown};
use crate::support::answer::{invalid_fields, missing_right, outside_data_room};
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::pages::{ext_ids, walk};
use crate::support::{Answer, Caller, World, created, no_content, ok_at, refused};

const UNITS: &str = "/{client-123}/units";
const SALES: &str = "/{client-123}/units/sales";

async fn create(world: &World, caller: &Caller, body: Value) -> Answer {
    world.post(UNITS).by(caller).json(body).send().await
}

async fn patch(world: &World, unit: &str, body: Value) -> Answer {
    world.patch(&format!("{UNITS}/{unit}")).by(&Caller::root()).json(body).send().await
}

async fn children_of(world: &World, unit: &str) -> Answer {
    world.get(&format!("{UNITS}/{unit}/children")).by(&Caller::root()).send().await
}

/// Returns an administrator whose rights are restricted to these units of the client.
fn of_units(units: &[&str]) -> Caller {
    Caller::new("{client-123}", "admin").with("nevisIdm.UserAndUnitAdmin", None, Some(units))
}

fn duplicate(member: &str, value: &str) -> Answer {
    refused(422, "errors.duplicateValue", &format!("Unit already exists with {member} '{value}'"))
}

fn name_place(parent: &str, name: &str) -> [String; 2] {
    [format!("UNIT#client-123#{parent}"), format!("NAME#{:x}", Sha256::digest(name))]
}

#[tokio::test]
async fn a_unit_is_created_with_its_entry_below_the_parent_and_the_name() {
    let world = World::furnished().await;
    let before = world.items().await;
    let body = json!({"extId": "u", "parentUnitExtId": "sales", "name": "U", "validity": {"from": "2026-01-01T00:00:00Z"}});
    let answer = create(&world, &Caller::root(), body).await;
    assert_eq!(answer, created("/client-123/units/u", Value::Null));
    let unit = json!({
        "clientExtId": "client-123", "extId": "u", "parentUnitExtId": "sales", "name": "U", "state": "active",
        "displayName": {}, "abbreviation": {}, "profileless": false,
        "validity": {"from": "2026-01-01T00:00:00Z"}, "ancestors": ["root", "sales"],
        "hierarchicalName": hierarchical_name(&["root", "sales"], "u"),
    });
    let by = "operators/root";
    let [partition, name] = name_place("sales", "U");
    let expected = Changes::none()
        .created(by, ["CLIENT#client-123", "UNIT#u"], "Unit", unit.clone())
        .created(by, ["UNIT#client-123#sales", "UNIT#u"], "UnitEntry", unit)
        .created(by, [&partition, &name], "UnitName", json!({"clientExtId": "client-123", "unitExtId": "u"}));
    assert_eq!(world.items().await.since(&before), expected);
}

#[tokio::test]
async fn a_unit_without_a_parent_is_at_the_top() {
    let world = World::furnished().await;
    let before = world.items().await;
    let answer = create(&world, &Caller::root(), json!({"extId": "top", "name": "Default"})).await;
    assert_eq!(answer, created("/client-123/units/top", Value::Null));
    assert_eq!(world.items().await.since(&before).counts(), [1, 0, 0]);
    let mut expected = shown("top", "Default", &[]);
    let answer = world.get(&format!("{UNITS}/top")).by(&Caller::root()).send().await;
    for name in ["created", "lastModified"] {
        expected[name] = answer.body[name].clone();
    }
    assert_eq!(answer, ok_at(0, expected));
}

#[tokio::test]
async fn a_unit_at_the_top_requires_a_right_of_its_own_over_all_units() {
    let world = World::furnished().await;
    let before = world.items().await;
    let top = || json!({"name": "Top"});
    let admin = Caller::new("{client-123}", "admin").with("nevisIdm.UserAndUnitAdmin", None, None);
    assert_eq!(create(&world, &admin, top()).await, missing_right("UnitCreateTopUnit"));
    assert_eq!(create(&world, &of_units(&["root"]), top()).await, outside_data_room("UnitCreate"));
    let of_root = Caller::new("{client-123}", "admin").with(ROOT, None, Some(&["root"]));
    let of_root = of_root.with("nevisIdm.UserAndUnitAdmin", None, None);
    assert_eq!(create(&world, &of_root, top()).await, outside_data_room("UnitCreateTopUnit"));
    assert_eq!(world.items().await.since(&before), Changes::none());
    let everywhere = Caller::new("{client-123}", "admin").with("nevisIdm.ClientRoot", None, None);
    assert_eq!(create(&world, &everywhere, top()).await.status, 201);
}

#[tokio::test]
async fn a_unit_is_created_where_the_parent_is_covered() {
    let world = World::furnished().await;
    let below = |parent: &str| json!({"parentUnitExtId": parent, "name": "New"});
    assert_eq!(create(&world, &of_units(&["sales"]), below("north")).await.status, 201);
    for parent in ["root", "legal", "absent"] {
        let answer = create(&world, &of_units(&["sales"]), below(parent)).await;
        assert_eq!(answer, outside_data_room("UnitCreate"), "{parent}");
    }
}

#[tokio::test]
async fn a_name_is_unique_below_its_parent() {
    let world = World::furnished().await;
    let new = |parent: &str, name: &str| json!({"parentUnitExtId": parent, "name": name});
    let root = Caller::root();
    let before = world.items().await;
    assert_eq!(create(&world, &root, new("root", "legal")).await, duplicate("name", "legal"));
    assert_eq!(world.items().await.since(&before), Changes::none());
    // Letter case counts, and other parents do not.
    assert_eq!(create(&world, &root, new("root", "Legal")).await.status, 201);
    assert_eq!(create(&world, &root, new("sales", "legal")).await.status, 201);
    // Units at the top have no parent.
    for _ in 0..2 {
        assert_eq!(create(&world, &root, json!({"name": "Top"})).await.status, 201);
    }
}

#[tokio::test]
async fn a_unit_cannot_be_its_own_parent() {
    let world = World::furnished().await;
    let before = world.items().await;
    let root = Caller::root();
    let body = |unit: &str| json!({"extId": unit, "parentUnitExtId": unit, "name": "own"});
    assert_eq!(create(&world, &root, body("sales")).await, duplicate("extId", "sales"));
    let missing = refused(404, "errors.noRecord", "Unit doesn't exist with extId 'absent'");
    assert_eq!(create(&world, &root, body("absent")).await, missing);
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn a_name_moves_between_units_of_a_parent() {
    let world = World::furnished().await;
    assert_eq!(patch(&world, "sales", json!({"name": "legal"})).await, duplicate("name", "legal"));
    assert_eq!(patch(&world, "legal", json!({"name": "Law"})).await.status, 200);
    assert_eq!(patch(&world, "sales", json!({"name": "legal"})).await.status, 200);
    assert_eq!(patch(&world, "legal", json!({"name": "legal"})).await, duplicate("name", "legal"));
    assert_eq!(patch(&world, "legal", json!({"name": "sales"})).await.status, 200);
    let new = json!({"parentUnitExtId": "root", "name": "Law"});
    assert_eq!(create(&world, &Caller::root(), new).await.status, 201);
}

#[tokio::test]
async fn a_change_is_seen_wherever_the_unit_is_read() {
    let world = World::furnished().await;
    let body = json!({
        "name": "South", "state": "disabled", "location": "Chiasso", "description": "In the south",
        "displayName": {"IT": "Sud"}, "abbreviation": {"IT": "S"},
        "validity": {"to": "2025-01-01T00:00:00Z"}, "modificationComment": "Renamed",
    });
    let changed = patch(&world, "north", body.clone()).await;
    let mut expected = shown("north", "South", &["root", "sales"]);
    for (name, value) in body.as_object().expect("members") {
        expected[name] = value.clone();
    }
    expected["lastModified"] = changed.body["lastModified"].clone();
    expected["version"] = json!(1);
    assert_eq!(changed, ok_at(1, expected));
    assert_eq!(world.get(&format!("{UNITS}/north")).by(&Caller::root()).send().await, changed);
    assert_eq!(children_of(&world, "sales").await.body["items"][0], changed.body);
    let units = world.get("/clients/{client-123}/units").by(&Caller::root()).send().await;
    assert_eq!(units.body["items"][1], changed.body);
}

#[tokio::test]
async fn the_default_unit_is_changed_like_others() {
    let world = World::furnished().await;
    let before = world.items().await;
    let changed = patch(&world, "root", json!({"name": "legal"})).await;
    assert_eq!((changed.status, &changed.body["name"]), (200, &json!("legal")));
    assert_eq!(world.items().await.since(&before).counts(), [0, 1, 0]);
}

#[tokio::test]
async fn members_that_cannot_change_are_unknown_to_a_change() {
    let world = World::furnished().await;
    for (name, value) in [
        ("parentUnitExtId", json!("legal")),
        ("profileless", json!(false)),
        ("hierarchicalName", json!("/sales")),
        ("clientExtId", json!("client-123")),
        ("ancestors", json!([])),
    ] {
        assert_eq!(patch(&world, "north", json!({ name: value })).await, invalid_fields(name));
    }
}

#[tokio::test]
async fn unknown_states_are_named() {
    let world = World::furnished().await;
    for state in ["invalid_state", "ACTIVE", "archived"] {
        let unknown = refused(422, "errors.invalidParameter", &format!("Invalid UnitState name '{state}'"));
        assert_eq!(patch(&world, "sales", json!({"state": state})).await, unknown);
        let new = json!({"parentUnitExtId": "sales", "name": "New", "state": state});
        assert_eq!(create(&world, &Caller::root(), new).await, unknown);
    }
    assert_eq!(patch(&world, "sales", json!({"location": "x".repeat(51)})).await, invalid_fields("location"));
}

#[tokio::test]
async fn a_tree_is_as_deep_as_its_hierarchical_name_may_be_long() {
    let world = World::furnished().await;
    let id = |number: u32| format!("{number:02}{}", "x".repeat(96));
    let mut parent = "root".to_owned();
    // `/root`, and 99 characters for each unit below.
    for number in 0..40 {
        let body = json!({"extId": id(number), "parentUnitExtId": parent, "name": "N"});
        assert_eq!(create(&world, &Caller::root(), body).await.status, 201, "{number}");
        parent = id(number);
    }
    let before = world.items().await;
    let body = |length: usize| json!({"extId": "y".repeat(length), "parentUnitExtId": id(39), "name": "N"});
    let answer = create(&world, &Caller::root(), body(35)).await;
    let message = format!(
        "The hierarchicalName of the unit with extId '{}' would be longer than 4000 characters",
        "y".repeat(35)
    );
    assert_eq!(answer, refused(422, "errors.invalidData", &message));
    assert_eq!(world.items().await.since(&before), Changes::none());
    assert_eq!(create(&world, &Caller::root(), body(34)).await.status, 201);
}

#[tokio::test]
async fn a_list_shows_the_units_that_the_caller_may_see() {
    let world = World::furnished().await;
    for (units, expected) in [
        (&["root"][..], &["legal", "north", "root", "sales", "south"][..]),
        (&["sales"], &["north", "sales", "south"]),
        (&["north", "legal"], &["legal", "north"]),
        (&["unheard-of"], &[]),
        (&[], &[]),
    ] {
        let list = world.get("/clients/{client-123}/units").by(&of_units(units)).send().await;
        assert_eq!(ext_ids(&list), expected, "{units:?}");
    }
}

#[tokio::test]
async fn children_are_listed_in_pages() {
    let world = World::furnished().await;
    for name in ["d", "b", "c", "a"] {
        let body = json!({"extId": name, "parentUnitExtId": "north", "name": name});
        assert_eq!(create(&world, &Caller::root(), body).await.status, 201);
    }
    let path = format!("{UNITS}/north/children");
    let pages = walk(&world, &Caller::root(), (&path, 2), async |_| {}).await;
    assert_eq!(pages, [["a", "b"].map(str::to_owned).to_vec(), ["c", "d"].map(str::to_owned).to_vec()]);
    assert_eq!(ext_ids(&children_of(&world, "root").await), ["legal", "sales"]);
    assert_eq!(ext_ids(&children_of(&world, "a").await), [""; 0]);
    // The token of one list does not fit another.
    let page = world.get(&format!("{path}?limit=2")).by(&Caller::root()).send().await;
    let token = page.body["_pagination"]["continuationToken"].as_str().expect("a token");
    for other in [format!("{SALES}/children"), "/clients/{client-123}/units".to_owned()] {
        let call = world.get(&format!("{other}?continuationToken={token}")).by(&Caller::root());
        assert_eq!(call.send().await.status, 422, "{other}");
    }
}

#[tokio::test]
async fn a_deleted_unit_releases_its_ext_id_and_its_name() {
    let world = World::furnished().await;
    let before = world.items().await;
    assert_eq!(world.delete(&format!("{UNITS}/north")).by(&Caller::root()).send().await, no_content());
    assert_eq!(world.items().await.since(&before).counts(), [0, 0, 3]);
    let missing = refused(404, "errors.noRecord", "Unit doesn't exist with extId 'north'");
    assert_eq!(world.delete(&format!("{UNITS}/north")).by(&Caller::root()).send().await, missing);
    let again = json!({"extId": "north", "parentUnitExtId": "sales", "name": "north"});
    assert_eq!(create(&world, &Caller::root(), again).await.status, 201);
}

#[tokio::test]
async fn a_unit_in_use_and_the_default_unit_are_not_deleted() {
    let world = World::furnished().await;
    let before = world.items().await;
    let default = "Unit is the default unit of its client: root";
    let in_use = |unit: &str| format!("Unit has child units or profiles: {unit}");
    for (unit, code, message) in [
        ("root", "deleteDefaultEntityFailure", default.to_owned()),
        ("sales", "undeletedDependencies", in_use("sales")),
        ("legal", "undeletedDependencies", in_use("legal")),
    ] {
        let answer = world.delete(&format!("{UNITS}/{unit}")).by(&Caller::root()).send().await;
        assert_eq!(answer, refused(422, &format!("errors.{code}"), &message));
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}
