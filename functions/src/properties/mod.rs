//! Properties: configurable attributes of entities, and the rules for their values.

pub mod changes;
pub mod create;
pub mod get;
pub mod list;
pub mod search;
pub mod update;
pub mod values;

use std::borrow::Cow;
use std::collections::BTreeSet;

use shared::entity::schema::{Field, FieldKind, HISTORY, ObjectSchema};
use shared::entity::{AnyText, Changed, Entity as _, FieldValue as _, Fields, LocalizedText, Remark, Value};
use shared::error::{ApiError, Code};
use shared::ids::{ClientExtId, ExtId, sha256, sha256_hex};
use shared::pattern::{self, Matcher};
use shared::policy::Settings;
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction, Update};

/// The entity type of a property definition's item.
pub const ENTITY_TYPE: &str = "PropertyDefinition";
/// The maximum length of a value, in characters. A definition can set a lower one.
pub const MAX_VALUE: u64 = 4000;
/// The maximum identifier of a definition: every JSON reader can represent it exactly.
pub const MAX_ID: u64 = (1 << 53) - 1;

/// The list of all definitions: the partition of its entries, and the prefix of their sort keys.
const DIRECTORY: (&str, &str) = ("PROPERTIES", "PROPERTY#");

/// Marks the names of properties.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PropertyKind {}

/// The name of a property, unique within its scope and client.
pub type PropertyName = ExtId<PropertyKind>;

shared::names! {
    /// The type of a property.
    pub enum ValueType {
        /// Any text.
        String = "STRING",
        /// One of the allowed values.
        Enum = "ENUM",
    }
}

shared::names! {
    /// How callers can access the values of a property.
    pub enum PropertyAccess {
        /// The values can be changed.
        ReadWrite = "READ_WRITE",
        /// The values cannot be changed.
        ReadOnly = "READ_ONLY",
        /// The values cannot be changed. An attempt is reported as forbidden.
        Off = "OFF",
    }
}

shared::names! {
    /// The scope in which the values of a property must be unique.
    pub enum Uniqueness {
        /// Values need not be unique.
        Unrestricted = "NONE",
        /// Across all clients.
        Absolute = "ABSOLUTE",
        /// Across users. It is not supported.
        AbsoluteUser = "ABSOLUTE_USER",
        /// Within a unit. It is not supported.
        RelativeUnit = "RELATIVE_UNIT",
    }
}

impl Uniqueness {
    /// Returns true if definitions can have this scope.
    fn is_supported(self) -> bool {
        match self {
            Self::Unrestricted | Self::Absolute => true,
            Self::AbsoluteUser | Self::RelativeUnit => false,
        }
    }
}

shared::entity! {
    /// The definition of a property: the rules for its values.
    pub struct Definition [
        id: u64 = "propertyId", "Identifier, unique across all clients.";
        scope: Scope = "scope", "Kind of entity that has the property.";
        client: Option<ClientExtId> = "clientExtId", "The client. Omitted for a property of all clients.";
        name: PropertyName = "name", "Name, unique within the scope and client."
    ] {
        description: Option<Remark> = "description", "Description.", disclosed;
        display_name: LocalizedText = "displayName", "Display name, by language.", disclosed;
        value_type: ValueType = "type", "Type of the values.", disclosed;
        max_length: Option<u64> = "stringMaxLen", "Maximum length of a value, in characters.", disclosed;
        pattern: Option<AnyText> = "stringRegex", "Pattern that a whole value must match.", disclosed;
        uniqueness: Option<Uniqueness> = "uniquenessScope", "Scope in which values must be unique.", disclosed;
        access_create: Option<PropertyAccess> = "accessCreate", "How a GUI offers new values.", disclosed;
        access: Option<PropertyAccess> = "accessModify", "How callers can access values. Omitted: `READ_WRITE`.", disclosed;
        allowed_values: BTreeSet<String> = "allowedValues", "Allowed values of a property of type `ENUM`.", disclosed;
        encrypted: Option<bool> = "encrypted", "Whether values are marked as encrypted.", disclosed;
        propagated: Option<bool> = "propagated", "Whether values are marked as propagated.", disclosed;
        mandatory: Option<bool> = "mandatoryOnGui", "Whether a GUI requires a value.", disclosed;
        precedence: Option<u64> = "guiPrecedence", "Position in a GUI, the lowest first.", disclosed;
    }
}

