//! The types of fields: how a value is read from a body, stored, loaded, shown and described.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::{Deref, DerefMut};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::fields::{Fields, text_of, unsigned_of};
use super::schema::{Field, FieldKind};
use crate::clock::Timestamp;
use crate::ids::ExtId;
use crate::table::attribute::{text, text_map, text_set};
use crate::table::{Item, TableError};

/// The maximum length of a text of a language, and of all texts without their own limit, in characters.
pub const MAX_TEXT: usize = 4000;
/// The maximum length of a remark or a description, in characters.
pub const MAX_REMARK: usize = 1000;

/// A type of fields.
pub trait FieldValue: Sized {
    /// The kind of the value for descriptions.
    const KIND: FieldKind;
    /// The kind of the value in responses.
    const KIND_SHOWN: FieldKind = Self::KIND;
    /// The kind of the value in the body of a change.
    const KIND_CHANGED: FieldKind = Self::KIND;
    /// Whether a body must have the field.
    const REQUIRED: bool = true;
    /// Whether every response has the field.
    const SHOWN: bool = Self::REQUIRED;

    /// Reads the value from a body. An invalid one is reported to `fields`.
    fn read(fields: &mut Fields<'_>, name: &str) -> Self;

    /// Checks the member of a change, if it is present. An invalid one is reported to `fields`.
    fn check(fields: &mut Fields<'_>, name: &str) {
        if fields.has(name) {
            Self::read(fields, name);
        }
    }

    /// Merges the member of a body into the value (RFC 7396). An omitted member keeps it, and `null`
    /// removes it.
    fn merge(&mut self, fields: &mut Fields<'_>, name: &str) {
        if fields.has(name) {
            *self = Self::read(fields, name);
        }
    }

    /// Loads the value from an item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no such value.
    fn load(item: &Item, name: &str) -> Result<Self, TableError>;

    /// Returns the attribute to store; `None` for no value.
    fn attribute(&self) -> Option<AttributeValue>;

    /// Returns the value for responses; `None` for no value.
    fn show(&self) -> Option<Value>;

    /// Returns the value for the history and for events, which is that for responses. Of an object, only the members
    /// that are declared with `disclosed`.
    fn disclose(&self) -> Option<Value> {
        self.show()
    }
}

impl Field {
    /// A field of this type in the body of a creation.
    #[must_use]
    pub const fn in_body<T: FieldValue>(name: &'static str, description: &'static str) -> Self {
        Self { name, required: T::REQUIRED, nullable: !T::REQUIRED, kind: T::KIND, description }
    }

    /// A field of this type in the body of a change.
    #[must_use]
    pub const fn in_patch<T: FieldValue>(name: &'static str, description: &'static str) -> Self {
        Self { required: false, kind: T::KIND_CHANGED, ..Self::in_body::<T>(name, description) }
    }

    /// A field of this type in the history and in events, which also show what responses omit.
    #[must_use]
    pub const fn disclosed<T: FieldValue>(name: &'static str, description: &'static str) -> Self {
        let kind = match T::KIND_SHOWN {
            FieldKind::Absent => T::KIND,
            kind => kind,
        };
        Self { required: false, kind, ..Self::in_body::<T>(name, description) }
    }

    /// A field of this type in responses.
    #[must_use]
    pub const fn shown<T: FieldValue>(name: &'static str, description: &'static str) -> Self {
        Self { required: T::SHOWN, kind: T::KIND_SHOWN, ..Self::in_body::<T>(name, description) }
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    const KIND: FieldKind = T::KIND;
    const REQUIRED: bool = false;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        if fields.is_given(name) {
            Some(T::read(fields, name))
        } else {
            fields.take(name);
            None
        }
    }

    fn load(item: &Item, name: &str) -> Result<Self, TableError> {
        if item.has(name) { T::load(item, name).map(Some) } else { Ok(None) }
    }

    fn attribute(&self) -> Option<AttributeValue> {
        self.as_ref().and_then(T::attribute)
    }

    fn show(&self) -> Option<Value> {
        self.as_ref().and_then(T::show)
    }
}

/// A text of `MIN` to `MAX` characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// A text that is not empty.
pub type NonEmptyText = Text<1, MAX_TEXT>;
/// A text that may be empty.
pub type AnyText = Text<0, MAX_TEXT>;
/// A remark or a description.
pub type Remark = Text<0, MAX_REMARK>;

impl<const MIN: usize, const MAX: usize> FieldValue for Text<MIN, MAX> {
    const KIND: FieldKind = FieldKind::Text { min: MIN, max: MAX };

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        Self(fields.required(name, |fields, name| fields.text(name, MIN, MAX)))
    }

