//! Requests that have read what is deleted before its mark, and write after it.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, join, select};
use serde_json::{Value, json};

use super::{Victim, assert_left, furnished_without, is_elsewhere};
use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::call::Call;
use crate::support::gate::Gate;
use crate::support::items::Changes;
use crate::support::jobs::{sweep, try_sweep};
use crate::support::whole::assert_complete;
use crate::support::{Answer, Caller, World};

for_each_operation!(a_late_write_below_a_user_leaves_nothing, a_late_write_below_a_client_leaves_nothing,);

/// When the request writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// After the mark.
    Marked,
    /// After the end.
    Ended,
}

/// Returns the bodies of good requests.
fn bodies(row: &Row) -> Vec<Option<Value>> {
    let more = [row.more_actions, row.more_calls].into_iter().flatten();
    [row.good_body()].into_iter().chain(more.map(|body| Some(body()))).collect()
}

/// Sends a request whose first transaction reaches the table only at this moment, and deletes the victim. Returns the
/// answer, and that of the same request after the end.
async fn late(row: &Row, body: Option<Value>, (victim, moment): (Victim, Moment)) -> [Answer; 2] {
    let expected = furnished_without(victim).await;
    let gate = Gate::default();
    let world = World::in_process(&[], |client| gate.watch(&client)).await;
    world.furnish("{Default}").await;
    let send = || world.call(row.method, row.path).json_if(body.clone()).by(&Caller::root());
    gate.close();
    let delete = async {
        gate.reached().await;
        victim.begin(&world).await;
        if moment == Moment::Ended {
            sweep(world.table()).await;
        }
        gate.open();
    };
    let both = join(Call::send(send()), delete);
    let (answer, ()) = tokio::time::timeout(Duration::from_secs(30), both).await.expect("it writes");
    sweep(world.table()).await;
    let again = send().send().await;
    assert_left(&world.stored().await, &expected);
    [answer, again]
}

/// A request that creates something finds no user. What another one changes was changed before the deletion.
async fn a_late_write_below_a_user_leaves_nothing(row: &'static Row) {
    let victim = Victim::User(row.user());
    if !row.writes() || !victim.has(row) || is_elsewhere() {
        return;
    }
    for body in bodies(row) {
        for moment in [Moment::Marked, Moment::Ended] {
            let [answer, again] = late(row, body.clone(), (victim, moment)).await;
            assert_eq!(again.status, 404, "{moment:?}: {again:?}");
            let is_before = moment == Moment::Marked && row.method != "POST" && answer.status == row.success;
            // What the request names is deleted before the user, so that it may be missing first.
            assert!(is_before || answer.status == 404, "{moment:?}: {answer:?}");
        }
    }
}

/// Below a user of the client, it was created before the deletion too.
async fn a_late_write_below_a_client_leaves_nothing(row: &'static Row) {
    if !row.writes() || !Victim::Client.has(row) || is_elsewhere() {
        return;
    }
    for body in bodies(row) {
        for moment in [Moment::Marked, Moment::Ended] {
            let [answer, again] = late(row, body.clone(), (Victim::Client, moment)).await;
            assert_eq!(again.status, 404, "{moment:?}: {again:?}");
            let creates = row.method == "POST" && !row.has_user();
            let is_before = moment == Moment::Marked && !creates && answer.status == row.success;
            assert!(is_before || answer.status == 404, "{moment:?}: {answer:?}");
        }
    }
}

/// Writes below a user who has no values and no mobile signature.
fn writes(world: &World) -> Vec<Call<'_>> {
    let target = json!({"deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n"});
    let path = |rest: &str| format!("/{{client-123}}/users/{{user-789}}{rest}");
    vec![
        world.post(&path("/dispatch-targets")).json(target),
        world.post(&path("/consents")).json(json!({"termsExtId": "{terms-123}"})),
        world.post(&path("/profiles")).json(json!({"unitExtId": "sales"})),
        world.patch(&path("/properties")).json(json!({"{staff_number}": "7"})),
        world.patch(&path("")).json(json!({"loginId": "{login-new}"})),
    ]
}

/// Sends a request whose transaction reaches the table only when the job is about to apply the transaction with this
/// number, which then follows. Returns false if the job has fewer.
async fn write_between((victim, number, steps): (Victim, usize, usize)) -> bool {
    let (gate, of_job) = (Gate::default(), Gate::default());
    let world = World::in_process(&[], |client| gate.watch(&client)).await;
    world.furnish("{Default}").await;
    let (client, table) = world.table();
    let job = of_job.watch(client);
    gate.close();
    let mut request = pin!(writes(&world).remove(number).by(&Caller::root()).send());
    match select(request.as_mut(), pin!(gate.reached())).await {
        Either::Left((answer, _)) => panic!("it writes: {answer:?}"),
        Either::Right(_) => victim.begin(&world).await,
    };
    of_job.close_after(steps);
    let mut run = pin!(try_sweep((&job, table)));
    let is_held = matches!(select(run.as_mut(), pin!(of_job.reached())).await, Either::Right(_));
    gate.open();
    let answer = request.await;
    assert!(answer.status < 500, "{answer:?}");
    of_job.open();
    if is_held {
        assert_eq!(run.await, Ok(()));
    }
    sweep(world.table()).await;
    assert_left(&world.stored().await, &furnished_without(victim).await);
    is_held
}

#[tokio::test]
async fn a_late_write_between_two_steps_leaves_nothing() {
    if is_elsewhere() {
        return;
    }
    let count = writes(&World::furnished().await).len();
    for victim in [Victim::User("{user-789}"), Victim::Client] {
        for number in 0..count {
            let mut steps = 0;
            while Box::pin(write_between((victim, number, steps))).await {
                steps += 1;
            }
            assert!(steps > 0, "{victim:?}");
        }
    }
}

/// Lets another run end a deletion while one holds the transaction with this number, and creates the same user with the
/// same consents again, before the held transaction follows. Returns false if the run has fewer.
async fn sweep_late(steps: usize) -> bool {
    let of_job = Gate::default();
    let world = World::furnished().await;
    let user = Victim::User("{user-789}");
    let consent =
        || world.post(&format!("{}/consents", user.path())).json(json!({"termsExtId": "{terms-123}"}));
    assert_eq!(consent().by(&Caller::root()).send().await.status, 201);
    user.begin(&world).await;
    let (client, table) = world.table();
    let job = of_job.watch(client);
    of_job.close_after(steps);
    let mut run = pin!(try_sweep((&job, table)));
    if !matches!(select(run.as_mut(), pin!(of_job.reached())).await, Either::Right(_)) {
        return false;
    }
    sweep(world.table()).await;
    world.put_user("{client-123}", "{user-789}", &["sales", "root"]).await;
    assert_eq!(consent().by(&Caller::root()).send().await.status, 201);
    let before = world.items().await;
    of_job.open();
    assert_eq!(run.await, Ok(()));
    assert_eq!(world.items().await.since(&before), Changes::none());
    assert_complete(&world.stored().await);
    true
}

/// Items are deleted at their keys, which can be those of other items after the end.
#[tokio::test]
async fn a_late_step_of_a_deletion_that_has_ended_deletes_nothing() {
    if is_elsewhere() {
        return;
    }
    let mut steps = 0;
    while Box::pin(sweep_late(steps)).await {
        steps += 1;
    }
    assert!(steps > 0, "a run has steps");
}
