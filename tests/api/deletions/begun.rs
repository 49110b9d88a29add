//! From the mark on, what is deleted does not exist for callers, and nothing of it is free before the end.

use serde_json::{Value, json};

use super::{Victim, is_elsewhere, keys, records, stored_at};
use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::answer::{not_unique, outside_data_room};
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::jobs::sweep;
use crate::support::pages::{ext_ids, page};
use crate::support::whole::assert_complete;
use crate::support::{Answer, Caller, World, no_content, refused};

const USER: Victim = Victim::User("{user-123}");

for_each_operation!(a_marked_user_does_not_exist, a_marked_client_does_not_exist);

/// Asserts that a request is answered as after the end, and changes nothing.
async fn assert_absent(row: &Row, victim: Victim) {
    // The same request goes on with the deletion.
    let is_same = row.method == "DELETE" && row.path == victim.path();
    if !victim.has(row) || is_same || is_elsewhere() {
        return;
    }
    let world = World::furnished().await;
    victim.begin(&world).await;
    let before = world.items().await;
    let during = row.call(&world).by(&Caller::root()).send().await;
    assert_eq!(during.status, 404, "{during:?}");
    assert_eq!(world.items().await.since(&before), Changes::none());
    sweep(world.table()).await;
    assert_eq!(row.call(&world).by(&Caller::root()).send().await, during);
}

async fn a_marked_user_does_not_exist(row: &'static Row) {
    assert_absent(row, Victim::User(row.user())).await;
}

async fn a_marked_client_does_not_exist(row: &'static Row) {
    assert_absent(row, Victim::Client).await;
}

/// Returns a world in which the deletion of a victim has begun.
async fn begun(victim: Victim) -> Option<World> {
    if is_elsewhere() {
        return None;
    }
    let world = World::furnished().await;
    victim.begin(&world).await;
    Some(world)
}

async fn get(world: &World, path: &str) -> Answer {
    world.get(path).by(&Caller::root()).send().await
}

async fn post(world: &World, path: &str, body: Value) -> Answer {
    world.post(path).by(&Caller::root()).json(body).send().await
}

fn duplicate(message: &str) -> Answer {
    refused(422, "errors.duplicateValue", message)
}

#[tokio::test]
async fn no_list_shows_a_marked_user() {
    let Some(world) = begun(USER).await else { return };
    let users = "/clients/{client-123}/users";
    for order in ["extId", "loginId", "contacts.email"] {
        for direction in ["", "_ASC", "_DESC"] {
            let page = page(&world, users, &format!("sortBy={order}{direction}")).await;
            let mut found = ext_ids(&page);
            found.sort_unstable();
            assert_eq!(found, ["user-456", "user-789"], "{order}{direction}");
        }
    }
    for filter in ["extId={user-123}", "loginId=login-user-123", "contacts.email=jane@example.com"] {
        let page = page(&world, users, filter).await;
        assert!(!ext_ids(&page).contains(&"user-123".to_owned()), "{filter}: {page:?}");
    }
    assert_eq!(ext_ids(&page(&world, "/clients/{client-123}/fido-uaf", "").await), [""; 0]);
}

#[tokio::test]
async fn no_count_includes_a_marked_user() {
    let Some(world) = begun(USER).await else { return };
    for order in ["extId", "loginId", "contacts.email"] {
        for filter in ["", "&userState=active"] {
            let query = format!("returnTotalResultCount=true&sortBy={order}{filter}");
            let page = page(&world, "/clients/{client-123}/users", &query).await;
            assert_eq!(page.body["_pagination"]["totalResult"], 2, "{query}: {page:?}");
        }
    }
}

#[tokio::test]
async fn no_list_shows_a_marked_client() {
    let Some(world) = begun(Victim::Client).await else { return };
    assert_eq!(ext_ids(&page(&world, "/clients", "").await), ["client-456"]);
    let properties = ext_ids(&page(&world, "/properties", "").await);
    assert!(!properties.contains(&"department".to_owned()), "{properties:?}");
    assert_eq!(properties.len(), 7);
}

