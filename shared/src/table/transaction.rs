//! Transactions: the changes of a request, applied together or not at all.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::mem::take;
use std::ops::Range;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update as SdkUpdate,
};

use super::TableError;
use super::attribute::{number, text};
use super::item::{DELETION, HELD_UNTIL, Item, REQUEST, REVISION, VERSION};
use super::key::{Key, PK};
use super::new_item::{NewItem, Stamp, Stamped};

/// The attribute of an item that something is about to delete or change, if nothing refers to it.
const MARK: &str = "isMarked";

/// The maximum number of actions of a transaction.
pub const MAX_ACTIONS: usize = 100;

/// A condition on the item at a key, evaluated when the transaction is applied.
///
/// An item that is being deleted (see [`DELETION`]) does not count as existing, but its key is in use.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Always holds.
    Any,
    /// The item exists.
    Exists,
    /// The item does not exist.
    Absent,
    /// The item is as it was read; see [`Condition::as_read`].
    AsRead {
        /// Its revision.
        revision: u64,
        /// The request that wrote it last. An item that was deleted and created again can have the same revision.
        request: String,
    },
    /// The item exists, and its attribute equals this text.
    Text(&'static str, String),
    /// The item exists, and its attribute differs from this text.
    OtherText(&'static str, String),
    /// The item does not exist, or its attribute equals this text.
    AbsentOrText(&'static str, String),
    /// The item does not exist, or its attribute is missing or differs from this text.
    AbsentOrOtherText(&'static str, String),
    /// The item does not exist, or its attribute is a number less than or equal to this one.
    AbsentOrNumberUpTo(&'static str, u64),
    /// The item exists, and its attribute is a number less than this one.
    NumberBelow(&'static str, u64),
}

impl Condition {
    /// Returns the condition that an item is as it was read.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no revision or request.
    pub fn as_read(item: &Item) -> Result<Self, TableError> {
        Ok(Self::AsRead { revision: item.number(REVISION)?, request: item.text(REQUEST)?.to_owned() })
    }
}

/// An update of the item at a key.
///
/// It increments the revision and, if the change is visible to readers, the version.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    key: Key,
    condition: Condition,
    set: Vec<(&'static str, AttributeValue)>,
    remove: Vec<&'static str>,
    entries: Vec<(&'static str, String, Option<AttributeValue>)>,
    increase: Option<(&'static str, u64)>,
    decrement: Option<&'static str>,
    is_internal: bool,
}

impl Update {
    /// Creates an update of the item at `key` with this condition.
    #[must_use]
    pub fn new(key: Key, condition: Condition) -> Self {
        Self {
            key,
            condition,
            set: Vec::new(),
            remove: Vec::new(),
            entries: Vec::new(),
            increase: None,
            decrement: None,
            is_internal: false,
        }
    }

    /// Creates an update that is not visible to readers: version, time and author of the last change
    /// remain.
    #[must_use]
    pub fn internal(key: Key, condition: Condition) -> Self {
        Self { is_internal: true, ..Self::new(key, condition) }
    }

    /// Sets an attribute, or removes it if there is no value.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set.push((name, value)),
            None => self.remove.push(name),
        }
        self
    }

    /// Removes an attribute.
    #[must_use]
    pub fn remove(self, name: &'static str) -> Self {
        self.set(name, None)
    }

    /// Removes the mark of the item; see [`Transaction::mark`].
    #[must_use]
    pub fn unmark(self) -> Self {
        self.remove(MARK)
    }

    /// Sets an entry of a map, or removes it if there is no value. The item must have the map.
    #[must_use]
    pub fn set_entry(mut self, map: &'static str, entry: &str, value: Option<AttributeValue>) -> Self {
        self.entries.push((map, entry.to_owned(), value));
        self
    }

    /// Increments a number by one.
    #[must_use]
    pub fn increment(self, name: &'static str) -> Self {
        self.increase(name, 1)
    }

    /// Increases a number.
    #[must_use]
    pub fn increase(mut self, name: &'static str, by: u64) -> Self {
        self.increase = Some((name, by));
        self
    }

    /// Decrements a number by one.
    #[must_use]
    pub fn decrement(mut self, name: &'static str) -> Self {
        self.decrement = Some(name);
        self
    }

    /// Returns the attributes that the update sets, with the stamps.
    fn attributes(&self, stamped: &Stamped<'_>) -> impl Iterator<Item = (&'static str, AttributeValue)> {
        let stamps = if self.is_internal { vec![stamped.request()] } else { Vec::from(stamped.changed()) };
        stamps.into_iter().chain(self.set.iter().cloned())
    }

    /// Returns the attributes that the update increases, and by how much.
    fn increased(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let version = (!self.is_internal).then_some((VERSION, 1));
        [Some((REVISION, 1)), version, self.increase].into_iter().flatten()
    }

    /// Changes an item as the table does.
    fn apply_to(&self, item: &mut Item, stamped: &Stamped<'_>) -> Result<(), TableError> {
        for (name, value) in self.attributes(stamped) {
            item.set_attribute(name, Some(value));
        }
        for name in &self.remove {
            item.set_attribute(name, None);
        }
        for (name, by) in self.increased() {
            item.set_attribute(name, Some(number(item.number(name)? + by)));
        }
        if let Some(name) = self.decrement {
            let next = item.number(name)?.checked_sub(1).ok_or(TableError::Corrupt)?;
            item.set_attribute(name, Some(number(next)));
        }
        for (map, entry, value) in &self.entries {
            item.set_entry(map, entry, value.clone())?;
        }
        Ok(())
    }
}

/// The index of an action in its transaction: of the first of several, if it changes an item that lies in copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionIndex {
    first: usize,
    count: usize,
}

/// A list of actions that are applied together or not at all: at most [`MAX_ACTIONS`], each at another key.
///
/// The change of an item that lies in copies (see [`Key`]) is one action per copy. A check uses one of them.
#[derive(Clone, Debug)]
pub struct Transaction {
    stamp: Stamp,
    actions: Vec<Action>,
}

#[derive(Clone, Debug)]
enum Action {
    Put(NewItem, Condition),
    Check(Key, Condition),
    Update(Update),
    Delete(Key, Condition),
}

/// A failed condition.
#[derive(Clone, Debug, PartialEq)]
pub struct FailedCondition {
    /// The item at the key, if it exists and is not being deleted.
    pub item: Option<Item>,
}

/// The failed conditions, by the index of their action.
#[derive(Clone, Debug, PartialEq)]
pub struct FailedConditions(pub(super) Vec<Option<FailedCondition>>);

impl FailedConditions {
    /// Returns the failed condition of an action; `None` if its condition held.
    #[must_use]
    pub fn at(&self, index: ActionIndex) -> Option<&FailedCondition> {
        self.0.get(index.first..index.first + index.count)?.iter().flatten().next()
    }

    /// Returns true if a condition of these actions failed. The range refers to the order in which the
    /// actions were added.
    #[must_use]
    pub fn any_in(&self, actions: Range<usize>) -> bool {
        self.0.get(actions).is_some_and(|actions| actions.iter().any(Option::is_some))
    }
}

impl Transaction {
    /// Creates an empty transaction whose writes carry this stamp.
    #[must_use]
    pub fn new(stamp: &Stamp) -> Self {
        Self { stamp: stamp.clone(), actions: Vec::new() }
    }

    /// Returns the stamp of the writes.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// Returns true if the transaction has no actions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// Returns the number of actions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.actions.iter().map(Action::len).sum()
    }

    /// Returns the keys of the items that the transaction changes. Excludes those that it only checks.
    #[must_use]
    pub fn changed_keys(&self) -> Vec<Key> {
        let changes = self.actions.iter().filter(|action| !matches!(action, Action::Check(..)));
        changes.map(|change| change.key().clone()).collect()
    }

    /// Changes items to those that are read after the transaction was applied. `items` may lack items that the
    /// transaction updates.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if an item has no key, or an attribute of another type than its update expects.
    pub fn apply_to(&self, items: &mut HashMap<Key, Item>) -> Result<(), TableError> {
        let stamped = Stamped::new(&self.stamp);
        for action in &self.actions {
            match action {
                Action::Put(item, _) => {
                    let item = item.as_stored(&self.stamp);
                    items.insert(item.key()?, item);
                }
                Action::Update(update) => {
                    if let Some(item) = items.get_mut(&update.key) {
                        update.apply_to(item, &stamped)?;
                    }
                }
                Action::Delete(key, _) => drop(items.remove(key)),
                Action::Check(..) => {}
            }
        }
        Ok(())
    }

    /// Appends the actions of another transaction, planned to be applied after this one. The items get the
    /// stamp of this transaction. Omits checks that an item exists if this transaction implies them.
    ///
    /// Returns false and appends nothing if both have actions at the same key, or too many in total.
    pub fn append(&mut self, other: &Self) -> bool {
        let mut added = Vec::with_capacity(other.actions.len());
        for action in &other.actions {
            match self.actions.iter().find(|own| own.key() == action.key()) {
                None => added.push(action.clone()),
                Some(own) if action.is_implied_by(own) => {}
                Some(_) => return false,
            }
        }
        let fits = self.len() + added.iter().map(Action::len).sum::<usize>() <= MAX_ACTIONS;
        if fits {
            self.actions.append(&mut added);
        }
        fits
    }

    /// Creates an item, on condition that none exists.
    pub fn create(&mut self, item: NewItem) -> ActionIndex {
        self.put(item, Condition::Absent)
    }

    /// Puts an item, if `condition` holds for the existing item.
    pub fn put(&mut self, item: NewItem, condition: Condition) -> ActionIndex {
        self.push(Action::Put(item, condition))
    }

    /// Checks a condition on an item without changing it.
    pub fn check(&mut self, key: Key, condition: Condition) -> ActionIndex {
        self.push(Action::Check(key, condition))
    }

    /// Updates an item.
    pub fn update(&mut self, update: Update) -> ActionIndex {
        self.push(Action::Update(update))
    }

    /// Changes the revision of an item that is as it was read, so that only one of several concurrent transactions that
    /// do so is applied. Readers do not see it.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub fn touch(&mut self, item: &Item) -> Result<ActionIndex, TableError> {
        Ok(self.update(Update::internal(item.key()?, Condition::as_read(item)?)))
    }

    /// Requires that an item is as it was read, because something that this transaction creates will refer to
    /// it. Removes its mark, if it has one; see [`Transaction::mark`].
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub fn refer_to(&mut self, item: &Item) -> Result<ActionIndex, TableError> {
        let (key, as_read) = (item.key()?, Condition::as_read(item)?);
        Ok(if item.has(MARK) {
            self.update(Update::internal(key, as_read).unmark())
        } else {
            self.check(key, as_read)
        })
    }

    /// Marks an item, before a search for what refers to it. Returns the condition that nothing has begun to
    /// refer to it since then, which a second transaction requires after the search.
    ///
    /// A mark that remains, because the second transaction was not reached, has no effect.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub fn mark(&mut self, item: &Item) -> Result<Condition, TableError> {
        let marked = Update::internal(item.key()?, Condition::as_read(item)?);
        self.update(marked.set(MARK, Some(AttributeValue::Bool(true))));
        let (revision, request) = (item.number(REVISION)? + 1, self.stamp.request.clone());
        Ok(Condition::AsRead { revision, request })
    }

    /// Checks that an item exists, unless the transaction already has an action at its key.
    pub fn require(&mut self, key: Key) {
        if self.actions.iter().all(|action| *action.key() != key) {
            self.check(key, Condition::Exists);
        }
    }

    /// Marks an item as one that a deletion will delete; see [`DELETION`].
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub fn begin_deletion(&mut self, item: &Item, deletion: &str) -> Result<ActionIndex, TableError> {
        Ok(self.begin_deletion_at(item.key()?, Condition::as_read(item)?, deletion))
    }

    /// Marks the item at a key like [`Transaction::begin_deletion`], if `condition` holds for it.
    pub fn begin_deletion_at(&mut self, key: Key, condition: Condition, deletion: &str) -> ActionIndex {
        self.update(Update::internal(key, condition).set(DELETION, Some(text(deletion))))
    }

    /// Returns the number of items that the transaction deletes.
    #[must_use]
    pub fn deletions(&self) -> u64 {
        self.actions.iter().map(|action| u64::from(matches!(action, Action::Delete(..)))).sum()
    }

    /// Deletes an item that is as it was read.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub fn delete_item(&mut self, item: &Item) -> Result<ActionIndex, TableError> {
        Ok(self.delete(item.key()?, Condition::as_read(item)?))
    }

    /// Deletes an item, if `condition` holds for it.
    pub fn delete(&mut self, key: Key, condition: Condition) -> ActionIndex {
        self.push(Action::Delete(key, condition))
    }

    fn push(&mut self, action: Action) -> ActionIndex {
        let index = ActionIndex { first: self.len(), count: action.len() };
        self.actions.push(action);
        index
    }

    /// Returns true if the transaction checks an item that lies in copies, so that another attempt can use another one.
    pub(super) fn has_choice(&self) -> bool {
        self.actions.iter().any(|action| matches!(action, Action::Check(key, _) if key.copies() > 1))
    }

    /// Returns the keys of the items in copies that the transaction updates and of which an attempt failed at this
    /// index.
    pub(super) fn updated_copies(&self, is_failed: impl Fn(usize) -> bool) -> Vec<&Key> {
        let mut first = 0;
        let mut keys = Vec::new();
        for action in &self.actions {
            let own = first..first + action.len();
            first = own.end;
            if let Action::Update(update) = action
                && update.key.copies() > 1
                && own.into_iter().any(&is_failed)
            {
                keys.push(&update.key);
            }
        }
        keys
    }

    /// Returns the actions of an attempt at this time, in milliseconds since 1970. `choose` returns the copy of which a
    /// condition is checked, from the number of copies.
    pub(super) fn build(
        &self,
        table: &str,
        now: u64,
        choose: impl Fn(u64) -> u64,
    ) -> Result<Vec<TransactWriteItem>, BuildError> {
        let stamped = Stamped::new(&self.stamp);
        // Each item takes a kilobyte, which a growing list would move.
        let mut items = Vec::with_capacity(self.len());
        for action in &self.actions {
            let copies = match action {
                Action::Check(key, _) => {
                    let copy = choose(key.copies());
                    copy..copy + 1
                }
                Action::Put(..) | Action::Update(_) | Action::Delete(..) => 0..action.key().copies(),
            };
            for copy in copies {
                items.push(action.build(table, copy, now, &stamped)?);
            }
        }
        Ok(items)
    }
}

