//! Access to the table for an authenticated caller.

use std::collections::{BTreeSet, HashMap};

use super::app::App;
use super::idempotency::Idempotency;
use crate::auth::{Caller, Grants};
use crate::clock::Deadline;
use crate::error::ApiError;
use crate::http::Response;
use crate::ids::{ClientExtId, UnitExtId};
use crate::policy::Settings;
use crate::rights::Right;
use crate::table::{FailedConditions, Item, Key, Outcome, Stamp, Table, TableError, Transaction};

/// How often a request reads an object that changes under it.
const MAX_ATTEMPTS: u32 = 8;

/// A caller who has the rights that an operation needs over the client that it concerns: the way
/// to the table.
pub struct Access<'a> {
    pub(super) app: &'a App,
    pub(super) table: Table,
    pub(super) caller: Caller,
    pub(super) grants: Grants,
    pub(super) stamp: Stamp,
    pub(super) deadline: Deadline,
    pub(super) idempotency: Option<Idempotency>,
}

/// What became of a change.
#[derive(Debug)]
pub enum Commit {
    /// It is done, now or by an earlier request with the same key, and this is its answer.
    Done(Response),
    /// Nothing of it is done: these conditions did not hold.
    Refused(FailedConditions),
}

impl Access<'_> {
    /// Demands that the rights cover a user who is in these units, ancestors included.
    ///
    /// # Errors
    /// [`ApiError::DataRoomDenied`].
    pub fn over_units(&self, units: &BTreeSet<UnitExtId>) -> Result<(), ApiError> {
        self.grants.clone().over_units(units).map(|_| ())
    }

    /// Whether the caller has a right that lifts a rule, over a client and a user in these units.
    #[must_use]
    pub fn has_over(&self, right: Right, client: &ClientExtId, units: &BTreeSet<UnitExtId>) -> bool {
        self.caller.has_over(right, &self.app.roles, client, units)
    }

    /// What the rules of the operations ask for.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.app.settings
    }

    /// Who writes, when, in which request.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// A new external identifier: a UUID.
    #[must_use]
    pub fn new_id(&self) -> String {
        self.app.random.uuid()
    }

    /// As [`Table::get`].
    ///
    /// # Errors
    /// As [`TableError`] says.
    pub async fn get<const COUNT: usize>(
        &self,
        keys: [&Key; COUNT],
    ) -> Result<[Option<Item>; COUNT], TableError> {
        self.table.get(self.deadline, keys).await
    }

    /// As [`Table::get_many`].
    ///
    /// # Errors
    /// As [`TableError`] says.
    pub async fn get_many(&self, keys: Vec<&Key>) -> Result<HashMap<Key, Item>, TableError> {
        self.table.get_many(self.deadline, keys).await
    }

    /// As [`Table::query`].
    ///
    /// # Errors
    /// As [`TableError`] says.
    pub async fn query(&self, pk: &str, sk_prefix: &str) -> Result<Vec<Item>, TableError> {
        self.table.query(self.deadline, pk, sk_prefix).await
    }

    /// Waits before a request looks at the table once more, because an object changed under it.
    ///
    /// # Errors
    /// [`ApiError::OptimisticLocking`] when it has looked often enough.
    pub async fn back_off_before_retry(&self, attempt: u32) -> Result<(), ApiError> {
        if attempt >= MAX_ATTEMPTS {
            return Err(ApiError::OptimisticLocking);
        }
        Ok(self.table.back_off(attempt, self.deadline).await?)
    }

    /// The answer to an earlier request that carried the same `Idempotency-Key`. Without the
    /// header the table is not asked.
    ///
    /// # Errors
    /// [`ApiError::IdempotencyKeyReused`], or as [`TableError`] says.
    pub async fn stored_response(&self) -> Result<Option<Response>, ApiError> {
        let Some(idempotency) = &self.idempotency else { return Ok(None) };
        // Apart: the requests without the header, which are most, need no room for it.
        let [item] = Box::pin(self.get([idempotency.key()])).await?;
        item.map_or(Ok(None), |item| idempotency.answer(&item))
    }

    /// Makes a change whose answer is `response`: does the transaction, and stores the answer in it
    /// when the request carries an `Idempotency-Key`. An empty transaction is done without a call.
    ///
    /// # Errors
    /// [`ApiError::IdempotencyKeyReused`], or as [`TableError`] says.
    pub async fn commit(&self, mut transaction: Transaction, response: Response) -> Result<Commit, ApiError> {
        let stored = self.idempotency.as_ref().map(|idempotency| {
            let item = idempotency.item(&response);
            (idempotency, transaction.put(item, idempotency.condition()))
        });
        if transaction.is_empty() {
            return Ok(Commit::Done(response));
        }
        let Outcome::Refused(refusals) = self.table.transact(self.deadline, &transaction).await? else {
            return Ok(Commit::Done(response));
        };
        // An equal request came first: its answer is the answer to this one too.
        let stored =
            stored.and_then(|(idempotency, place)| Some((idempotency, refusals.at(place)?.item.as_ref()?)));
        let earlier = stored.map_or(Ok(None), |(idempotency, item)| idempotency.answer(item))?;
        Ok(earlier.map_or(Commit::Refused(refusals), Commit::Done))
    }
}
