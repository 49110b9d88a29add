//! `profile`: a profile of a user.

use functions::profiles::{self, Profile};
use functions::units;
use shared::entity::{self, Entity as _, Fields};
use shared::ids::ClientExtId;
use shared::table::{Item, Key, TableError};

use super::fields::{all_members, user_path};
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

/// The member that states whether it is the default profile.
const IS_DEFAULT: &str = "isDefaultProfile";

/// A profile, and whether the record states whether it is the default one. Boxed, because most other kinds of records
/// are smaller.
pub(crate) struct ProfileRecord(Box<Profile>, bool);

impl ProfileRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let user = user_path(&mut fields);
        let ext_id = fields.required_ext_id("extId");
        let states_default = fields.is_given(IS_DEFAULT);
        let profile = Profile::read(&mut fields, (user.client, user.user, ext_id));
        if profile.unit.0.is_none() {
            fields.refuse("unitExtId");
        }
        fields.finish()?;
        Ok(Self(Box::new(profile), states_default))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Profile::load(item).map(|profile| Self(Box::new(profile), true))
    }

    fn key(&self) -> Key {
        profiles::key(&self.0.client, &self.0.ext_id)
    }

    /// Plans the replacement of the profile of an item, which includes the move to another unit. The profile remains
    /// the default one if the line does not state it.
    fn replace(&self, item: &Item, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let (present, mut next) = (Profile::load(item)?, (*self.0).clone());
        if !self.1 {
            next.is_default = present.is_default;
        }
        if present == next {
            return Ok(Plan::Unchanged);
        }
        profiles::ARCHIVED.require_open(item)?;
        present.require_changeable()?;
        // A unit cannot be patched, but another operation sets it.
        entity::require_changeable(&Profile { unit: next.unit.clone(), ..present.clone() }, &next)?;
        let units = if next.unit == present.unit {
            None
        } else {
            let unit = next.unit.0.as_ref().ok_or(TableError::Corrupt)?;
            let unit = draft.require_unit(&next.client, unit)?;
            profiles::require_active_unit(unit)?;
            Some(profiles::units_of(unit)?)
        };
        let user = if next.becomes_default(&present)? { draft.at(&next.owner().key()) } else { None };
        let changed = next.change((&present, item), units, user, &mut draft.transaction)?;
        Ok(draft.replace(changed))
    }
}

impl RecordKind for ProfileRecord {
    fn keys(&self) -> Vec<Key> {
        let unit = self.0.unit.0.iter().map(|unit| units::key(&self.0.client, unit));
        [self.key(), self.0.owner().key()].into_iter().chain(unit).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::from(profiles::duplicate(&self.0.ext_id));
        if let Some(item) = draft.at(&self.key()) {
            if draft.replaces {
                return self.replace(item, draft);
            }
            let mut stored = Profile::load(item)?;
            // The first profile becomes the default one, whatever its line says.
            stored.is_default.0 &= self.0.is_default.0;
            return draft.unchanged_if(stored == *self.0, exists());
        }
        let missing = || ImportRefusal::missing("User", self.0.user.as_str());
        let user = draft.at(&self.0.owner().key()).ok_or_else(missing)?;
        let unit = self.0.unit.0.as_ref().ok_or(TableError::Corrupt)?;
        let units =
            profiles::units_of(draft.require_unit(&self.0.client, unit)?).map_err(ImportRefusal::from)?;
        let mut profile = self.0.clone();
        let created = profile.create_for(user, units, &mut draft.transaction).map_err(ImportRefusal::from)?;
        draft.refuse_at(created, exists());
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        let mut members = all_members(&*self.0);
        members.retain(|(name, value)| match *name {
            "profileState" => value != "active",
            IS_DEFAULT => *value != false,
            _ => true,
        });
        members
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.0.client)
    }

    /// The default profile of a user comes first, because the first one that is imported becomes it.
    fn order(&self) -> Vec<String> {
        let rank = if self.0.is_default.0 { "0" } else { "1" };
        vec![self.0.client.to_string(), self.0.user.to_string(), rank.to_owned(), self.0.ext_id.to_string()]
    }
}
