//! Access to the table for an authenticated caller.

use std::collections::{BTreeSet, HashMap};
use std::ops::{Deref, DerefMut};

use serde_json::Value;

use super::app::App;
use super::idempotency::Idempotency;
use super::preconditions::Preconditions;
use super::subject::{Closed, Parents, Subject, UserAccess};
use crate::auth::{Caller, Clients, Grants};
use crate::entity::{self, Entity, Patch};
use crate::error::ApiError;
use crate::http::page::PageRequest;
use crate::http::query::Query;
use crate::http::{Method, Request, Response};
use crate::ids::{ClientExtId, UnitExtId, UserExtId};
use crate::policy::Settings;
use crate::rights::Right;
use crate::table::item::VERSION;
use crate::table::{
    ActionIndex, Condition, FailedConditions, Item, Key, Order, Outcome, Stamp, Table, TableError,
    Transaction,
};

/// The number of items from which on they are counted again after the parents were read: half of what the limits of users
/// allow, which no concurrent requests reach during one call.
const COUNTED_AGAIN: usize = 100;

/// The maximum number of attempts of a request whose objects are modified concurrently.
const MAX_ATTEMPTS: u32 = 8;
/// The maximum number of items that one call reads by their keys.
const MAX_KEYS: usize = 100;

/// A caller who has the rights that an operation requires over the client of the request: the only
/// access to the table.
///
/// Every read includes the parents of the request (see [`Subject`]) and checks them and the caller's
/// data room before it returns anything. Every change starts from such a read:
///
/// ```
/// # use shared::error::ApiError;
/// # use shared::http::Response;
/// # use shared::service::{Access, Commit};
/// # use shared::table::Key;
/// async fn delete(access: &Access<'_>, key: Key) -> Result<Commit, ApiError> {
///     let (parents, [item]) = access.get([&key]).await?;
///     let item = item.ok_or(ApiError::Internal)?;
///     let mut changes = access.change(&parents, &item, None)?;
///     changes.delete(key, shared::table::Condition::Exists);
///     access.commit(changes, Response::no_content()).await
/// }
/// ```
///
/// A change that checks no data room does not compile, because only [`Access`] creates [`Changes`]:
///
/// ```compile_fail
/// # use shared::error::ApiError;
/// # use shared::http::Response;
/// # use shared::service::{Access, Commit};
/// # use shared::table::{Key, Transaction};
/// async fn delete(access: &Access<'_>, key: Key) -> Result<Commit, ApiError> {
///     let mut changes = Transaction::new(access.stamp());
///     changes.delete(key, shared::table::Condition::Exists);
///     access.commit(changes, Response::no_content()).await
/// }
/// ```
pub struct Access<'a> {
    pub(super) app: &'a App,
    pub(super) request: &'a Request,
    pub(super) subject: Subject,
    pub(super) table: Table,
    pub(super) caller: Caller,
    pub(super) grants: Grants,
    pub(super) stamp: Stamp,
    pub(super) idempotency: Option<Idempotency>,
    pub(super) preconditions: Preconditions,
}

/// A transaction of a caller whose data room has been checked. [`Access`] creates it.
#[derive(Debug)]
pub struct Changes {
    transaction: Transaction,
    /// The condition that the innermost parent exists and is not closed, and the failure if it does not exist.
    parent: Option<(ActionIndex, ApiError)>,
}

/// Returns the key of the item of which an item is a copy.
pub type OriginalOf = fn(&Item) -> Result<Key, TableError>;

/// Returns the key of a parent of an item, if it has one.
pub type OwnerOf = fn(&Item) -> Result<Option<Key>, TableError>;

/// A list: the items of a partition whose sort keys begin with `sk_prefix`.
///
/// A continuation token is valid for a list with the same key, order and filter only.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// The partition.
    pub pk: &'a str,
    /// The number of copies of each item. A page is read from a random one.
    pub copies: u64,
    /// The beginning of the sort keys.
    pub sk_prefix: &'a str,
    /// The order of the sort keys.
    pub order: Order,
    /// An attribute and the value that it has in the items that the list shows, if these are not all.
    pub filter: Option<(&'a str, &'a str)>,
    /// Whether the response has the number of all items that the list shows.
    pub is_counted: bool,
    /// Whether the rights must cover all units of the client.
    pub is_of_all_units: bool,
    /// Returns the key of the item of which an item of the list is a copy, if a page needs what the copy lacks. Such a
    /// page has at most 100 items, and takes another trip.
    pub original: Option<OriginalOf>,
    /// Returns the key of a parent of an item that is not among the parents of the request, if it has one. A page leaves
    /// out what belongs to a parent that does not exist, which takes another trip.
    pub owner: Option<OwnerOf>,
}

