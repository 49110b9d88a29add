//! Linearizability of concurrent requests to one object: for each history there is a sequential
//! order of the calls with the same responses.
//!
//! `HISTORIES` sets the number of recorded histories of each object.

mod client_names;
mod consents;
mod devices;
mod lists;
mod profile_ext_ids;
mod properties;
mod record;
mod unique_values;

use client_names::ClientNames;
use consents::Consents;
use devices::Devices;
use lists::{List, Pages, PendingTerms, Profiles, Units, assert_seen};
use profile_ext_ids::ProfileExtIds;
use properties::Properties;
use record::{Object, assert_linearizable, is_linearizable, record};
use unique_values::{LoginIds, PropertyValues, UniqueValues, UnitNames};

use crate::support::World;
use crate::support::careless::Careless;
use crate::support::older::Older;
use crate::support::target::{Kind, leaves_out, number};
use crate::support::whole::assert_complete;

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
    assert_complete(&world.stored().await);
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
    every_history_is_linearizable::<Devices>("devices").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_of_a_unique_value_between_users_are_linearizable() {
    every_history_is_linearizable::<UniqueValues<PropertyValues>>("unique-values").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_of_a_login_id_between_users_are_linearizable() {
    every_history_is_linearizable::<UniqueValues<LoginIds>>("login-ids").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_of_a_name_between_units_are_linearizable() {
    every_history_is_linearizable::<UniqueValues<UnitNames>>("unit-names").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_of_a_profile_ext_id_between_users_are_linearizable() {
    every_history_is_linearizable::<ProfileExtIds>("profile-ext-ids").await;
}

async fn entries_throughout_are_seen_once<L: List>(list: &str) {
    if leaves_out(&[Kind::Watch, Kind::Gateway], "histories, which need too many calls") {
        return;
    }
    for number in 0..histories() {
        let world = World::furnished().await;
        let history = record::<Pages<L>>(&world, number).await;
        assert_linearizable(&history, list, number);
        assert!(assert_seen(&history) > 0, "no reader sees an entry that is there throughout");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_of_units_see_what_is_there_throughout_once() {
    entries_throughout_are_seen_once::<Units>("units").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_of_profiles_see_what_is_there_throughout_once() {
    entries_throughout_are_seen_once::<Profiles>("profiles").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_of_pending_terms_see_what_is_there_throughout_once() {
    entries_throughout_are_seen_once::<PendingTerms>("pending-terms").await;
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
