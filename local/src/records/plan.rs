//! Planning of imports.

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};

use functions::users::{self, UserPath};
use functions::{clients, units};
use shared::entity::Changed;
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
    /// The transaction creates the entity, or gives a default unit its fields.
    Write,
    /// The transaction replaces the entity.
    Replace,
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
    /// Whether the record replaces an entity that exists with different content.
    pub(crate) replaces: bool,
    found: &'a Found,
    conditions: Vec<(ActionIndex, ImportRefusal)>,
    search: Option<Search>,
    unreferenced: Option<Condition>,
}

/// A search on which a line depends besides the items at its keys: nothing may refer to an item.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    /// The item.
    pub(crate) item: Item,
    /// The lists of what refers to it: partitions and the beginnings of the sort keys.
    pub(crate) lists: Vec<(String, &'static str)>,
    /// The reason why the line is rejected if one of them is not empty.
    pub(crate) refusal: ImportRefusal,
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

    /// Adds items, which replace those at their keys.
    pub(crate) fn extend(&mut self, items: HashMap<Key, Item>) {
        self.0.extend(items);
    }

    /// Changes the items to those after a transaction.
    pub(crate) fn apply(&mut self, transaction: &Transaction) -> Result<(), TableError> {
        transaction.apply_to(&mut self.0)
    }
}

impl<'a> Draft<'a> {
    /// Creates a draft without writes.
    pub(crate) fn new(
        found: &'a Found,
        settings: &'a Settings,
        transaction: Transaction,
        replaces: bool,
    ) -> Self {
        Self {
            settings,
            transaction,
            replaces,
            found,
            conditions: Vec::new(),
            search: None,
            unreferenced: None,
        }
    }

    /// Returns the draft after its search has found nothing. The condition is that this still holds.
    pub(crate) fn searched(self, unreferenced: Condition) -> Self {
        Self { unreferenced: Some(unreferenced), ..self }
    }

    /// Returns the search on which the plan depends, unless it was done before.
    pub(crate) fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// Requires that nothing refers to an item. Returns the condition of its change.
    pub(crate) fn require_unreferenced(&mut self, search: Search) -> Condition {
        self.unreferenced.clone().unwrap_or_else(|| {
            self.search = Some(search);
            Condition::Exists
        })
    }

    /// Requires that the record replaces the entity that exists with different content.
    pub(crate) fn require_replacing(&self, exists: ImportRefusal) -> Result<(), Stop> {
        if self.replaces { Ok(()) } else { Err(exists.into()) }
    }

    /// Returns the plan for an entity that exists and cannot be replaced: unchanged if it is the same, otherwise
    /// rejected.
    pub(crate) fn unchanged_if(&self, same: bool, exists: ImportRefusal) -> Result<Plan, Stop> {
        match (same, self.replaces) {
            (true, _) => Ok(Plan::Unchanged),
            (false, false) => Err(exists.into()),
            (false, true) => {
                let text =
                    format!("{}; objects of this type cannot be replaced", exists.0.trim_end_matches('.'));
                Err(ImportRefusal(text).into())
            }
        }
    }

    /// Returns the plan for an entity that the transaction replaces. The line is rejected if a reservation fails.
    pub(crate) fn replace(&mut self, changed: Changed) -> Plan {
        for (index, in_use) in changed.reserved {
            self.refuse_at(index, in_use.into());
        }
        Plan::Replace
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

    /// Returns the item of a user who exists and is not archived.
    pub(crate) fn open_user(&self, user: &UserPath) -> Result<&'a Item, Stop> {
        let missing = || ImportRefusal::missing("User", user.user.as_str());
        let item = self.found.at(&user.key()).ok_or_else(missing)?;
        users::ARCHIVED.require_open(item)?;
        Ok(item)
    }

    /// Requires that a user exists and is not archived, both now and when the transaction is executed.
    pub(crate) fn require_open_user(&mut self, user: &UserPath) -> Result<(), Stop> {
        let owner = self.open_user(user)?;
        self.transaction.check(user.key(), Condition::as_read(owner)?);
        Ok(())
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

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self::Refused(error.into())
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