shared::names! {
    /// The kind of entity that has a property.
    pub enum Scope {
        /// Mobile signatures.
        MobileSignature = "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL",
        /// Applications.
        Application = "APPLICATION_GLOBAL",
        /// Units.
        Unit = "UNIT_GLOBAL",
        /// Profiles.
        Profile = "PROFILE_GLOBAL",
        /// Profiles, with values for each application.
        ProfileForApplicationGlobal = "PROFILE_FOR_APPLICATION_GLOBAL",
        /// Profiles, with values for one application.
        ProfileForApplication = "PROFILE_FOR_APPLICATION",
        /// Roles of one application.
        RoleForApplication = "ROLE_FOR_APPLICATION",
        /// Users.
        User = "USER_GLOBAL",
        /// Enterprise roles.
        EnterpriseRole = "ENTERPRISE_ROLE_GLOBAL",
        /// Certificates.
        Certificate = "CREDENTIAL_CERTIFICATE_GLOBAL",
        /// Generic credentials.
        GenericCredential = "CREDENTIAL_GENERIC_GLOBAL",
        /// SAML federations.
        SamlFederation = "CREDENTIAL_SAML_FEDERATION_GLOBAL",
        /// Security questions.
        SecurityQuestions = "CREDENTIAL_SECURITY_QUESTIONS_GLOBAL",
    }
}

/// The members that tell what has a property.
const OWNER: &[Field] = &[
    Field::required("scope", Scope::KIND, "Kind of entity that has the property."),
    Field::optional(
        "clientExtId",
        FieldKind::Text { min: 1, max: usize::MAX },
        "External identifier of the client. Omitted for a property of all clients.",
    ),
];

/// The request body to define a property.
const NEW_PROPERTY: ObjectSchema = ObjectSchema {
    name: "NewProperty",
    description: "A property to define.",
    parts: &[
        OWNER,
        &[Field::required("name", FieldKind::ExtId(&[]), "Name, unique within the scope and client.")],
        Definition::BODY,
    ],
};

/// A property definition in a response.
const PROPERTY: ObjectSchema = ObjectSchema {
    name: "Property",
    description: "The definition of a property: the rules for its values.",
    parts: &[
        &[Field::required(
            "propertyId",
            FieldKind::UnsignedInteger,
            "Identifier, unique across all clients.",
        )],
        OWNER,
        &[Field::required(
            "name",
            FieldKind::Text { min: 1, max: usize::MAX },
            "Name, unique within the scope and client.",
        )],
        Definition::SHOWN,
        HISTORY,
    ],
};

/// The reason why a property cannot be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the name and value in the message")]
pub enum PropertyFailure {
    Unknown { name: String },
    ReadOnly { name: String },
    Off { name: String },
    TooLong { name: String },
    PatternMismatch { name: String },
    NotAllowed { name: String, value: String },
    NotUnique { name: String, value: String },
}

impl PropertyFailure {
    /// Returns the error for these failures, which are in alphabetical order of the properties.
    #[must_use]
    pub fn error(failures: &[Self]) -> ApiError {
        ApiError::Rules(failures.iter().map(|failure| (failure.code(), failure.message())).collect())
    }

    /// Returns the error of each failure, for the API description.
    pub(crate) fn examples() -> impl Iterator<Item = ApiError> {
        let (name, value) = (|| "employee_id".to_owned(), || "123".to_owned());
        let failures = [
            Self::Unknown { name: "additionalProp1".to_owned() },
            Self::ReadOnly { name: name() },
            Self::Off { name: name() },
            Self::TooLong { name: name() },
            Self::PatternMismatch { name: name() },
            Self::NotAllowed { name: name(), value: value() },
            Self::NotUnique { name: name(), value: value() },
        ];
        failures.into_iter().map(|failure| Self::error(&[failure]))
    }