/// A list with all items at these keys, in ascending order.
impl<'a, Pk: AsRef<str> + ?Sized, Prefix: AsRef<str> + ?Sized> From<(&'a Pk, &'a Prefix)> for List<'a> {
    fn from((pk, sk_prefix): (&'a Pk, &'a Prefix)) -> Self {
        let (pk, sk_prefix, order) = (pk.as_ref(), sk_prefix.as_ref(), Order::Ascending);
        Self {
            pk,
            copies: 1,
            sk_prefix,
            order,
            filter: None,
            is_counted: false,
            is_of_all_units: false,
            original: None,
            owner: None,
        }
    }
}

impl List<'_> {
    /// Returns the name that binds a continuation token to the list.
    fn name(&self) -> String {
        let filter = self.filter.map(|(attribute, value)| format!("{attribute}={value}"));
        let selection = format!("{:?} {}", self.order, filter.unwrap_or_default());
        format!("{}\n{}{}\n{selection}{}", self.pk.len(), self.pk, selection.len(), self.sk_prefix)
    }
}

/// A part of a list: at most `limit` items of a partition whose sort keys begin with `sk_prefix`.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The partition.
    pub pk: &'a str,
    /// The number of copies of each item. The part is read from a random one.
    pub copies: u64,
    /// The beginning of the sort keys.
    pub sk_prefix: &'a str,
    /// The rest of the sort key after which the part begins; `None` for the begin of the list.
    pub after: Option<&'a str>,
    /// The maximum number of items.
    pub limit: usize,
}

/// The outcome of a transaction that the table decided.
#[derive(Debug)]
pub enum Commit {
    /// The transaction is applied, by this request or by an earlier one with the same
    /// `Idempotency-Key`. This is the response.
    Done(Response),
    /// Nothing is applied, because these conditions failed.
    Failed(FailedConditions),
}

impl Deref for Changes {
    type Target = Transaction;

    fn deref(&self) -> &Transaction {
        &self.transaction
    }
}

impl Changes {
    /// Adds the update of an item from `present` to `next`, on condition that the item is unchanged.
    ///
    /// Returns the index of the update, or `None` if nothing changes, and the response of [`Changes::respond`].
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no history or lacks one of these texts.
    pub fn update_entity<T: Entity + PartialEq>(
        &mut self,
        item: &Item,
        entity: (&T, &T),
        texts: &[&str],
    ) -> Result<(Option<ActionIndex>, Response), TableError> {
        let updated = self.transaction.update_item(item, entity, |update| update)?;
        Ok((updated, self.respond(item, entity, texts)?))
    }

    /// Returns 200 with an entity as it is after its change from `present` to `next`, and with these texts of `item`,
    /// its item before.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no history or lacks one of these texts.
    pub fn respond<T: Entity + PartialEq>(
        &self,
        item: &Item,
        (present, next): (&T, &T),
        texts: &[&str],
    ) -> Result<Response, TableError> {
        let mut response = if present == next {
            entity::respond::<T>(item, [])?
        } else {
            entity::respond_changed(item, next, self.transaction.stamp().now)?
        };
        if let Some(body) = &mut response.body {
            item.complete(body, texts)?;
        }
        Ok(response)
    }
}

impl DerefMut for Changes {
    fn deref_mut(&mut self) -> &mut Transaction {
        &mut self.transaction
    }
}

