//! Users: whom consents, credentials and dispatch targets belong to.

use std::collections::BTreeSet;

use shared::error::{ApiError, Missing};
use shared::http::Request;
use shared::ids::{ClientExtId, UnitExtId, UserExtId};
use shared::service::Access;
use shared::table::{ActionIndex, Item, Key, NewItem, TableError, Transaction};

use crate::clients::{self, Client};

/// The kind of a user's item.
pub const ENTITY_TYPE: &str = "User";

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The client that the user belongs to.
    pub client: ClientExtId,
    /// What the user is named by, unique within the client.
    pub ext_id: UserExtId,
    /// What the user logs in with.
    pub login_id: String,
    /// The state of the user: `active`, `disabled` or `archived`.
    pub state: String,
    /// The units that the user is in.
    pub units: BTreeSet<UnitExtId>,
    /// Those units and all above them: what a data room is compared with.
    pub units_with_ancestors: BTreeSet<UnitExtId>,
}

/// The user of a path and the client of the user, as identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPath {
    /// The client.
    pub client: ClientExtId,
    /// The user.
    pub user: UserExtId,
}

/// The user of a path and the client of the user, as they were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The name of the client.
    pub client_name: String,
    /// The units of the user and all above them.
    pub units: BTreeSet<UnitExtId>,
}

impl UserPath {
    /// The user of a request's path.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self { client: request.client(), user: request.user() }
    }

    /// The user of the examples that callers are given.
    #[must_use]
    pub fn example() -> Self {
        Self { client: ClientExtId::unchecked("100"), user: UserExtId::unchecked("user-123") }
    }

    /// The partition that holds the user and everything that belongs to them.
    #[must_use]
    pub fn partition(&self) -> String {
        self.key().pk().to_owned()
    }

    /// The key of the user.
    #[must_use]
    pub fn key(&self) -> Key {
        self.member_key(&["USER"])
    }

    /// The key of something that belongs to the user.
    #[must_use]
    pub fn member_key(&self, sk: &[&str]) -> Key {
        Key::new(&["USER", &self.client.key_part(), &self.user.key_part()], sk)
    }

    /// The failure of a request whose user is not there.
    #[must_use]
    pub fn missing(&self, client_name: &str) -> ApiError {
        ApiError::NotFound(Missing::User { user: self.user.to_string(), client_name: client_name.to_owned() })
    }

    /// Demands that client and user are there, from the items at their keys, and that the caller
    /// may act on the user's units. `missing` words the failure of a user that is not there.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] for the client, then for the user, then [`ApiError::DataRoomDenied`].
    pub fn require(
        &self,
        access: &Access<'_>,
        client: Option<&Item>,
        user: Option<&Item>,
        missing: impl FnOnce(&str) -> ApiError,
    ) -> Result<Found, ApiError> {
        let client = client.ok_or_else(|| clients::missing(&self.client))?;
        let client_name = Client::from_item(client)?.name;
        let user = user.ok_or_else(|| missing(&client_name))?;
        let units = User::from_item(user)?.units_with_ancestors;
        access.over_units(&units)?;
        Ok(Found { client_name, units })
    }
}

impl User {
    /// Reads a user from their item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item is none.
    pub fn from_item(item: &Item) -> Result<Self, TableError> {
        let units = |name| -> Result<BTreeSet<UnitExtId>, TableError> {
            Ok(item.set(name)?.iter().map(|unit| UnitExtId::unchecked(unit)).collect())
        };
        Ok(Self {
            client: ClientExtId::unchecked(item.text("clientExtId")?),
            ext_id: UserExtId::unchecked(item.text("extId")?),
            login_id: item.text("loginId")?.to_owned(),
            state: item.text("userState")?.to_owned(),
            units: units("units")?,
            units_with_ancestors: units("unitsWithAncestors")?,
        })
    }

    /// Where the user stands.
    #[must_use]
    pub fn path(&self) -> UserPath {
        UserPath { client: self.client.clone(), user: self.ext_id.clone() }
    }

    /// Adds the user to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        let texts = |units: &BTreeSet<UnitExtId>| units.iter().map(ToString::to_string).collect();
        let item = NewItem::new(&self.path().key(), ENTITY_TYPE)
            .with_text("clientExtId", self.client.as_str())
            .with_text("extId", self.ext_id.as_str())
            .with_text("loginId", &self.login_id)
            .with_text("userState", &self.state)
            .with_set("units", &texts(&self.units))
            .with_set("unitsWithAncestors", &texts(&self.units_with_ancestors));
        transaction.create(item)
    }
}
