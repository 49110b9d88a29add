//! Mobile signatures: the credential by which a user signs with their phone. A user has one at
//! most.

pub mod update_properties;

use std::collections::{BTreeMap, BTreeSet};

use shared::table::{Item, Key, Place, TableError, Transaction};

use crate::properties::{self, MOBILE_SIGNATURE_SCOPE, PropertyName};
use crate::users::UserPath;

/// The kind of a mobile signature's item.
pub const ENTITY_TYPE: &str = "MobileSignature";

/// A mobile signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MobileSignature {
    /// What it is named by.
    pub ext_id: String,
    /// Its state: `active`, `disabled` and the like.
    pub state: String,
    /// What the signature service knows the user by.
    pub identificator: Option<String>,
    /// The address of the signature service.
    pub mssp_identifier: Option<String>,
    /// The number of the phone.
    pub msisdn: Option<String>,
    /// The values of its properties, by name.
    pub properties: BTreeMap<String, String>,
    /// The names of the properties whose values it holds alone.
    pub unique_properties: BTreeSet<String>,
}

/// The key of a user's mobile signature.
#[must_use]
pub fn key(user: &UserPath) -> Key {
    user.member_key(&["CREDENTIAL", "MOBILE_SIGNATURE"])
}

impl MobileSignature {
    /// Reads a mobile signature from its item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item is none.
    pub fn from_item(item: &Item) -> Result<Self, TableError> {
        let optional = |name| Ok(item.optional_text(name)?.map(str::to_owned));
        Ok(Self {
            ext_id: item.text("extId")?.to_owned(),
            state: item.text("stateName")?.to_owned(),
            identificator: optional("identificator")?,
            mssp_identifier: optional("msspIdentifier")?,
            msisdn: optional("msisdn")?,
            properties: item.texts("properties")?,
            unique_properties: item.set("uniqueProperties")?,
        })
    }

    /// Adds the mobile signature of a user to a transaction, and takes the values of its unique
    /// properties. The first place is that of the credential, the others those of the values.
    pub fn create(&self, user: &UserPath, transaction: &mut Transaction) -> (Place, Vec<(String, Place)>) {
        let item = Item::new(&key(user), ENTITY_TYPE, transaction.stamp())
            .with_text("clientExtId", user.client.as_str())
            .with_text("userExtId", user.user.as_str())
            .with_text("extId", &self.ext_id)
            .with_text("stateName", &self.state)
            .with_optional_text("identificator", self.identificator.as_deref())
            .with_optional_text("msspIdentifier", self.mssp_identifier.as_deref())
            .with_optional_text("msisdn", self.msisdn.as_deref())
            .with_texts("properties", &self.properties)
            .with_set("uniqueProperties", &self.unique_properties);
        let created = transaction.create(item);
        let unique = self.properties.iter().filter(|(name, _)| self.unique_properties.contains(*name));
        let taken = unique.map(|(name, value)| {
            let property = PropertyName::from_path(name);
            let owner = user.partition();
            let place = properties::take_value(MOBILE_SIGNATURE_SCOPE, &property, value, &owner, transaction);
            (name.clone(), place)
        });
        (created, taken.collect())
    }
}
