//! `userProperties`: the values of the properties of a user.

use functions::properties::values::Values;
use functions::users::{UserPath, properties};
use shared::entity::{Entity as _, Fields};
use shared::ids::ClientExtId;
use shared::table::{Item, Key, TableError};

use super::fields::{user_members, user_of_item, user_path};
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};
use super::values;

pub(crate) struct UserPropertiesRecord {
    user: UserPath,
    values: Values,
}

impl UserPropertiesRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let user = user_path(&mut fields);
        let values = values::read(&mut fields);
        fields.finish()?;
        Ok(Self { user, values })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self { user: user_of_item(item)?, values: Values::load(item)? })
    }
}

impl UserPropertiesRecord {
    /// Plans the replacement of the values of an item.
    fn replace(&self, (present, item): (&Values, &Item), draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let owner = draft.open_user(&self.user)?;
        let (next, defined) = values::checked(&self.values, present, &properties::holder(&self.user), draft)?;
        let owner = (&self.user, owner);
        let (_, conditions) =
            properties::change((present, &next), Some(item), owner, &defined, &mut draft.transaction)?;
        values::replace(conditions, draft)
    }
}

impl RecordKind for UserPropertiesRecord {
    fn keys(&self) -> Vec<Key> {
        let definitions = values::definition_keys(&self.values, &properties::holder(&self.user));
        [properties::key(&self.user), self.user.key()].into_iter().chain(definitions).collect()
    }

    fn keys_to_replace(&self, found: &Found) -> Result<Vec<Key>, TableError> {
        values::present_definition_keys(&properties::holder(&self.user), found)
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let user = &self.user.user;
        let exists =
            || ImportRefusal::because(format!("The user with extId '{user}' already has properties"));
        if let Some(item) = draft.at(&properties::key(&self.user)) {
            let present = Values::load(item)?;
            if present.properties == self.values.properties {
                return Ok(Plan::Unchanged);
            }
            draft.require_replacing(exists())?;
            return self.replace((&present, item), draft);
        }
        draft.require_user(&self.user)?;
        let (values, defined) =
            values::checked(&self.values, &Values::default(), &properties::holder(&self.user), draft)?;
        let (created, conditions) =
            properties::create(&values, &self.user, &defined, &mut draft.transaction)?;
        draft.refuse_at(created, exists());
        values::refuse_reserved(conditions, draft);
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        [user_members(&self.user), values::members(&self.values)].concat()
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.user.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.user.client.to_string(), self.user.user.to_string()]
    }
}