    fn code(&self) -> Code {
        match self {
            Self::Unknown { .. } | Self::NotAllowed { .. } => Code::InvalidData,
            Self::ReadOnly { .. } => Code::ModifyReadonlyData,
            Self::Off { .. } => Code::AttrAccessForbidden,
            Self::TooLong { .. } => Code::PropertyStringMaxLen,
            Self::PatternMismatch { .. } => Code::PropertyStringRegex,
            Self::NotUnique { .. } => Code::PropertyUniquenessViolated,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Unknown { name } => format!("No property exists with the name '{name}' for the scope."),
            Self::ReadOnly { name } => format!("Property '{name}' is read-only."),
            Self::Off { name } => format!("Access to property '{name}' is forbidden."),
            Self::TooLong { name } | Self::PatternMismatch { name } => name.clone(),
            Self::NotAllowed { name, value } => {
                format!("Value '{value}' is not allowed for property '{name}'.")
            }
            Self::NotUnique { name, value } => format!(
                "Property Uniqueness (uScope is 'absolute') constraints violated by value '{value}' for property '{name}'."
            ),
        }
    }
}

/// Warms up the pattern engine, so that the first request that sets a value does not wait for it.
///
/// # Errors
/// Never returns an error, because it does not depend on the settings.
pub fn prepare(_settings: &Settings) -> Result<(), String> {
    // Any pattern warms up the engine.
    let _ = pattern::prepare("[a-z]+");
    Ok(())
}

/// The number of copies of the item of a definition, which every change of a value checks.
pub(crate) const COPIES: u64 = 8;

/// Returns the key of a definition. Without a client, the definition applies to all clients.
#[must_use]
pub fn key(scope: Scope, client: Option<&ClientExtId>, name: &PropertyName) -> Key {
    Key::copied(COPIES, &["PROPERTIES", &owner(client)], &["PROPERTY", scope.as_str(), &name.key_part()])
}

/// Returns the key of the entry of a definition in the list of all definitions, a copy of its item.
#[must_use]
pub fn directory_key(scope: Scope, client: Option<&ClientExtId>, name: &PropertyName) -> Key {
    Key::new(&[DIRECTORY.0], &["PROPERTY", scope.as_str(), &owner(client), &name.key_part()])
}

/// Returns the part of the keys that distinguishes the definitions of a client from those of all clients.
fn owner(client: Option<&ClientExtId>) -> Cow<'_, str> {
    client.map_or("*".into(), ClientExtId::key_part)
}

/// Returns the list of the definitions of a client: the partition of their items, and the prefix of their sort
/// keys.
pub(crate) fn list_of(client: &ClientExtId) -> (String, &'static str) {
    (format!("PROPERTIES#{}", client.key_part()), DIRECTORY.1)
}

/// Returns the key of the copy of a definition at its identifier, as a path contains it.
#[must_use]
pub fn id_key(id: &str) -> Key {
    Key::new(&["PROPERTY_ID", &ExtId::<()>::unchecked(id).key_part()], &["PROPERTY_ID"])
}

/// Returns the identifier of a definition that is imported without one. It follows from the key, so that an
/// import can be repeated.
#[must_use]
pub fn imported_id(scope: Scope, client: Option<&ClientExtId>, name: &PropertyName) -> u64 {
    let key = key(scope, client, name);
    let hash = sha256(&format!("{}\n{}", key.pk(), key.sk()));
    // 48 bits, and never 0.
    hash.iter().take(6).fold(0, |id, byte| id << 8 | u64::from(*byte)) + 1
}

/// Returns the error for a definition that does not exist.
#[must_use]
pub fn missing(id: &str) -> ApiError {
    ApiError::NotFound(format!("Property doesn't exist with propertyId '{id}'"))
}

/// Returns the error for a definition that already exists.
#[must_use]
pub fn duplicate(name: &PropertyName) -> ApiError {
    ApiError::Duplicate(format!("Property already exists with name '{name}'"))
}

/// Returns the key that reserves a value of a property.
#[must_use]
pub fn value_key(scope: Scope, name: &PropertyName, value: &str) -> Key {
    Key::new(&["PROPERTY_VALUE", scope.as_str(), &name.key_part(), &sha256_hex(value)], &["PROPERTY_VALUE"])
}

