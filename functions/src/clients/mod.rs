//! Clients (tenants). All entities belong to a client, except terms and global properties.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use serde_json::Value;
use shared::entity::schema::{EXT_ID, Field, FieldKind, HISTORY, NEW_EXT_ID, ObjectSchema};
use shared::entity::{self, Changed, Entity, Fields, LocalizedText, Name, NotReturned, Remark};
use shared::error::ApiError;
use shared::http::Request;
use shared::ids::{ClientExtId, ExtId, UnitExtId, sha256_hex};
use shared::service::{FoundParents, ResourceScope, Subject, UserAccess};
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction};

use crate::policies::policy::{Policy, PolicyExtId};
use crate::units::tree::{Place, Unit};

/// The entity type of a client's item.
pub const ENTITY_TYPE: &str = "Client";
/// The extIds that are rejected because they begin the paths of other resources, such as `/clients`.
const RESERVED: &[&str] = &["clients", "deletions", "history", "properties", "terms"];
/// The attribute with the client to which an item belongs.
pub(crate) const CLIENT_EXT_ID: &str = "clientExtId";
/// The client of an entity in a response.
pub(crate) const OF_CLIENT: Field = Field::required(
    CLIENT_EXT_ID,
    FieldKind::Text { min: 1, max: usize::MAX },
    "External identifier of the client.",
);

shared::entity! {
    /// A client.
    pub struct Client [ext_id: ClientExtId = "extId", "External identifier, unique across all clients."] {
        name: Name = "name", "Internal name, unique across all clients.", disclosed;
        display_name: LocalizedText = "displayName", "Display name, by language.", disclosed;
        remarks: NotReturned<Remark> = "remarks", "Remarks.", disclosed;
    }
}

shared::entity! {
    /// The default entities that are created with a client.
    pub struct Defaults {
        unit: UnitExtId = "defaultUnitExtId", "The default unit.", disclosed;
        profile_policy: PolicyExtId = "defaultProfilePolicyExtId", "The default profile policy.", disclosed;
    }
}

/// The request body to create a client.
const NEW_CLIENT: ObjectSchema = ObjectSchema {
    name: "NewClient",
    description: "A client (tenant) to create.",
    parts: &[&[Field { kind: FieldKind::ExtId(RESERVED), ..NEW_EXT_ID }], Client::BODY],
};

/// A client in a response.
const CLIENT_DETAILS: ObjectSchema = ObjectSchema {
    name: "ClientDetails",
    description: "A client (tenant).",
    parts: &[&[EXT_ID], Client::SHOWN, HISTORY],
};

/// The indexes of the conditions under which a client is created.
#[derive(Clone, Copy, Debug)]
pub struct Created {
    /// The external identifier is not in use.
    pub ext_id: ActionIndex,
    /// The name is not in use.
    pub name: ActionIndex,
}

/// The number of copies of the item of a client, which every request on its users reads.
const COPIES: u64 = 4;

/// Returns the key of a client.
#[must_use]
pub fn key(client: &ClientExtId) -> Key {
    Key::copied(COPIES, &["CLIENT", &client.key_part()], &["CLIENT"])
}

/// Returns the key that reserves the name of a client.
#[must_use]
pub fn name_key(name: &str) -> Key {
    Key::new(&["CLIENT_NAME", &sha256_hex(name)], &["CLIENT_NAME"])
}

/// The list of all clients: the partition of its entries, and the prefix of their sort keys.
const DIRECTORY: (&str, &str) = ("CLIENTS", "CLIENT#");

/// Returns the key of the entry in the list of all clients, a copy of the client's item.
#[must_use]
pub fn directory_key(client: &ClientExtId) -> Key {
    Key::new(&[DIRECTORY.0], &["CLIENT", &client.key_part()])
}

/// Returns the name of a client's default template collection.
#[must_use]
pub fn default_template_collection(client_name: &str) -> String {
    format!("default_for_-{client_name}")
}

/// Returns the error for a client that does not exist.
#[must_use]
pub fn missing(client: &ClientExtId) -> ApiError {
    ApiError::NotFound(format!("Client doesn't exist with extId '{client}'"))
}

/// The client of the path, for operations on the client or on entities that belong to it.
pub const SUBJECT: Subject = Subject {
    scope: ResourceScope::Client,
    keys: |request| vec![key(&request.client())],
    admit: |_, request, items| {
        Ok(FoundParents { items: vec![required(request, items)?], ..Default::default() })
    },
    missing: |request, _| missing(&request.client()),
    has_units: false,
    has_owner: false,
    closed: None,
    is_deleted: false,
};

/// Returns the item of the client, which is the only item.
fn required(request: &Request, items: Vec<Option<Item>>) -> Result<Item, ApiError> {
    items.into_iter().next().flatten().ok_or_else(|| missing(&request.client()))
}

/// Admits what belongs to the client of the path and is in units, such as a user: the second of two items,
/// after the client. `access_to` returns what decides on the access to it.
///
/// # Errors
/// [`ApiError::NotFound`] if the client does not exist.
pub(crate) fn admit_in_units(
    subject: &Subject,
    request: &Request,
    items: Vec<Option<Item>>,
    access_to: impl FnOnce(&Item) -> Result<UserAccess, TableError>,
) -> Result<FoundParents, ApiError> {
    let [client, inner] = <[_; 2]>::try_from(items).map_err(|_| ApiError::Internal)?;
    let client = client.ok_or_else(|| missing(&request.client()))?;
    let client_name = Client::load(&client)?.name.to_string();
    let access = match &inner {
        Some(inner) => Ok(access_to(inner)?),
        None => Err((subject.missing)(request, &client_name)),
    };
    let items = [client].into_iter().chain(inner).collect();
    Ok(FoundParents { items, client_name, user: Some(access) })
}

