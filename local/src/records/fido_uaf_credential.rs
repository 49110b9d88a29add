//! `fidoUafCredential`: a FIDO UAF credential of a user, which can point to a dispatch target.

use functions::dispatch_targets::{self, MAX_CREDENTIALS};
use functions::fido_uaf_credentials::{self, FidoUafCredential};
use functions::users::UserPath;
use shared::entity::{Entity as _, Fields};
use shared::ids::ClientExtId;
use shared::table::{Item, Key, TableError};

use super::fields::{members_of, user_of_item, user_path};
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

pub(crate) struct FidoUafCredentialRecord {
    user: UserPath,
    credential: FidoUafCredential,
}

impl FidoUafCredentialRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let user = user_path(&mut fields);
        let ext_id = fields.required_ext_id("extId");
        let credential = FidoUafCredential::read(&mut fields, (ext_id,));
        fields.finish()?;
        Ok(Self { user, credential })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self { user: user_of_item(item)?, credential: FidoUafCredential::load(item)? })
    }

    fn key(&self) -> Key {
        fido_uaf_credentials::key(&self.user, &self.credential.ext_id)
    }
}

impl RecordKind for FidoUafCredentialRecord {
    fn keys(&self) -> Vec<Key> {
        let target = self.credential.dispatch_target.as_ref();
        let target = target.map(|target| dispatch_targets::key(&self.user, target));
        [self.key(), self.user.key()].into_iter().chain(target).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("FIDO UAF credential", self.credential.ext_id.as_str());
        if let Some(item) = draft.at(&self.key()) {
            return draft.unchanged_if(FidoUafCredential::load(item)? == self.credential, exists());
        }
        draft.require_user(&self.user)?;
        let target = self.credential.dispatch_target.as_ref();
        if let Some(target) = target
            && draft.at(&dispatch_targets::key(&self.user, target)).is_none()
        {
            return Err(ImportRefusal::missing("DispatchTarget", target.as_str()).into());
        }
        let (created, counted) = self.credential.create(&self.user, &mut draft.transaction);
        draft.refuse_at(created, exists());
        if let Some(counted) = counted {
            let full = format!("The dispatch target already has {MAX_CREDENTIALS} credentials");
            draft.refuse_at(counted, ImportRefusal::because(full));
        }
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        members_of(&self.user, &self.credential)
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.user.client)
    }

    fn order(&self) -> Vec<String> {
        let (user, ext_id) = (&self.user, &self.credential.ext_id);
        vec![user.client.to_string(), user.user.to_string(), ext_id.to_string()]
    }
}
