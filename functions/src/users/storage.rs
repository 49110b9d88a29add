//! How users are stored: the item, and its copies in the lists of the users of the client.

use shared::entity::{Changed, Entity as _, FieldValue as _};
use shared::error::ApiError;
use shared::policy::{Settings, UserMember};
use shared::table::attribute::text;
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction, Update};

use super::copies::{Index, email_part};
use super::rules::Reservations;
use super::{
    ARCHIVING, ENTITY_TYPE, Memberships, PROFILE_STATE, State, USER_STATE, User, UserState,
    change_memberships, directory_key, duplicate_login_id, login_id_key, one_profile, profile_entry_key,
    profile_key,
};

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

    /// Adds the begin of the deletion `id` of the user, whose item is `item`, to a transaction: it marks the item, its
    /// copies and the items of the profiles.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item is not one of a user.
    pub fn begin_deletion(
        &self,
        item: &Item,
        id: &str,
        transaction: &mut Transaction,
    ) -> Result<ActionIndex, TableError> {
        let marked = transaction.begin_deletion(item, id)?;
        let profiles = Memberships::load(item)?.profiles();
        let profiles = profiles.iter().map(|profile| profile_key(&self.client, profile));
        for key in self.copy_keys().into_iter().flatten().chain(profiles) {
            transaction.begin_deletion_at(key, Condition::Exists, id);
        }
        Ok(marked)
    }

    /// Adds the last part of the deletion of the user, whose item is `item`, to a transaction: it deletes the item and
    /// its copies, and releases the unique values.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item is not one of a user.
    pub(crate) fn delete(&self, item: &Item, transaction: &mut Transaction) -> Result<(), TableError> {
        transaction.delete_item(item)?;
        for key in self.copy_keys().into_iter().flatten().chain(self.reserved_keys(item)?) {
            transaction.delete(key, Condition::Any);
        }
        Ok(())
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

    /// Adds the change from `present`, whose item is `item`, to a transaction: the item and its copies, the reservations
    /// of unique values, and the state in the profiles that the user has.
    ///
    /// `memberships` are those after the change, if profiles are created together with it. Readers do not see them.
    ///
    /// # Errors
    /// [`ApiError::Rules`] for a technical user with several profiles, or mandatory members that are removed. An error
    /// for an item that is not one of a user.
    pub fn change(
        &self,
        (present, item): (&Self, &Item),
        memberships: &Memberships,
        settings: &Settings,
        transaction: &mut Transaction,
    ) -> Result<Changed, ApiError> {
        let changed = self.change_item((present, item), memberships, None, settings, transaction)?;
        if self.state != present.state {
            for profile in &Memberships::load(item)?.profiles() {
                let update = Update::internal(profile_key(&self.client, profile), Condition::Exists);
                transaction.update(update.set(USER_STATE, self.state.attribute()));
            }
        }
        Ok(changed)
    }

    /// Adds the archiving of `present`, whose item is `item`, to a transaction, and that of the profiles. `deletion` is
    /// the identifier of the deletion of the credentials.
    ///
    /// # Errors
    /// Those of [`User::change`].
    pub fn archive(
        present: &Self,
        item: &Item,
        deletion: &str,
        settings: &Settings,
        transaction: &mut Transaction,
    ) -> Result<Changed, ApiError> {
        let archived = State(UserState::Archived);
        let (next, memberships) = (Self { state: archived, ..present.clone() }, Memberships::load(item)?);
        let changed =
            next.change_item((present, item), &memberships, Some(deletion), settings, transaction)?;
        for profile in &memberships.profiles() {
            for key in [profile_key(&next.client, profile), profile_entry_key(&next.path(), profile)] {
                let update = Update::new(key, Condition::Exists).set(USER_STATE, archived.attribute());
                // A profile is archived by the same word.
                transaction.update(update.set(PROFILE_STATE, archived.attribute()));
            }
        }
        Ok(changed)
    }

    /// Adds the change of the item and its copies, and of the reservations of unique values, to a transaction. `archiving`
    /// is the deletion of the credentials, if the user is archived.
    fn change_item(
        &self,
        (present, item): (&Self, &Item),
        memberships: &Memberships,
        archiving: Option<&str>,
        settings: &Settings,
        transaction: &mut Transaction,
    ) -> Result<Changed, ApiError> {
        if self.is_technical.0 && memberships.all.len() > 1 {
            return Err(one_profile(&self.ext_id));
        }
        self.require_members(&settings.mandatory_user_fields, Some(present))?;
        let joined = Memberships::load(item)?;
        let join = |update| memberships.update(&joined, update);
        if self == present {
            let unchanged = Condition::as_read(item)?;
            let is_joining = *memberships != joined;
            let updated = is_joining.then(|| change_memberships(&self.path(), unchanged, join, transaction));
            return Ok(Changed { updated, reserved: Vec::new() });
        }
        let unique = &settings.unique_user_fields;
        let ([before, after], unique) = self.change_reservations(unique, (present, item), transaction)?;
        let mark = |update: Update| match archiving {
            Some(id) => update.set(ARCHIVING, Some(text(id))),
            None => update,
        };
        let updated = transaction
            .update_item(item, (present, self), |update| mark(join(after.update(&before, update))))?;
        let entry = Update::new(directory_key(&self.path()), Condition::Exists);
        transaction.update(join(self.update(present, entry)));
        let login_id = self.move_copies(present, item, transaction)?;
        let login_id = login_id.map(|index| (index, duplicate_login_id(&self.login_id.0)));
        Ok(Changed { updated, reserved: login_id.into_iter().chain(unique).collect() })
    }

    /// Adds the change of the copies of the user's item whose keys can change from `present` to a transaction.
    ///
    /// Returns the index of the reservation of the login ID, or `None` if it remains.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no history.
    fn move_copies(
        &self,
        present: &Self,
        item: &Item,
        transaction: &mut Transaction,
    ) -> Result<Option<ActionIndex>, TableError> {
        let [_, login_id, email] = present.copy_keys();
        let [_, next_login_id, next_email] = self.copy_keys();
        let mut change =
            |from, to, entity_type| transaction.move_copy(item, (from, to), entity_type, (present, self));
        let reserved = change(login_id, next_login_id, COPIES[1])?;
        change(email, next_email, COPIES[2])?;
        Ok(reserved)
    }
}
