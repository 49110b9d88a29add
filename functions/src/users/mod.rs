//! Users, who own consents, credentials and dispatch targets.

pub mod archive;
mod copies;
pub mod create;
pub mod delete;
pub mod get;
pub mod get_properties;
pub mod list;
mod memberships;
mod person;
pub mod properties;
pub mod rules;
pub mod storage;
pub mod update;
pub mod update_properties;

use serde_json::{Map, Value};
use shared::entity::schema::{EXT_ID, Field, FieldKind, HISTORY, NEW_EXT_ID, ObjectSchema};
use shared::entity::{Entity, FieldValue, Fields, OrDefault, Remark, Validity};
use shared::error::{ApiError, Code};
use shared::http::Request;
use shared::ids::{ClientExtId, UserExtId};
use shared::service::{Closed, ResourceScope, Subject, UserAccess};
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction, Update};

use self::copies::Index;
pub(crate) use self::memberships::{DEFAULT_PROFILE, MEMBERSHIPS, PROFILE_STATE};
pub use self::memberships::{
    Memberships, ProfileExtId, ProfileKind, membership, profile_entry_key, profile_key,
};
pub use self::person::{
    Address, Contacts, CountryCode, Date, Gender, LanguageCode, LoginId, PersonName, State, UserState,
};
use crate::clients::{self, CLIENT_EXT_ID};

/// The entity type of a user's item.
pub const ENTITY_TYPE: &str = "User";
/// The attribute with the user to which an item belongs.
pub(crate) const USER_EXT_ID: &str = "userExtId";
/// The user of an entity in a response.
pub(crate) const OF_USER: Field = Field::required(
    USER_EXT_ID,
    FieldKind::Text { min: 1, max: usize::MAX },
    "External identifier of the user.",
);
/// The attribute with the deletion of the credentials of a user who is archived, until it has ended.
pub const ARCHIVING: &str = "archiving";
/// The member with the login ID.
const LOGIN_ID: &str = "loginId";
/// The member with the state.
pub const USER_STATE: &str = "userState";

shared::entity! {
    /// A user.
    pub struct User [
        client: ClientExtId = "clientExtId", "The client.";
        ext_id: UserExtId = "extId", "External identifier, unique within the client."
    ] {
        login_id: OrDefault<LoginId> = "loginId",
            "Login ID, unique within the client regardless of letter case. The default is the external identifier.", disclosed;
        state: State = "userState",
            "State. The default is `active`. Bodies cannot have `archived`, which is final.", disclosed;
        language: Option<LanguageCode> = "languageCode", "Language.", disclosed;
        is_technical: OrDefault<bool> = "isTechnicalUser", "Whether it is a technical user. The default is `false`.", disclosed;
        name: PersonName = "name", "Name of the person.", disclosed;
        sex: Option<Gender> = "sex", "Sex.", disclosed;
        gender: Option<Gender> = "gender", "Gender.", disclosed;
        birth_date: Option<Date> = "birthDate", "Date of birth.", disclosed;
        address: Address = "address", "Postal address.", disclosed;
        contacts: Contacts = "contacts", "Contact details.", disclosed;
        validity: Validity = "validity", "Period of validity.", disclosed;
        remarks: Option<Remark> = "remarks", "Remarks.", disclosed;
        modification_comment: Option<Remark> = "modificationComment", "Comment on the last change.", disclosed;
    }
}

/// The request body to create a user.
const NEW_USER: ObjectSchema =
    ObjectSchema { name: "NewUser", description: "A user to create.", parts: &[&[NEW_EXT_ID], User::BODY] };

/// A user in a response.
const USER_DETAILS: ObjectSchema = ObjectSchema {
    name: "User",
    description: "A user.",
    parts: &[&[EXT_ID, clients::OF_CLIENT], User::SHOWN, HISTORY],
};

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

    /// Returns the user of an item of the user, or of a copy of it.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item is not one of a user.
    pub fn of_copy(item: &Item) -> Result<Self, TableError> {
        let (client, user) = (ClientExtId::load(item, CLIENT_EXT_ID)?, UserExtId::load(item, EXT_ID.name)?);
        Ok(Self { client, user })
    }

    /// Returns the user to whom an item belongs.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item belongs to none.
    pub fn of_owner(item: &Item) -> Result<Self, TableError> {
        let (client, user) = (ClientExtId::load(item, CLIENT_EXT_ID)?, UserExtId::load(item, USER_EXT_ID)?);
        Ok(Self { client, user })
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
            .with_text(CLIENT_EXT_ID, self.client.as_str())
            .with_text(USER_EXT_ID, self.user.as_str())
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
        admit: |subject, request, items| clients::admit_in_units(subject, request, items, access_to),
        missing,
        has_units: true,
        has_owner: false,
        closed: Some(ARCHIVED),
        is_deleted: false,
    }
}

