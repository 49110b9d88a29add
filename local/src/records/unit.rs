//! `unit`: a unit with a parent.

use functions::units::{self, Unit};
use shared::entity::{Entity as _, FieldValue as _, Fields, NonEmptyText};
use shared::ids::{ClientExtId, UnitExtId};
use shared::table::{Item, Key, TableError};

use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

pub(crate) struct UnitRecord {
    client: ClientExtId,
    ext_id: UnitExtId,
    parent: UnitExtId,
    name: NonEmptyText,
    /// The number of ancestors if the unit was read from the table, otherwise 0.
    depth: usize,
}

impl UnitRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let unit = Self {
            client: ClientExtId::read(&mut fields, "clientExtId"),
            ext_id: fields.required_ext_id("extId"),
            parent: UnitExtId::read(&mut fields, "parentUnitExtId"),
            name: NonEmptyText::read(&mut fields, "name"),
            depth: 0,
        };
        fields.finish()?;
        Ok(unit)
    }

    /// Returns `None` for a default unit, which is part of the client's record.
    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Option<Self>, TableError> {
        let Unit { client, ext_id, name, parent, ancestors } = Unit::load(item)?;
        let depth = ancestors.len();
        let unit = |parent| Self { client, ext_id, parent, name: name.unwrap_or_default(), depth };
        Ok(parent.map(unit))
    }
}

impl RecordKind for UnitRecord {
    fn keys(&self) -> Vec<Key> {
        vec![units::key(&self.client, &self.ext_id), units::key(&self.client, &self.parent)]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("Unit", self.ext_id.as_str());
        if let Some(item) = draft.at(&units::key(&self.client, &self.ext_id)) {
            let Unit { name, parent, .. } = Unit::load(item)?;
            let same = (name.as_ref(), parent.as_ref()) == (Some(&self.name), Some(&self.parent));
            return Plan::unchanged_if(same, exists());
        }
        let parent = Unit::load(draft.require_unit(&self.client, &self.parent)?)?;
        let unit = parent.child(self.ext_id.clone(), self.name.clone());
        let created = unit.create(&mut draft.transaction);
        draft.refuse_at(created, exists());
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        vec![
            ("clientExtId", self.client.as_str().into()),
            ("extId", self.ext_id.as_str().into()),
            ("parentUnitExtId", self.parent.as_str().into()),
            ("name", self.name.to_string().into()),
        ]
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.client)
    }

    /// Units come after their ancestors.
    fn order(&self) -> Vec<String> {
        vec![self.client.to_string(), format!("{:06}", self.depth), self.ext_id.to_string()]
    }
}
