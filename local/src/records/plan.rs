//! Planning of imports.

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};

use functions::users::UserPath;
use functions::{clients, units};
use shared::error::ApiError;
use shared::ids::{ClientExtId, UnitExtId};
use shared::policy::Settings;
use shared::table::{ActionIndex, Condition, FailedConditions, Item, Key, TableError, Transaction};

/// The reason why a line is rejected, as a single line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportRefusal(String);

/// The plan for a line that is not rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The table already contains the same content.
    Unchanged,
    /// The transaction writes the record.
    Write,
}

/// The reason why an import of a line stops.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The line is rejected.
    Refused(ImportRefusal),
    /// A request to the table failed, or an item is corrupt.
    Table(TableError),
}

/// The items that were found, by key.
#[derive(Debug)]
pub(crate) struct Found(HashMap<Key, Item>);

/// The state while the import of a line is planned.
pub(crate) struct Draft<'a> {
    /// The settings on which rules depend.
    pub(crate) settings: &'a Settings,
    /// The transaction that writes the record.
    pub(crate) transaction: Transaction,
    found: &'a Found,
    conditions: Vec<(ActionIndex, ImportRefusal)>,
}

impl Found {
    /// Creates a collection of items.
    pub(crate) fn new(items: HashMap<Key, Item>) -> Self {
        Self(items)
    }

    /// Returns the item at a key.
    pub(crate) fn at(&self, key: &Key) -> Option<&Item> {
        self.0.get(key)
    }

    /// Adds an item, which replaces the one at its key.
    pub(crate) fn add(&mut self, item: Item) -> Result<(), TableError> {
        self.0.insert(item.key()?, item);
        Ok(())
    }
}

impl<'a> Draft<'a> {
    /// Creates a draft without writes.
    pub(crate) fn new(found: &'a Found, settings: &'a Settings, transaction: Transaction) -> Self {
        Self { settings, transaction, found, conditions: Vec::new() }
    }

    /// Returns the item at a key.
    pub(crate) fn at(&self, key: &Key) -> Option<&'a Item> {
        self.found.at(key)
    }

    /// Requires that an item exists, both now and when the transaction is executed.
    pub(crate) fn require(&mut self, key: Key, refusal: ImportRefusal) -> Result<&'a Item, Stop> {
        let Some(item) = self.found.at(&key) else { return Err(refusal.into()) };
        let index = self.transaction.check(key, Condition::Exists);
        self.refuse_at(index, refusal);
        Ok(item)
    }

    /// Requires that a client exists.
    pub(crate) fn require_client(&mut self, client: &ClientExtId) -> Result<&'a Item, Stop> {
        self.require(clients::key(client), clients::missing(client).into())
    }

    /// Requires that a unit exists, to which the record will refer.
    pub(crate) fn require_unit(&mut self, client: &ClientExtId, unit: &UnitExtId) -> Result<&'a Item, Stop> {
        let missing = || ImportRefusal::missing("Unit", unit.as_str());
        let item = self.found.at(&units::key(client, unit)).ok_or_else(missing)?;
        self.transaction.refer_to(item)?;
        Ok(item)
    }

    /// Requires that a user exists.
    pub(crate) fn require_user(&mut self, user: &UserPath) -> Result<&'a Item, Stop> {
        self.require(user.key(), ImportRefusal::missing("User", user.user.as_str()))
    }

    /// Sets the reason for the rejection of the line if the condition of an action fails.
    pub(crate) fn refuse_at(&mut self, index: ActionIndex, refusal: ImportRefusal) {
        self.conditions.push((index, refusal));
    }

    /// Returns the reason for the first failed condition.
    pub(crate) fn refusal_for(&self, failed: &FailedConditions) -> Option<ImportRefusal> {
        let condition = self.conditions.iter().find(|(index, _)| failed.at(*index).is_some());
        condition.map(|(_, refusal)| refusal.clone())
    }
}

impl Plan {
    /// Returns the plan for an entity that exists: unchanged if it is the same, otherwise rejected.
    pub(crate) fn unchanged_if(same: bool, refusal: ImportRefusal) -> Result<Self, Stop> {
        if same { Ok(Self::Unchanged) } else { Err(refusal.into()) }
    }
}

impl ImportRefusal {
    /// Returns the reason for an entity that exists with different content.
    pub(crate) fn exists(kind: &str, ext_id: &str) -> Self {
        Self(format!("{kind} already exists with extId '{ext_id}'"))
    }

    /// Returns the reason for an entity that does not exist.
    pub(crate) fn missing(kind: &str, ext_id: &str) -> Self {
        Self(format!("{kind} doesn't exist with extId '{ext_id}'"))
    }

    /// Returns another reason.
    pub(crate) fn because(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<ApiError> for ImportRefusal {
    fn from(error: ApiError) -> Self {
        let entries = error.entries();
        let texts: Vec<String> =
            entries.iter().map(|(code, message)| format!("{} {message}", code.as_str())).collect();
        Self(texts.join("; "))
    }
}

impl From<ImportRefusal> for Stop {
    fn from(refusal: ImportRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<TableError> for Stop {
    fn from(error: TableError) -> Self {
        Self::Table(error)
    }
}

impl Display for ImportRefusal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        // Some messages contain line breaks, and quoted values can contain any character.
        let words = self.0.split(|c: char| c.is_whitespace() || c.is_control());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        formatter.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use shared::error::ApiError;

    use super::ImportRefusal;

    #[test]
    fn reasons_are_single_line() {
        let error =
            ApiError::Duplicate("PersonalQuestion already exists with extId 'a\n\u{1b}[2J b'".to_owned());
        assert_eq!(
            ImportRefusal::from(error).to_string(),
            "errors.duplicateValue PersonalQuestion already exists with extId 'a [2J b'"
        );
    }
}