impl Action {
    /// Returns the key of the item.
    fn key(&self) -> &Key {
        match self {
            Self::Put(item, _) => item.key(),
            Self::Check(key, _) | Self::Delete(key, _) => key,
            Self::Update(update) => &update.key,
        }
    }

    /// Returns the number of actions: one per copy of the item that is changed.
    fn len(&self) -> usize {
        match self {
            Self::Check(..) => 1,
            Self::Put(..) | Self::Update(_) | Self::Delete(..) => {
                usize::try_from(self.key().copies()).unwrap_or(usize::MAX)
            }
        }
    }

    /// Returns true if this action only checks what `earlier` checks or makes so: that an item exists, or its
    /// revision. An item that is put has the revision 0.
    fn is_implied_by(&self, earlier: &Self) -> bool {
        match (self, earlier) {
            (
                Self::Check(_, Condition::Exists),
                Self::Check(_, Condition::Exists | Condition::AsRead { .. }),
            )
            | (Self::Check(_, Condition::Exists | Condition::AsRead { revision: 0, .. }), Self::Put(..)) => {
                true
            }
            (
                Self::Check(_, own @ Condition::AsRead { .. }),
                Self::Check(_, earlier @ Condition::AsRead { .. }),
            ) => own == earlier,
            _ => false,
        }
    }

