//! Reads the members of a JSON object and collects everything that is invalid.

use std::collections::BTreeSet;
use std::mem;

use serde_json::{Map, Value};

use super::naming::Naming;
use crate::error::{ApiError, Code};
use crate::ids::ExtId;
use crate::policy::Settings;

/// The members of a request's body, read one by one. `null` is the same as an omitted member.
///
/// Returned values are valid only if [`Fields::finish`] succeeds.
pub struct Fields<'a> {
    members: Map<String, Value>,
    settings: &'a Settings,
    naming: Naming<'a>,
    invalid: BTreeSet<String>,
    invalid_name: Option<(&'static str, String)>,
    broken: Vec<(Code, String)>,
}

impl<'a> Fields<'a> {
    /// The fields of this object.
    #[must_use]
    pub fn new(members: Map<String, Value>, settings: &'a Settings) -> Self {
        let naming = Naming::new(&settings.naming_policy);
        Self { members, settings, naming, invalid: BTreeSet::new(), invalid_name: None, broken: Vec::new() }
    }

    /// Returns the settings that rules depend on.
    #[must_use]
    pub fn settings(&self) -> &'a Settings {
        self.settings
    }

    /// Returns the checks of the naming policy.
    pub fn naming(&mut self) -> &mut Naming<'a> {
        &mut self.naming
    }

    /// Returns true if the member is present, even if it is `null`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Returns true if the member is present and not `null`.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| !value.is_null())
    }

    /// Gives a member another name, if there is none of that name.
    pub fn rename(&mut self, from: &str, to: &str) {
        if !self.has(to)
            && let Some(value) = self.members.remove(from)
        {
            self.members.insert(to.to_owned(), value);
        }
    }

    /// Takes a member unchanged; `None` if it is omitted or `null`.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    /// Takes a text of `min` to `max` characters; `None` if it is omitted or invalid.
    pub fn text(&mut self, name: &str, min: usize, max: usize) -> Option<String> {
        let value = self.take(name)?;
        let text = text_of(value, min, max);
        if text.is_none() {
            self.refuse(name);
        }
        text
    }

    /// Takes a text that must not be empty.
    pub fn required_text(&mut self, name: &str) -> String {
        self.required(name, |fields, name| fields.text(name, 1, usize::MAX))
    }

    /// Takes an external identifier of a new object, or generates one.
    pub fn ext_id_or<Kind>(&mut self, name: &str, new_id: impl FnOnce() -> String) -> ExtId<Kind> {
        let given = self.text(name, 1, usize::MAX);
        // An empty identifier has been reported already.
        self.naming.ext_id_or(given.as_deref(), new_id)
    }

    /// Takes a required external identifier of a new object.
    pub fn required_ext_id<Kind>(&mut self, name: &str) -> ExtId<Kind> {
        let given = self.required_text(name);
        if given.is_empty() { ExtId::unchecked(&given) } else { self.naming.ext_id(&given) }
    }

    /// Takes a member with `read`, and reports it if it is omitted.
    pub fn required<T: Default>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> T {
        let value = read(self, name);
        if value.is_none() {
            self.refuse(name);
        }
        value.unwrap_or_default()
    }

    /// Reads the members of the object at `name`. Invalid ones are reported as `name.member`.
    ///
    /// Returns true if all of them are valid, except for names and the naming policy.
    pub(super) fn within(
        &mut self,
        name: &str,
        members: Map<String, Value>,
        read: impl FnOnce(&mut Self),
    ) -> bool {
        let outer = mem::replace(&mut self.members, members);
        let mut invalid = mem::take(&mut self.invalid);
        read(self);
        let unknown = mem::replace(&mut self.members, outer).into_iter().map(|(member, _)| member);
        let inner: Vec<String> = mem::take(&mut self.invalid).into_iter().chain(unknown).collect();
        invalid.extend(inner.iter().map(|member| format!("{name}.{member}")));
        self.invalid = invalid;
        inner.is_empty()
    }

    /// Reports a member as invalid.
    pub fn refuse(&mut self, name: &str) {
        self.invalid.insert(name.to_owned());
    }

    /// Reports a text that is not the name of a `kind`, such as a state.
    pub fn refuse_name(&mut self, kind: &'static str, value: String) {
        self.invalid_name.get_or_insert((kind, value));
    }

    /// Reports a valid member that breaks a rule with a code of its own.
    pub fn break_rule(&mut self, code: Code, message: String) {
        self.broken.push((code, message));
    }

    /// Finishes reading. Every member that was not taken is unknown.
    ///
    /// # Errors
    /// [`ApiError::InvalidFields`] with all invalid members in alphabetical order, then
    /// [`ApiError::InvalidName`], then [`ApiError::NamingPolicy`], then [`ApiError::Rules`].
    pub fn finish(self) -> Result<(), ApiError> {
        let mut invalid = self.invalid;
        invalid.extend(self.members.into_iter().map(|(name, _)| name));
        if !invalid.is_empty() {
            return Err(ApiError::InvalidFields(invalid.into_iter().collect()));
        }
        if let Some((kind, value)) = self.invalid_name {
            return Err(ApiError::InvalidName { kind, value });
        }
        self.naming.finish()?;
        if self.broken.is_empty() { Ok(()) } else { Err(ApiError::Rules(self.broken)) }
    }
}

/// Returns a non-negative integer, which may be written with a fraction of zero; `None` if the value is anything
/// else.
pub(super) fn unsigned_of(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64()?.to_string().parse().ok())
}

/// Returns a text of `min` to `max` characters; `None` if the value is anything else.
pub(super) fn text_of(value: Value, min: usize, max: usize) -> Option<String> {
    match value {
        Value::String(text) => Some(text).filter(|text| (min..=max).contains(&text.chars().count())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