    fn load(item: &Item, name: &str) -> Result<Self, TableError> {
        item.text(name).map(Self::from)
    }

    fn attribute(&self) -> Option<AttributeValue> {
        Some(text(&self.0))
    }

    fn show(&self) -> Option<Value> {
        Some(self.0.as_str().into())
    }
}

/// Implements how a type around a value is loaded, stored and shown: like the value.
#[macro_export]
macro_rules! stored_as_its_value {
    () => {
        fn load(item: &$crate::table::Item, name: &str) -> Result<Self, $crate::table::TableError> {
            $crate::entity::FieldValue::load(item, name).map(Self)
        }

        fn attribute(&self) -> Option<$crate::table::attribute::AttributeValue> {
            self.0.attribute()
        }

        fn show(&self) -> Option<$crate::entity::Value> {
            self.0.show()
        }
    };
}

/// An optional value that is accepted and stored, but not returned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotReturned<T>(pub Option<T>);

impl<T: FieldValue> FieldValue for NotReturned<T> {
    const KIND: FieldKind = T::KIND;
    const KIND_SHOWN: FieldKind = FieldKind::Absent;
    const REQUIRED: bool = false;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        Self(FieldValue::read(fields, name))
    }

    crate::stored_as_its_value!();
}

/// A value that has a default. An omitted member and `null` stand for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrDefault<T>(pub T);

impl<T: FieldValue + Default> FieldValue for OrDefault<T> {
    const KIND: FieldKind = T::KIND;
    const REQUIRED: bool = false;
    const SHOWN: bool = true;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        Self(Option::<T>::read(fields, name).unwrap_or_default())
    }

    crate::stored_as_its_value!();
}

/// A value that is set at creation. A change cannot have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed<T>(pub T);

impl<T: FieldValue> FieldValue for Fixed<T> {
    const KIND: FieldKind = T::KIND;
    const KIND_SHOWN: FieldKind = T::KIND_SHOWN;
    const KIND_CHANGED: FieldKind = FieldKind::Absent;
    const REQUIRED: bool = T::REQUIRED;
    const SHOWN: bool = T::SHOWN;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        Self(T::read(fields, name))
    }

    /// Leaves the member, which is reported as unknown.
    fn check(_: &mut Fields<'_>, _: &str) {}

    fn merge(&mut self, _: &mut Fields<'_>, _: &str) {}

    crate::stored_as_its_value!();
}

/// The name of an object. The naming policy applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

impl FieldValue for Name {
    const KIND: FieldKind = FieldKind::Name;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        let value = fields.required_text(name);
        if !value.is_empty() {
            fields.naming().name(&value);
        }
        Self(value)
    }

    fn load(item: &Item, name: &str) -> Result<Self, TableError> {
        item.text(name).map(Self::from)
    }

    fn attribute(&self) -> Option<AttributeValue> {
        Some(text(&self.0))
    }

    fn show(&self) -> Option<Value> {
        Some(self.0.as_str().into())
    }
}