    /// Returns the action at a copy of the item.
    fn build(
        &self,
        table: &str,
        copy: u64,
        now: u64,
        stamped: &Stamped<'_>,
    ) -> Result<TransactWriteItem, BuildError> {
        let mut expression = Expression::default();
        let item = TransactWriteItem::builder();
        // The SDK's builders of the four kinds share no trait.
        macro_rules! conditioned {
            ($builder:expr, $condition:expr) => {
                $builder
                    .table_name(table)
                    .set_condition_expression($condition)
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                    .set_expression_attribute_names(expression.names())
                    .set_expression_attribute_values(expression.values())
                    .build()?
            };
        }
        Ok(match self {
            Self::Put(new, condition) => {
                let condition = expression.condition(condition);
                item.put(conditioned!(
                    Put::builder().set_item(Some(new.attributes(copy, stamped))),
                    condition
                ))
            }
            Self::Check(key, condition) => {
                let condition = expression.condition(condition);
                let condition =
                    if key.copies() > 1 { Some(expression.unless_held(condition, now)) } else { condition };
                let check = ConditionCheck::builder().set_key(Some(key.attributes(copy)));
                item.condition_check(conditioned!(check, condition))
            }
            Self::Update(update) => {
                let condition = expression.condition(&update.condition);
                let change = expression.change(update, stamped);
                let key = update.key.attributes(copy);
                let update = SdkUpdate::builder().set_key(Some(key)).update_expression(change);
                item.update(conditioned!(update, condition))
            }
            Self::Delete(key, condition) => {
                let condition = expression.condition(condition);
                let delete = Delete::builder().set_key(Some(key.attributes(copy)));
                item.delete(conditioned!(delete, condition))
            }
        }
        .build())
    }
}

