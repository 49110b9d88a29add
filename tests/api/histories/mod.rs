//! Linearizability of concurrent requests to one object: for each history there is a sequential
//! order of the calls with the same responses.
//!
//! `HISTORIES` sets the number of recorded histories of each object.

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
use record::{Object, assert_linearizable, is_linearizable, record};
use unique_values::UniqueValues;

use crate::support::World;
use crate::support::careless::Careless;
use crate::support::older::Older;
use crate::support::target::{Kind, leaves_out, number};

/// Returns the number of histories of each object: `HISTORIES`, or 1 by default.
fn histories() -> u32 {
    number("HISTORIES", 1)
}

async fn every_history_is_linearizable<O: Object>(object: &str) {
    if leaves_out(&[Kind::Watch, Kind::Gateway], "histories, which need too many calls") {
        return;
    }
    let world = World::furnished().await;
    for number in 0..histories() {
        assert_linearizable(&record::<O>(&world, number).await, object, number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_mobile_signature_properties_are_linearizable() {
    every_history_is_linearizable::<Properties>("properties").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reservations_of_client_names_and_ext_ids_are_linearizable() {
    every_history_is_linearizable::<ClientNames>("client-names").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_to_changing_terms_are_linearizable() {
    every_history_is_linearizable::<Consents>("consents").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deletions_of_a_dispatch_target_with_its_references_are_linearizable() {
    every_history_is_linearizable::<DispatchTargets>("dispatch-targets").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_of_a_unique_value_between_users_are_linearizable() {
    every_history_is_linearizable::<UniqueValues>("unique-values").await;
}

/// Returns true if one of ten histories is not linearizable.
async fn is_detected<O: Object>(world: &World) -> bool {
    for number in 0..10 {
        if !is_linearizable(&record::<O>(world, number).await) {
            return true;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_reads_are_detected() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "stale reads") {
        return;
    }
    let older = Older::default();
    let world = World::in_process(&[], |client| older.watch(&client)).await;
    world.furnish("{Default}").await;
    assert!(is_detected::<Properties>(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn ignored_versions_are_detected() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that ignores conditions") {
        return;
    }
    let world = World::in_process(&[], |client| Careless::Versions.watch(&client)).await;
    world.furnish("{Default}").await;
    assert!(is_detected::<Properties>(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn overwritten_items_are_detected() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that ignores conditions") {
        return;
    }
    let world = World::in_process(&[], |client| Careless::Absence.watch(&client)).await;
    world.furnish("{Default}").await;
    assert!(is_detected::<ClientNames>(&world).await);
}
