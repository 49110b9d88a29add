//! Mobile signatures: the credential by which a user signs with their phone. A user has one at
//! most.

pub mod changes;
pub mod update_properties;

use std::collections::{BTreeMap, BTreeSet};

use shared::error::PropertyFailure;
use shared::table::new_item::{text_map, text_set};
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction, Update};

use crate::properties::{self, MOBILE_SIGNATURE_SCOPE as SCOPE, PropertyName};
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

/// A value that a transaction takes for a mobile signature alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The property.
    pub name: String,
    /// The value.
    pub value: String,
    /// Where the taking stands in the transaction.
    pub place: ActionIndex,
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
    pub fn create(&self, user: &UserPath, transaction: &mut Transaction) -> (ActionIndex, Vec<Reservation>) {
        let item = NewItem::new(&key(user), ENTITY_TYPE)
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
        let owner = user.partition();
        let reserved = self.unique_properties.iter().filter_map(|name| Some((name, self.reserved(name)?)));
        let taken = reserved.map(|(name, value)| {
            let property = PropertyName::unchecked(name);
            let place = properties::reserve_value(SCOPE, &property, value, &owner, transaction);
            Reservation { name: name.clone(), value: value.clone(), place }
        });
        (created, taken.collect())
    }

    /// Adds to a transaction that the mobile signature, now in this version, becomes `next`: it
    /// gives the unique values back that it no longer holds, and takes the new ones. Returns where
    /// the credential stands, unless nothing changes, and where the values stand that are taken.
    pub fn update(
        &self,
        version: u64,
        next: &Self,
        user: &UserPath,
        transaction: &mut Transaction,
    ) -> (Option<ActionIndex>, Vec<Reservation>) {
        if next == self {
            return (None, Vec::new());
        }
        let update = Update::new(key(user), Condition::Version(version))
            .set("properties", Some(text_map(&next.properties)))
            .set("uniqueProperties", text_set(&next.unique_properties));
        let credential = transaction.update(update);
        let owner = user.partition();
        let mut taken = Vec::new();
        for name in self.unique_properties.union(&next.unique_properties) {
            let (old, new) = (self.reserved(name), next.reserved(name));
            if old == new {
                continue;
            }
            let property = PropertyName::unchecked(name);
            if let Some(old) = old {
                properties::release_value(SCOPE, &property, old, &owner, transaction);
            }
            if let Some(value) = new {
                let place = properties::reserve_value(SCOPE, &property, value, &owner, transaction);
                taken.push(Reservation { name: name.clone(), value: value.clone(), place });
            }
        }
        (Some(credential), taken)
    }

    /// The value of a property, where the mobile signature holds it alone.
    fn reserved(&self, name: &str) -> Option<&String> {
        self.properties.get(name).filter(|_| self.unique_properties.contains(name))
    }
}

impl Reservation {
    /// The failure of a request whose value somebody else holds.
    #[must_use]
    pub fn failure(self) -> PropertyFailure {
        PropertyFailure::NotUnique { name: self.name, value: self.value }
    }
}
