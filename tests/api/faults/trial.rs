//! A request that is tried with several plans.

use super::calls::Attempt;
use super::fault::{Call, Fault, Kind};
use super::proxy::Plan;
use super::rig::{Outcome, Rig, begins_deletion};
use super::scenes::Scene;
use crate::support::World;

/// The expected outcome under a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The outcome without faults.
    Undisturbed,
    /// 503, and the request was applied as without faults or not at all.
    Unknown,
    /// Either of the two.
    Either,
}

/// A request, its outcome without faults, and the number of tries.
pub(crate) struct Trial<'a> {
    /// Service.
    pub(crate) rig: &'a Rig,
    /// Request.
    pub(crate) scene: Scene,
    /// Outcome without faults.
    pub(crate) undisturbed: Outcome,
    /// The transaction that decides, if there is one. Others precede it.
    decisive: Option<Call>,
    tried: usize,
}

impl Trial<'_> {
    /// Returns the expected outcome of a fault at every attempt. An applied change is found by its
    /// `Idempotency-Key` even if every response of the table is lost.
    pub(crate) fn expected_of_every(&self, call: Call, fault: Fault) -> Expected {
        let found = self.is_found_by_its_key(call) && fault.applies();
        if fault.answers() || found { Expected::Undisturbed } else { Expected::Unknown }
    }

    /// Returns true if the call is a change that can be found by its `Idempotency-Key`.
    pub(crate) fn is_found_by_its_key(&self, call: Call) -> bool {
        self.decisive == Some(call) && self.scene.has_key && self.undisturbed.answer.status < 300
    }

    /// Sends the request under a plan and asserts the outcome, and that the faults have occurred.
    pub(crate) async fn expect(&mut self, plan: Plan, faults: &[(Call, Fault)], expected: Expected) {
        let outcome = self.rig.outcome(&self.scene.sent, plan).await;
        let place = format!("{} with {faults:?}", self.scene.name);
        let is_unknown = || outcome.is_unknown(&self.undisturbed);
        // What a request has begun, the job ends, whatever becomes of the request.
        let is_begun = expected == Expected::Unknown && begins_deletion(&self.scene.sent);
        let expected = if is_begun { Expected::Either } else { expected };
        let is_cut = faults.iter().any(|(_, fault)| *fault == Fault::ShortPage);
        match expected {
            Expected::Unknown => assert!(is_unknown(), "{place}: {outcome:?}"),
            Expected::Either if is_unknown() => {}
            _ if is_cut && outcome.is_shorter_page(&self.undisturbed) => {}
            Expected::Undisturbed | Expected::Either => {
                assert_eq!(outcome.scrubbed(), self.undisturbed.scrubbed(), "{place}");
            }
        }
        let seen = self.rig.proxy.seen();
        for (call, fault) in faults {
            let happened = |(attempt, happened): &(Attempt, Option<Fault>)| {
                attempt.call == *call && *happened == Some(*fault)
            };
            assert!(seen.iter().any(happened), "{place}: {seen:?}");
        }
        self.tried += 1;
    }
}

/// Returns the last transaction among the calls of a request, with which its response is decided.
pub(crate) fn decisive(calls: &[Call]) -> Option<Call> {
    calls.iter().copied().rfind(|call| call.kind == Kind::Transact)
}

/// Tries each of these requests and prints the number of tries.
pub(crate) async fn each(
    scenes: impl FnOnce(&World) -> Vec<Scene>,
    tries: impl AsyncFn(&mut Trial<'_>, &[Call]),
) {
    let Some(rig) = Rig::new().await else { return };
    let mut sum = 0;
    for scene in scenes(&rig.world) {
        let (calls, undisturbed) = rig.undisturbed(&scene.sent).await;
        let decisive = decisive(&calls);
        let mut trial = Trial { rig: &rig, scene, undisturbed, decisive, tried: 0 };
        tries(&mut trial, &calls).await;
        sum += trial.tried;
    }
    println!("{sum} requests with faults");
}
