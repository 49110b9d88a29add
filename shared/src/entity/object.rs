//! Objects as the values of fields.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value};

use super::schema::{FieldKind, ObjectSchema};
use super::{Entity, FieldValue, Fields};
use crate::clock::Timestamp;
use crate::table::{Item, NewItem, TableError};

/// An object that is the value of a field. Its members are declared with [`entity!`](crate::entity!), and
/// all of them are optional.
///
/// An invalid member is reported as `field.member`. A `PATCH` merges by member (RFC 7396). An object without
/// members is the same as no value.
pub trait Object: Entity<Key = ()> + Default {
    /// The description of the object.
    const SCHEMA: &'static ObjectSchema;

    /// Returns true if the members, each of which is valid, are valid together.
    fn is_valid(&self) -> bool {
        true
    }
}

impl<T: Object> FieldValue for T {
    const KIND: FieldKind = FieldKind::Object(T::SCHEMA);
    const REQUIRED: bool = false;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        let mut object = Self::default();
        FieldValue::merge(&mut object, fields, name);
        object
    }

    fn merge(&mut self, fields: &mut Fields<'_>, name: &str) {
        if !fields.has(name) {
            return;
        }
        match fields.take(name) {
            None => *self = Self::default(),
            Some(Value::Object(members)) => {
                let are_valid = fields.within(name, members, |fields| Entity::merge(self, fields));
                if are_valid && !self.is_valid() {
                    fields.refuse(name);
                }
            }
            Some(_) => fields.refuse(name),
        }
    }

    fn load(item: &Item, name: &str) -> Result<Self, TableError> {
        item.map(name)?.map_or_else(|| Ok(Self::default()), |members| Entity::load(&members))
    }

    fn attribute(&self) -> Option<AttributeValue> {
        self.store(NewItem::map()).into_attribute()
    }

    fn show(&self) -> Option<Value> {
        let object = Entity::show(self);
        object.as_object().is_some_and(|members| !members.is_empty()).then_some(object)
    }

    fn disclose(&self) -> Option<Value> {
        let members: Map<String, Value> =
            self.disclosed_members().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        (!members.is_empty()).then_some(Value::Object(members))
    }
}

/// Takes the object at `name` as an entity; `None` if it is omitted or not an object. Invalid members are reported
/// as `name.member`.
pub fn read_object<T: Entity<Key = ()>>(fields: &mut Fields<'_>, name: &str) -> Option<T> {
    read_object_with(fields, name, |fields| T::read(fields, ()))
}

/// Takes the object at `name` with `read`; `None` if it is omitted or not an object. Invalid members are reported as
/// `name.member`.
pub fn read_object_with<T>(
    fields: &mut Fields<'_>,
    name: &str,
    read: impl FnOnce(&mut Fields<'_>) -> T,
) -> Option<T> {
    let Value::Object(members) = fields.take(name)? else {
        fields.refuse(name);
        return None;
    };
    let mut object = None;
    fields.within(name, members, |fields| object = Some(read(fields)));
    object
}

crate::entity! {
    /// The period in which something is valid.
    #[derive(Default)]
    pub struct Validity {
        from: Option<Timestamp> = "from", "Begin of the period.", disclosed;
        to: Option<Timestamp> = "to", "End of the period, not before its begin.", disclosed;
    }
}

impl Object for Validity {
    const SCHEMA: &'static ObjectSchema = &ObjectSchema {
        name: "Validity",
        description: "A period of validity. A side without a value is open.",
        parts: &[<Self as Entity>::SHOWN],
    };

    fn is_valid(&self) -> bool {
        self.from.zip(self.to).is_none_or(|(from, to)| from <= to)
    }
}

#[cfg(test)]
mod tests;
