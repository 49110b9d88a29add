//! Deletions of users and clients, which may take more than one transaction.
//!
//! A deletion begins with a transaction that marks what it deletes; see [`DELETION`](shared::table::item::DELETION).
//! From then on, it does not exist for callers. [`sweep`] then deletes it step by step, in the request that began it or
//! in later runs of the job, and releases its names with the last step.

pub mod get;
mod plan;
pub mod sweep;

use shared::clock::Timestamp;
use shared::entity::schema::{Field, FieldKind, HISTORY, ObjectSchema};
use shared::entity::{Entity, FieldValue as _};
use shared::error::ApiError;
use shared::http::{Request, Response};
use shared::ids::{ClientExtId, ExtId, UserExtId};
use shared::service::{Access, Parents};
use shared::table::attribute::number;
use shared::table::item::{DELETION as DELETION_MARK, EXPIRES, expiry};
use shared::table::tombstone;
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, Transaction, Update};

use crate::clients;
use crate::users::{self, ARCHIVING, UserPath};

/// The entity type of a deletion's item.
pub const ENTITY_TYPE: &str = "Deletion";
/// The entity type of the entry of a deletion that has not ended.
pub const ENTRY_TYPE: &str = "DeletionEntry";
/// The time for which an ended deletion can be read, in seconds.
const RETENTION_SECONDS: u64 = 30 * 24 * 60 * 60;
/// The beginning of the sort keys of the entries of deletions that have not ended.
const ENTRY_PREFIX: &str = "DELETION#";
/// The member with the number of deleted items.
const DELETED: &str = "deleted";
/// The member with the kind, which tombstones have too.
const KIND: &str = "kind";
/// The member with the state.
const STATE: &str = "state";
/// The member with the identifier.
const DELETION_ID: &str = "deletionId";

/// Marks the identifiers of deletions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeletionType {}

/// The identifier of a deletion: a UUID.
pub type DeletionId = ExtId<DeletionType>;

shared::names! {
    /// What a deletion deletes.
    pub enum DeletionKind {
        /// A client with everything that belongs to it.
        Client = "client",
        /// A user with everything that belongs to the user.
        User = "user",
        /// The credentials and dispatch targets of a user who is archived.
        Credentials = "credentials",
    }
}

shared::names! {
    /// The state of a deletion.
    pub enum DeletionState {
        /// It goes on.
        Running = "running",
        /// Everything is deleted.
        Ended = "ended",
    }
}

shared::entity! {
    /// The deletion of a client, of a user, or of the credentials of a user.
    pub struct Deletion [
        id: DeletionId = "deletionId", "Identifier."
    ] {
        kind: DeletionKind = "kind", "What is deleted.";
        client: ClientExtId = "clientExtId", "The client.";
        user: Option<UserExtId> = "userExtId", "The user, if it is not a client that is deleted.";
        state: DeletionState = "state", "State.";
        begun: Timestamp = "begun", "Time of its begin.";
        deleted: u64 = "deleted", "Number of items of the table that are deleted so far.";
        ended: Option<Timestamp> = "ended", "Time of its end.";
    }
}

/// A deletion in a response.
const DELETION: ObjectSchema = ObjectSchema {
    name: "Deletion",
    description: "The deletion of a client or a user, or of the credentials of a user.",
    parts: &[
        &[Field::required(DELETION_ID, FieldKind::Text { min: 1, max: usize::MAX }, "Identifier.")],
        Deletion::SHOWN,
        HISTORY,
    ],
};

/// Returns the key of a deletion.
#[must_use]
pub fn key(id: &DeletionId) -> Key {
    Key::new(&["DELETION", &id.key_part()], &["DELETION"])
}

/// Returns the key of the entry of a deletion among those that have not ended.
#[must_use]
pub fn entry_key(id: &DeletionId) -> Key {
    // All entries are in partitions by the first digit, so that the deletions of users do not meet in one.
    let digit = id.as_str().get(..1).unwrap_or_default();
    Key::new(&[&entry_partition(digit)], &[&format!("{ENTRY_PREFIX}{}", id.key_part())])
}

