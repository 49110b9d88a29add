//! `mobileSignature`: the mobile signature of a user, with its properties.

use functions::mobile_signature::{self, MobileSignature};
use functions::properties::values::Values;
use functions::users::UserPath;
use shared::entity::{self, Entity as _, Fields};
use shared::ids::ClientExtId;
use shared::table::{Item, Key, TableError};

use super::fields::{members_of, user_of_item, user_path};
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};
use super::values;

pub(crate) struct MobileSignatureRecord {
    user: UserPath,
    signature: MobileSignature,
    values: Values,
}

impl MobileSignatureRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let user = user_path(&mut fields);
        let ext_id = fields.required_ext_id("extId");
        let signature = MobileSignature::read(&mut fields, (ext_id,));
        let values = values::read(&mut fields);
        fields.finish()?;
        Ok(Self { user, signature, values })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        let (signature, values) = (MobileSignature::load(item)?, Values::load(item)?);
        Ok(Self { user: user_of_item(item)?, signature, values })
    }
}

impl MobileSignatureRecord {
    /// Plans the replacement of the mobile signature and of the values of an item.
    fn replace(
        &self,
        (signature, present): (&MobileSignature, &Values),
        item: &Item,
        draft: &mut Draft<'_>,
    ) -> Result<Plan, Stop> {
        draft.require_open_user(&self.user)?;
        entity::require_changeable(signature, &self.signature)?;
        let holder = mobile_signature::holder(&self.user);
        let (next, defined) = values::checked(&self.values, present, &holder, draft)?;
        let both = [(signature, present), (&self.signature, &next)];
        let (_, conditions) =
            mobile_signature::change(both, item, (&self.user, &defined), &mut draft.transaction)?;
        values::replace(conditions, draft)
    }
}

impl RecordKind for MobileSignatureRecord {
    fn keys(&self) -> Vec<Key> {
        let definitions = values::definition_keys(&self.values, &mobile_signature::holder(&self.user));
        [mobile_signature::key(&self.user), self.user.key()].into_iter().chain(definitions).collect()
    }

    fn keys_to_replace(&self, found: &Found) -> Result<Vec<Key>, TableError> {
        values::present_definition_keys(&mobile_signature::holder(&self.user), found)
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("Mobile Signature credential", self.signature.ext_id.as_str());
        if let Some(item) = draft.at(&mobile_signature::key(&self.user)) {
            let (signature, present) = (MobileSignature::load(item)?, Values::load(item)?);
            if signature == self.signature && present.properties == self.values.properties {
                return Ok(Plan::Unchanged);
            }
            draft.require_replacing(exists())?;
            return self.replace((&signature, &present), item, draft);
        }
        draft.require_user(&self.user)?;
        let (values, defined) =
            values::checked(&self.values, &Values::default(), &mobile_signature::holder(&self.user), draft)?;
        let (created, conditions) =
            self.signature.create((&values, &defined), &self.user, &mut draft.transaction)?;
        draft.refuse_at(created, exists());
        values::refuse_reserved(conditions, draft);
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        [members_of(&self.user, &self.signature), values::members(&self.values)].concat()
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.user.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.user.client.to_string(), self.user.user.to_string()]
    }
}
