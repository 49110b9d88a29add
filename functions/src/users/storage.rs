//! How users are stored: the item, and its copies in the lists of the users of the client.

use shared::entity::Entity as _;
use shared::policy::UserMember;
use shared::service::Changes;
use shared::table::{ActionIndex, Item, Key, NewItem, TableError, Transaction};

use super::copies::{Index, email_part};
use super::rules::Reservations;
use super::{ENTITY_TYPE, Memberships, User, directory_key, duplicate_login_id, login_id_key};

/// The entity types of the copies, in the order of [`User::copy_keys`].
const COPIES: [&str; 3] = ["UserEntry", "LoginId", "UserEmail"];

/// The indexes of the conditions under which a user is created.
#[derive(Clone, Debug)]
pub struct Created {
    /// The external identifier is not in use.
    pub ext_id: ActionIndex,
    /// The login ID and the unique values are not in use.
    pub reserved: Reservations,
}

impl User {
    /// Adds the user to a transaction: the item, and its copies in the lists of the client's users, of which the
    /// one at the login ID reserves it.
    ///
    /// The values of the members `unique` are reserved too.
    pub fn create(
        &self,
        memberships: &Memberships,
        unique: &[UserMember],
        transaction: &mut Transaction,
    ) -> Created {
        let [entry, login_id, email] = COPIES;
        let item = |key: &Key, entity_type| self.store(NewItem::new(key, entity_type));
        let own = memberships.store(item(&self.path().key(), ENTITY_TYPE));
        let (own, unique) = self.reserve(unique, own, transaction);
        let ext_id = transaction.create(own);
        transaction.create(memberships.store(item(&directory_key(&self.path()), entry)));
        let login_id = transaction.create(item(&login_id_key(&self.client, &self.login_id.0), login_id));
        if let [.., Some(key)] = self.copy_keys() {
            transaction.create(item(&key, email));
        }
        let mut reserved = vec![(login_id, duplicate_login_id(&self.login_id.0))];
        reserved.extend(unique);
        Created { ext_id, reserved }
    }

    /// Returns the keys of the copies of the user's item: by external identifier, by login ID and, if there is
    /// one, by e-mail address.
    #[must_use]
    pub fn copy_keys(&self) -> [Option<Key>; 3] {
        let email = self.contacts.email.as_deref().filter(|email| !email.is_empty());
        let email = email.map(|email| format!("{}#{}", email_part(email), self.ext_id.key_part()));
        [
            Some(directory_key(&self.path())),
            Some(login_id_key(&self.client, &self.login_id.0)),
            email.map(|rest| Index::Email.key(&self.client, &rest)),
        ]
    }

    /// Adds the change of the copies of the user's item from `present` to a transaction.
    ///
    /// Returns the index of the reservation of the login ID, or `None` if it remains.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no history.
    pub(super) fn change_copies(
        &self,
        present: &Self,
        item: &Item,
        changes: &mut Changes,
    ) -> Result<Option<ActionIndex>, TableError> {
        let [entry, login_id, email] = present.copy_keys();
        let [next_entry, next_login_id, next_email] = self.copy_keys();
        let mut change =
            |from, to, entity_type| changes.move_copy(item, (from, to), entity_type, (present, self));
        change(entry, next_entry, COPIES[0])?;
        let reserved = change(login_id, next_login_id, COPIES[1])?;
        change(email, next_email, COPIES[2])?;
        Ok(reserved)
    }
}