/// Returns the lists of the entries, one for each first digit of an identifier: the partition, and the prefix of the
/// sort keys.
#[must_use]
pub fn entry_lists() -> Vec<(String, &'static str)> {
    (0..16).map(|digit| (entry_partition(&format!("{digit:x}")), ENTRY_PREFIX)).collect()
}

/// The beginning of the sort keys of the tombstones of deletions.
pub(crate) const TOMBSTONE_PREFIX: &str = "DELETION#";

/// Returns the key of the tombstone of what a deletion deletes. `owner` is the partition of the client or the user.
pub(crate) fn tombstone_key(owner: &str, id: &str) -> Key {
    tombstone::key_below(owner, &[&format!("{TOMBSTONE_PREFIX}{id}")])
}

/// Returns true if the deletion with this tombstone deletes an item with this sort key, of its user or client.
pub(crate) fn includes(tombstone: &Item, sk: &str) -> bool {
    let kind = tombstone.text(KIND).ok().and_then(DeletionKind::parse);
    kind != Some(DeletionKind::Credentials) || sweep::is_of_credentials(sk)
}

fn entry_partition(digit: &str) -> String {
    format!("DELETIONS#{digit}")
}

/// Returns the error for a deletion that does not exist.
#[must_use]
pub fn missing(id: &str) -> ApiError {
    ApiError::NotFound(format!("Deletion doesn't exist with id '{id}'"))
}

impl Deletion {
    /// Returns a deletion that begins now.
    fn new(
        id: &str,
        kind: DeletionKind,
        client: ClientExtId,
        user: Option<UserExtId>,
        now: Timestamp,
    ) -> Self {
        let (id, state) = (ExtId::unchecked(id), DeletionState::Running);
        Self { id, kind, client, user, state, begun: now, deleted: 0, ended: None }
    }

    /// Returns the deletion of a client that begins now.
    #[must_use]
    pub fn of_client(id: &str, client: ClientExtId, now: Timestamp) -> Self {
        Self::new(id, DeletionKind::Client, client, None, now)
    }

    /// Returns the deletion of a user that begins now.
    #[must_use]
    pub fn of_user(id: &str, user: UserPath, now: Timestamp) -> Self {
        Self::new(id, DeletionKind::User, user.client, Some(user.user), now)
    }

    /// Returns the deletion of the credentials of a user that begins now.
    #[must_use]
    pub fn of_credentials(id: &str, user: UserPath, now: Timestamp) -> Self {
        Self::new(id, DeletionKind::Credentials, user.client, Some(user.user), now)
    }

    /// Returns the user, if it is not a client that is deleted.
    #[must_use]
    pub fn owner(&self) -> Option<UserPath> {
        Some(UserPath { client: self.client.clone(), user: self.user.clone()? })
    }

    /// Returns the key of the item that has the identifier of the deletion, and the attribute with it.
    fn mark(&self) -> (Key, &'static str) {
        match (self.kind, self.owner()) {
            (DeletionKind::User, Some(user)) => (user.key(), DELETION_MARK),
            (DeletionKind::Credentials, Some(user)) => (user.key(), ARCHIVING),
            (DeletionKind::Client, _) | (DeletionKind::User | DeletionKind::Credentials, None) => {
                (clients::key(&self.client), DELETION_MARK)
            }
        }
    }

    /// Returns the key and the entity type of the item that is deleted last and has the identifier of the deletion;
    /// `None` if the deletion leaves it.
    #[must_use]
    pub fn subject(&self) -> Option<(Key, &'static str)> {
        match self.kind {
            DeletionKind::Client => Some((clients::key(&self.client), clients::ENTITY_TYPE)),
            DeletionKind::User => self.owner().map(|user| (user.key(), users::ENTITY_TYPE)),
            DeletionKind::Credentials => None,
        }
    }

