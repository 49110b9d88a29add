//! Changes of an entity: JSON merge patches (RFC 7396).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::fields::unsigned_of;
use super::schema::FieldKind;
use super::{EXT_ID, Entity, Fields};
use crate::error::ApiError;
use crate::policy::Settings;
use crate::table::item::VERSION;

/// The body of a `PATCH`, whose members are valid on their own.
pub struct Patch<'a> {
    members: Map<String, Value>,
    settings: &'a Settings,
    /// The external identifier that the body names, if it must still be compared.
    ext_id: Option<String>,
    version: Option<u64>,
}

/// The external identifier of an entity that is changed, which the body of a `PATCH` may repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnId<'a> {
    /// It is this one.
    Is(&'a str),
    /// Only the stored entity has it. [`Patch::apply`] compares them.
    Stored,
    /// There is none, so that `extId` is an unknown member.
    None,
}

impl<'a> From<&'a str> for OwnId<'a> {
    fn from(ext_id: &'a str) -> Self {
        Self::Is(ext_id)
    }
}

/// Whether the body of a `PATCH` may name the version that it expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyVersion {
    /// `version` is a member.
    Allowed,
    /// `version` is an unknown member.
    Unknown,
}

impl<'a> Patch<'a> {
    /// Reads a patch of the entity `T` with this external identifier.
    ///
    /// # Errors
    /// The errors of [`Fields::finish`], then [`ApiError::ModifyExtId`] for another external identifier.
    pub fn read<'b, T: Entity>(
        mut members: Map<String, Value>,
        settings: &'a Settings,
        ext_id: impl Into<OwnId<'b>>,
        body_version: BodyVersion,
    ) -> Result<Self, ApiError> {
        let version = match body_version {
            BodyVersion::Allowed => members.remove(VERSION),
            BodyVersion::Unknown => None,
        };
        let ext_id = ext_id.into();
        let named = if ext_id == OwnId::None { None } else { members.remove(EXT_ID) };
        let mut fields = Fields::new(members.clone(), settings);
        T::check(&mut fields);
        let number = version.as_ref().map(unsigned_of);
        if number == Some(None) {
            fields.refuse(VERSION);
        }
        if named.as_ref().is_some_and(|named| named.as_str().is_none_or(str::is_empty)) {
            fields.refuse(EXT_ID);
        }
        fields.finish()?;
        let named = named.as_ref().and_then(Value::as_str);
        if let (OwnId::Is(ext_id), Some(named)) = (ext_id, named)
            && named != ext_id
        {
            return Err(ApiError::ModifyExtId);
        }
        let to_compare = named.filter(|_| ext_id == OwnId::Stored).map(str::to_owned);
        Ok(Self { members, settings, ext_id: to_compare, version: number.flatten() })
    }

    /// Returns the version that the body expects.
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        self.version
    }

    /// Returns the entity with the changes.
    ///
    /// # Errors
    /// [`ApiError::ModifyExtId`] if the patch names another external identifier, and the errors of
    /// [`Fields::finish`], for members that are only invalid together with those of `present`.
    pub fn apply<T: Entity + Clone>(&self, present: &T) -> Result<T, ApiError> {
        if let Some(named) = &self.ext_id {
            let mut identifiers = present.key_members().into_iter();
            if !identifiers.any(|(name, own)| name == EXT_ID && own == named.as_str()) {
                return Err(ApiError::ModifyExtId);
            }
        }
        let mut next = present.clone();
        let mut fields = Fields::new(self.members.clone(), self.settings);
        next.merge(&mut fields);
        fields.finish()?;
        Ok(next)
    }
}

/// Checks that a change can lead from `present` to `next`: neither an identifier nor a member that is set at creation
/// differs.
///
/// # Errors
/// [`ApiError::InvalidFields`] with the members that differ, as a body with them is rejected. Then
/// [`ApiError::ModifyExtId`] for another external identifier.
pub fn require_changeable<T: Entity>(present: &T, next: &T) -> Result<(), ApiError> {
    let differing = |[present, next]: [Vec<(&'static str, Value)>; 2]| -> BTreeSet<&'static str> {
        let [present, next] = [present, next].map(BTreeMap::from_iter);
        let names: BTreeSet<_> = present.keys().chain(next.keys()).copied().collect();
        names.into_iter().filter(|name| present.get(name) != next.get(name)).collect()
    };
    let is_fixed = |name: &&'static str| {
        T::CHANGES.iter().any(|field| field.name == *name && field.kind == FieldKind::Absent)
    };
    let mut identifiers = differing([present, next].map(T::key_members));
    let is_other = identifiers.remove(EXT_ID);
    let members = differing([present, next].map(T::members)).into_iter().filter(is_fixed);
    let invalid: Vec<String> = identifiers.into_iter().chain(members).map(str::to_owned).collect();
    match (invalid.is_empty(), is_other) {
        (false, _) => Err(ApiError::InvalidFields(invalid)),
        (true, true) => Err(ApiError::ModifyExtId),
        (true, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
