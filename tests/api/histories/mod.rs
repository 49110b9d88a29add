//! Histories of callers who work on one object at the same time: for each there is an order in
//! which the calls could have come one after the other and been answered the same.
//!
//! `HISTORIES` tells how many of each object are recorded.

mod client_names;
mod consents;
mod dispatch_targets;
mod properties;
mod record;
mod unique_values;

use client_names::ClientNames;
use consents::Consents;
use dispatch_targets::DispatchTargets;
use properties::Properties;
use record::{Object, demand_linearizable, is_linearizable, record};
use unique_values::UniqueValues;

use crate::support::World;
use crate::support::careless::Careless;
use crate::support::older::Older;
use crate::support::target::{Kind, leaves_out, number};

/// How many histories of each object: `HISTORIES`, else one.
fn histories() -> u32 {
    number("HISTORIES", 1)
}

async fn every_history_is_linearizable<O: Object>(object: &str) {
    if leaves_out(&[Kind::Watch, Kind::Gateway], "histories, which take too many calls") {
        return;
    }
    let world = World::furnished().await;
    for number in 0..histories() {
        demand_linearizable(&record::<O>(&world, number).await, object, number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_properties_of_a_mobile_signature_change_one_request_after_the_other() {
    every_history_is_linearizable::<Properties>("properties").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_ext_ids_of_clients_are_taken_one_after_the_other() {
    every_history_is_linearizable::<ClientNames>("client-names").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_to_the_version_of_its_moment() {
    every_history_is_linearizable::<Consents>("consents").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatch_target_goes_with_every_reference_to_it() {
    every_history_is_linearizable::<DispatchTargets>("dispatch-targets").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_value_moves_between_users_and_has_one_owner() {
    every_history_is_linearizable::<UniqueValues>("unique-values").await;
}

/// Whether one of a few histories is found that no order explains.
async fn is_found<O: Object>(world: &World) -> bool {
    for number in 0..10 {
        if !is_linearizable(&record::<O>(world, number).await) {
            return true;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_from_an_older_state_is_found() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that answers from the past") {
        return;
    }
    let older = Older::default();
    let world = World::in_process(&[], |client| older.watch(&client)).await;
    world.furnish("{Default}").await;
    assert!(is_found::<Properties>(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_does_not_check_versions_is_found() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that checks too little") {
        return;
    }
    let world = World::in_process(&[], |client| Careless::Versions.watch(&client)).await;
    world.furnish("{Default}").await;
    assert!(is_found::<Properties>(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_does_not_check_absence_is_found() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that checks too little") {
        return;
    }
    let world = World::in_process(&[], |client| Careless::Absence.watch(&client)).await;
    world.furnish("{Default}").await;
    assert!(is_found::<ClientNames>(&world).await);
}
