//! What happens when an object changes while a request is under way.

use serde_json::json;

use super::table::ROWS;
use crate::support::answer::{busy, taken};
use crate::support::items::Changes;
use crate::support::stale::Stale;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World};

async fn stale_world() -> Option<(World, Stale)> {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "changes in the middle of a request") {
        return None;
    }
    let stale = Stale::default();
    let world = World::in_process(&[], |client| stale.watch(&client)).await;
    world.furnish("{Default}").await;
    Some((world, stale))
}

/// The operations that decide on what they have seen before.
const LOOKING: [&str; 3] = ["create-consent", "update-mobile-signature-properties", "delete-dispatch-target"];

#[tokio::test]
async fn a_request_looks_again_when_the_object_has_changed() {
    let Some((world, stale)) = stale_world().await else { return };
    for row in ROWS.iter().filter(|row| LOOKING.contains(&row.id)) {
        stale.next(2);
        let answer = row.call(&world).by(&Caller::root()).send().await;
        assert_eq!((answer.status, stale.made()), (row.success, 3), "{}: {answer:?}", row.id);
    }
}

#[tokio::test]
async fn a_request_gives_up_when_the_object_changes_all_the_time() {
    let Some((world, stale)) = stale_world().await else { return };
    let before = world.items().await;
    for row in ROWS.iter().filter(|row| LOOKING.contains(&row.id)) {
        stale.next(u32::MAX);
        let answer = row.call(&world).by(&Caller::root()).send().await;
        assert_eq!(answer, busy(), "{}", row.id);
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// A value that is taken is told only when the rest of the transaction could have been done.
#[tokio::test]
async fn a_taken_value_beside_a_change_is_looked_at_again() {
    let Some((world, stale)) = stale_world().await else { return };
    world.put_mobile_signature("{client-456}", "{user-123}", &[("{employee_id}", "7")]).await;
    stale.next(1);
    let path = "/{client-123}/users/{user-123}/mobile-signature/properties";
    let call = world.patch(path).by(&Caller::root()).json(json!({"{employee_id}": "7"}));
    call.expect_unchanged(taken("employee_id", "7")).await;
    assert_eq!(stale.made(), 2);
}

/// The other operations write on conditions alone, which nobody can outrun.
#[tokio::test]
async fn an_operation_that_does_not_look_has_one_transaction() {
    let Some((world, stale)) = stale_world().await else { return };
    for row in ROWS.iter().filter(|row| row.method != "GET" && !LOOKING.contains(&row.id)) {
        stale.next(u32::MAX);
        let answer = row.call(&world).by(&Caller::root()).send().await;
        assert_eq!((answer.status, stale.made()), (row.success, 1), "{}: {answer:?}", row.id);
    }
}
