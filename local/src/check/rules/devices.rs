//! Dispatch targets, their app attestations, and FIDO UAF authenticators.

use functions::dispatch_targets::{
    self, AppAttestation, CREDENTIALS, DispatchTarget, DispatchTargetExtId, app_attestation_key,
    attestation_name_key, id_key,
};
use functions::fido_authenticators::{self, FidoUafCredential};
use functions::users::UserPath;
use serde_json::Value;
use shared::entity::{Entity as _, FieldValue as _};
use shared::table::{Item, TableError};

use super::super::facts::{Expectation, Facts, Members, Rule, Tolerance};
use super::{CLIENT, EXT_ID, USER, kinds, user_of};

/// The attributes of a reservation.
const OWNER: [&str; 3] = [CLIENT, USER, EXT_ID];
/// The attributes of the reservation of a target's extId, of which the last one is its condition.
const TARGET_OWNER: [&str; 4] = [CLIENT, USER, EXT_ID, "owner"];

/// A target is below a user, reserves its extId, and counts the authenticators that refer to it.
pub(super) fn target(item: &Item) -> Result<Facts, TableError> {
    let (user, target) = (user_of(item)?, DispatchTarget::load(item)?);
    let id = id_key(&user.client, &target.ext_id);
    let id = Expectation::exists(Rule::Reservation, id, kinds::TARGET_ID);
    let partition = user.partition();
    let owner = [user.client.as_str(), user.user.as_str(), target.ext_id.as_str(), &partition];
    let id = id.with(TARGET_OWNER.into_iter().zip(owner.map(Value::from)).collect()).owned();
    let facts = Facts { count: Some(item.number(CREDENTIALS)?), ..Facts::of_user(&user) };
    facts.below_user().expecting([id]).at(item, &dispatch_targets::key(&user, &target.ext_id))
}

fn owner(user: &UserPath, ext_id: &str) -> Members {
    let owner = [user.client.as_str(), user.user.as_str(), ext_id];
    OWNER.into_iter().zip(owner.map(Value::from)).collect()
}

/// An attestation is below a dispatch target. Its name, if it has one, is reserved.
pub(super) fn attestation(item: &Item) -> Result<Facts, TableError> {
    let (user, attestation) = (user_of(item)?, AppAttestation::load(item)?);
    let ext_id = DispatchTargetExtId::load(item, EXT_ID)?;
    let target = dispatch_targets::key(&user, &ext_id);
    let target = Expectation::exists(Rule::Orphan, target, dispatch_targets::ENTITY_TYPE);
    let name = attestation.name.as_ref().map(|name| {
        let key = attestation_name_key(&user, name);
        let name = Expectation::exists(Rule::Reservation, key, kinds::ATTESTATION_NAME);
        name.with(owner(&user, ext_id.as_str())).owned()
    });
    let facts = Facts::of_user(&user).expecting([target]).expecting(name);
    facts.at(item, &app_attestation_key(&user, &ext_id))
}

/// An authenticator is below a user, registers its key, and can refer to a dispatch target of the user.
pub(super) fn authenticator(item: &Item) -> Result<Facts, TableError> {
    let (user, authenticator) = (user_of(item)?, FidoUafCredential::load(item)?);
    let (aaid, key_id) = (&authenticator.aaid.0, &authenticator.key_id.0);
    let registered = fido_authenticators::directory_key(&user.client, aaid, key_id);
    let registered = Expectation::exists(Rule::Reservation, registered, kinds::FIDO_KEY);
    let registered = registered.with(owner(&user, authenticator.ext_id.as_str())).owned();
    let target = authenticator.dispatch_target.as_ref().map(|target| {
        let key = dispatch_targets::key(&user, target);
        let target = Expectation::exists(Rule::Reference, key, dispatch_targets::ENTITY_TYPE);
        target.counted().unless_deleting(Tolerance::User)
    });
    let facts = Facts::of_user(&user).below_user().expecting([registered]).expecting(target);
    facts.at(item, &fido_authenticators::key(&user, &authenticator.ext_id))
}

pub(super) fn target_id(item: &Item) -> Result<Facts, TableError> {
    reservation(item, &TARGET_OWNER, dispatch_targets::ENTITY_TYPE)
}

pub(super) fn attestation_name(item: &Item) -> Result<Facts, TableError> {
    reservation(item, &OWNER, AppAttestation::ENTITY_TYPE)
}

pub(super) fn registration(item: &Item) -> Result<Facts, TableError> {
    reservation(item, &OWNER, fido_authenticators::ENTITY_TYPE)
}

fn reservation(item: &Item, owner: &[&'static str], kind: &'static str) -> Result<Facts, TableError> {
    let facts = Facts::of_user(&user_of(item)?).with(Members::of_texts(item, owner)?);
    Ok(facts.owned_by(Rule::Reservation, kind, Tolerance::Never))
}
