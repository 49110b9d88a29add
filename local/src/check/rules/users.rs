//! Users, their copies, and the values that are reserved for them.

use functions::profiles;
use functions::users::rules::{Reserved, reservation_key};
use functions::users::{self, ARCHIVING, Memberships, User, UserPath};
use shared::entity::Entity as _;
use shared::policy::UserMember;
use shared::table::{Item, TableError};

use super::super::facts::{Expectation, Facts, Members, Rule, Tolerance};
use super::{CLIENT, USER, deletions, kinds, profiles as memberships, records, user_of};

/// The attributes of the reservation of a value.
const OWNER: [&str; 2] = [CLIENT, USER];
/// The rules and types of the copies, in the order of [`User::copy_keys`]. The copy at the login ID reserves it, and
/// is therefore never missing.
const COPIES: [(&str, Rule, Tolerance); 3] = [
    (kinds::USER_ENTRY, Rule::Copy, Tolerance::Client),
    (kinds::LOGIN_ID, Rule::Reservation, Tolerance::Never),
    (kinds::USER_EMAIL, Rule::Copy, Tolerance::Client),
];

/// A user is below a client, and has copies, reservations and memberships. What belongs to a user who is being deleted
/// carries the same mark.
pub(super) fn user(item: &Item) -> Result<Facts, TableError> {
    let (user, joined) = (User::load(item)?, Memberships::load(item)?);
    let (path, mark) = (user.path(), records::mark_of(item)?);
    let mut facts = Facts::of_user(&path).below_client();
    facts.deleting = mark.is_some().then(|| path.partition());
    for ((kind, rule, tolerance), key) in COPIES.into_iter().zip(user.copy_keys()) {
        let Some(key) = key else { continue };
        let members = shown(&user, (kind == kinds::USER_ENTRY).then_some(&joined), item)?;
        let copy = Expectation::exists(rule, key.clone(), kind).with(members).owned();
        // The deletion of a client marks its users only.
        let marked = Expectation::mark(key, kind, mark.as_deref()).unless_deleting(Tolerance::Client);
        facts = facts.expecting([copy.unless_deleting(tolerance), marked]);
    }
    for profile in joined.profiles() {
        let key = profiles::key(&user.client, &profile);
        let units = joined.all.get(profile.as_str()).map(String::as_str).unwrap_or_default();
        let is_default = joined.default.as_ref() == Some(&profile);
        let members = memberships::membership(&path, units, is_default, user.state);
        let joined = Expectation::exists(Rule::Membership, key.clone(), profiles::ENTITY_TYPE);
        let joined = joined.with(members).owned().unless_deleting(Tolerance::User);
        let marked = Expectation::mark(key, profiles::ENTITY_TYPE, mark.as_deref());
        facts = facts.expecting([joined, marked.unless_deleting(Tolerance::Client)]);
    }
    if !has_one_default(&joined) {
        let text = "the default profile is not one of the memberships";
        facts = facts.with_fault(Rule::DefaultProfile, text, Tolerance::User);
    }
    let facts = reserved(&user, &Reserved::load(item)?, facts);
    let archiving = item.optional_text(ARCHIVING)?;
    let running = mark.as_deref().into_iter().chain(archiving);
    let running = running.map(|id| deletions::running(id, &user.client));
    facts.expecting(running).at(item, &path.key())?.marked(item)
}

/// Returns true if one of the memberships, if there are any, is that of the default profile.
fn has_one_default(joined: &Memberships) -> bool {
    match &joined.default {
        Some(default) => joined.all.contains_key(default.as_str()),
        None => joined.all.is_empty(),
    }
}

/// Adds the reservations of the values that are reserved according to the user.
fn reserved(user: &User, reserved: &Reserved, facts: Facts) -> Facts {
    let path = user.path();
    let mut facts = facts;
    for member in UserMember::UNIQUE.iter().filter(|member| reserved.members.contains(member.path())) {
        let Some(value) = user.value(*member) else {
            let text = format!("{} is reserved but has no value", member.path());
            facts = facts.with_fault(Rule::Reservation, &text, Tolerance::Never);
            continue;
        };
        let key = reservation_key(&user.client, *member, value);
        let value = Expectation::exists(Rule::Reservation, key, kinds::USER_VALUE);
        facts = facts.expecting([value.with(owner(&path)).owned()]);
    }
    facts
}

fn owner(user: &UserPath) -> Members {
    OWNER.into_iter().zip([user.client.as_str().into(), user.user.as_str().into()]).collect()
}

/// Returns what a copy shows: the user and, in the list by external identifier, the memberships.
fn shown(user: &User, joined: Option<&Memberships>, item: &Item) -> Result<Members, TableError> {
    let members = Members::of(user);
    joined.map_or(members.clone(), |joined| members.and(joined)).with_history_of(item)
}

pub(super) fn entry(item: &Item) -> Result<Facts, TableError> {
    copy(item, Some(&Memberships::load(item)?), COPIES[0])
}

pub(super) fn login_id(item: &Item) -> Result<Facts, TableError> {
    copy(item, None, COPIES[1])
}

pub(super) fn email(item: &Item) -> Result<Facts, TableError> {
    copy(item, None, COPIES[2])
}

fn copy(
    item: &Item,
    joined: Option<&Memberships>,
    (_, rule, tolerance): (&str, Rule, Tolerance),
) -> Result<Facts, TableError> {
    let user = User::load(item)?;
    let facts = Facts::of_user(&user.path()).with(shown(&user, joined, item)?);
    facts.owned_by(rule, users::ENTITY_TYPE, tolerance).marked(item)
}

pub(super) fn value(item: &Item) -> Result<Facts, TableError> {
    let path = user_of(item)?;
    let facts = Facts::of_user(&path).with(owner(&path));
    Ok(facts.owned_by(Rule::Reservation, users::ENTITY_TYPE, Tolerance::Never))
}