#[tokio::test]
async fn a_definition_of_a_marked_client_does_not_exist() {
    if is_elsewhere() {
        return;
    }
    let world = World::furnished().await;
    let body =
        json!({"scope": "USER_GLOBAL", "clientExtId": "{client-123}", "name": "{own}", "type": "STRING"});
    let created = post(&world, "/properties", body.clone()).await;
    let path = created.leads_to.expect("a Location");
    Victim::Client.begin(&world).await;
    let id = path.rsplit('/').next().unwrap_or_default();
    let missing = refused(404, "errors.noRecord", &format!("Property doesn't exist with propertyId '{id}'"));
    assert_eq!(get(&world, &path).await, missing);
    let before = world.items().await;
    let change = world.patch(&path).by(&Caller::root()).json(json!({"description": "New"}));
    assert_eq!(change.send().await, missing);
    assert_eq!(post(&world, "/properties", body).await.status, 404);
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// The names of a user are free after the end only, and so are the unique values that have not been released.
#[tokio::test]
async fn nothing_of_a_marked_user_is_free() {
    let Some(world) = begun(USER).await else { return };
    let before = world.items().await;
    let users = "/{client-123}/users";
    let again = post(&world, users, json!({"extId": "{user-123}"})).await;
    assert_eq!(again, duplicate("User already exists with extId 'user-123'"));
    let login = post(&world, users, json!({"extId": "{user-1}", "loginId": "login-{user-123}"})).await;
    assert_eq!(login, duplicate("User already exists with loginId 'login-user-123'"));
    let other = "/{client-123}/users/{user-456}";
    let profile = post(&world, &format!("{other}/profiles"), json!({"extId": "{q-user-123}"})).await;
    assert_eq!(profile, duplicate("Profile already exists with extId 'q-user-123'"));
    let value = world.patch(&format!("{other}/properties")).by(&Caller::root());
    let value = value.json(json!({"{staff_number}": "1"})).send().await;
    assert_eq!(value, not_unique("staff_number", "1"));
    let target = json!({"extId": "{dt-123}", "deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n"});
    let target = post(&world, &format!("{other}/dispatch-targets"), target).await;
    assert_eq!(target, duplicate("DispatchTarget already exists with extId 'dt-123'"));
    assert_eq!(world.items().await.since(&before), Changes::none());
    sweep(world.table()).await;
    assert_eq!(post(&world, users, json!({"extId": "{user-123}"})).await.status, 201);
}

#[tokio::test]
async fn nothing_of_a_marked_client_is_free() {
    let Some(world) = begun(Victim::Client).await else { return };
    let before = world.items().await;
    for body in
        [json!({"extId": "{client-123}", "name": "{a}"}), json!({"extId": "{b}", "name": "{Default}"})]
    {
        assert_eq!(post(&world, "/clients", body).await, duplicate("Client already exists"));
    }
    let rename = world.patch("/clients/{client-456}").by(&Caller::root()).json(json!({"name": "{Default}"}));
    assert_eq!(rename.send().await, duplicate("Client already exists"));
    assert_eq!(world.items().await.since(&before), Changes::none());
    sweep(world.table()).await;
    let body = json!({"extId": "{client-123}", "name": "{Default}"});
    assert_eq!(post(&world, "/clients", body).await.status, 201);
}

/// The request that is sent again goes on with the deletion, and ends it.
#[tokio::test]
async fn the_same_request_goes_on() {
    for victim in [USER, Victim::Client] {
        let Some(world) = begun(victim).await else { return };
        let again = world.delete(&victim.path()).by(&Caller::root()).send().await;
        assert_eq!(again, no_content());
        assert_eq!(records(&world.stored().await).len(), 1);
        assert_complete(&world.stored().await);
        assert_eq!(world.delete(&victim.path()).by(&Caller::root()).send().await.status, 404);
    }
}

/// The record counts all items but the entry among the deletions that have not ended.
#[tokio::test]
async fn the_job_goes_on_and_shows_its_progress() {
    for victim in [USER, Victim::Client] {
        if is_elsewhere() {
            return;
        }
        let world = World::furnished().await;
        let id = victim.begin(&world).await;
        let path = format!("/deletions/{id}");
        let begun = get(&world, &path).await;
        let shown = |name: &str| begun.body[name].clone();
        assert_eq!((begun.status, shown("state"), shown("deleted")), (200, json!("running"), json!(0)));
        assert_eq!((shown("ended"), shown("begun")), (Value::Null, json!("<now>")));
        let before = keys(&world.stored().await);
        sweep(world.table()).await;
        let ended = get(&world, &path).await;
        let deleted = before.difference(&keys(&world.stored().await)).count() - 1;
        assert_eq!((&ended.body["state"], &ended.body["ended"]), (&json!("ended"), &json!("<now>")));
        assert_eq!(ended.body["deleted"], deleted);
    }
}

/// What a caller who neither began it nor may read all gets does not depend on whether it exists.
#[tokio::test]
async fn a_deletion_is_shown_to_its_author_and_to_those_who_may_delete_all_clients() {
    if is_elsewhere() {
        return;
    }
    let world = World::furnished().await;
    let author = Caller::new("{client-123}", "author").with("nevisIdm.Root", None, None);
    let delete = world.delete(&USER.path()).by(&author).send().await;
    assert_eq!(delete, no_content());
    let path = format!("/deletions/{}", records(&world.stored().await)[0].id);
    let unknown = "/deletions/00000000-0000-4000-8000-000000000000";
    let other = Caller::new("{client-123}", "other").with(ROOT, None, None);
    let all = Caller::new("{operators}", "all").with(ROOT, Some(&["*"]), None);
    let read = async |caller: &Caller, path: &str| world.get(path).by(caller).send().await;
    for caller in [&author, &all] {
        assert_eq!(read(caller, &path).await.status, 200);
    }
    let denied = outside_data_room("ClientDelete");
    for (caller, path) in [(&other, path.as_str()), (&other, unknown), (&author, unknown)] {
        assert_eq!(read(caller, path).await, denied, "{path}");
    }
    assert_eq!(read(&all, unknown).await.status, 404);
    let nobody = Caller::new("{client-123}", "nobody");
    assert_eq!(read(&nobody, &path).await, read(&nobody, unknown).await);
    assert_eq!(read(&nobody, &path).await.status, 403);
}

/// The marks stay until the end, so that the table says which deletion it is.
#[tokio::test]
async fn the_items_by_which_a_user_is_found_are_marked() {
    let Some(world) = begun(USER).await else { return };
    let path = world.user_path("{client-123}", "{user-123}");
    let marked = world.stored().await.iter().filter(|item| item.is_being_deleted()).count();
    assert_eq!(marked, 6, "the user, three copies and two profiles");
    assert!(stored_at(&world, &path.key()).await.is_some_and(|item| item.is_being_deleted()));
    assert_complete(&world.stored().await);
}
