//! What becomes of a line.

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};

use functions::users::UserPath;
use functions::{clients, units};
use shared::error::ApiError;
use shared::ids::{ClientExtId, UnitExtId};
use shared::policy::Settings;
use shared::table::{ActionIndex, Condition, FailedConditions, Item, Key, TableError, Transaction};

/// Why a line is refused, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportRefusal(String);

/// What is to be done about a line that is not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The table holds just that already.
    Unchanged,
    /// The transaction writes it.
    Write,
}

/// Why there is no plan for a line.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The line cannot be written.
    Refused(ImportRefusal),
    /// The table does not hold what it has to hold.
    Table(TableError),
}

/// The items that were found, by their keys.
#[derive(Debug)]
pub(crate) struct Found(HashMap<Key, Item>);

/// What is known while a line is planned, and what it will write.
pub(crate) struct Draft<'a> {
    /// What the rules of the operations ask for.
    pub(crate) settings: &'a Settings,
    /// What it will write.
    pub(crate) transaction: Transaction,
    found: &'a Found,
    conditions: Vec<(ActionIndex, ImportRefusal)>,
}

impl Found {
    /// These items.
    pub(crate) fn new(items: HashMap<Key, Item>) -> Self {
        Self(items)
    }

    /// The item at a key.
    pub(crate) fn at(&self, key: &Key) -> Option<&Item> {
        self.0.get(key)
    }

    /// All items.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.0.values()
    }
}

impl<'a> Draft<'a> {
    /// Nothing is planned yet.
    pub(crate) fn new(found: &'a Found, settings: &'a Settings, transaction: Transaction) -> Self {
        Self { settings, transaction, found, conditions: Vec::new() }
    }

    /// The item at a key.
    pub(crate) fn at(&self, key: &Key) -> Option<&'a Item> {
        self.found.at(key)
    }

    /// Demands an item: now, and still when the transaction is done.
    pub(crate) fn require(&mut self, key: Key, refusal: ImportRefusal) -> Result<&'a Item, Stop> {
        let Some(item) = self.found.at(&key) else { return Err(refusal.into()) };
        let place = self.transaction.check(key, Condition::Exists);
        self.refuse_at(place, refusal);
        Ok(item)
    }

    /// Demands a client.
    pub(crate) fn require_client(&mut self, client: &ClientExtId) -> Result<&'a Item, Stop> {
        self.require(clients::key(client), clients::missing(client).into())
    }

    /// Demands a unit.
    pub(crate) fn require_unit(&mut self, client: &ClientExtId, unit: &UnitExtId) -> Result<&'a Item, Stop> {
        self.require(units::key(client, unit), ImportRefusal::missing("Unit", unit.as_str()))
    }

    /// Demands a user.
    pub(crate) fn require_user(&mut self, user: &UserPath) -> Result<&'a Item, Stop> {
        self.require(user.key(), ImportRefusal::missing("User", user.user.as_str()))
    }

    /// Says what it means when the condition at a place of the transaction does not hold.
    pub(crate) fn refuse_at(&mut self, place: ActionIndex, refusal: ImportRefusal) {
        self.conditions.push((place, refusal));
    }

    /// What the conditions mean that did not hold.
    pub(crate) fn meaning(&self, refusals: &FailedConditions) -> Option<ImportRefusal> {
        let failed = self.conditions.iter().find(|(place, _)| refusals.at(*place).is_some());
        failed.map(|(_, refusal)| refusal.clone())
    }
}

impl Plan {
    /// The plan for a line whose thing is there: the same, or refused.
    pub(crate) fn unchanged_if(same: bool, refusal: ImportRefusal) -> Result<Self, Stop> {
        if same { Ok(Self::Unchanged) } else { Err(refusal.into()) }
    }
}

impl ImportRefusal {
    /// What the line tells of is there, and is not the same.
    pub(crate) fn exists(kind: &str, ext_id: &str) -> Self {
        Self(format!("{kind} already exists with extId '{ext_id}'"))
    }

    /// What the line names is not there.
    pub(crate) fn missing(kind: &str, ext_id: &str) -> Self {
        Self(format!("{kind} doesn't exist with extId '{ext_id}'"))
    }

    /// Another reason, in words.
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
        // Some texts of the API span lines, and a value may bring in anything.
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
    fn a_refusal_is_one_line_whatever_it_quotes() {
        let error =
            ApiError::Duplicate("PersonalQuestion already exists with extId 'a\n\u{1b}[2J b'".to_owned());
        assert_eq!(
            ImportRefusal::from(error).to_string(),
            "errors.duplicateValue PersonalQuestion already exists with extId 'a [2J b'"
        );
    }
}
