//! Users, who own consents, credentials and dispatch targets.

use std::collections::BTreeSet;

use shared::entity::{Entity as _, NonEmptyText};
use shared::error::ApiError;
use shared::http::Request;
use shared::ids::{ClientExtId, UnitExtId, UserExtId};
use shared::service::{FoundParents, ResourceScope, Subject, UserAccess};
use shared::table::{ActionIndex, Item, Key, NewItem, Transaction};

use crate::clients::{self, Client};

/// The entity type of a user's item.
pub const ENTITY_TYPE: &str = "User";

shared::names! {
    /// The state of a user.
    pub enum UserState {
        /// The user is active.
        Active = "active",
        /// The user is disabled and can be activated again.
        Disabled = "disabled",
        /// The user is archived permanently.
        Archived = "archived",
    }
}

shared::entity! {
    /// A user.
    pub struct User [
        client: ClientExtId = "clientExtId", "The client.";
        ext_id: UserExtId = "extId", "External identifier, unique within the client."
    ] {
        login_id: NonEmptyText = "loginId", "Login ID.";
        state: UserState = "userState", "State.";
        units: BTreeSet<String> = "units", "Units of the user.";
        units_with_ancestors: BTreeSet<String> = "unitsWithAncestors", "Units of the user and their ancestors.";
    }
}

/// The maximum length of a login ID, in characters.
const MAX_LOGIN_ID: usize = 300;

/// Returns true if a text can be a login ID: 1 to 300 printable ASCII characters without blanks.
#[must_use]
pub fn is_login_id(text: &str) -> bool {
    (1..=MAX_LOGIN_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The identifiers of a user and of the user's client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPath {
    /// The client.
    pub client: ClientExtId,
    /// The user.
    pub user: UserExtId,
}

impl UserPath {
    /// Returns the user of a request's path.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self { client: request.client(), user: request.user() }
    }

    /// Returns the user of the examples in the API description.
    #[must_use]
    pub fn example() -> Self {
        Self { client: ClientExtId::unchecked("100"), user: UserExtId::unchecked("user-123") }
    }

    /// Returns the partition of the user and of all entities that belong to the user.
    #[must_use]
    pub fn partition(&self) -> String {
        self.key().pk().to_owned()
    }

    /// Returns the key of the user.
    #[must_use]
    pub fn key(&self) -> Key {
        self.member_key(&["USER"])
    }

    /// Returns the key of an entity that belongs to the user.
    #[must_use]
    pub fn member_key(&self, sk: &[&str]) -> Key {
        Key::new(&["USER", &self.client.key_part(), &self.user.key_part()], sk)
    }

    /// Returns a new item of an entity that belongs to the user.
    #[must_use]
    pub fn new_item(&self, key: &Key, entity_type: &str) -> NewItem {
        NewItem::new(key, entity_type)
            .with_text("clientExtId", self.client.as_str())
            .with_text("userExtId", self.user.as_str())
    }

    /// Returns the error for a user that does not exist.
    #[must_use]
    pub fn missing(&self, client_name: &str) -> ApiError {
        ApiError::NotFound(self.missing_message(client_name))
    }

    /// Returns the message of the error for a user that does not exist.
    #[must_use]
    pub fn missing_message(&self, client_name: &str) -> String {
        format!("A user with extId '{}' doesn't exist on client with name {client_name}", self.user)
    }
}

/// The user and the client of the path, for operations on entities that belong to the user.
pub const SUBJECT: Subject = subject(|request, client_name| UserPath::of(request).missing(client_name));

/// Returns the user and the client of the path as a subject.
///
/// `missing` returns the error for a user that does not exist. Its second argument is the name of the client.
#[must_use]
pub const fn subject(missing: fn(&Request, &str) -> ApiError) -> Subject {
    Subject {
        scope: ResourceScope::Client,
        keys: |request| vec![clients::key(&request.client()), UserPath::of(request).key()],
        admit,
        missing,
        has_units: true,
    }
}

fn admit(subject: &Subject, request: &Request, items: Vec<Option<Item>>) -> Result<FoundParents, ApiError> {
    let [client, user] = <[_; 2]>::try_from(items).map_err(|_| ApiError::Internal)?;
    let client = client.ok_or_else(|| clients::missing(&request.client()))?;
    let client_name = Client::load(&client)?.name.to_string();
    let access = match &user {
        Some(user) => Ok(access_to(&User::load(user)?)),
        None => Err((subject.missing)(request, &client_name)),
    };
    let items = [client].into_iter().chain(user).collect();
    Ok(FoundParents { items, client_name, user: Some(access) })
}

/// Returns what decides on the access to a user.
fn access_to(user: &User) -> UserAccess {
    let units = user.units_with_ancestors.iter().map(|unit| UnitExtId::unchecked(unit)).collect();
    UserAccess { units, is_active: user.state == UserState::Active }
}

impl User {
    /// Returns the identifiers of the user.
    #[must_use]
    pub fn path(&self) -> UserPath {
        UserPath { client: self.client.clone(), user: self.ext_id.clone() }
    }

    /// Adds the user to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        transaction.create(self.store(NewItem::new(&self.path().key(), ENTITY_TYPE)))
    }
}

#[cfg(test)]
mod tests {
    use super::is_login_id;

    #[test]
    fn login_ids_are_1_to_300_printable_ascii_characters_without_blanks() {
        for valid in ["a", "!~", "a.b@example.com", &"x".repeat(300)] {
            assert!(is_login_id(valid), "{valid}");
        }
        for invalid in ["", " ", "a b", "a\u{0}", "a\u{7f}", "\u{202e}a", "\u{e4}", "\t", &"x".repeat(301)] {
            assert!(!is_login_id(invalid), "{invalid:?}");
        }
    }
}