impl Access<'_> {
    /// Returns true if the caller has a right that lifts a rule, over the client of the request and, if
    /// `units` are given, over a user in these units.
    #[must_use]
    pub fn has_over(&self, right: Right, units: Option<&BTreeSet<UnitExtId>>) -> bool {
        self.require_over(right, units).is_ok()
    }

    /// Checks that the caller has a right that depends on the body, over the client of the request and, if
    /// `units` are given, over a user in these units.
    ///
    /// # Errors
    /// [`ApiError::MissingRight`], then [`ApiError::DataRoomDenied`].
    pub fn require_over(&self, right: Right, units: Option<&BTreeSet<UnitExtId>>) -> Result<(), ApiError> {
        self.caller.require_over(right, &self.app.roles, &self.request.client(), units)
    }

    /// Checks that the caller has a right that the operation itself does not require over all clients.
    ///
    /// # Errors
    /// [`ApiError::MissingRight`], then [`ApiError::DataRoomDenied`].
    pub fn require_over_all_clients(&self, right: Right) -> Result<(), ApiError> {
        self.caller.require_over_all_clients(right, &self.app.roles)
    }

    /// Returns the rights that the caller's roles carry, over whatever clients and units.
    #[must_use]
    pub fn rights(&self) -> BTreeSet<Right> {
        let roles = self.caller.authorizations().iter().map(|one| &one.role);
        let carries = |right: &Right| roles.clone().any(|role| self.app.roles.carries(role, *right));
        Right::ALL.iter().copied().filter(carries).collect()
    }

    /// Checks that the rights cover the client of an object, which the path does not name.
    ///
    /// # Errors
    /// [`ApiError::DataRoomDenied`].
    pub fn require_client(&self, client: &ClientExtId) -> Result<(), ApiError> {
        self.grants.require_client(client)
    }

    /// Checks that the rights cover a client, which the path does not name, and all of its units.
    ///
    /// # Errors
    /// [`ApiError::DataRoomDenied`].
    pub fn require_whole_client(&self, client: &ClientExtId) -> Result<(), ApiError> {
        self.grants.require_whole_client(client)
    }

    /// Returns the client of the caller.
    #[must_use]
    pub fn own_client(&self) -> &ClientExtId {
        self.caller.client()
    }

    /// Checks that the rights cover all clients, for an object that only then turns out to belong to none.
    ///
    /// # Errors
    /// [`ApiError::DataRoomDenied`].
    pub fn require_all_clients(&self) -> Result<(), ApiError> {
        self.grants.clone().over_all_clients().map(drop)
    }

    /// Checks that the rights cover the client of an object, which the path does not name, and that the client exists.
    /// `key` is the key of the client.
    ///
    /// # Errors
    /// [`ApiError::DataRoomDenied`], then `missing`, or an error for a [`TableError`].
    pub async fn require_existing_client(
        &self,
        client: &ClientExtId,
        key: Key,
        missing: impl FnOnce() -> ApiError,
    ) -> Result<(), ApiError> {
        self.require_client(client)?;
        let found = Box::pin(self.get_existing(vec![&key])).await?;
        if found.is_empty() { Err(missing()) } else { Ok(()) }
    }

    /// Returns the clients that the rights of the operation cover, for a list that shows only these.
    #[must_use]
    pub fn clients(&self) -> Clients {
        self.grants.clients()
    }

    /// Checks that the rights cover a user. Every read calls it.
    ///
    /// # Errors
    /// Those of [`Grants::require_user`].
    pub fn require_user(&self, user: &UserAccess) -> Result<(), ApiError> {
        let is_own = |owner: &UserExtId| self.caller.is(&self.request.client(), owner);
        let acts_on_self = user.is_active && user.owner.as_ref().is_none_or(is_own);
        self.grants.require_user(&user.units, acts_on_self)
    }

    /// Checks that the rights cover every unit of the client of the request.
    ///
    /// # Errors
    /// [`ApiError::DataRoomDenied`].
    pub fn require_all_units(&self) -> Result<(), ApiError> {
        self.require_user(&UserAccess { units: BTreeSet::new(), is_active: false, owner: None })
    }

    /// Returns an item of a list as `show` returns it, or `None` if the rights do not cover it.
    ///
    /// # Errors
    /// Those of `show`.
    pub fn if_covered(
        &self,
        user: &UserAccess,
        show: impl FnOnce() -> Result<Value, TableError>,
    ) -> Result<Option<Value>, TableError> {
        self.require_user(user).is_ok().then(show).transpose()
    }

    /// Returns the settings that the rules of operations depend on.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.app.settings
    }

    /// Returns the stamp of the request: author, time and request ID.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// Returns a new external identifier: a UUID.
    #[must_use]
    pub fn new_id(&self) -> String {
        self.app.random.uuid()
    }

    /// Returns a random number from 1 to `limit`, inclusive.
    #[must_use]
    pub fn new_number(&self, limit: u64) -> u64 {
        1 + self.app.random.up_to(limit - 1)
    }

    /// Reads the parents and the items at these keys in one call.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] for the first parent that does not exist, then
    /// [`ApiError::DataRoomDenied`], or an error for a [`TableError`].
    pub async fn get<const COUNT: usize>(
        &self,
        keys: [&Key; COUNT],
    ) -> Result<(Parents, [Option<Item>; COUNT]), ApiError> {
        let (parents, mut items) = self.get_many(keys.to_vec()).await?;
        Ok((parents, keys.map(|key| items.remove(key))))
    }

    /// Reads the parents and the items at these keys, at most 100 in total. See [`Access::get`].
    ///
    /// # Errors
    /// The same as [`Access::get`].
    pub async fn get_many(&self, keys: Vec<&Key>) -> Result<(Parents, HashMap<Key, Item>), ApiError> {
        let parents = (self.subject.keys)(self.request);
        let items = self.read(&parents, keys).await?;
        self.admit(&parents, items)
    }

    /// Reads the parents and the items at these keys, and at the same time the items of a partition
    /// whose sort keys begin with `sk_prefix`.
    ///
    /// # Errors
    /// The same as [`Access::get`].
    pub async fn get_and_query<const COUNT: usize>(
        &self,
        keys: [&Key; COUNT],
        pk: &str,
        sk_prefix: &str,
    ) -> Result<(Parents, [Option<Item>; COUNT], Vec<Item>), ApiError> {
        let parents = (self.subject.keys)(self.request);
        let items = self.read(&parents, keys.to_vec());
        let found = self.table.query(self.request.deadline, pk, sk_prefix);
        let (items, mut found) = tokio::try_join!(items, found)?;
        let (parents, mut items) = self.admit(&parents, items)?;
        found.retain(|item| !item.is_being_deleted());
        Ok((parents, keys.map(|key| items.remove(key)), found))
    }

    /// Reads the parents and the items at these keys, and at the same time the first item of each of these lists:
    /// partitions and the beginnings of the sort keys. Returns true as last value if one has an item, which may be one
    /// that is being deleted.
    ///
    /// # Errors
    /// The same as [`Access::get`].
    pub async fn get_and_find<const COUNT: usize>(
        &self,
        keys: [&Key; COUNT],
        lists: &[(&str, &str)],
    ) -> Result<(Parents, [Option<Item>; COUNT], bool), ApiError> {
        let parents = (self.subject.keys)(self.request);
        let items = self.read(&parents, keys.to_vec());
        let (items, is_found) = tokio::try_join!(items, self.table.has_any(self.request.deadline, lists))?;
        let (parents, mut items) = self.admit(&parents, items)?;
        Ok((parents, keys.map(|key| items.remove(key)), is_found))
    }

    /// Reads the parents, and at the same time counts the items of a partition whose sort keys begin with `sk_prefix`
    /// and, if there is one, with another prefix. Returns 0 as last value if there is none.
    ///
    /// A number of 100 or more is not older than the parents, because the items are then counted once more.
    /// A smaller number may be older by what was created during one call.
    ///
    /// # Errors
    /// The same as [`Access::get`].
    pub async fn get_and_count(
        &self,
        pk: &str,
        sk_prefix: &str,
        other_prefix: Option<&str>,
    ) -> Result<(Parents, usize, usize), ApiError> {
        let parents = (self.subject.keys)(self.request);
        let items = self.read(&parents, Vec::new());
        // Boxed: three concurrent calls have a large state.
        let count = || {
            Box::pin(async {
                tokio::try_join!(self.count(pk, Some(sk_prefix)), self.count(pk, other_prefix))
            })
        };
        let (items, (mut one, mut other)) = tokio::try_join!(items, count())?;
        let parents = self.admit(&parents, items)?.0;
        if one.max(other) >= COUNTED_AGAIN {
            (one, other) = count().await?;
        }
        Ok((parents, one, other))
    }

    async fn count(&self, pk: &str, sk_prefix: Option<&str>) -> Result<usize, TableError> {
        match sk_prefix {
            Some(sk_prefix) => self.table.count(self.request.deadline, (pk, sk_prefix), None).await,
            None => Ok(0),
        }
    }

    /// Reads the requested page of a list together with the parents, and returns its response.
    ///
    /// The query string may have no parameters except those of a page. The items are those of a partition
    /// whose sort keys begin with `sk_prefix`. `show` returns an item as the list shows it.
    ///
    /// # Errors
    /// [`ApiError::InvalidFields`] for an invalid query string, and those of [`Access::get`].
    pub async fn page<'l>(
        &self,
        list: impl Into<List<'l>>,
        show: impl Fn(&Item) -> Result<Value, TableError>,
    ) -> Result<Response, ApiError> {
        self.filtered_page(self.request.query(), list, |item| show(item).map(Some)).await
    }

    /// Reads the requested page of a list of which the caller may not see every item. See [`Access::page`].
    ///
    /// `query` is the query string without the parameters that the handler has taken. `show` returns `None`
    /// for an item that the page leaves out, so that a page can have fewer items even if more follow.
    ///
    /// # Errors
    /// Those of [`Access::page`], and [`ApiError::DataRoomDenied`] if the rights must cover all units.
    pub async fn filtered_page<'l>(
        &self,
        query: Query,
        list: impl Into<List<'l>>,
        show: impl Fn(&Item) -> Result<Option<Value>, TableError>,
    ) -> Result<Response, ApiError> {
        let list = list.into();
        let (name, page) = self.requested_page(query, &list)?;
        let parents = (self.subject.keys)(self.request);
        let items = self.read(&parents, Vec::new());
        let pk = self.table.any_partition(list.pk, list.copies);
        let (deadline, keys) = (self.request.deadline, (pk.as_str(), list.sk_prefix));
        let limit = if list.original.is_some() { page.limit.min(MAX_KEYS) } else { page.limit };
        let found = self.table.page(deadline, keys, list.order, page.after.as_deref(), limit);
        let (items, (found, has_more), total) = if list.is_counted {
            // Boxed: most requests count nothing and need no room for the call.
            let total = Box::pin(self.table.count(deadline, keys, list.filter));
            let (items, found, total) = tokio::try_join!(items, found, total)?;
            (items, found, Some(total))
        } else {
            let (items, found) = tokio::try_join!(items, found)?;
            (items, found, None)
        };
        self.admit(&parents, items)?;
        let end = found.last().filter(|_| has_more).map(Item::key).transpose()?;
        let next = end.as_ref().and_then(|key| key.sk().strip_prefix(list.sk_prefix));
        let found = found.into_iter().filter(|item| !item.is_being_deleted()).collect();
        let found = self.originals(&list, found).await?;
        let shown: Result<Vec<Value>, TableError> =
            found.iter().filter_map(|item| show(item).transpose()).collect();
        Ok(page.respond(&shown?, &name, next, total))
    }

    /// Returns the items of which these are copies, if the list needs them, or else these, without those whose owner
    /// does not exist.
    async fn originals(&self, list: &List<'_>, items: Vec<Item>) -> Result<Vec<Item>, TableError> {
        let keys_of = |key: OriginalOf| items.iter().map(key).collect::<Result<Vec<Key>, TableError>>();
        let originals = list.original.map(keys_of).transpose()?;
        let owner = list.owner.unwrap_or(|_| Ok(None));
        let owners = items.iter().map(owner).collect::<Result<Vec<Option<Key>>, TableError>>()?;
        let keys: BTreeSet<&Key> = originals.iter().flatten().chain(owners.iter().flatten()).collect();
        let mut found = self.get_existing(keys.into_iter().collect()).await?;
        let has_owner = |owner: &Option<Key>| owner.as_ref().is_none_or(|owner| found.contains_key(owner));
        let is_shown: Vec<bool> = owners.iter().map(has_owner).collect();
        let shown = |number: &usize| is_shown[*number];
        Ok(match originals {
            None => {
                let kept = items.into_iter().zip(&is_shown).filter(|(_, is_shown)| **is_shown);
                kept.map(|(item, _)| item).collect()
            }
            Some(keys) => {
                let kept = (0..keys.len()).filter(shown);
                kept.filter_map(|number| found.remove(&keys[number])).collect()
            }
        })
    }

    /// Reads the items at these keys, except those that are being deleted.
    async fn get_existing(&self, keys: Vec<&Key>) -> Result<HashMap<Key, Item>, TableError> {
        let mut items = self.table.get_all(self.request.deadline, &keys).await?;
        items.retain(|_, item| !item.is_being_deleted());
        Ok(items)
    }

    /// Returns the name of a list and the requested page of it.
    fn requested_page(&self, query: Query, list: &List<'_>) -> Result<(String, PageRequest), ApiError> {
        let name = list.name();
        let page = PageRequest::alone(query, &name)?;
        if list.is_of_all_units {
            self.require_all_units()?;
        }
        Ok((name, page))
    }

    /// Reads the parents and, at the same time, a part of each of two lists. Returns the items of each part, and
    /// whether more follow. Unlike other reads, it returns items that are being deleted too, because the last item of a
    /// part is the position of the next one.
    ///
    /// # Errors
    /// The same as [`Access::get`].
    pub async fn get_parts(&self, [one, other]: [&Part<'_>; 2]) -> Result<[(Vec<Item>, bool); 2], ApiError> {
        let parents = (self.subject.keys)(self.request);
        let items = self.read(&parents, Vec::new());
        let (items, one, other) = tokio::try_join!(items, self.part(one), self.part(other))?;
        self.admit(&parents, items)?;
        Ok([one, other])
    }

    async fn part(&self, part: &Part<'_>) -> Result<(Vec<Item>, bool), TableError> {
        let pk = self.table.any_partition(part.pk, part.copies);
        self.table
            .page(self.request.deadline, (&pk, part.sk_prefix), Order::Ascending, part.after, part.limit)
            .await
    }

    /// Reads the requested page of the part of a list that has these keys, and returns its response. See
    /// [`Access::filtered_page`].
    ///
    /// A page has at most 100 items, the maximum of a call. Keys without an item are left out.
    ///
    /// # Errors
    /// Those of [`Access::page`].
    pub async fn page_of<'l>(
        &self,
        query: Query,
        list: impl Into<List<'l>>,
        mut keys: Vec<Key>,
        show: impl Fn(&Item) -> Result<Option<Value>, TableError>,
    ) -> Result<Response, ApiError> {
        let list = list.into();
        let (name, page) = self.requested_page(query, &list)?;
        let position = |key: &Key| key.sk().strip_prefix(list.sk_prefix).map(str::to_owned);
        keys.sort_by(|one, other| one.sk().cmp(other.sk()));
        if let Some(after) = &page.after {
            keys.retain(|key| position(key).as_ref() > Some(after));
        }
        let is_last = keys.len() <= page.limit.min(MAX_KEYS);
        keys.truncate(page.limit.min(MAX_KEYS));
        let (_, mut items) = self.get_many(keys.iter().collect()).await?;
        let next = keys.last().filter(|_| !is_last).and_then(position);
        let found = keys.iter().filter_map(|key| items.remove(key)).collect();
        let found = self.originals(&list, found).await?;
        let shown: Result<Vec<Value>, TableError> =
            found.iter().filter_map(|item| show(item).transpose()).collect();
        let shown = shown?;
        let total = list.is_counted.then_some(shown.len());
        Ok(page.respond(&shown, &name, next.as_deref(), total))
    }

    async fn read(&self, parents: &[Key], keys: Vec<&Key>) -> Result<HashMap<Key, Item>, TableError> {
        let mut items =
            self.table.get_many(self.request.deadline, parents.iter().chain(keys).collect()).await?;
        let resumed = parents.last().filter(|_| self.subject.is_deleted);
        items.retain(|key, item| !item.is_being_deleted() || Some(key) == resumed);
        Ok(items)
    }

    /// Checks the parents and the caller's data room, and returns the other items.
    fn admit(
        &self,
        parents: &[Key],
        mut items: HashMap<Key, Item>,
    ) -> Result<(Parents, HashMap<Key, Item>), ApiError> {
        let parents = parents.iter().map(|key| items.remove(key)).collect();
        let found = (self.subject.admit)(&self.subject, self.request, parents)?;
        Ok((Parents::new(&self.subject, found, |user| self.require_user(user))?, items))
    }

    /// Begins a transaction that creates something below the client of the request, without a read. Its
    /// first condition is that the client exists.
    ///
    /// # Errors
    /// [`ApiError::Internal`] if the request has a user, whose units are only known after a read.
    pub fn create(&self) -> Result<Changes, ApiError> {
        if self.subject.has_units {
            return Err(ApiError::Internal);
        }
        Ok(self.below_parent(""))
    }

    /// Begins a transaction that creates something below the parents. Its first condition is that the
    /// innermost of them still exists and is not closed.
    ///
    /// # Errors
    /// The failure of [`Closed`](super::Closed) if the innermost parent is closed.
    pub fn create_below(&self, parents: &Parents) -> Result<Changes, ApiError> {
        self.require_open(parents)?;
        Ok(self.below_parent(parents.client_name()))
    }

    /// Checks that the innermost parent is not closed, unless the request deletes something.
    fn require_open(&self, parents: &Parents) -> Result<(), ApiError> {
        match self.subject.closed.filter(|_| self.request.method() != Method::DELETE) {
            Some(closed) => closed.require_open(parents.innermost()?),
            None => Ok(()),
        }
    }

    fn below_parent(&self, client_name: &str) -> Changes {
        let mut transaction = Transaction::new(&self.stamp);
        let parent = (self.subject.keys)(self.request).pop().map(|key| {
            let is_open = |closed: Closed| Condition::OtherText(closed.attribute, closed.value.to_owned());
            let exists = transaction.check(key, self.subject.closed.map_or(Condition::Exists, is_open));
            (exists, (self.subject.missing)(self.request, client_name))
        });
        Changes { transaction, parent }
    }

    /// Begins a transaction that changes or deletes a thing which was read together with the parents.
    /// `in_body` is the version that the request names in its body.
    ///
    /// # Errors
    /// [`ApiError::OptimisticLocking`] if `If-Match` or `in_body` is not the version of the thing, then the
    /// failure of [`Closed`](super::Closed) if the innermost parent is closed and the request deletes nothing.
    pub fn change(&self, parents: &Parents, item: &Item, in_body: Option<u64>) -> Result<Changes, ApiError> {
        self.change_at(parents, item.number(VERSION)?, in_body)
    }

    /// Begins a transaction that changes a thing of this version, which may have no item yet. See
    /// [`Access::change`].
    ///
    /// # Errors
    /// Those of [`Access::change`].
    pub fn change_at(
        &self,
        parents: &Parents,
        version: u64,
        in_body: Option<u64>,
    ) -> Result<Changes, ApiError> {
        self.preconditions.check(version, in_body)?;
        self.require_open(parents)?;
        Ok(Changes { transaction: Transaction::new(&self.stamp), parent: None })
    }

    /// Applies a patch to an entity whose item was read together with the parents. Returns `None` if the item
    /// changed since then. The response also has these texts of the item.
    ///
    /// # Errors
    /// Those of [`Access::change`], [`Patch::apply`] and [`Access::commit`].
    pub async fn patch<T: Entity + Clone + PartialEq>(
        &self,
        parents: &Parents,
        item: &Item,
        patch: &Patch<'_>,
        texts: &[&str],
    ) -> Result<Option<Response>, ApiError> {
        let mut changes = self.change(parents, item, patch.version())?;
        let present = T::load(item)?;
        let next = patch.apply(&present)?;
        let (updated, response) = changes.update_entity(item, (&present, &next), texts)?;
        self.commit_change(changes, response, updated, None).await
    }

    /// Commits the change of an entity. Returns `None` if its item changed since it was read.
    ///
    /// `updated` is the index of the update of the item, if it changes. `reserved` are the indexes of the
    /// reservations of values that must be unique, each with the failure if the value is in use.
    ///
    /// # Errors
    /// The first of `reserved` that applies, and those of [`Access::commit`].
    pub async fn commit_change(
        &self,
        changes: Changes,
        response: Response,
        updated: Option<ActionIndex>,
        reserved: impl IntoIterator<Item = (ActionIndex, ApiError)>,
    ) -> Result<Option<Response>, ApiError> {
        let failed = match self.commit(changes, response).await? {
            Commit::Done(response) => return Ok(Some(response)),
            Commit::Failed(failed) => failed,
        };
        if updated.is_none_or(|index| failed.at(index).is_some()) {
            return Ok(None);
        }
        let in_use = reserved.into_iter().find(|(index, _)| failed.at(*index).is_some());
        in_use.map_or(Ok(None), |(_, in_use)| Err(in_use))
    }

    /// Runs `attempt` until it returns a result. If it returns `None`, an object changed while the
    /// request ran: it is attempted again after a back-off.
    ///
    /// # Errors
    /// Those of `attempt`, or [`ApiError::OptimisticLocking`] after the last attempt.
    pub async fn retry<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<Option<T>, ApiError>>,
    {
        for number in 1..=MAX_ATTEMPTS {
            if let Some(response) = attempt().await? {
                return Ok(response);
            }
            if number < MAX_ATTEMPTS {
                self.table.back_off(number, self.request.deadline).await?;
            }
        }
        Err(ApiError::OptimisticLocking)
    }

    /// Returns the response to an earlier request with the same `Idempotency-Key`. Without the header,
    /// the table is not read.
    ///
    /// # Errors
    /// [`ApiError::IdempotencyKeyReused`], or an error for a [`TableError`].
    pub async fn stored_response(&self) -> Result<Option<Response>, ApiError> {
        let Some(idempotency) = &self.idempotency else { return Ok(None) };
        // Boxed: most requests carry no key and need no room for the call.
        let [item] = Box::pin(self.table.get(self.request.deadline, [idempotency.key()])).await?;
        item.map_or(Ok(None), |item| idempotency.response(&item))
    }

    /// Marks an item that was read together with the parents, and then searches for what refers to it, which is in
    /// these lists; see [`Access::get_and_find`]. Returns the condition that nothing has begun to refer to it since
    /// then, or `None` if the item changed since it was read.
    ///
    /// What refers to the item only checks it. The mark makes such a transaction either fail or change the item, so
    /// that none can come between the search and the change that requires the condition.
    ///
    /// # Errors
    /// Those of [`Access::change`], `in_use` if a list has an item, and an error for a [`TableError`].
    pub async fn require_unreferenced(
        &self,
        (parents, item): (&Parents, &Item),
        in_body: Option<u64>,
        lists: &[(&str, &str)],
        in_use: impl FnOnce() -> ApiError,
    ) -> Result<Option<Condition>, ApiError> {
        let mut mark = self.change(parents, item, in_body)?;
        let unreferenced = mark.mark(item)?;
        let marked = self.table.transact(self.request.deadline, &mark.transaction).await?;
        if matches!(marked, Outcome::Failed(_)) {
            return Ok(None);
        }
        let (_, [], is_found) = self.get_and_find([], lists).await?;
        if is_found { Err(in_use()) } else { Ok(Some(unreferenced)) }
    }

    /// Returns `response`, and stores it in place of the one that was stored when the request began what it has ended.
    ///
    /// If that fails, a repeated request gets the earlier response.
    pub async fn replace_response(&self, response: Response) -> Response {
        if let Some(idempotency) = &self.idempotency {
            let mut transaction = Transaction::new(&self.stamp);
            transaction.put(idempotency.item(&response), idempotency.own());
            // A failure has been logged.
            let _ = Box::pin(self.table.transact(self.request.deadline, &transaction)).await;
        }
        response
    }

    /// Commits a transaction. If the request carries an `Idempotency-Key`, `response` is stored with it.
    /// An empty transaction succeeds without a call.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] if the innermost parent no longer exists, the failure of
    /// [`Closed`](super::Closed) if it is closed, [`ApiError::IdempotencyKeyReused`], or an error for a [`TableError`].
    pub async fn commit(&self, changes: Changes, response: Response) -> Result<Commit, ApiError> {
        let Changes { mut transaction, parent } = changes;
        let stored = self.idempotency.as_ref().map(|idempotency| {
            let item = idempotency.item(&response);
            (idempotency, transaction.put(item, idempotency.condition()))
        });
        if transaction.is_empty() {
            return Ok(Commit::Done(response));
        }
        let outcome = self.table.transact(self.request.deadline, &transaction).await?;
        let Outcome::Failed(failed) = outcome else {
            return Ok(Commit::Done(response));
        };
        // An earlier equal request was applied, so its response is returned.
        let stored =
            stored.and_then(|(idempotency, index)| Some((idempotency, failed.at(index)?.item.as_ref()?)));
        if let Some(earlier) = stored.map_or(Ok(None), |(idempotency, item)| idempotency.response(item))? {
            return Ok(Commit::Done(earlier));
        }
        let parent = parent.and_then(|(exists, missing)| Some((failed.at(exists)?.item.as_ref(), missing)));
        match (parent, self.subject.closed) {
            (None, _) => Ok(Commit::Failed(failed)),
            (Some((Some(item), _)), Some(closed)) => Err((closed.failure)(item)?),
            (Some((_, missing)), _) => Err(missing),
        }
    }
}
