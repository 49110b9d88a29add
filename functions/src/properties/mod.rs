//! Properties: what a deployment lets its credentials carry besides the built-in attributes, and
//! by which rules.

use std::collections::BTreeSet;

use shared::error::PropertyFailure;
use shared::ids::{ClientExtId, ExtId, sha256_hex};
use shared::pattern::{self, whole_match};
use shared::policy::Settings;
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction};

/// The kind of an item of a property definition.
pub const ENTITY_TYPE: &str = "PropertyDefinition";
/// The scope of the properties of mobile signatures.
pub const MOBILE_SIGNATURE_SCOPE: &str = "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL";
/// The longest value of a property without a length of its own, in characters.
pub const MAX_VALUE: u64 = 4000;

/// Marks the names of properties.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PropertyKind {}

/// What a property is named by, unique within scope and client.
pub type PropertyName = ExtId<PropertyKind>;

/// The definition of a property: what its values have to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What carries the property.
    pub scope: String,
    /// The client whose property it is; none for a property of all clients.
    pub client: Option<ClientExtId>,
    /// Its name.
    pub name: PropertyName,
    /// Its type.
    pub value_type: ValueType,
    /// The greatest length of a value, in characters.
    pub max_length: Option<u64>,
    /// The pattern that a whole value has to match.
    pub pattern: Option<String>,
    /// Whether no two values may be the same, over all clients.
    pub unique: bool,
    /// What may be done to it.
    pub access: PropertyAccess,
    /// The values of a property of the type [`ValueType::Enum`].
    pub allowed_values: Option<BTreeSet<String>>,
}

/// The type of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Any text.
    String,
    /// One of the allowed values.
    Enum,
}

/// What may be done to the values of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyAccess {
    /// They may be changed.
    ReadWrite,
    /// They may not be changed.
    ReadOnly,
    /// They may not be changed, which is told as a refusal of access.
    Off,
}

