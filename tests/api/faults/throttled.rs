//! A table that is busy for good, and a budget of retries that is spent: callers are told in time.

use aws_sdk_dynamodb::config::retry::TokenBucket;

use super::fault::{Fault, Kind};
use super::rig::{Rig, at, unavailable};
use super::scenes::{good, refused};
use crate::support::items::Changes;

/// The rig holds that the answer is there when the deadline is, a second before that of the
/// function.
#[tokio::test]
async fn under_total_throttling_every_request_ends_in_time_with_503_and_nothing_is_written() {
    let Some(rig) = Rig::new().await else { return };
    for scene in good(&rig.world).into_iter().chain(refused(&rig.world)) {
        for code in ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"]
        {
            let outcome = rig.outcome(&scene.sent, Box::new(move |_| Some(Fault::Refused(code)))).await;
            // A request that changes nothing, and is known to, does not ask again.
            assert_eq!(outcome.answer, unavailable(), "{} {code}", scene.name);
            assert_eq!(outcome.changes, Changes::none(), "{} {code}", scene.name);
            assert!(rig.proxy.seen().len() >= 3, "{} {code}", scene.name);
        }
    }
}

/// The SDK keeps one budget of retries for a process. Without it the first fault is the last, and
/// is still told as what it is.
#[tokio::test]
async fn without_a_budget_of_retries_a_lost_answer_is_503() {
    let Some(rig) = Rig::with_budget(TokenBucket::new(0)).await else { return };
    for scene in good(&rig.world).into_iter().filter(|scene| !scene.has_key) {
        let (calls, undisturbed) = rig.undisturbed(&scene.sent).await;
        for call in calls {
            for applied in [false, true] {
                let cut = at(call, move |number| (number == 1).then_some(Fault::Cut { applied }));
                let outcome = rig.outcome(&scene.sent, cut).await;
                assert!(outcome.is_unknown(&undisturbed), "{}: {outcome:?}", scene.name);
                let is_done = outcome.changes != Changes::none();
                assert_eq!(is_done, applied && call.kind == Kind::Transact, "{}", scene.name);
            }
        }
    }
}
