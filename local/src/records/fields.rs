//! Fields that the bodies of the operations do not have.

use std::collections::BTreeSet;

use functions::users::UserPath;
use serde_json::Value;
use shared::entity::naming::Naming;
use shared::error::ApiError;
use shared::http::body::{Fields, MAX_TEXT};
use shared::ids::{ClientExtId, ExtId, UserExtId};
use shared::policy::Settings;
use shared::table::{Item, TableError};

/// A text that has to be there and is not empty, of at most [`MAX_TEXT`] characters.
pub(super) fn required_text(fields: &mut Fields, name: &str) -> String {
    let text = fields.optional_text(name, MAX_TEXT).unwrap_or_default();
    if text.is_empty() {
        fields.refuse(name);
    }
    text
}

/// A text that may be left out, of at most [`MAX_TEXT`] characters.
pub(super) fn optional_text(fields: &mut Fields, name: &str) -> Option<String> {
    fields.optional_text(name, MAX_TEXT)
}

/// A flag that has to be there.
pub(super) fn required_flag(fields: &mut Fields, name: &str) -> bool {
    let flag = fields.take(name).as_ref().and_then(Value::as_bool);
    if flag.is_none() {
        fields.refuse(name);
    }
    flag.unwrap_or_default()
}

/// A whole number from 0 on that may be left out.
pub(super) fn optional_number(fields: &mut Fields, name: &str) -> Option<u64> {
    let value = fields.take(name)?;
    let number = value.as_u64();
    if number.is_none() {
        fields.refuse(name);
    }
    number
}

/// An array of texts, none of them empty or doubled, that may be left out.
pub(super) fn optional_texts(fields: &mut Fields, name: &str) -> Option<BTreeSet<String>> {
    let value = fields.take(name)?;
    let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts: BTreeSet<String> = values
        .iter()
        .filter_map(Value::as_str)
        .filter(|text| !text.is_empty() && text.chars().count() <= MAX_TEXT)
        .map(str::to_owned)
        .collect();
    if !value.is_array() || texts.len() != values.len() {
        fields.refuse(name);
    }
    Some(texts)
}

/// Checks one identifier by the naming policy.
pub(super) fn ext_id<Kind>(text: &str, settings: &Settings) -> Result<ExtId<Kind>, ApiError> {
    let mut naming = Naming::new(&settings.naming_policy);
    let ext_id = naming.ext_id(text);
    naming.finish()?;
    Ok(ext_id)
}

/// The user whom a thing belongs to, in a line.
pub(super) fn user_path(fields: &mut Fields) -> UserPath {
    let client = ClientExtId::unchecked(&fields.required_text("clientExtId"));
    let user = UserExtId::unchecked(&fields.required_text("userExtId"));
    UserPath { client, user }
}

/// The user whom a thing belongs to, in its item.
pub(super) fn user_of_item(item: &Item) -> Result<UserPath, TableError> {
    let client = ClientExtId::unchecked(item.text("clientExtId")?);
    let user = UserExtId::unchecked(item.text("userExtId")?);
    Ok(UserPath { client, user })
}
