//! Entities: the fields of a noun, each declared once.

mod changes;
mod fields;
pub mod naming;
mod object;
mod patch;
pub mod schema;
mod values;

use serde_json::Map;
pub use serde_json::Value;

pub use self::changes::Changed;
pub use self::fields::Fields;
pub use self::object::{Object, Validity, read_object, read_object_with};
pub use self::patch::{BodyVersion, OwnId, Patch, require_changeable};
use self::schema::{Field, FieldKind};
pub use self::values::{
    AnyText, FieldValue, Fixed, LocalizedText, LocalizedUrls, MAX_REMARK, MAX_TEXT, Name, NewExtId,
    NonEmptyText, NotReturned, OrDefault, Remark, Text, TextMap,
};
use crate::clock::Timestamp;
use crate::http::Response;
use crate::table::item::VERSION;
use crate::table::{Item, NewItem, TableError, Update};

/// The fields of a noun, as [`entity!`](crate::entity!) declares them.
pub trait Entity: Sized {
    /// The identifiers of the noun, which follow its own rules.
    type Key;
    /// The fields in the body of a creation.
    const BODY: &'static [Field];
    /// The fields in the body of a change.
    const CHANGES: &'static [Field];
    /// The fields in responses.
    const SHOWN: &'static [Field];
    /// The fields whose values the history and events show. Of all others, they only have the names.
    const DISCLOSED: &'static [Field];