/// Gives the texts that stand for the variants of an enum, in both directions.
macro_rules! texts {
    ($type:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $type {
            /// The variant that a text stands for.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }

            /// The text that stands for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

texts!(ValueType { String = "STRING", Enum = "ENUM" });
texts!(PropertyAccess { ReadWrite = "READ_WRITE", ReadOnly = "READ_ONLY", Off = "OFF" });

/// Runs the engine of patterns once, which the first request that sets a value would wait for otherwise.
///
/// # Errors
/// None: it asks nothing of the settings.
pub fn prepare(_settings: &Settings) -> Result<(), String> {
    // Any pattern does.
    let _ = pattern::prepare("[a-z]+");
    Ok(())
}

/// The key of a definition: of a client, or of all clients.
#[must_use]
pub fn key(scope: &str, client: Option<&ClientExtId>, name: &PropertyName) -> Key {
    let owner = client.map_or("*".into(), ClientExtId::key_part);
    Key::new(&["PROPERTIES", scope], &[&owner, &name.key_part()])
}

/// The key that says that a value of a property is taken.
#[must_use]
pub fn value_key(scope: &str, name: &PropertyName, value: &str) -> Key {
    Key::new(&["PROPERTY_VALUE", scope, &name.key_part(), &sha256_hex(value)], &["PROPERTY_VALUE"])
}

/// Adds to a transaction that `owner`, the partition of a user, takes a value that nobody else may
/// have.
pub fn reserve_value(
    scope: &str,
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

/// Adds to a transaction that `owner` gives a value back.
pub fn release_value(
    scope: &str,
    name: &PropertyName,
    value: &str,
    owner: &str,
    transaction: &mut Transaction,
) -> ActionIndex {
    let own = Condition::AbsentOrText("owner", owner.to_owned());
    transaction.delete(value_key(scope, name, value), own)
}

impl Definition {
    /// The definition as it is for callers with the right `PropertyAttributeAccessOverride`.
    #[must_use]
    pub fn writable(self) -> Self {
        Self { access: PropertyAccess::ReadWrite, ..self }
    }

    /// Checks a new value of the property, or its removal (`None`): access, length, pattern,
    /// allowed values, in this order.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self, value: Option<&str>) -> Result<(), PropertyFailure> {
        let name = self.name.to_string();
        match self.access {
            PropertyAccess::ReadOnly => return Err(PropertyFailure::ReadOnly { name }),
            PropertyAccess::Off => return Err(PropertyFailure::Off { name }),
            PropertyAccess::ReadWrite => {}
        }
        let Some(value) = value else { return Ok(()) };
        let length = u64::try_from(value.chars().count()).unwrap_or(u64::MAX);
        if length > self.max_length.unwrap_or(MAX_VALUE).min(MAX_VALUE) {
            return Err(PropertyFailure::TooLong { name });
        }
        let matches = |pattern: &String| whole_match(pattern).is_ok_and(|pattern| pattern.is_match(value));
        if !self.pattern.as_ref().is_none_or(matches) {
            return Err(PropertyFailure::PatternMismatch { name });
        }
        let allowed = self.allowed_values.as_ref().is_some_and(|allowed| allowed.contains(value));
        match self.value_type {
            ValueType::Enum if !allowed => Err(PropertyFailure::NotAllowed { name, value: value.to_owned() }),
            ValueType::Enum | ValueType::String => Ok(()),
        }
    }

    /// Reads a definition from its item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item is none.
    pub fn from_item(item: &Item) -> Result<Self, TableError> {
        let allowed_values = item.set("allowedValues")?;
        Ok(Self {
            scope: item.text("scope")?.to_owned(),
            client: item.optional_text("clientExtId")?.map(ClientExtId::unchecked),
            name: PropertyName::unchecked(item.text("name")?),
            value_type: ValueType::parse(item.text("valueType")?).ok_or(TableError::Corrupt)?,
            max_length: item.optional_number("stringMaxLen")?,
            pattern: item.optional_text("stringRegex")?.map(str::to_owned),
            unique: item.flag("unique")?,
            access: PropertyAccess::parse(item.text("accessModify")?).ok_or(TableError::Corrupt)?,
            allowed_values: (!allowed_values.is_empty()).then_some(allowed_values),
        })
    }

    /// Adds the definition to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        let key = key(&self.scope, self.client.as_ref(), &self.name);
        let mut item = NewItem::new(&key, ENTITY_TYPE)
            .with_text("scope", &self.scope)
            .with_optional_text("clientExtId", self.client.as_ref().map(ClientExtId::as_str))
            .with_text("name", self.name.as_str())
            .with_text("valueType", self.value_type.as_str())
            .with_optional_text("stringRegex", self.pattern.as_deref())
            .with_flag("unique", self.unique)
            .with_text("accessModify", self.access.as_str())
            .with_set("allowedValues", self.allowed_values.as_ref().unwrap_or(&BTreeSet::new()));
        if let Some(max_length) = self.max_length {
            item = item.with_number("stringMaxLen", max_length);
        }
        transaction.create(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Definition {
        Definition {
            scope: MOBILE_SIGNATURE_SCOPE.to_owned(),
            client: None,
            name: PropertyName::unchecked("p"),
            value_type: ValueType::String,
            max_length: None,
            pattern: None,
            unique: false,
            access: PropertyAccess::ReadWrite,
            allowed_values: None,
        }
    }

    fn name() -> String {
        "p".to_owned()
    }

    #[test]
    fn access_comes_before_everything_else_and_can_be_lifted() {
        let value = Some("longer than one");
        for (access, failure) in [
            (PropertyAccess::ReadOnly, PropertyFailure::ReadOnly { name: name() }),
            (PropertyAccess::Off, PropertyFailure::Off { name: name() }),
        ] {
            let definition = Definition { access, max_length: Some(1), ..definition() };
            assert_eq!(definition.check(value), Err(failure.clone()));
            assert_eq!(definition.check(None), Err(failure));
            let definition = definition.writable();
            assert_eq!(definition.check(value), Err(PropertyFailure::TooLong { name: name() }));
            assert_eq!(definition.check(None), Ok(()));
        }
    }

    #[test]
    fn length_is_counted_in_characters_and_comes_before_the_pattern() {
        let definition =
            Definition { max_length: Some(2), pattern: Some("[ä]+".to_owned()), ..definition() };
        assert_eq!(definition.check(Some("ää")), Ok(()));
        assert_eq!(definition.check(Some("ääa")), Err(PropertyFailure::TooLong { name: name() }));
        assert_eq!(definition.check(Some("äa")), Err(PropertyFailure::PatternMismatch { name: name() }));
        assert_eq!(self::definition().check(Some(&"a".repeat(4000))), Ok(()));
        let too_long = self::definition().check(Some(&"a".repeat(4001)));
        assert_eq!(too_long, Err(PropertyFailure::TooLong { name: name() }));
    }

    #[test]
    fn a_value_of_an_enum_is_one_of_the_allowed_ones() {
        let allowed_values = Some(BTreeSet::from(["a".to_owned()]));
        let definition = Definition { value_type: ValueType::Enum, allowed_values, ..definition() };
        assert_eq!(definition.check(Some("a")), Ok(()));
        let failure = PropertyFailure::NotAllowed { name: name(), value: "b".to_owned() };
        assert_eq!(definition.check(Some("b")), Err(failure));
    }
}
