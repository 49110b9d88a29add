//! `dispatchTarget`: a dispatch target of a user, with its app attestation.

use functions::dispatch_targets::{self, AppAttestation, DispatchTarget, app_attestation_key};
use functions::users::UserPath;
use shared::entity::{self, Entity as _, Fields};
use shared::ids::ClientExtId;
use shared::table::{Item, Key, TableError};

use super::fields::{members_of, renamed, user_of_item, user_path};
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

/// The member with the type of the target.
const TARGET_TYPE: (&str, &str) = ("targetType", "type");

pub(crate) struct DispatchTargetRecord {
    user: UserPath,
    target: DispatchTarget,
    attestation: Option<AppAttestation>,
}

impl DispatchTargetRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let (from, to) = TARGET_TYPE;
        fields.rename(from, to);
        let user = user_path(&mut fields);
        let ext_id = fields.required_ext_id("extId");
        let target = DispatchTarget::read(&mut fields, (ext_id,));
        let attestation = entity::read_object(&mut fields, "appAttestation");
        fields.finish()?;
        Ok(Self { user, target, attestation })
    }

    pub(super) fn of_item(item: &Item, items: &Found) -> Result<Self, TableError> {
        let user = user_of_item(item)?;
        let target = DispatchTarget::load(item)?;
        let attestation = items.at(&app_attestation_key(&user, &target.ext_id));
        Ok(Self { attestation: attestation.map(AppAttestation::load).transpose()?, user, target })
    }

    /// Returns the key of the app attestation of a dispatch target's item.
    pub(super) fn attached_key(item: &Item) -> Result<Key, TableError> {
        Ok(app_attestation_key(&user_of_item(item)?, &DispatchTarget::load(item)?.ext_id))
    }

    /// Plans the replacement of the dispatch target and the app attestation of these items.
    fn replace(
        &self,
        present: (&DispatchTarget, Option<&AppAttestation>),
        items: (&Item, Option<&Item>),
        draft: &mut Draft<'_>,
    ) -> Result<Plan, Stop> {
        draft.require_open_user(&self.user)?;
        let attestation = self.attestation.as_ref();
        let changed = self.target.change(attestation, present, items, &self.user, &mut draft.transaction)?;
        Ok(draft.replace(changed))
    }

    fn key(&self) -> Key {
        dispatch_targets::key(&self.user, &self.target.ext_id)
    }

    fn attestation_key(&self) -> Key {
        app_attestation_key(&self.user, &self.target.ext_id)
    }
}

impl RecordKind for DispatchTargetRecord {
    fn keys(&self) -> Vec<Key> {
        let id = dispatch_targets::id_key(&self.user.client, &self.target.ext_id);
        vec![self.key(), self.attestation_key(), id, self.user.key()]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("DispatchTarget", self.target.ext_id.as_str());
        if let Some(item) = draft.at(&self.key()) {
            let attestation = draft.at(&self.attestation_key());
            let present = (DispatchTarget::load(item)?, attestation.map(AppAttestation::load).transpose()?);
            if present.0 == self.target && present.1 == self.attestation {
                return Ok(Plan::Unchanged);
            }
            draft.require_replacing(exists())?;
            return self.replace((&present.0, present.1.as_ref()), (item, attestation), draft);
        }
        if draft.at(&dispatch_targets::id_key(&self.user.client, &self.target.ext_id)).is_some() {
            return Err(exists().into());
        }
        draft.require_user(&self.user)?;
        let attached = (self.attestation.as_ref(), 0);
        let created = self.target.create(&self.user, attached, &mut draft.transaction);
        draft.refuse_at(created.target, exists());
        draft.refuse_at(created.ext_id, exists());
        if let Some((index, in_use)) = created.attestation_name {
            draft.refuse_at(index, in_use.into());
        }
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        let mut members = renamed(members_of(&self.user, &self.target), TARGET_TYPE);
        members.extend(self.attestation.as_ref().map(|attestation| ("appAttestation", attestation.show())));
        members
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.user.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.user.client.to_string(), self.user.user.to_string(), self.target.ext_id.to_string()]
    }
}