/// Implements the common traits of text newtypes.
macro_rules! text_type {
    ($type:ty $(, const $parameter:ident)*) => {
        impl<$(const $parameter: usize),*> Deref for $type {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<$(const $parameter: usize),*> From<&str> for $type {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl<$(const $parameter: usize),*> From<String> for $type {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl<$(const $parameter: usize),*> fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_type!(Text<MIN, MAX>, const MIN, const MAX);
text_type!(Name);

/// A text for each language. Bodies have the configured languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Localized<const LOWER_CASE: bool>(BTreeMap<String, String>);

/// A text for each language, such as `EN`.
pub type LocalizedText = Localized<false>;
/// An address for each language, such as `en`.
pub type LocalizedUrls = Localized<true>;

impl<const LOWER_CASE: bool> FieldValue for Localized<LOWER_CASE> {
    const KIND: FieldKind = FieldKind::LocalizedText { lower_case: LOWER_CASE };
    const REQUIRED: bool = false;
    const SHOWN: bool = true;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        let mut texts = Self::default();
        if let Some(value) = fields.take(name) {
            texts.merge_value(fields, name, value);
        }
        texts
    }

    fn merge(&mut self, fields: &mut Fields<'_>, name: &str) {
        if !fields.has(name) {
            return;
        }
        match fields.take(name) {
            Some(value) => self.merge_value(fields, name, value),
            None => self.0.clear(),
        }
    }

    fn load(item: &Item, name: &str) -> Result<Self, TableError> {
        item.texts(name).map(Self)
    }

    fn attribute(&self) -> Option<AttributeValue> {
        Some(text_map(&self.0))
    }

    fn show(&self) -> Option<Value> {
        Some(object_of(&self.0))
    }
}

impl<const LOWER_CASE: bool> Localized<LOWER_CASE> {
    /// Merges an object of language to text. An unknown language, or one whose text is invalid, is reported
    /// as `name.language`.
    fn merge_value(&mut self, fields: &mut Fields<'_>, name: &str, value: Value) {
        let Value::Object(members) = value else {
            return fields.refuse(name);
        };
        let languages = &fields.settings().languages;
        for (language, value) in members {
            let is_known = languages.iter().any(|known| {
                if LOWER_CASE { known.to_ascii_lowercase() == language } else { *known == language }
            });
            if is_known && value.is_null() {
                self.0.remove(&language);
                continue;
            }
            match text_of(value, 0, MAX_TEXT).filter(|_| is_known) {
                Some(text) => drop(self.0.insert(language, text)),
                None => fields.refuse(&format!("{name}.{language}")),
            }
        }
    }
}

/// A map of texts by a key that the caller chooses, such as addresses by language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextMap(BTreeMap<String, String>);

impl FieldValue for TextMap {
    const KIND: FieldKind = FieldKind::TextMap;
    const REQUIRED: bool = false;
    const SHOWN: bool = true;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        let mut texts = BTreeMap::new();
        match fields.take(name) {
            None => {}
            Some(Value::Object(members)) => {
                for (key, value) in members {
                    match text_of(value, 1, MAX_TEXT) {
                        Some(text) => drop(texts.insert(key, text)),
                        None => fields.refuse(&format!("{name}.{key}")),
                    }
                }
            }
            Some(_) => fields.refuse(name),
        }
        Self(texts)
    }

    fn load(item: &Item, name: &str) -> Result<Self, TableError> {
        item.texts(name).map(Self)
    }

    fn attribute(&self) -> Option<AttributeValue> {
        Some(text_map(&self.0))
    }

    fn show(&self) -> Option<Value> {
        Some(object_of(&self.0))
    }
}

impl DerefMut for TextMap {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// Implements the common traits of newtypes of maps.
macro_rules! map_type {
    ($type:ty $(, const $parameter:ident)*) => {
        impl<$(const $parameter: bool),*> Deref for $type {
            type Target = BTreeMap<String, String>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl<$(const $parameter: bool),*> From<BTreeMap<String, String>> for $type {
            fn from(texts: BTreeMap<String, String>) -> Self {
                Self(texts)
            }
        }
    };
}

map_type!(Localized<LOWER_CASE>, const LOWER_CASE);
map_type!(TextMap);

/// Returns texts by their keys as a JSON object.
fn object_of(texts: &BTreeMap<String, String>) -> Value {
    Value::Object(texts.iter().map(|(key, text)| (key.clone(), text.as_str().into())).collect())
}

impl FieldValue for bool {
    const KIND: FieldKind = FieldKind::Boolean;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        fields.required(name, |fields, name| fields.take(name)?.as_bool())
    }

    fn load(item: &Item, name: &str) -> Result<Self, TableError> {
        item.flag(name)
    }

    fn attribute(&self) -> Option<AttributeValue> {
        Some(AttributeValue::Bool(*self))
    }

    fn show(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl FieldValue for u64 {
    const KIND: FieldKind = FieldKind::UnsignedInteger;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        fields.required(name, |fields, name| unsigned_of(&fields.take(name)?))
    }

    fn load(item: &Item, name: &str) -> Result<Self, TableError> {
        item.number(name)
    }

    fn attribute(&self) -> Option<AttributeValue> {
        Some(AttributeValue::N(self.to_string()))
    }

    fn show(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl FieldValue for Timestamp {
    const KIND: FieldKind = FieldKind::DateTime;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        let text = fields.required_text(name);
        Self::parse(&text).unwrap_or_else(|| {
            fields.refuse(name);
            Self::UNIX_EPOCH
        })
    }

    fn load(item: &Item, name: &str) -> Result<Self, TableError> {
        Self::parse(item.text(name)?).ok_or(TableError::Corrupt)
    }

    fn attribute(&self) -> Option<AttributeValue> {
        Some(text(&self.to_string()))
    }

    fn show(&self) -> Option<Value> {
        Some(self.to_string().into())
    }
}

/// A reference to an existing object by its external identifier.
impl<Kind> FieldValue for ExtId<Kind> {
    const KIND: FieldKind = FieldKind::Text { min: 1, max: usize::MAX };

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        Self::unchecked(&fields.required_text(name))
    }

    fn load(item: &Item, name: &str) -> Result<Self, TableError> {
        item.text(name).map(Self::unchecked)
    }

    fn attribute(&self) -> Option<AttributeValue> {
        Some(text(self.as_str()))
    }

    fn show(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

/// An external identifier that the body gives to something new. The naming policy applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExtId<Kind>(pub ExtId<Kind>);

impl<Kind> FieldValue for NewExtId<Kind> {
    const KIND: FieldKind = FieldKind::ExtId(&[]);
    const KIND_SHOWN: FieldKind = ExtId::<Kind>::KIND;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        Self(fields.required_ext_id(name))
    }

    crate::stored_as_its_value!();
}

/// A set of texts that are not empty. An empty set is the same as none.
impl FieldValue for BTreeSet<String> {
    const KIND: FieldKind = FieldKind::TextSet;
    const REQUIRED: bool = false;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        let Some(value) = fields.take(name) else { return Self::new() };
        let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let texts: Self = values.iter().filter_map(|value| text_of(value.clone(), 1, MAX_TEXT)).collect();
        if !value.is_array() || texts.len() != values.len() {
            fields.refuse(name);
        }
        texts
    }

    fn load(item: &Item, name: &str) -> Result<Self, TableError> {
        item.set(name)
    }

    fn attribute(&self) -> Option<AttributeValue> {
        text_set(self)
    }

    fn show(&self) -> Option<Value> {
        (!self.is_empty()).then(|| self.iter().map(String::as_str).collect())
    }
}

/// Declares an enumeration whose values have names in bodies and items. An unknown name in a body is
/// reported as `Invalid <type> name '<name>'`.
#[macro_export]
macro_rules! names {
    ($(#[$meta:meta])* $vis:vis enum $type:ident {
        $($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $type { $($(#[$doc])* $variant),+ }

        impl $type {
            /// All names.
            $vis const NAMES: &'static [&'static str] = &[$($name),+];

            /// Returns the value of this name.
            #[must_use]
            $vis fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            /// Returns the name.
            #[must_use]
            $vis const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl $crate::entity::FieldValue for $type {
            const KIND: $crate::entity::schema::FieldKind =
                $crate::entity::schema::FieldKind::Enum(Self::NAMES);

            fn read(fields: &mut $crate::entity::Fields<'_>, name: &str) -> Self {
                let text = fields.required_text(name);
                Self::parse(&text).unwrap_or_else(|| {
                    fields.refuse_name(stringify!($type), text);
                    [$(Self::$variant),+][0]
                })
            }

            fn load(
                item: &$crate::table::Item,
                name: &str,
            ) -> Result<Self, $crate::table::TableError> {
                Self::parse(item.text(name)?).ok_or($crate::table::TableError::Corrupt)
            }

            fn attribute(&self) -> Option<$crate::table::attribute::AttributeValue> {
                Some($crate::table::attribute::text(self.as_str()))
            }

            fn show(&self) -> Option<$crate::entity::Value> {
                Some(self.as_str().into())
            }
        }
    };
}

/// Declares a type of texts that follow a rule. A text that does not is an invalid field, or breaks a rule with
/// this code.
#[macro_export]
macro_rules! texts {
    (@report $fields:ident, $name:ident) => {
        $fields.refuse($name)
    };
    (@report $fields:ident, $name:ident, $code:expr) => {
        $fields.break_rule($code, format!("Invalid format of {}", $name))
    };
    ($(#[$meta:meta])* $vis:vis struct $type:ident: $kind:expr, $rule:expr $(, $code:expr)?;) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        $vis struct $type(String);

        impl std::ops::Deref for $type {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $type {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl $crate::entity::FieldValue for $type {
            const KIND: $crate::entity::schema::FieldKind = $kind;

            fn read(fields: &mut $crate::entity::Fields<'_>, name: &str) -> Self {
                let follows_rule: fn(&str, &$crate::policy::Settings) -> bool = $rule;
                let text = fields.required_text(name);
                if !text.is_empty() && !follows_rule(&text, fields.settings()) {
                    $crate::texts!(@report fields, name $(, $code)?);
                }
                Self(text)
            }

            fn load(
                item: &$crate::table::Item,
                name: &str,
            ) -> Result<Self, $crate::table::TableError> {
                item.text(name).map(Self::from)
            }

            fn attribute(&self) -> Option<$crate::table::attribute::AttributeValue> {
                Some($crate::table::attribute::text(&self.0))
            }

            fn show(&self) -> Option<$crate::entity::Value> {
                Some(self.0.as_str().into())
            }
        }
    };
}