/// Adds the reservation of a unique value to a transaction. `owner` is the partition of the user.
pub fn reserve_value(
    scope: Scope,
    name: &PropertyName,
    value: &str,
    owner: &str,
    transaction: &mut Transaction,
) -> ActionIndex {
    let item = NewItem::new(&value_key(scope, name, value), "PropertyValue")
        .with_text("owner", owner)
        .with_text("name", name.as_str());
    transaction.create(item)
}

/// Adds the release of a value that `owner` has reserved to a transaction.
pub fn release_value(
    scope: Scope,
    name: &PropertyName,
    value: &str,
    owner: &str,
    transaction: &mut Transaction,
) -> ActionIndex {
    let own = Condition::AbsentOrText("owner", owner.to_owned());
    transaction.delete(value_key(scope, name, value), own)
}

/// The conditions under which a definition is created.
#[derive(Clone, Copy, Debug)]
pub struct Created {
    /// The scope of the client has no other property of this name.
    pub name: ActionIndex,
    /// The identifier is not in use.
    pub id: ActionIndex,
}

impl Definition {
    /// Returns the definition of a property for all clients, with any text as a value.
    #[must_use]
    pub fn of_text(scope: Scope, name: PropertyName) -> Self {
        Self {
            id: imported_id(scope, None, &name),
            scope,
            client: None,
            name,
            description: None,
            display_name: LocalizedText::default(),
            value_type: ValueType::String,
            max_length: None,
            pattern: None,
            uniqueness: None,
            access_create: None,
            access: None,
            allowed_values: BTreeSet::new(),
            encrypted: None,
            propagated: None,
            mandatory: None,
            precedence: None,
        }
    }

    /// Reads a new definition from a body. `new_id` returns its identifier.
    ///
    /// # Errors
    /// The errors of [`Fields::finish`], then [`ApiError::InvalidData`] for a scope of uniqueness that is not
    /// supported.
    pub fn read_new(
        mut fields: Fields<'_>,
        new_id: impl FnOnce(Scope, Option<&ClientExtId>, &PropertyName) -> u64,
    ) -> Result<Self, ApiError> {
        let scope = Scope::read(&mut fields, "scope");
        let client = Option::<ClientExtId>::read(&mut fields, "clientExtId");
        let name = fields.required_ext_id("name");
        let id = new_id(scope, client.as_ref(), &name);
        let definition = Self::read(&mut fields, (id, scope, client, name));
        for name in definition.contradictions() {
            fields.refuse(name);
        }
        fields.finish()?;
        match definition.uniqueness.filter(|uniqueness| !uniqueness.is_supported()) {
            None => Ok(definition),
            Some(unsupported) => Err(unsupported_uniqueness(unsupported)),
        }
    }

    /// Returns true if a value that follows the rules of `present` may not follow these.
    #[must_use]
    pub fn may_break_values_of(&self, present: &Self) -> bool {
        let length = |definition: &Self| definition.max_length.unwrap_or(MAX_VALUE);
        self.value_type != present.value_type
            || length(self) < length(present)
            || self.pattern.is_some() && self.pattern != present.pattern
            || !self.allowed_values.is_superset(&present.allowed_values)
            || self.is_unique() && !present.is_unique()
    }

