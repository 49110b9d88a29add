//! `fidoUafCredential`: a FIDO UAF authenticator of a user, which can point to a dispatch target.

use functions::dispatch_targets::{self, too_many_credentials};
use functions::fido_authenticators::{self, Counted, FidoUafCredential};
use functions::users::UserPath;
use shared::entity::{self, Changed, Entity as _, Fields};
use shared::error::ApiError;
use shared::ids::ClientExtId;
use shared::table::{ActionIndex, Item, Key, TableError};

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
        fido_authenticators::key(&self.user, &self.credential.ext_id)
    }

    /// Requires that the dispatch target exists, if there is one.
    fn require_target(&self, draft: &Draft<'_>) -> Result<(), ImportRefusal> {
        match &self.credential.dispatch_target {
            Some(target) if draft.at(&dispatch_targets::key(&self.user, target)).is_none() => {
                Err(ImportRefusal::missing("DispatchTarget", target.as_str()))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Plans the replacement of the authenticator of an item.
    fn replace(&self, present: &FidoUafCredential, item: &Item, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        draft.require_open_user(&self.user)?;
        entity::require_changeable(present, &self.credential)?;
        self.require_target(draft)?;
        let (updated, counted) =
            self.credential.change((present, item), &self.user, &mut draft.transaction)?;
        let reserved = counted.iter().map(full).collect();
        Ok(draft.replace(Changed { updated, reserved }))
    }
}

/// Returns the condition that a dispatch target has room for a credential, with the failure if it does not.
fn full(counted: &Counted) -> (ActionIndex, ApiError) {
    (counted.index, too_many_credentials(&counted.target))
}

impl RecordKind for FidoUafCredentialRecord {
    fn keys(&self) -> Vec<Key> {
        let target = self.credential.dispatch_target.as_ref();
        let target = target.map(|target| dispatch_targets::key(&self.user, target));
        [self.key(), self.user.key()].into_iter().chain(target).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::from(fido_authenticators::duplicate(&self.credential.ext_id));
        if let Some(item) = draft.at(&self.key()) {
            let present = FidoUafCredential::load(item)?;
            if present == self.credential {
                return Ok(Plan::Unchanged);
            }
            draft.require_replacing(exists())?;
            return self.replace(&present, item, draft);
        }
        draft.require_user(&self.user)?;
        self.require_target(draft)?;
        let created = self.credential.create(&self.user, false, &mut draft.transaction);
        draft.refuse_at(created.authenticator, exists());
        let (registered, not_unique) = created.registration;
        draft.refuse_at(registered, not_unique.into());
        if let Some((index, full)) = created.counted.as_ref().map(full) {
            draft.refuse_at(index, full.into());
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
