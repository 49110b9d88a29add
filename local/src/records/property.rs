//! `property`: the definition of a property, either for one client or for all clients.

use functions::properties::{self, Definition, id_key, imported_id, values};
use shared::entity::{self, Entity as _, FieldValue as _, Fields};
use shared::ids::ClientExtId;
use shared::table::{Condition, Item, Key, TableError};

use super::fields::{all_members, renamed};
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Search, Stop};

/// The member with the type of the values.
const VALUE_TYPE: (&str, &str) = ("valueType", "type");
/// The former name of the member with the scope of uniqueness.
const UNIQUENESS: (&str, &str) = ("uniqueness", "uniquenessScope");

pub(crate) struct PropertyRecord {
    definition: Definition,
    /// Whether the line has the identifier.
    has_id: bool,
}

impl PropertyRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        for (from, to) in [VALUE_TYPE, UNIQUENESS] {
            fields.rename(from, to);
        }
        let id = Option::<u64>::read(&mut fields, "propertyId");
        let new_id =
            |scope, client: Option<&_>, name: &_| id.unwrap_or_else(|| imported_id(scope, client, name));
        let definition = Definition::read_new(fields, new_id)?;
        Ok(Self { definition, has_id: id.is_some() })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self { definition: Definition::load(item)?, has_id: true })
    }

    fn key(&self) -> Key {
        properties::key(self.definition.scope, self.definition.client.as_ref(), &self.definition.name)
    }
}

/// Plans the replacement of the definition of an item.
fn replace(
    (present, item): (&Definition, &Item),
    next: &Definition,
    draft: &mut Draft<'_>,
) -> Result<Plan, Stop> {
    entity::require_changeable(present, next)?;
    let id = present.id.to_string();
    let condition = if next.may_break_values_of(present) {
        let partitions = values::entry_partitions(present.id);
        let lists = partitions.into_iter().map(|partition| (partition, values::OWNERS)).collect();
        let refusal = properties::has_values(&id).into();
        draft.require_unreferenced(Search { item: item.clone(), lists, refusal })
    } else {
        Condition::as_read(item)?
    };
    let copy = draft.at(&id_key(&id)).ok_or(TableError::Corrupt)?;
    let changed = next.change((present, copy), condition, &mut draft.transaction)?;
    Ok(draft.replace(changed))
}

impl RecordKind for PropertyRecord {
    fn keys(&self) -> Vec<Key> {
        let client = self.definition.client.as_ref().map(functions::clients::key);
        [self.key()].into_iter().chain(client).collect()
    }

    fn keys_to_replace(&self, found: &Found) -> Result<Vec<Key>, TableError> {
        let present = found.at(&self.key()).map(Definition::load).transpose()?;
        Ok(present.map(|present| id_key(&present.id.to_string())).into_iter().collect())
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || {
            ImportRefusal::because(format!("Property already exists with name '{}'", self.definition.name))
        };
        if let Some(item) = draft.at(&self.key()) {
            let present = Definition::load(item)?;
            let id = if self.has_id { self.definition.id } else { present.id };
            let next = Definition { id, ..self.definition.clone() };
            if present == next {
                return Ok(Plan::Unchanged);
            }
            draft.require_replacing(exists())?;
            return replace((&present, item), &next, draft);
        }
        if let Some(client) = &self.definition.client {
            draft.require_client(client)?;
        }
        let created = self.definition.create(&mut draft.transaction);
        draft.refuse_at(created.name, exists());
        let message = format!("Property already exists with propertyId '{}'", self.definition.id);
        draft.refuse_at(created.id, ImportRefusal::because(message));
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        renamed(all_members(&self.definition), VALUE_TYPE)
    }

    fn client(&self) -> Option<&ClientExtId> {
        self.definition.client.as_ref()
    }

    fn order(&self) -> Vec<String> {
        let client = self.client().map(ToString::to_string).unwrap_or_default();
        vec![self.definition.scope.as_str().to_owned(), client, self.definition.name.to_string()]
    }
}