    /// Reads the fields from a body. Invalid ones are reported to `fields`.
    fn read(fields: &mut Fields<'_>, key: Self::Key) -> Self;

    /// Checks the fields of a body that are present, as in a `PATCH`. Invalid ones are reported to `fields`.
    fn check(fields: &mut Fields<'_>);

    /// Merges a body into the fields (RFC 7396).
    fn merge(&mut self, fields: &mut Fields<'_>);

    /// Loads the identifiers and the fields from an item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item lacks one.
    fn load(item: &Item) -> Result<Self, TableError>;

    /// Returns the item with the identifiers and the fields.
    #[must_use]
    fn store(&self, item: NewItem) -> NewItem;

    /// Returns the update with the fields that differ from `previous`.
    #[must_use]
    fn update(&self, previous: &Self, update: Update) -> Update;

    /// Returns the identifiers as members, in the order of their declaration.
    fn key_members(&self) -> Vec<(&'static str, Value)>;

    /// Returns the fields as members, in the order of their declaration.
    fn members(&self) -> Vec<(&'static str, Value)>;

    /// Returns the fields of [`DISCLOSED`](Self::DISCLOSED) as members, in the order of their declaration.
    fn disclosed_members(&self) -> Vec<(&'static str, Value)>;

    /// Returns the external identifier, if the noun has one, and the fields of responses as a JSON object.
    fn show(&self) -> Value {
        let is_returned = |(name, _): &(&str, Value)| {
            let mut fields = Self::SHOWN.iter();
            fields.any(|field| field.name == *name && field.kind != FieldKind::Absent)
        };
        let ext_id = self.key_members().into_iter().filter(|(name, _)| *name == EXT_ID);
        let members = ext_id.chain(self.members().into_iter().filter(is_returned));
        Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
    }
}

/// The member with the external identifier.
pub const EXT_ID: &str = "extId";

/// Returns the entity of an item with its history, as in lists.
///
/// # Errors
/// Returns [`TableError::Corrupt`] if the item is not one of such an entity.
pub fn show<T: Entity>(item: &Item) -> Result<Value, TableError> {
    item.with_history(T::load(item)?.show())
}

/// Returns 200 with the entity of an item, its history and its `ETag`.
///
/// The body also has these additional members, if they have a value.
///
/// # Errors
/// The same as [`show`].
pub fn respond<T: Entity>(
    item: &Item,
    more: impl IntoIterator<Item = (&'static str, Option<Value>)>,
) -> Result<Response, TableError> {
    let body = with_members(show::<T>(item)?, more);
    Ok(Response::ok(body).with_etag(item.number(VERSION)?))
}

/// Returns 201 with the URL and the identifier of an entity that is created at `now`, the entity, and its `ETag`.
///
/// The body also has these additional members, if they have a value.
#[must_use]
pub fn respond_created<T: Entity>(
    location: String,
    id: &str,
    entity: &T,
    more: impl IntoIterator<Item = (&'static str, Option<Value>)>,
    now: Timestamp,
) -> Response {
    let mut body = entity.show();
    for name in ["created", "lastModified"] {
        body[name] = now.to_string().into();
    }
    body[VERSION] = 0.into();
    Response::created(location, id, Some(with_members(body, more))).with_etag(0)
}

/// Returns a body with these additional members, if they have a value.
fn with_members(mut body: Value, more: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    for (name, value) in more {
        if let Some(value) = value {
            body[name] = value;
        }
    }
    body
}

/// Returns 200 with an entity as it is after a change of its item at `now`, and its new `ETag`.
///
/// # Errors
/// Returns [`TableError::Corrupt`] if the item has no history.
pub fn respond_changed<T: Entity>(item: &Item, next: &T, now: Timestamp) -> Result<Response, TableError> {
    let version = item.number(VERSION)? + 1;
    let mut body = item.with_history(next.show())?;
    body["lastModified"] = now.to_string().into();
    body[VERSION] = version.into();
    Ok(Response::ok(body).with_etag(version))
}

/// Returns a field that is declared with `disclosed`, as a member.
#[doc(hidden)]
pub fn disclosed<T: FieldValue>(name: &'static str, value: &T) -> (&'static str, Option<Value>) {
    (name, value.disclose())
}

/// Declares the fields of a noun once: the struct, and how each field is read, merged, stored, loaded,
/// shown, disclosed and described.
///
/// The identifiers are declared in brackets and are not part of a body.
///
/// The history and events show the value of a field only if it is declared with `disclosed`, so that a new field is
/// hidden until someone has decided. Identifiers are always shown.
#[macro_export]
macro_rules! entity {
    ($(#[$meta:meta])* $vis:vis struct $name:ident
        $([$($key:ident: $key_type:ty = $key_member:literal, $key_text:literal);+ $(;)?])? {
        $($field:ident: $type:ty = $member:literal, $text:literal $(, $disclosed:ident)?;)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        $vis struct $name {
            $($(#[doc = $key_text] pub $key: $key_type,)+)?
            $(#[doc = $text] pub $field: $type),+
        }

        impl $crate::entity::Entity for $name {
            type Key = ($($($key_type,)+)?);
            const BODY: &'static [$crate::entity::schema::Field] =
                &[$($crate::entity::schema::Field::in_body::<$type>($member, $text)),+];
            const CHANGES: &'static [$crate::entity::schema::Field] =
                &[$($crate::entity::schema::Field::in_patch::<$type>($member, $text)),+];
            const SHOWN: &'static [$crate::entity::schema::Field] =
                &[$($crate::entity::schema::Field::shown::<$type>($member, $text)),+];
            const DISCLOSED: &'static [$crate::entity::schema::Field] =
                &[$($($crate::entity::schema::Field::$disclosed::<$type>($member, $text),)?)+];

            fn read(fields: &mut $crate::entity::Fields<'_>, key: Self::Key) -> Self {
                let ($($($key,)+)?) = key;
                Self { $($($key,)+)? $($field: $crate::entity::FieldValue::read(fields, $member)),+ }
            }

            fn check(fields: &mut $crate::entity::Fields<'_>) {
                $(<$type as $crate::entity::FieldValue>::check(fields, $member);)+
            }

            fn merge(&mut self, fields: &mut $crate::entity::Fields<'_>) {
                $($crate::entity::FieldValue::merge(&mut self.$field, fields, $member);)+
            }

            fn load(item: &$crate::table::Item) -> Result<Self, $crate::table::TableError> {
                Ok(Self {
                    $($($key: $crate::entity::FieldValue::load(item, $key_member)?,)+)?
                    $($field: $crate::entity::FieldValue::load(item, $member)?),+
                })
            }

            fn store(&self, item: $crate::table::NewItem) -> $crate::table::NewItem {
                item$($(.with_attribute($key_member, $crate::entity::FieldValue::attribute(&self.$key)))+)?
                    $(.with_attribute($member, $crate::entity::FieldValue::attribute(&self.$field)))+
            }

            fn update(&self, previous: &Self, update: $crate::table::Update) -> $crate::table::Update {
                $(let update = if self.$field == previous.$field { update } else {
                    update.set($member, $crate::entity::FieldValue::attribute(&self.$field))
                };)+
                update
            }

            fn key_members(&self) -> Vec<(&'static str, $crate::entity::Value)> {
                let members: Vec<(&'static str, Option<$crate::entity::Value>)> =
                    vec![$($(($key_member, $crate::entity::FieldValue::show(&self.$key)),)+)?];
                members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
            }

            fn members(&self) -> Vec<(&'static str, $crate::entity::Value)> {
                let members = [$(($member, $crate::entity::FieldValue::show(&self.$field))),+];
                members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
            }

            fn disclosed_members(&self) -> Vec<(&'static str, $crate::entity::Value)> {
                let members: Vec<(&'static str, Option<$crate::entity::Value>)> =
                    vec![$($($crate::entity::$disclosed($member, &self.$field),)?)+];
                members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
            }
        }
    };
}

#[cfg(test)]
mod tests;
