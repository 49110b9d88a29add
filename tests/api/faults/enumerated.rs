//! Every fault at every call, at the first and at every attempt, and pairs of faults. The short form makes a third of the
//! faults, and a quarter of these at every attempt too. Which ones differs between the requests.
//!
//! A temporary fault is retried and has no effect on the outcome. A permanent one leaves open
//! whether the request was applied: the response is 503.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::fault::{Call, Fault, Kind};
use super::rig::at;
use super::scenes::{good, health, refused};
use super::trial::{Expected, Trial, each};
use crate::operations::for_each_operation;
use crate::operations::rows::Row;

for_each_operation!(
    good_requests_survive_a_fault,
    refused_transactions_survive_a_fault,
    #[ignore = "takes minutes"]
    good_requests_survive_each_fault,
    #[ignore = "takes minutes"]
    good_requests_survive_a_fault_at_every_attempt,
    #[ignore = "takes minutes"]
    refusals_survive_a_fault,
    #[ignore = "takes minutes"]
    good_requests_survive_a_cancellation,
    #[ignore = "takes minutes"]
    refusals_survive_a_cancellation,
    #[ignore = "takes minutes"]
    good_requests_survive_two_faults_at_a_call,
    #[ignore = "takes minutes"]
    refusals_survive_two_faults_at_a_call,
    #[ignore = "takes minutes"]
    good_requests_survive_a_fault_at_each_of_two_calls,
    #[ignore = "takes minutes"]
    refusals_survive_a_fault_at_each_of_two_calls,
);

/// A third of the faults at one call: at the first attempt and, for a quarter of these, at every attempt.
/// [`two_faults_at_one_call`] has those at the second attempt.
async fn one_fault(trial: &mut Trial<'_>, calls: &[Call]) {
    for call in calls.iter().copied() {
        for fault in call.faults() {
            let number = number_of(trial, call, fault);
            if number.is_multiple_of(3) {
                fault_at_first_attempt(trial, call, fault).await;
            }
            if number.is_multiple_of(12) {
                fault_at_every_attempt(trial, call, fault).await;
            }
        }
    }
}

/// Every fault at the first attempt of one call.
async fn each_fault(trial: &mut Trial<'_>, calls: &[Call]) {
    for call in calls.iter().copied() {
        for fault in call.faults() {
            fault_at_first_attempt(trial, call, fault).await;
        }
    }
}

/// Returns a number by which some of the faults of a request are selected.
fn number_of(trial: &Trial<'_>, call: Call, fault: Fault) -> u64 {
    let mut hasher = DefaultHasher::new();
    let sent = &trial.scene.sent;
    format!("{} {} {} {call:?} {fault:?}", sent.method, sent.path, trial.scene.name).hash(&mut hasher);
    hasher.finish()
}

async fn fault_at_first_attempt(trial: &mut Trial<'_>, call: Call, fault: Fault) {
    let first = at(call, move |number| (number == 1).then_some(fault));
    trial.expect(first, &[(call, fault)], Expected::Undisturbed).await;
}

async fn fault_at_every_attempt(trial: &mut Trial<'_>, call: Call, fault: Fault) {
    let every = at(call, move |_| Some(fault));
    let expected = trial.expected_of_every(call, fault);
    trial.expect(every, &[(call, fault)], expected).await;
}

/// Every fault at every attempt of one call.
async fn one_fault_at_every_attempt(trial: &mut Trial<'_>, calls: &[Call]) {
    for call in calls.iter().copied() {
        for fault in call.faults() {
            fault_at_every_attempt(trial, call, fault).await;
        }
    }
}

/// Every cancellation that leaves the result of a transaction open.
async fn cancellation(trial: &mut Trial<'_>, calls: &[Call]) {
    for call in calls.iter().copied() {
        for fault in call.cancellations() {
            let first = at(call, move |number| (number == 1).then_some(fault));
            trial.expect(first, &[(call, fault)], Expected::Undisturbed).await;
            let every = at(call, move |_| Some(fault));
            trial.expect(every, &[(call, fault)], Expected::Unknown).await;
        }
    }
}

