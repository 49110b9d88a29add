//! `DELETE /clients/{clientExtId}`: who may delete a client, and what it leaves.

use serde_json::{Map, Value, json};
use shared::table::transaction::MAX_ACTIONS;
use shared::table::{Condition, Transaction};

use super::everything::Everything;
use super::{assert_left, end_deletion, keys, records, report, timed};
use crate::support::answer::{busy, missing_right, outside_data_room};
use crate::support::caller::ROOT;
use crate::support::items::Items;
use crate::support::target::{Kind, leaves_out};
use crate::support::whole::assert_complete;
use crate::support::{Answer, Caller, World, no_content, refused};

const CLIENT: &str = "/clients/{client-new}";

async fn post(world: &World, path: &str, body: Value) {
    let answer = world.post(path).by(&Caller::root()).json(body).send().await;
    assert_eq!(answer.status, 201, "{path}: {answer:?}");
}

async fn delete(world: &World, path: &str, caller: &Caller) -> Answer {
    end_deletion(world, world.delete(path).by(caller).send().await).await
}

/// Creates `{client-new}` with a tree of units, two users with everything, a question, and definitions of its own with
/// values.
async fn create(world: &World) {
    post(world, "/clients", json!({"extId": "{client-new}", "name": "{New}"})).await;
    let units = [("top", None), ("sales", Some("top")), ("north", Some("sales")), ("south", Some("sales"))];
    for (unit, parent) in units {
        let mut body = json!({"extId": unit, "name": unit});
        body["parentUnitExtId"] = json!(parent);
        post(world, "/{client-new}/units", body).await;
    }
    post(world, "/{client-new}/personal-questions", json!({"extId": "{q}", "stateName": "active"})).await;
    for (scope, name) in [("USER_GLOBAL", "{room}"), ("CREDENTIAL_MOBILE_SIGNATURE_GLOBAL", "{desk}")] {
        let body = json!({"scope": scope, "clientExtId": "{client-new}", "name": name, "type": "STRING",
                          "uniquenessScope": "ABSOLUTE"});
        post(world, "/properties", body).await;
    }
    for (user, number) in [("{user-1}", 11), ("{user-2}", 12)] {
        let user = Everything { client: "{client-new}", user, number };
        user.create(world).await;
        for (path, name) in [("properties", "{room}"), ("mobile-signature/properties", "{desk}")] {
            let body: Map<String, Value> =
                [(name.to_owned(), json!(number.to_string()))].into_iter().collect();
            let call = world.patch(&format!("{}/{path}", user.path())).by(&Caller::root());
            let answer = call.json(body.into()).send().await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
}

/// Asserts that the record of one more deletion is the only change since `before`.
async fn assert_only_record(world: &World, before: &Items, records_now: usize) {
    let items = world.stored().await;
    assert_eq!(records(&items).len(), records_now);
    let changes = world.items().await.since(before);
    assert_eq!(changes.counts(), [1, 0, 0], "{changes:?}");
    assert_complete(&items);
}

/// Its name, its identifiers and all unique values can be used again.
#[tokio::test]
async fn a_deleted_client_leaves_nothing_but_the_record() {
    let world = World::furnished().await;
    for round in 1..3 {
        let before = world.items().await;
        create(&world).await;
        let [created, changed, _] = world.items().await.since(&before).counts();
        assert!(created > 80 && changed == 0, "{created} {changed}");
        assert_eq!(delete(&world, CLIENT, &Caller::root()).await, no_content());
        assert_only_record(&world, &before, round).await;
        let message = "Client doesn't exist with extId 'client-new'";
        let call = world.delete(CLIENT).by(&Caller::root());
        call.expect_unchanged(refused(404, "errors.noRecord", message)).await;
    }
}

/// Another client takes the name, and another one the external identifier.
#[tokio::test]
async fn the_names_of_a_deleted_client_are_free() {
    let world = World::furnished().await;
    assert_eq!(delete(&world, "/clients/{client-123}", &Caller::root()).await, no_content());
    post(&world, "/clients", json!({"extId": "{client-1}", "name": "{Default}"})).await;
    post(&world, "/clients", json!({"extId": "{client-123}", "name": "{2}"})).await;
    let users = world.get("/clients/{client-123}/users").by(&Caller::root()).send().await;
    assert_eq!(users.body["items"], json!([]));
    assert_complete(&world.stored().await);
}

#[tokio::test]
async fn other_clients_are_untouched() {
    let world = World::furnished().await;
    let is_other = |key: &str| key.contains("client-456");
    let others = |items: Items| {
        let Value::Object(items) = items.into_json() else { panic!("no items") };
        items.into_iter().filter(|(key, _)| is_other(key)).collect::<Map<_, _>>()
    };
    let before = others(world.items().await);
    assert_eq!(delete(&world, "/clients/{client-123}", &Caller::root()).await, no_content());
    assert!(before.len() > 10, "{before:#?}");
    assert_eq!(others(world.items().await), before);
}

#[tokio::test]
async fn a_client_cannot_be_deleted_in_single_client_mode() {
    let Some(world) = World::configured(&[("MULTI_CLIENT_MODE", "false")]).await else { return };
    world.furnish("{Default}").await;
    let message = "Operation not supported in single-client mode";
    let expected = refused(403, "errors.singleClientModeRestriction", message);
    world.delete("/clients/{client-123}").by(&Caller::root()).expect_unchanged(expected).await;
    // A missing right is reported first.
    let nobody = Caller::new("{operators}", "nobody");
    let call = world.delete("/clients/{client-123}").by(&nobody);
    call.expect_unchanged(missing_right("ClientDelete")).await;
}

#[tokio::test]
async fn rights_over_some_units_do_not_suffice() {
    let world = World::furnished().await;
    for units in [&["root"][..], &["sales", "legal", "root"], &[]] {
        let caller = Caller::new("{client-123}", "admin").with(ROOT, None, Some(units));
        let call = world.delete("/clients/{client-123}").by(&caller);
        call.expect_unchanged(outside_data_room("ClientDelete")).await;
    }
}

#[tokio::test]
async fn callers_may_delete_their_own_client() {
    let world = World::furnished().await;
    let caller = Caller::new("{client-123}", "admin").with(ROOT, None, None);
    assert_eq!(delete(&world, "/clients/{client-123}", &caller).await, no_content());
    assert_complete(&world.stored().await);
}

#[tokio::test]
async fn a_client_of_another_version_is_not_deleted() {
    let world = World::furnished().await;
    let call = |tag: &str| world.delete("/clients/{client-123}").by(&Caller::root()).header("if-match", tag);
    call("\"3\"").expect_unchanged(busy()).await;
    assert_eq!(end_deletion(&world, call("\"0\"").send().await).await, no_content());
}

/// A deletion of a user that had begun before ends with that of the client.
#[tokio::test]
async fn a_client_is_deleted_with_users_who_are_being_deleted() {
    if super::is_elsewhere() {
        return;
    }
    let world = World::furnished().await;
    let before = keys(&world.stored().await);
    create(&world).await;
    let client = super::Victim::Client;
    super::Victim::User("{user-123}").begin(&world).await;
    client.begin(&world).await;
    let answer = world.delete(&client.path()).by(&Caller::root()).send().await;
    assert_eq!(answer, no_content());
    assert_eq!(delete(&world, CLIENT, &Caller::root()).await, no_content());
    let left = keys(&world.stored().await);
    assert!(left.is_subset(&before), "{left:#?}");
    assert_eq!(assert_left(&world.stored().await, &left), 3);
}

/// Creates this number of dispatch targets, each with two items, of a user.
async fn put_targets(world: &World, (client, user): (&str, &str), count: usize) {
    let path = world.user_path(client, user);
    let targets: Vec<_> =
        (0..count).map(|number| world.dispatch_target(&format!("{{many-{user}-{number}}}"))).collect();
    for targets in targets.chunks(50) {
        world
            .put(|transaction| {
                targets.iter().map(|target| target.create(&path, (None, 0), transaction)).collect::<Vec<_>>()
            })
            .await;
    }
}

/// Deletes a client with about this number of items, most of which are dispatch targets of users with 27 items each, and
/// prints how many are deleted in a second, and how many the engine alone deletes in full transactions.
async fn delete_many(count: usize) {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "many items") {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    world.put_client("{client-new}", "{New}").await;
    for number in 0..count / 26 {
        let user = format!("user-{number}");
        world.put_user("{client-new}", &user, &["root"]).await;
        put_targets(&world, ("{client-new}", &user), 10).await;
    }
    let (answer, took) = timed(delete(&world, CLIENT, &Caller::root())).await;
    assert_eq!(answer, no_content());
    let deleted = records(&world.stored().await)[0].deleted;
    assert!(deleted >= count as u64, "{deleted}");
    report("client", deleted, took);
    assert_only_record(&world, &before, 1).await;
    delete_bare(&world, count.min(10_000)).await;
}

/// Deletes about this number of items of a user without conditions, and prints how many are deleted in a second.
async fn delete_bare(world: &World, count: usize) {
    let present = keys(&world.stored().await);
    put_targets(world, ("{client-456}", "{user-123}"), count / 2).await;
    let items = world.stored().await;
    let new = items.iter().map(|item| item.key().expect("a key"));
    let new = new.filter(|key| !present.contains(&format!("{} | {}", key.pk(), key.sk())));
    // The records of deletions are not among the keys.
    let new: Vec<_> = new.filter(|key| !key.pk().starts_with("DELETION#")).collect();
    let deleting = async {
        for keys in new.chunks(MAX_ACTIONS) {
            let delete = |transaction: &mut Transaction| {
                keys.iter().map(|key| transaction.delete(key.clone(), Condition::Any)).collect::<Vec<_>>()
            };
            world.put(delete).await;
        }
    };
    let ((), took) = timed(deleting).await;
    report("bare", new.len() as u64, took);
}

#[tokio::test]
async fn a_client_with_2_000_items_is_deleted() {
    delete_many(2_000).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn a_client_with_100_000_items_is_deleted() {
    delete_many(100_000).await;
}