/// The state in which a user, and what belongs to the user, can only be deleted.
pub const ARCHIVED: Closed = Closed {
    attribute: USER_STATE,
    value: UserState::Archived.as_str(),
    failure: |item| Ok(archived(&UserExtId::load(item, EXT_ID.name)?)),
};

/// Returns what decides on the access to the user of an item.
fn access_to(item: &Item) -> Result<UserAccess, TableError> {
    let state = State::load(item, USER_STATE)?;
    let units = Memberships::load(item)?.units();
    Ok(UserAccess { units, is_active: state.0 == UserState::Active, owner: None })
}

/// Returns the error for a user whose external identifier is in use.
#[must_use]
pub fn duplicate(user: &UserExtId) -> ApiError {
    ApiError::Duplicate(format!("User already exists with extId '{user}'"))
}

/// Returns the error for a user whose login ID is in use.
#[must_use]
pub fn duplicate_login_id(login_id: &str) -> ApiError {
    ApiError::Duplicate(format!("User already exists with loginId '{login_id}'"))
}

/// Returns the error for a change of an archived user.
#[must_use]
pub fn archived(user: &UserExtId) -> ApiError {
    ApiError::Rules(vec![(Code::ModifyArchivedUser, format!("User is archived: {user}"))])
}

/// Returns the list of the users of a client: the partition of their entries, and the prefix of their sort keys.
#[must_use]
pub fn directory(client: &ClientExtId) -> (String, &'static str) {
    (Index::ExtId.partition(client), Index::ExtId.prefix())
}

/// Returns the key of a user's entry in the list of the client's users, a copy of the user's item.
#[must_use]
pub fn directory_key(user: &UserPath) -> Key {
    Index::ExtId.key(&user.client, &user.user.key_part())
}

/// Returns the key of the copy of a user's item that reserves the login ID within the client.
#[must_use]
pub fn login_id_key(client: &ClientExtId, login_id: &str) -> Key {
    Index::LoginId.key(client, &login_id.to_ascii_lowercase())
}

/// Adds the change of a user's memberships to a transaction: in the item, if `condition` holds for it, and in
/// its copy.
///
/// Readers do not see it: memberships are shown as profiles. Returns the index of the update of the item.
pub fn change_memberships(
    user: &UserPath,
    condition: Condition,
    change: impl Fn(Update) -> Update,
    transaction: &mut Transaction,
) -> ActionIndex {
    let updated = transaction.update(change(Update::internal(user.key(), condition)));
    transaction.update(change(Update::internal(directory_key(user), Condition::Exists)));
    updated
}

/// Returns the error for a technical user with more than one profile.
#[must_use]
pub fn one_profile(user: &UserExtId) -> ApiError {
    let message = format!("Technical user can only have one profile: {user}");
    ApiError::Rules(vec![(Code::TechUserOneProfile, message)])
}

/// Makes the state `archived` invalid in a body, because only archiving leads to it. `name` is the member with
/// the state.
pub(crate) fn reject_archived(members: &mut Map<String, Value>, name: &str) {
    if let Some(state) = members.get_mut(name).filter(|state| *state == UserState::Archived.as_str()) {
        // No field has an array, so that it is reported together with all other invalid members.
        *state = Value::Array(Vec::new());
    }
}

impl User {
    /// Reads a new user of a client from a request body. `new_id` generates an omitted extId.
    ///
    /// # Errors
    /// The errors of [`Fields::finish`], and [`ApiError::Rules`] for mandatory members that are missing.
    pub fn read_new(
        client: ClientExtId,
        mut fields: Fields<'_>,
        new_id: impl FnOnce() -> String,
    ) -> Result<Self, ApiError> {
        let ext_id = fields.ext_id_or("extId", new_id);
        let user = Self::read(&mut fields, (client, ext_id));
        let mandatory = &fields.settings().mandatory_user_fields;
        fields.finish()?;
        user.require_members(mandatory, None)?;
        user.with_login_id()
    }

    /// Returns the user with the external identifier as login ID if there is none.
    ///
    /// # Errors
    /// [`ApiError::InvalidFields`] if the external identifier cannot be a login ID.
    pub fn with_login_id(mut self) -> Result<Self, ApiError> {
        if self.login_id.0.is_empty() {
            if !person::is_login_id(self.ext_id.as_str()) {
                return Err(ApiError::InvalidFields(vec![LOGIN_ID.to_owned()]));
            }
            self.login_id.0 = self.ext_id.as_str().into();
        }
        Ok(self)
    }

    /// Returns the identifiers of the user.
    #[must_use]
    pub fn path(&self) -> UserPath {
        UserPath { client: self.client.clone(), user: self.ext_id.clone() }
    }
}
