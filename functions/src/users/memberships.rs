//! The profiles of a user and their units, as the item of the user lists them.

use std::collections::BTreeSet;

use shared::entity::TextMap;
use shared::ids::{ClientExtId, ExtId, UnitExtId};
use shared::table::Key;

use super::UserPath;

/// Marks the identifiers of profiles.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProfileKind {}

/// The external identifier of a profile, unique within the client.
pub type ProfileExtId = ExtId<ProfileKind>;

/// The attribute with the default profile.
pub(crate) const DEFAULT_PROFILE: &str = "defaultProfileExtId";
/// The attribute with the memberships.
pub(crate) const MEMBERSHIPS: &str = "memberships";
/// The member of a profile with its state.
pub(crate) const PROFILE_STATE: &str = "profileState";
/// Separates the units of a membership. No identifier contains it.
const SEPARATOR: char = '#';

shared::entity! {
    /// The profiles of a user, in the item of the user and in its copies.
    #[derive(Default)]
    pub struct Memberships {
        default: Option<ProfileExtId> = "defaultProfileExtId", "The default profile.";
        all: TextMap = "memberships", "The unit of each profile and all units above it.";
    }
}

/// Returns the key of a profile.
#[must_use]
pub fn profile_key(client: &ClientExtId, profile: &ProfileExtId) -> Key {
    Key::new(&["PROFILE", &client.key_part(), &profile.key_part()], &["PROFILE"])
}

/// Returns the key of the entry in the list of a user's profiles, a copy of the profile's item.
#[must_use]
pub fn profile_entry_key(user: &UserPath, profile: &ProfileExtId) -> Key {
    user.member_key(&["PROFILE", &profile.key_part()])
}

/// Returns a unit and all units above it as the entry of a profile in the memberships of its user.
#[must_use]
pub fn membership(units: &BTreeSet<String>) -> String {
    let units: Vec<&str> = units.iter().map(String::as_str).collect();
    units.join(&SEPARATOR.to_string())
}

impl Memberships {
    /// Returns the profiles, ordered by external identifier.
    #[must_use]
    pub fn profiles(&self) -> BTreeSet<ProfileExtId> {
        self.all.keys().map(|profile| ExtId::unchecked(profile)).collect()
    }

    /// Returns the units of all profiles, and all units above them.
    #[must_use]
    pub fn units(&self) -> BTreeSet<UnitExtId> {
        self.all.values().flat_map(|units| units.split(SEPARATOR)).map(ExtId::unchecked).collect()
    }
}