    /// Adds the begin of the deletion to a transaction: its item, its entry among those that have not ended, and the
    /// tombstone with who began it, of everything that it deletes.
    pub fn begin(&self, transaction: &mut Transaction) {
        transaction.create(self.store(NewItem::new(&key(&self.id), ENTITY_TYPE)));
        transaction.create(self.store(NewItem::new(&entry_key(&self.id), ENTRY_TYPE)));
        let key = tombstone_key(self.mark().0.pk(), self.id.as_str());
        let tombstone = tombstone::new_item(&key, self.begun, RETENTION_SECONDS);
        transaction.create(tombstone.with_text(KIND, self.kind.as_str()));
    }

    /// Adds the progress of the deletion by what a transaction deletes to the transaction. If `ends`, the deletion ends
    /// with the transaction.
    fn progress(&self, ends: bool, transaction: &mut Transaction) {
        let running = Condition::Text(STATE, DeletionState::Running.as_str().to_owned());
        let deleted = transaction.deletions();
        let update = Update::new(key(&self.id), running).increase(DELETED, deleted);
        let now = transaction.stamp().now;
        transaction.update(if ends { ended(update, now) } else { update });
        if ends {
            transaction.delete(entry_key(&self.id), Condition::Any);
        }
    }
}

/// Returns an update that also ends a deletion.
fn ended(update: Update, now: Timestamp) -> Update {
    let expires = expiry(now, RETENTION_SECONDS);
    let state = DeletionState::Ended.attribute();
    update.set(STATE, state).set("ended", now.attribute()).set(EXPIRES, Some(number(expires)))
}

/// Adds the end of another deletion to a transaction, because what it deletes is deleted by this one.
fn end_other(id: &str, transaction: &mut Transaction) {
    let (id, now) = (DeletionId::unchecked(id), transaction.stamp().now);
    transaction.update(ended(Update::new(key(&id), Condition::Exists), now));
    transaction.delete(entry_key(&id), Condition::Any);
}

/// Begins a deletion of the innermost parent of a request, or of what belongs to it, and goes on with it for as long as a
/// request may take. Returns 204 if it has ended, or else 202 with the URL of the deletion.
///
/// If the parent has the identifier of a deletion that an earlier request has begun, the request goes on with that one.
/// Otherwise, `begin` adds the begin to the transaction and returns the index of the condition that the item is as it was
/// read.
///
/// # Errors
/// Those of `begin`, [`Access::get`], [`Access::change`] and [`Access::commit`].
pub async fn delete(
    access: &Access<'_>,
    request: &Request,
    deletion: Deletion,
    begin: impl Fn(&Parents, &Item, &mut Transaction) -> Result<ActionIndex, ApiError>,
) -> Result<Response, ApiError> {
    let (_, mark) = deletion.mark();
    let attempt = || async {
        let (parents, []) = access.get([]).await?;
        let item = parents.innermost()?;
        if let Some(id) = item.optional_text(mark)? {
            let earlier = Deletion { id: DeletionId::unchecked(id), ..deletion.clone() };
            return Ok(Some((earlier, accepted(request, id))));
        }
        let mut changes = access.change(&parents, item, None)?;
        let marked = begin(&parents, item, &mut changes)?;
        deletion.begin(&mut changes);
        let response = accepted(request, deletion.id.as_str());
        let response = access.commit_change(changes, response, Some(marked), None).await?;
        Ok(response.map(|response| (deletion.clone(), response)))
    };
    let (deletion, response) = access.retry(attempt).await?;
    // Boxed: a sweep has a large state. A failure does not matter, because the job goes on.
    match Box::pin(sweep::sweep(&access.steps(), &deletion)).await {
        Ok(true) => Ok(access.replace_response(Response::no_content()).await),
        Ok(false) | Err(_) => Ok(response),
    }
}

/// Returns 202 with the URL and the identifier of a deletion.
fn accepted(request: &Request, id: &str) -> Response {
    Response::accepted(request.location(&["deletions", id]), id)
}