/// Returns the entity of an item with its client and its history, as in lists.
///
/// # Errors
/// [`TableError::Corrupt`] if the item is not one of such an entity.
pub(crate) fn show<T: Entity>(item: &Item) -> Result<Value, TableError> {
    show_with::<T>(item, &[CLIENT_EXT_ID])
}

/// Returns the entity of an item with these texts of the item and its history, as in lists.
///
/// # Errors
/// [`TableError::Corrupt`] if the item is not one of such an entity.
pub(crate) fn show_with<T: Entity>(item: &Item, names: &[&str]) -> Result<Value, TableError> {
    let mut entity = entity::show::<T>(item)?;
    item.complete(&mut entity, names)?;
    Ok(entity)
}

/// Returns the error for a new client whose name or extId is in use.
#[must_use]
pub fn duplicate() -> ApiError {
    ApiError::Duplicate("Client already exists".to_owned())
}

impl Client {
    /// Reads a new client from a request body. `new_id` generates an omitted extId.
    ///
    /// # Errors
    /// The errors of [`Fields::finish`].
    pub fn read_new(mut fields: Fields<'_>, new_id: impl FnOnce() -> String) -> Result<Self, ApiError> {
        let ext_id: ClientExtId = fields.ext_id_or("extId", new_id);
        if RESERVED.contains(&ext_id.as_str()) {
            fields.naming().refuse(ext_id.as_str());
        }
        let client = Self::read(&mut fields, (ext_id,));
        fields.finish()?;
        Ok(client)
    }

    /// Adds the client and its default entities to a transaction.
    ///
    /// Reserves the name. Creates the default unit, template collection and profile policy, and assigns the
    /// default application.
    pub fn create(
        &self,
        defaults: &Defaults,
        default_application: &str,
        transaction: &mut Transaction,
    ) -> Created {
        let item = NewItem::new(&key(&self.ext_id), ENTITY_TYPE);
        let created = Created {
            ext_id: transaction.create(defaults.store(self.store(item))),
            name: self.reserve_name(transaction),
        };
        transaction.create(self.store(NewItem::new(&directory_key(&self.ext_id), "ClientEntry")));
        Unit::default_of(&self.ext_id, &defaults.unit).create(&Place::at_top(&defaults.unit), transaction);
        Policy::default_of(&self.ext_id, &defaults.profile_policy, &defaults.unit).create(transaction);
        let collection = default_template_collection(&self.name);
        for (kind, entity_type, id) in [
            ("TEMPLATE_COLLECTION", "TemplateCollection", collection.as_str()),
            ("APPLICATION", "ApplicationAssignment", default_application),
        ] {
            let id_part = ExtId::<()>::unchecked(id);
            let key = Key::new(&["CLIENT", &self.ext_id.key_part()], &[kind, &id_part.key_part()]);
            let item = NewItem::new(&key, entity_type)
                .with_text(CLIENT_EXT_ID, self.ext_id.as_str())
                .with_text("extId", id);
            transaction.create(item);
        }
        created
    }

    /// Adds the reservation of the name to a transaction.
    fn reserve_name(&self, transaction: &mut Transaction) -> ActionIndex {
        let reservation = NewItem::new(&name_key(&self.name), "ClientName")
            .with_text(CLIENT_EXT_ID, self.ext_id.as_str())
            .with_text("name", &self.name);
        transaction.create(reservation)
    }

    /// Adds the change from `present`, whose item is `item`, to a transaction: the item, its entry in the list of all
    /// clients, and the reservation of the name.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no revision.
    pub fn change(
        &self,
        (present, item): (&Self, &Item),
        transaction: &mut Transaction,
    ) -> Result<Changed, TableError> {
        let updated = transaction.update_item(item, (present, self), |update| update)?;
        transaction.update_copy(directory_key(&self.ext_id), (present, self));
        let name = self.change_name(present, transaction).map(|index| (index, duplicate()));
        Ok(Changed { updated, reserved: name.into_iter().collect() })
    }

    /// Adds the begin of the deletion `id` of the client, whose item is `item`, to a transaction: it marks the item and
    /// removes the client from the list of all clients.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no revision.
    pub fn begin_deletion(
        &self,
        item: &Item,
        id: &str,
        transaction: &mut Transaction,
    ) -> Result<ActionIndex, TableError> {
        transaction.delete(directory_key(&self.ext_id), Condition::Exists);
        transaction.begin_deletion(item, id)
    }

    /// Adds the last part of the deletion of the client, whose item is `item`, to a transaction: it deletes the item and
    /// releases the name.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no revision.
    pub(crate) fn delete(&self, item: &Item, transaction: &mut Transaction) -> Result<(), TableError> {
        transaction.delete_item(item)?;
        self.release_name(transaction);
        Ok(())
    }

    /// Adds the release of the name to a transaction.
    fn release_name(&self, transaction: &mut Transaction) {
        let own = Condition::AbsentOrText(CLIENT_EXT_ID, self.ext_id.as_str().to_owned());
        transaction.delete(name_key(&self.name), own);
    }

    /// Adds the change of the name from that of `present` to a transaction: reserves the new name and
    /// releases the old one.
    ///
    /// Returns the index of the reservation, or `None` if the name remains.
    fn change_name(&self, present: &Self, transaction: &mut Transaction) -> Option<ActionIndex> {
        if self.name == present.name {
            return None;
        }
        let reserved = self.reserve_name(transaction);
        present.release_name(transaction);
        Some(reserved)
    }
}
