//! Permanent throttling and an exhausted retry budget: the response is sent before the deadline.

use aws_sdk_dynamodb::config::retry::TokenBucket;

use super::fault::Fault;
use super::rig::{Rig, at, begins_deletion};
use super::scenes::{Scene, good, health, refused};
use super::trial::decisive;
use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::World;
use crate::support::items::Changes;

for_each_operation!(
    total_throttling_responds_with_503_before_the_deadline,
    a_lost_response_without_retry_budget_responds_with_503,
);

async fn total_throttling_responds_with_503_before_the_deadline(row: &'static Row) {
    if !row.reads_table() {
        return;
    }
    throttle(|world| good(world, row).into_iter().chain(refused(world, row)).collect()).await;
}

#[tokio::test]
async fn a_health_check_is_throttled_too() {
    throttle(|world| vec![health(world)]).await;
}

/// The rig requires a response before the deadline, which is a second before that of the function.
async fn throttle(scenes: impl FnOnce(&World) -> Vec<Scene>) {
    let Some(rig) = Rig::new().await else { return };
    for scene in scenes(&rig.world) {
        for code in ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"]
        {
            let outcome = rig.outcome(&scene.sent, Box::new(move |_| Some(Fault::Refused(code)))).await;
            // Throttled requests are known to have had no effect.
            assert!(outcome.is_unavailable(), "{} {code}: {:?}", scene.name, outcome.answer);
            assert_eq!(outcome.changes, Changes::none(), "{} {code}", scene.name);
            assert!(rig.proxy.seen().len() >= 3, "{} {code}", scene.name);
        }
    }
}

async fn a_lost_response_without_retry_budget_responds_with_503(row: &'static Row) {
    cut_without_budget(|world| good(world, row)).await;
}

#[tokio::test]
async fn a_health_check_without_retry_budget_responds_with_503() {
    cut_without_budget(|world| vec![health(world)]).await;
}

/// The SDK has one retry budget for the process. Without it the first fault ends the request.
async fn cut_without_budget(scenes: impl FnOnce(&World) -> Vec<Scene>) {
    let Some(rig) = Rig::with_budget(TokenBucket::new(0)).await else { return };
    for scene in scenes(&rig.world).into_iter().filter(|scene| !scene.has_key) {
        let (calls, undisturbed) = rig.undisturbed(&scene.sent).await;
        let decisive = decisive(&calls);
        for call in calls {
            for applied in [false, true] {
                let cut = at(call, move |number| (number == 1).then_some(Fault::Cut { applied }));
                let outcome = rig.outcome(&scene.sent, cut).await;
                // What a request has begun, the job ends, whatever becomes of the request.
                let is_deletion = begins_deletion(&scene.sent);
                let is_ended = is_deletion && outcome.scrubbed() == undisturbed.scrubbed();
                assert!(is_ended || outcome.is_unknown(&undisturbed), "{}: {outcome:?}", scene.name);
                if is_deletion {
                    continue;
                }
                let is_done = outcome.changes.without_marks() != Changes::none();
                assert_eq!(is_done, applied && decisive == Some(call), "{}", scene.name);
            }
        }
    }
}