    /// Returns the members that are not valid, alone or together with the type.
    fn contradictions(&self) -> impl Iterator<Item = &'static str> {
        let is_text = self.value_type == ValueType::String;
        let is_length = |length| is_text && (1..=MAX_VALUE).contains(&length);
        let is_pattern = |pattern: &str| is_text && pattern::whole_match(pattern).is_ok();
        let is_valid = [
            ("stringMaxLen", self.max_length.is_none_or(is_length)),
            ("stringRegex", self.pattern.as_deref().is_none_or(is_pattern)),
            ("allowedValues", self.allowed_values.is_empty() == is_text),
            ("propertyId", (1..=MAX_ID).contains(&self.id)),
        ];
        is_valid.into_iter().filter(|(_, is_valid)| !is_valid).map(|(name, _)| name)
    }

    /// Returns the definition that applies to callers with the right `PropertyAttributeAccessOverride`.
    #[must_use]
    pub fn writable(self) -> Self {
        Self { access: None, ..self }
    }

    /// Checks a new value of the property, or its removal (`None`). `matcher` matches the pattern.
    ///
    /// # Errors
    /// The first violated rule, in this order: access, length, pattern, allowed values.
    pub fn check(&self, value: Option<&str>, matcher: &Matcher) -> Result<(), PropertyFailure> {
        let name = self.name.to_string();
        match self.access {
            Some(PropertyAccess::ReadOnly) => return Err(PropertyFailure::ReadOnly { name }),
            Some(PropertyAccess::Off) => return Err(PropertyFailure::Off { name }),
            None | Some(PropertyAccess::ReadWrite) => {}
        }
        let Some(value) = value else { return Ok(()) };
        let length = u64::try_from(value.chars().count()).unwrap_or(u64::MAX);
        if length > self.max_length.unwrap_or(MAX_VALUE).min(MAX_VALUE) {
            return Err(PropertyFailure::TooLong { name });
        }
        if !self.pattern.as_ref().is_none_or(|pattern| matcher.is_match(pattern, value)) {
            return Err(PropertyFailure::PatternMismatch { name });
        }
        let allowed = self.allowed_values.contains(value);
        match self.value_type {
            ValueType::Enum if !allowed => Err(PropertyFailure::NotAllowed { name, value: value.to_owned() }),
            ValueType::Enum | ValueType::String => Ok(()),
        }
    }

    /// Returns true if each value must be unique.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.uniqueness == Some(Uniqueness::Absolute)
    }

    /// Adds the definition, its entry in the list of all definitions, and its copy at its identifier to a
    /// transaction.
    pub fn create(&self, transaction: &mut Transaction) -> Created {
        let client = self.client.as_ref();
        let key = key(self.scope, client, &self.name);
        let entry = directory_key(self.scope, client, &self.name);
        let copy = id_key(&self.id.to_string());
        let name = transaction.create(self.store(NewItem::new(&key, ENTITY_TYPE)));
        transaction.create(self.store(NewItem::new(&entry, "PropertyEntry")));
        Created { name, id: transaction.create(self.store(NewItem::new(&copy, "PropertyId"))) }
    }

    /// Adds the change from `present` to a transaction: the copy at its identifier, whose item is `copy`, the
    /// definition, and its entry in the list of all definitions.
    ///
    /// `condition` is that of the definition: [`Condition::Exists`], or that there are still no values that the change
    /// could make invalid.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no revision.
    pub fn change(
        &self,
        (present, copy): (&Self, &Item),
        condition: Condition,
        transaction: &mut Transaction,
    ) -> Result<Changed, TableError> {
        let (scope, client, name) = (present.scope, present.client.as_ref(), &present.name);
        let updated = transaction.update_item(copy, (present, self), |update| update)?;
        if updated.is_some() {
            let update = Update::new(key(scope, client, name), condition).unmark();
            transaction.update(self.update(present, update));
        }
        transaction.update_copy(directory_key(scope, client, name), (present, self));
        Ok(Changed { updated, reserved: Vec::new() })
    }

    /// Adds the deletion of the definition, whose item is `item`, to a transaction, with its copies. The client is
    /// deleted too, and no values remain.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub(crate) fn delete(&self, item: &Item, transaction: &mut Transaction) -> Result<(), TableError> {
        transaction.delete_item(item)?;
        transaction.delete(directory_key(self.scope, self.client.as_ref(), &self.name), Condition::Any);
        transaction.delete(id_key(&self.id.to_string()), Condition::Any);
        Ok(())
    }

    /// Returns the definition as responses show it, with the history of its item.
    fn show_with_history(&self, item: &Item) -> Result<Value, TableError> {
        let members = self.key_members().into_iter().chain(self.members());
        item.with_history(members.map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// Returns the error for a change that could make a value of the property invalid. `id` is its identifier.
#[must_use]
pub fn has_values(id: &str) -> ApiError {
    ApiError::InvalidData(format!(
        "Property with propertyId '{id}' has values that the change could make invalid"
    ))
}

/// Returns the error for a scope of uniqueness that is not supported.
fn unsupported_uniqueness(scope: Uniqueness) -> ApiError {
    ApiError::InvalidData(format!("The uniquenessScope '{}' is not supported.", scope.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Definition {
        Definition::of_text(Scope::MobileSignature, PropertyName::unchecked("p"))
    }

    fn name() -> String {
        "p".to_owned()
    }

    fn check(definition: &Definition, value: Option<&str>) -> Result<(), PropertyFailure> {
        definition.check(value, &Matcher::of_request())
    }

    #[test]
    fn access_is_checked_first_and_can_be_overridden() {
        let value = Some("longer than one");
        for (access, failure) in [
            (PropertyAccess::ReadOnly, PropertyFailure::ReadOnly { name: name() }),
            (PropertyAccess::Off, PropertyFailure::Off { name: name() }),
        ] {
            let definition = Definition { access: Some(access), max_length: Some(1), ..definition() };
            assert_eq!(check(&definition, value), Err(failure.clone()));
            assert_eq!(check(&definition, None), Err(failure));
            let definition = definition.writable();
            assert_eq!(check(&definition, value), Err(PropertyFailure::TooLong { name: name() }));
            assert_eq!(check(&definition, None), Ok(()));
        }
    }

    #[test]
    fn length_is_counted_in_characters_and_checked_before_the_pattern() {
        let definition = Definition { max_length: Some(2), pattern: Some("[ä]+".into()), ..definition() };
        assert_eq!(check(&definition, Some("ää")), Ok(()));
        assert_eq!(check(&definition, Some("ääa")), Err(PropertyFailure::TooLong { name: name() }));
        assert_eq!(check(&definition, Some("äa")), Err(PropertyFailure::PatternMismatch { name: name() }));
        assert_eq!(check(&self::definition(), Some(&"a".repeat(4000))), Ok(()));
        let too_long = check(&self::definition(), Some(&"a".repeat(4001)));
        assert_eq!(too_long, Err(PropertyFailure::TooLong { name: name() }));
    }

    type Change = fn(&mut Definition);

    #[test]
    fn a_definition_that_forbids_no_further_value_breaks_none() {
        let set = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<BTreeSet<_>>();
        let present = Definition {
            max_length: Some(5),
            pattern: Some("[a-z]+".into()),
            allowed_values: set(&["a", "b"]),
            ..definition()
        };
        let with = |change: Change| {
            let mut next = present.clone();
            change(&mut next);
            next.may_break_values_of(&present)
        };
        let changes: [(Change, bool); 12] = [
            (|_| (), false),
            (|next| next.max_length = Some(6), false),
            (|next| next.max_length = None, false),
            (|next| next.max_length = Some(4), true),
            (|next| next.pattern = None, false),
            (|next| next.pattern = Some("[a-z]*".into()), true),
            (|next| next.allowed_values.extend(["c".to_owned()]), false),
            (|next| next.allowed_values.retain(|value| value == "a"), true),
            (|next| next.uniqueness = Some(Uniqueness::Unrestricted), false),
            (|next| next.uniqueness = Some(Uniqueness::Absolute), true),
            (|next| next.value_type = ValueType::Enum, true),
            (|next| next.access = Some(PropertyAccess::Off), false),
        ];
        for (number, (change, expected)) in changes.into_iter().enumerate() {
            assert_eq!(with(change), expected, "{number}");
        }
        let unlimited = Definition { max_length: None, pattern: None, ..present.clone() };
        assert!(present.may_break_values_of(&unlimited));
        let unique = Definition { uniqueness: Some(Uniqueness::Absolute), ..present.clone() };
        assert!(!present.may_break_values_of(&unique));
    }

    #[test]
    fn an_enum_value_must_be_allowed() {
        let allowed_values = BTreeSet::from(["a".to_owned()]);
        let definition = Definition { value_type: ValueType::Enum, allowed_values, ..definition() };
        assert_eq!(check(&definition, Some("a")), Ok(()));
        let failure = PropertyFailure::NotAllowed { name: name(), value: "b".to_owned() };
        assert_eq!(check(&definition, Some("b")), Err(failure));
    }
}
