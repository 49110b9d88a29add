//! Clients: the tenants. Everything but terms belongs to one.

pub mod create;
pub mod get;

use std::collections::BTreeMap;

use shared::entity::naming::Naming;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::{ApiError, Missing};
use shared::http::body::{Fields, MAX_REMARK};
use shared::ids::{ClientExtId, ExtId, UnitExtId, sha256_hex};
use shared::policy::Settings;
use shared::table::{ActionIndex, Item, Key, NewItem, TableError, Transaction};

use crate::units::Unit;

/// The kind of a client's item.
pub const ENTITY_TYPE: &str = "Client";
/// The identifier that no client can have: `/clients` is an address of its own.
const RESERVED: &str = "clients";

/// A client, as the request for its creation describes it: see [`Client::read`].
const NEW_CLIENT: ObjectSchema = ObjectSchema {
    name: "NewClient",
    description: "A client (a tenant) that is to be created.",
    fields: &[
        Field::optional(
            "extId",
            FieldKind::ExtId(&[RESERVED]),
            "What it is named by; generated where it is left out.",
        ),
        Field::required("name", FieldKind::Name, "Its internal name."),
        Field::optional("displayName", FieldKind::LocalizedText, "What it is called, by language."),
        Field::optional("remarks", FieldKind::TextUpTo(MAX_REMARK), "A remark about it."),
    ],
};

/// A client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// What it is named by, unique over all clients.
    pub ext_id: ClientExtId,
    /// Its internal name, unique over all clients.
    pub name: String,
    /// What it is called, by language.
    pub display_name: BTreeMap<String, String>,
    /// A remark about it.
    pub remarks: Option<String>,
    /// What is made together with it.
    pub defaults: Defaults,
}

/// The identifiers of what is made together with a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// The default unit.
    pub unit: UnitExtId,
    /// The default profile policy: an identifier.
    pub profile_policy: String,
}

/// Where the conditions stand on which a client is created.
#[derive(Clone, Copy, Debug)]
pub struct Created {
    /// Its external identifier is not taken.
    pub ext_id: ActionIndex,
    /// Its name is not taken.
    pub name: ActionIndex,
}

/// The key of a client.
#[must_use]
pub fn key(client: &ClientExtId) -> Key {
    Key::new(&["CLIENT", &client.key_part()], &["CLIENT"])
}

/// The key that says that the name of a client is taken.
#[must_use]
pub fn name_key(name: &str) -> Key {
    Key::new(&["CLIENT_NAME", &sha256_hex(name)], &["CLIENT_NAME"])
}

/// The name of a client's default template collection.
#[must_use]
pub fn default_template_collection(client_name: &str) -> String {
    format!("default_for_-{client_name}")
}

/// The failure of a request whose client is not there.
#[must_use]
pub fn missing(client: &ClientExtId) -> ApiError {
    ApiError::NotFound(Missing::Client { client: client.to_string() })
}

impl Client {
    /// Reads a client from the fields of a request: `extId?`, `name`, `displayName?`, `remarks?`.
    /// `new_id` names it where the caller does not.
    ///
    /// # Errors
    /// [`ApiError::InvalidFields`], then [`ApiError::NamingPolicy`].
    pub fn read(
        mut fields: Fields,
        settings: &Settings,
        new_id: impl FnOnce() -> String,
        defaults: Defaults,
    ) -> Result<Self, ApiError> {
        let ext_id = fields.optional_name("extId");
        let name = fields.required_text("name");
        let display_name = fields.texts("displayName", &settings.languages);
        let remarks = fields.optional_text("remarks", MAX_REMARK);
        fields.finish()?;
        let mut naming = Naming::new(&settings.naming_policy);
        let ext_id = naming.ext_id_or(ext_id.as_deref(), new_id);
        if ext_id.as_str() == RESERVED {
            naming.refuse(RESERVED);
        }
        let client = Self { ext_id, name, display_name, remarks, defaults };
        naming.name(&client.name);
        naming.finish()?;
        Ok(client)
    }

    /// Reads a client from its item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item is none.
    pub fn from_item(item: &Item) -> Result<Self, TableError> {
        Ok(Self {
            ext_id: ClientExtId::unchecked(item.text("extId")?),
            name: item.text("name")?.to_owned(),
            display_name: item.texts("displayName")?,
            remarks: item.optional_text("remarks")?.map(str::to_owned),
            defaults: Defaults {
                unit: UnitExtId::unchecked(item.text("defaultUnitExtId")?),
                profile_policy: item.text("defaultProfilePolicyExtId")?.to_owned(),
            },
        })
    }

    /// Adds the client to a transaction, and all that comes with it: its name, its default unit,
    /// template collection and profile policy, the assignment of the default application.
    pub fn create(&self, default_application: &str, transaction: &mut Transaction) -> Created {
        let item = NewItem::new(&key(&self.ext_id), ENTITY_TYPE)
            .with_text("extId", self.ext_id.as_str())
            .with_text("name", &self.name)
            .with_texts("displayName", &self.display_name)
            .with_optional_text("remarks", self.remarks.as_deref())
            .with_text("defaultUnitExtId", self.defaults.unit.as_str())
            .with_text("defaultProfilePolicyExtId", &self.defaults.profile_policy);
        let taken = NewItem::new(&name_key(&self.name), "ClientName")
            .with_text("clientExtId", self.ext_id.as_str())
            .with_text("name", &self.name);
        let created = Created { ext_id: transaction.create(item), name: transaction.create(taken) };
        Unit::default_of(&self.ext_id, &self.defaults.unit).create(transaction);
        let collection = default_template_collection(&self.name);
        for (kind, entity_type, id) in [
            ("TEMPLATE_COLLECTION", "TemplateCollection", collection.as_str()),
            ("POLICY", "ProfilePolicy", &self.defaults.profile_policy),
            ("APPLICATION", "ApplicationAssignment", default_application),
        ] {
            let id_part = ExtId::<()>::unchecked(id);
            let key = Key::new(&["CLIENT", &self.ext_id.key_part()], &[kind, &id_part.key_part()]);
            let item = NewItem::new(&key, entity_type)
                .with_text("clientExtId", self.ext_id.as_str())
                .with_text("extId", id);
            transaction.create(item);
        }
        created
    }
}
