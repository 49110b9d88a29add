//! `property`: the definition of a property, either for one client or for all clients.

use functions::properties::{self, Definition, MAX_VALUE, Scope, ValueType};
use shared::entity::{Entity as _, FieldValue as _, Fields};
use shared::ids::ClientExtId;
use shared::pattern::whole_match;
use shared::table::{Item, Key, TableError};

use super::fields::all_members;
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

pub(crate) struct PropertyRecord(Definition);

impl PropertyRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let scope = Scope::read(&mut fields, "scope");
        let client = Option::<ClientExtId>::read(&mut fields, "clientExtId");
        let name = fields.required_ext_id("name");
        let definition = Definition::read(&mut fields, (scope, client, name));
        let Definition { value_type, max_length, pattern, allowed_values, .. } = &definition;
        for (name, is_valid) in [
            ("stringMaxLen", max_length.is_none_or(|length| (1..=MAX_VALUE).contains(&length))),
            ("stringRegex", pattern.as_deref().is_none_or(|pattern| whole_match(pattern).is_ok())),
            ("allowedValues", allowed_values.is_empty() != (*value_type == ValueType::Enum)),
        ] {
            if !is_valid {
                fields.refuse(name);
            }
        }
        fields.finish()?;
        Ok(Self(definition))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Definition::load(item).map(Self)
    }

    fn key(&self) -> Key {
        properties::key(self.0.scope, self.0.client.as_ref(), &self.0.name)
    }
}

impl RecordKind for PropertyRecord {
    fn keys(&self) -> Vec<Key> {
        let client = self.0.client.as_ref().map(functions::clients::key);
        [self.key()].into_iter().chain(client).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists =
            || ImportRefusal::because(format!("Property already exists with name '{}'", self.0.name));
        if let Some(item) = draft.at(&self.key()) {
            return Plan::unchanged_if(Definition::load(item)? == self.0, exists());
        }
        if let Some(client) = &self.0.client {
            draft.require_client(client)?;
        }
        let created = self.0.create(&mut draft.transaction);
        draft.refuse_at(created, exists());
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        all_members(&self.0)
    }

    fn client(&self) -> Option<&ClientExtId> {
        self.0.client.as_ref()
    }

    fn order(&self) -> Vec<String> {
        let client = self.client().map(ToString::to_string).unwrap_or_default();
        vec![self.0.scope.as_str().to_owned(), client, self.0.name.to_string()]
    }
}
