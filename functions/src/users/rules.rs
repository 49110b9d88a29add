//! The rules that a deployment makes about the members of users: which are mandatory, and which are unique.

use std::collections::BTreeSet;

use shared::entity::Entity as _;
use shared::error::{ApiError, Code};
use shared::ids::{ClientExtId, sha256_hex};
use shared::policy::UserMember;
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction};

use super::copies::lower_case;
use super::{Gender, User};

shared::entity! {
    /// What is reserved for a user, in the item of the user.
    #[derive(Default)]
    pub struct Reserved {
        members: BTreeSet<String> = "uniqueMembers", "The members whose values are reserved.";
    }
}

/// The reservations of a transaction, each with the failure if the value is in use.
pub type Reservations = Vec<(ActionIndex, ApiError)>;

/// Returns the key that reserves a value within a client.
#[must_use]
pub fn reservation_key(client: &ClientExtId, member: UserMember, value: &str) -> Key {
    let hash = sha256_hex(&comparable(member, value));
    Key::new(&["USER_VALUE", &client.key_part(), member.path(), &hash], &["USER_VALUE"])
}

/// Returns a value as it is compared: e-mail addresses regardless of letter case, as in lists, others as they are.
fn comparable(member: UserMember, value: &str) -> String {
    if member == UserMember::Email { lower_case(value).collect() } else { value.to_owned() }
}

/// Returns the error for a value that another user has.
#[must_use]
pub fn duplicate_value(member: UserMember, value: &str) -> ApiError {
    let code = if member == UserMember::Email { Code::DuplicateEmail } else { Code::DuplicateMobile };
    ApiError::Rules(vec![(code, format!("User already exists with {} '{value}'", member.path()))])
}

/// Returns the code and the message for a mandatory member without a value.
#[must_use]
pub fn missing_member(member: UserMember) -> (Code, String) {
    let code = match member {
        UserMember::FamilyName => Code::UserNameNull,
        UserMember::FirstName => Code::UserFirstNameNull,
        UserMember::Email => Code::UserEmailNull,
        UserMember::Mobile => Code::UserMobileNull,
        UserMember::Sex => Code::UserSexNull,
        UserMember::Country => Code::UserCountryNull,
    };
    (code, format!("Mandatory field is missing: {}", member.path()))
}

impl User {
    /// Returns the value of a member, unless it is empty.
    #[must_use]
    pub fn value(&self, member: UserMember) -> Option<&str> {
        let value = match member {
            UserMember::FamilyName => self.name.family_name.as_deref(),
            UserMember::FirstName => self.name.first_name.as_deref(),
            UserMember::Email => self.contacts.email.as_deref(),
            UserMember::Mobile => self.contacts.mobile.as_deref(),
            UserMember::Sex => self.sex.map(Gender::as_str),
            UserMember::Country => self.address.country_code.as_deref(),
        };
        value.filter(|value| !value.is_empty())
    }

    /// Checks that the user has the mandatory members. A change may leave out those that `present` lacks, because
    /// they became mandatory later.
    ///
    /// # Errors
    /// [`ApiError::Rules`] with all that are missing.
    pub fn require_members(&self, mandatory: &[UserMember], present: Option<&Self>) -> Result<(), ApiError> {
        let is_missing = |member: &UserMember| {
            self.value(*member).is_none() && present.is_none_or(|present| present.value(*member).is_some())
        };
        let missing: Vec<_> = mandatory.iter().copied().filter(is_missing).map(missing_member).collect();
        if missing.is_empty() { Ok(()) } else { Err(ApiError::Rules(missing)) }
    }

    /// Adds the reservations of the unique values of a new user to a transaction. Returns the item with them.
    pub(super) fn reserve(
        &self,
        unique: &[UserMember],
        item: NewItem,
        transaction: &mut Transaction,
    ) -> (NewItem, Reservations) {
        let mut reserved = Reserved::default();
        let reservations = self.reserve_changed(unique, None, &mut reserved, transaction);
        (reserved.store(item), reservations)
    }

    /// Adds the change of the reservations from those of `present`, whose item is `item`, to a transaction. Returns
    /// what is reserved before and after it, and the new reservations.
    ///
    /// A value stays reserved as long as the user has it, even if the rule no longer applies. A value from before
    /// the rule is reserved when it changes.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item is not one of a user.
    pub(super) fn change_reservations(
        &self,
        unique: &[UserMember],
        (present, item): (&Self, &Item),
        transaction: &mut Transaction,
    ) -> Result<([Reserved; 2], Reservations), TableError> {
        let before = Reserved::load(item)?;
        let mut after = before.clone();
        let reservations = self.reserve_changed(unique, Some(present), &mut after, transaction);
        Ok(([before, after], reservations))
    }

    /// Returns the keys of the reservations of the user, whose item is `item`.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item is not one of a user.
    pub(super) fn reserved_keys(&self, item: &Item) -> Result<Vec<Key>, TableError> {
        let reserved = Reserved::load(item)?.members;
        let members = UserMember::UNIQUE.iter().copied().filter(|member| reserved.contains(member.path()));
        let key = |member| Some(reservation_key(&self.client, member, self.value(member)?));
        Ok(members.filter_map(key).collect())
    }

    /// Reserves the values that differ from those of `present`, and releases the old ones.
    fn reserve_changed(
        &self,
        unique: &[UserMember],
        present: Option<&Self>,
        reserved: &mut Reserved,
        transaction: &mut Transaction,
    ) -> Reservations {
        let mut reservations = Vec::new();
        for member in UserMember::UNIQUE.iter().copied() {
            let key =
                |user: &Self| user.value(member).map(|value| reservation_key(&user.client, member, value));
            let (old, new) = (present.and_then(key), key(self));
            if old == new {
                continue;
            }
            if let Some(old) = old.filter(|_| reserved.members.remove(member.path())) {
                transaction.delete(old, Condition::Exists);
            }
            if let Some((new, value)) = new.zip(self.value(member)).filter(|_| unique.contains(&member)) {
                let index = transaction.create(self.path().new_item(&new, "UserValue"));
                reservations.push((index, duplicate_value(member, value)));
                reserved.members.insert(member.path().to_owned());
            }
        }
        reservations
    }
}

#[cfg(test)]
mod tests {
    use super::{UserMember, comparable};

    /// A final sigma has a lower-case letter of its own in a word, but not in a list.
    #[test]
    fn addresses_are_compared_as_in_lists() {
        for (one, other) in
            [("Jane@Example.com", "jANE@example.COM"), ("\u{39f}\u{3a3}@x", "\u{3bf}\u{3c3}@x")]
        {
            assert_eq!(comparable(UserMember::Email, one), comparable(UserMember::Email, other));
        }
        assert_eq!(comparable(UserMember::Mobile, "A"), "A");
    }
}
