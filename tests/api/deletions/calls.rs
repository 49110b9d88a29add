//! The calls of the job that goes on with deletions.

use std::collections::BTreeSet;
use std::time::Duration;

use functions::JOBS;
use functions::deletions::Deletion;
use local::costs::actions_of_job;
use shared::clock::Timestamp;

use crate::agreement::granted_actions;
use crate::operations::calls::actions_of;
use crate::support::jobs;
use crate::support::recorder::Recorder;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World};

/// A duration of a request that is too short for a step of a deletion.
const SHORT: Duration = Duration::from_secs(3);

/// The identifier of a deletion whose user is gone.
const GONE: &str = "5d0d1b3c-7d3c-4a56-9a3f-0d6f0c2b8f11";

/// A deletion of each kind is left to the job. The user of another one is gone, as if a concurrent run had deleted the
/// user after this one has read the deletion.
#[tokio::test]
async fn the_template_grants_the_job_exactly_the_calls_that_it_makes() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "the calls of the job") {
        return;
    }
    let world = World::in_process(&[], |client| client).await;
    world.furnish("{Default}").await;
    let world = world.within(SHORT);
    for (method, path) in [
        ("DELETE", "/{client-123}/users/{user-456}"),
        ("POST", "/{client-123}/users/{user-123}/archive"),
        ("POST", "/{client-456}/users/{user-123}/archive"),
        ("DELETE", "/clients/{client-456}"),
    ] {
        let answer = world.call(method, path).by(&Caller::root()).send().await;
        assert_eq!(answer.status, 202, "{method} {path}: {answer:?}");
        let deletion = answer.leads_to.as_deref().and_then(|path| path.strip_prefix("/deletions/"));
        assert_eq!(deletion, Some(answer.headers["created-id"][0].as_str()), "{method} {path}");
    }
    let gone = Deletion::of_user(GONE, world.user_path("{client-123}", "{user-999}"), Timestamp::UNIX_EPOCH);
    world.put(|transaction| gone.begin(transaction)).await;
    let recorder = Recorder::default();
    let (client, table) = world.table();
    let client = recorder.watch(client);
    jobs::sweep((&client, table)).await;
    let items = world.items().await.into_json();
    let left: Vec<&String> =
        items.as_object().expect("items").keys().filter(|place| place.starts_with("DELETIONS#")).collect();
    assert_eq!(left, [""; 0]);
    for (path, status) in [
        ("/{client-123}/users/{user-456}", 404),
        ("/{client-123}/users/{user-123}/dispatch-targets/{dt-123}", 404),
        ("/{client-123}/users/{user-123}", 200),
        ("/clients/{client-456}", 404),
        (&format!("/deletions/{GONE}"), 200),
    ] {
        assert_eq!(world.get(path).by(&Caller::root()).send().await.status, status, "{path}");
    }
    let made: BTreeSet<String> =
        recorder.trips().iter().flatten().flat_map(|call| actions_of(call)).collect();
    let [job] = JOBS;
    assert_eq!(granted_actions(job.id), made);
    let listed = actions_of_job(job.id).expect("actions").into_iter();
    assert_eq!(listed.map(|action| format!("dynamodb:{action}")).collect::<BTreeSet<_>>(), made);
}