/// Returns the action that holds the copy of an item at this key until a time, in milliseconds since 1970.
pub(super) fn hold(table: &str, copy: &Key, until: u64) -> Result<TransactWriteItem, BuildError> {
    let mut expression = Expression::default();
    let (pk, held) = (expression.name(PK), expression.name(HELD_UNTIL));
    let change = format!("SET {held} = {}", expression.value(number(until)));
    let update = SdkUpdate::builder()
        .table_name(table)
        .set_key(Some(copy.attributes(0)))
        .condition_expression(format!("attribute_exists({pk})"))
        .update_expression(change)
        .set_expression_attribute_names(expression.names())
        .set_expression_attribute_values(expression.values())
        .build()?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// The names and values that an expression refers to.
#[derive(Default)]
struct Expression {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    fn name(&mut self, name: &str) -> String {
        let reference = format!("#{name}");
        self.names.insert(reference.clone(), name.to_owned());
        reference
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let reference = format!(":v{}", self.values.len());
        self.values.insert(reference.clone(), value);
        reference
    }

    fn condition(&mut self, condition: &Condition) -> Option<String> {
        if *condition == Condition::Any {
            return None;
        }
        let key = self.name(PK);
        Some(match condition {
            Condition::Any | Condition::Exists => self.exists(&key),
            Condition::Absent => format!("attribute_not_exists({key})"),
            Condition::AsRead { revision, request } => {
                let same_revision = self.compare(REVISION, "=", number(*revision));
                let same_request = self.compare(REQUEST, "=", AttributeValue::S(request.clone()));
                format!("attribute_exists({key}) AND {same_revision} AND {same_request}")
            }
            Condition::Text(name, text) => {
                let comparison = self.compare(name, "=", AttributeValue::S(text.clone()));
                format!("{} AND {comparison}", self.exists(&key))
            }
            Condition::OtherText(name, text) => {
                let comparison = self.compare(name, "<>", AttributeValue::S(text.clone()));
                format!("{} AND {comparison}", self.exists(&key))
            }
            Condition::AbsentOrText(name, text) => {
                let comparison = self.compare(name, "=", AttributeValue::S(text.clone()));
                format!("attribute_not_exists({key}) OR {comparison}")
            }
            Condition::AbsentOrOtherText(name, text) => {
                let comparison = self.compare(name, "<>", AttributeValue::S(text.clone()));
                let name = self.name(name);
                format!("attribute_not_exists({key}) OR attribute_not_exists({name}) OR {comparison}")
            }
            Condition::AbsentOrNumberUpTo(name, limit) => {
                let comparison = self.compare(name, "<=", number(*limit));
                format!("attribute_not_exists({key}) OR {comparison}")
            }
            Condition::NumberBelow(name, limit) => {
                let comparison = self.compare(name, "<", number(*limit));
                format!("{} AND {comparison}", self.exists(&key))
            }
        })
    }

    /// Returns the condition and that no change holds the copy now; see [`Table::transact`](super::Table::transact).
    fn unless_held(&mut self, condition: Option<String>, now: u64) -> String {
        let (held, now) = (self.name(HELD_UNTIL), self.value(number(now)));
        let is_free = format!("(attribute_not_exists({held}) OR {held} < {now})");
        match condition {
            Some(condition) => format!("({condition}) AND {is_free}"),
            None => is_free,
        }
    }

    /// Returns the condition that an item exists and is not being deleted. `key` is the name of the partition key.
    fn exists(&mut self, key: &str) -> String {
        format!("attribute_exists({key}) AND attribute_not_exists({})", self.name(DELETION))
    }

    fn compare(&mut self, name: &str, operator: &str, value: AttributeValue) -> String {
        format!("{} {operator} {}", self.name(name), self.value(value))
    }

    fn change(&mut self, update: &Update, stamped: &Stamped<'_>) -> String {
        let mut set = Vec::new();
        for (name, value) in update.attributes(stamped) {
            set.push(format!("{} = {}", self.name(name), self.value(value)));
        }
        let one = self.value(number(1));
        for (name, by) in update.increased() {
            let (name, by) = (self.name(name), if by == 1 { one.clone() } else { self.value(number(by)) });
            set.push(format!("{name} = {name} + {by}"));
        }
        if let Some(name) = update.decrement {
            let name = self.name(name);
            set.push(format!("{name} = {name} - {one}"));
        }
        let hold = (update.key.copies() > 1).then_some(HELD_UNTIL);
        let mut remove: Vec<String> =
            update.remove.iter().copied().chain(hold).map(|name| self.name(name)).collect();
        for (number, (map, entry, value)) in update.entries.iter().enumerate() {
            // The name of an entry can have any characters, a reference cannot.
            let reference = format!("#e{number}");
            self.names.insert(reference.clone(), entry.clone());
            let path = format!("{}.{reference}", self.name(map));
            match value {
                Some(value) => set.push(format!("{path} = {}", self.value(value.clone()))),
                None => remove.push(path),
            }
        }
        let mut expression = format!("SET {}", set.join(", "));
        if !remove.is_empty() {
            let _ = write!(expression, " REMOVE {}", remove.join(", "));
        }
        expression
    }

    /// Takes the names that the expressions refer to.
    fn names(&mut self) -> Option<HashMap<String, String>> {
        Some(take(&mut self.names)).filter(|names| !names.is_empty())
    }

    /// Takes the values that the expressions refer to.
    fn values(&mut self) -> Option<HashMap<String, AttributeValue>> {
        Some(take(&mut self.values)).filter(|values| !values.is_empty())
    }
}

#[cfg(test)]
mod tests;
