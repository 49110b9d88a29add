//! `terms`: the current version of terms.

use functions::terms::{self, Terms};
use shared::entity::{self, Entity as _, Fields};
use shared::ids::ClientExtId;
use shared::table::{Item, Key, TableError};

use super::fields::all_members;
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

pub(crate) struct TermsRecord(Terms);

impl TermsRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let ext_id = fields.required_ext_id("extId");
        let terms = Terms::read(&mut fields, (ext_id,));
        fields.finish()?;
        Ok(Self(terms))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Terms::load(item).map(Self)
    }
}

impl RecordKind for TermsRecord {
    fn keys(&self) -> Vec<Key> {
        vec![terms::key(&self.0.ext_id)]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("Terms", self.0.ext_id.as_str());
        if let Some(item) = draft.at(&terms::key(&self.0.ext_id)) {
            let present = Terms::load(item)?;
            if present == self.0 {
                return Ok(Plan::Unchanged);
            }
            draft.require_replacing(exists())?;
            entity::require_changeable(&present, &self.0)?;
            let changed = self.0.change((&present, item), &mut draft.transaction)?;
            return Ok(draft.replace(changed));
        }
        let created = self.0.create(&mut draft.transaction);
        draft.refuse_at(created, exists());
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        all_members(&self.0)
    }

    fn client(&self) -> Option<&ClientExtId> {
        None
    }

    fn order(&self) -> Vec<String> {
        vec![self.0.ext_id.to_string()]
    }
}
