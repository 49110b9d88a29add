//! A request that is tried with one plan after the other.

use super::calls::Attempt;
use super::fault::{Call, Fault, Kind};
use super::proxy::Plan;
use super::rig::{Outcome, Rig};
use super::scenes::Scene;
use crate::support::World;

/// What a plan has to lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The outcome of the same request when nothing fails.
    Undisturbed,
    /// 503, and the request was done as when nothing fails, or not at all.
    Unknown,
    /// One of the two.
    Either,
}

/// A request, what it does when nothing fails, and how often it was tried with faults.
pub(crate) struct Trial<'a> {
    /// The service.
    pub(crate) rig: &'a Rig,
    /// The request.
    pub(crate) scene: Scene,
    /// What it does when nothing fails.
    pub(crate) undisturbed: Outcome,
    tried: usize,
}

impl Trial<'_> {
    /// What a fault at every attempt at a call leads to. A change that was done is found by its
    /// `Idempotency-Key`, even when every answer of the table was lost.
    pub(crate) fn expected_of_every(&self, call: Call, fault: Fault) -> Expected {
        let found = self.is_found_by_its_key(call) && fault.applies();
        if fault.answers() || found { Expected::Undisturbed } else { Expected::Unknown }
    }

    /// Whether the call is a change that may be found by its `Idempotency-Key`.
    pub(crate) fn is_found_by_its_key(&self, call: Call) -> bool {
        call.kind == Kind::Transact && self.scene.has_key && self.undisturbed.answer.status < 300
    }

    /// Sends the request under the plan; the faults have to happen.
    pub(crate) async fn expect(&mut self, plan: Plan, faults: &[(Call, Fault)], expected: Expected) {
        let outcome = self.rig.outcome(&self.scene.sent, plan).await;
        let place = format!("{} with {faults:?}", self.scene.name);
        let is_unknown = outcome.is_unknown(&self.undisturbed);
        let is_cut = faults.iter().any(|(_, fault)| *fault == Fault::ShortPage);
        match expected {
            Expected::Unknown => assert!(is_unknown, "{place}: {outcome:?}"),
            Expected::Either if is_unknown => {}
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

/// Tries each of these requests; prints the number of tries.
pub(crate) async fn each(
    scenes: impl FnOnce(&World) -> Vec<Scene>,
    tries: impl AsyncFn(&mut Trial<'_>, &[Call]),
) {
    let Some(rig) = Rig::new().await else { return };
    let mut sum = 0;
    for scene in scenes(&rig.world) {
        let (calls, undisturbed) = rig.undisturbed(&scene.sent).await;
        let mut trial = Trial { rig: &rig, scene, undisturbed, tried: 0 };
        tries(&mut trial, &calls).await;
        sum += trial.tried;
    }
    println!("{sum} requests with faults");
}
