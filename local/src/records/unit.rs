//! `unit`: a unit.

use functions::clients::{self, Defaults};
use functions::units::{self, Place, Unit};
use shared::entity::{self, Entity as _, FieldValue as _, Fields};
use shared::ids::ClientExtId;
use shared::table::{Condition, Item, Key, TableError, Update};

use super::fields::all_members;
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

/// A unit, and the number of its ancestors if it was read from the table, otherwise 0. Boxed, because the
/// other kinds of records are smaller.
pub(crate) struct UnitRecord(Box<Unit>, usize);

impl UnitRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let client = ClientExtId::read(&mut fields, "clientExtId");
        let ext_id = fields.required_ext_id("extId");
        let unit = Unit::read(&mut fields, (client, ext_id));
        fields.finish()?;
        Ok(Self(Box::new(unit), 0))
    }

    /// Returns `None` for an unchanged default unit, which the client's record creates.
    pub(super) fn of_item(item: &Item, found: &Found) -> Result<Option<Self>, TableError> {
        let unit = Unit::load(item)?;
        let client = found.at(&Self::attached_key(item)?).ok_or(TableError::Corrupt)?;
        if Defaults::load(client)?.unit == unit.ext_id && is_unchanged(&unit) {
            return Ok(None);
        }
        let depth = Place::load(item)?.ancestors.len();
        Ok(Some(Self(Box::new(unit), depth)))
    }

    /// Returns the key of the client, which tells whether the unit is its default one.
    pub(super) fn attached_key(item: &Item) -> Result<Key, TableError> {
        Ok(clients::key(&ClientExtId::load(item, "clientExtId")?))
    }
}

impl RecordKind for UnitRecord {
    fn keys(&self) -> Vec<Key> {
        let unit = &*self.0;
        let own = [units::key(&unit.client, &unit.ext_id), clients::key(&unit.client)];
        let parent = unit.parent.0.as_ref().map(|parent| units::key(&unit.client, parent));
        own.into_iter().chain(parent).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let unit = &*self.0;
        let exists = || ImportRefusal::exists("Unit", unit.ext_id.as_str());
        let key = units::key(&unit.client, &unit.ext_id);
        if let Some(item) = draft.at(&key) {
            let present = Unit::load(item)?;
            if draft.replaces && present != *unit {
                entity::require_changeable(&present, unit)?;
                let changed = unit.change((&present, item), &mut draft.transaction)?;
                return Ok(draft.replace(changed));
            }
            if present == *unit || !is_unchanged(&present) || unit.parent != present.parent {
                return draft.unchanged_if(present == *unit, exists());
            }
            // The client's record created it as the default unit. This record has its fields.
            let unchanged = Condition::as_read(item)?;
            let index = draft.transaction.update(unit.update(&present, Update::internal(key, unchanged)));
            draft.refuse_at(index, exists());
            return Ok(Plan::Write);
        }
        let place = if let Some(parent) = &unit.parent.0 {
            Place::load(draft.require_unit(&unit.client, parent)?)?
                .below(parent, &unit.ext_id)
                .map_err(ImportRefusal::from)?
        } else {
            draft.require_client(&unit.client)?;
            Place::at_top(&unit.ext_id)
        };
        let created = unit.create(&place, &mut draft.transaction);
        draft.refuse_at(created.ext_id, exists());
        if let Some(name) = created.name {
            draft.refuse_at(name, units::duplicate_name(&unit.name).into());
        }
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        let mut members = all_members(&*self.0);
        members.retain(|(name, value)| match *name {
            "state" => value != "active",
            "profileless" => *value != false,
            _ => true,
        });
        members
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.0.client)
    }

    /// Units come after their ancestors.
    fn order(&self) -> Vec<String> {
        vec![self.0.client.to_string(), format!("{:06}", self.1), self.0.ext_id.to_string()]
    }
}

/// Returns true if a unit has the fields with which a default unit is created.
fn is_unchanged(unit: &Unit) -> bool {
    *unit == Unit::default_of(&unit.client, &unit.ext_id)
}