/// Every pair of faults at one call: the second fault at the second attempt only, or at every later
/// attempt.
async fn two_faults_at_one_call(trial: &mut Trial<'_>, calls: &[Call]) {
    for call in calls.iter().copied() {
        for first in call.faults().into_iter().filter(|fault| !fault.is_last()) {
            for second in call.faults() {
                let faults = [(call, first), (call, second)];
                let once = at(call, move |number| [first, second].get(number - 1).copied());
                // Two attempts of three seconds and the back-off between them may exceed the
                // deadline of nine seconds.
                let is_long = first.is_waited_for() && second.is_waited_for();
                let expected = if is_long { Expected::Either } else { Expected::Undisturbed };
                trial.expect(once, &faults, expected).await;
                let stays = at(call, move |number| Some(if number == 1 { first } else { second }));
                let expected = match trial.expected_of_every(call, second) {
                    Expected::Unknown if trial.is_found_by_its_key(call) => Expected::Either,
                    expected => expected,
                };
                trial.expect(stays, &faults, expected).await;
            }
        }
    }
}

/// Every pair of faults at the first attempts of two calls.
async fn two_faults_at_two_calls(trial: &mut Trial<'_>, calls: &[Call]) {
    for (place, one) in calls.iter().copied().enumerate() {
        for other in calls[place + 1..].iter().copied() {
            for first in one.faults() {
                for second in other.faults() {
                    let mut plans = [
                        at(one, move |number| (number == 1).then_some(first)),
                        at(other, move |number| (number == 1).then_some(second)),
                    ];
                    let both = Box::new(move |attempt: &_| plans.iter_mut().find_map(|plan| plan(attempt)));
                    trial.expect(both, &[(one, first), (other, second)], Expected::Undisturbed).await;
                }
            }
        }
    }
}

/// The outcome is unknown only if the fault is permanent.
async fn good_requests_survive_a_fault(row: &'static Row) {
    each(|world| good(world, row), one_fault).await;
}

async fn good_requests_survive_each_fault(row: &'static Row) {
    each(|world| good(world, row), each_fault).await;
}

async fn good_requests_survive_a_fault_at_every_attempt(row: &'static Row) {
    each(|world| good(world, row), one_fault_at_every_attempt).await;
}

#[tokio::test]
async fn a_health_check_survives_a_fault() {
    each(|world| vec![health(world)], one_fault).await;
}

/// Reads do not depend on the result, so only the transactions are tried here.
async fn refused_transactions_survive_a_fault(row: &'static Row) {
    each(
        |world| refused(world, row),
        async |trial, calls| {
            let decide: Vec<Call> =
                calls.iter().copied().filter(|call| call.kind == Kind::Transact).collect();
            one_fault(trial, &decide).await;
        },
    )
    .await;
}

async fn refusals_survive_a_fault(row: &'static Row) {
    each(|world| refused(world, row), each_fault).await;
    each(|world| refused(world, row), one_fault_at_every_attempt).await;
}

/// A transaction that is cancelled for a conflict at any of its actions is retried.
async fn good_requests_survive_a_cancellation(row: &'static Row) {
    each(|world| good(world, row), cancellation).await;
}

async fn refusals_survive_a_cancellation(row: &'static Row) {
    each(|world| refused(world, row), cancellation).await;
}

async fn good_requests_survive_two_faults_at_a_call(row: &'static Row) {
    each(|world| good(world, row), two_faults_at_one_call).await;
}

async fn refusals_survive_two_faults_at_a_call(row: &'static Row) {
    each(|world| refused(world, row), two_faults_at_one_call).await;
}

async fn good_requests_survive_a_fault_at_each_of_two_calls(row: &'static Row) {
    each(|world| good(world, row), two_faults_at_two_calls).await;
}

async fn refusals_survive_a_fault_at_each_of_two_calls(row: &'static Row) {
    each(|world| refused(world, row), two_faults_at_two_calls).await;
}
