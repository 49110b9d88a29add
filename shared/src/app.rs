//! The service, as handlers see it: it admits callers, and only through an admission is the table
//! reached.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;

use crate::auth::bearer::BearerTokens;
use crate::auth::key_set::{Fetch, KeySet};
use crate::auth::keys::{Purpose, VerificationKey};
use crate::auth::rights::{Right, RoleTable};
use crate::auth::x_token::XTokens;
use crate::auth::{Caller, Grants, Needs};
use crate::clock::{Clock, Random};
use crate::config::{Config, Settings};
use crate::error::ApiError;
use crate::http::{Request, Response};
use crate::idempotency::Idempotency;
use crate::ids::{ClientExtId, UnitExtId, UserExtId};
use crate::metrics::AnswerLog;
use crate::table::{Deadline, Item, Key, Outcome, Refusals, Stamp, Table, TableError, Transaction};

/// How often a request looks at an object that changes under it.
const MAX_LOOKS: u32 = 8;

/// The service.
pub struct App {
    bearer: BearerTokens,
    x_tokens: XTokens,
    roles: RoleTable,
    settings: Settings,
    table: Table,
    pub(crate) clock: Clock,
    random: Random,
    pub(crate) answer_log: AnswerLog,
}

/// What an operation is done to, which the rights of its caller have to cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The client of the path, or something that belongs to it.
    Client,
    /// A client that does not exist yet: only in multi-client mode, and only with rights over all
    /// clients.
    NewClient,
}

/// A caller who has the rights that an operation needs over the client that it concerns: the way
/// to the table.
pub struct Access<'a> {
    app: &'a App,
    table: Table,
    caller: Caller,
    grants: Grants,
    stamp: Stamp,
    deadline: Deadline,
    idempotency: Option<Idempotency>,
}

/// What became of a change.
#[derive(Debug)]
pub enum Commit {
    /// It is done, now or by an earlier request with the same key, and this is its answer.
    Done(Response),
    /// Nothing of it is done: these conditions did not hold.
    Refused(Refusals),
}

impl App {
    /// The service of this configuration. `fetch` gets key sets that are configured by address.
    #[must_use]
    pub fn new(config: Config, client: Client, fetch: &Fetch, clock: Clock, random: Random) -> Self {
        let keys = |source, purpose| KeySet::new(source, purpose, Fetch::clone(fetch));
        Self {
            bearer: BearerTokens {
                keys: keys(config.bearer_keys, Purpose::Bearer),
                expectation: config.bearer,
                roles_claim: config.roles_claim,
            },
            x_tokens: XTokens {
                keys: keys(config.x_token_keys, Purpose::XToken),
                expectation: config.x_token,
            },
            roles: config.roles,
            settings: config.settings,
            table: Table::new(client, config.table_name, random.clone()),
            clock,
            random,
            answer_log: AnswerLog::new(config.metrics_namespace),
        }
    }

    /// The same service, which hands the line of each request that it answers to `sink`.
    #[must_use]
    pub fn log_answers_to(self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { answer_log: self.answer_log.to(sink), ..self }
    }

    /// Does what can be done before the first request: opens the connection to the table, fetches
    /// the key set of Bearer tokens.
    pub async fn warm_up(&self, deadline: Deadline) {
        let keys = self.bearer.keys.keys(None, self.clock.now());
        // That the table does not answer has been logged where it was asked.
        let (keys, _) = tokio::join!(keys, self.table.ask(deadline));
        if keys.is_err() {
            tracing::warn!("there is no key set yet to verify Bearer tokens with");
        }
    }

    /// An algorithm that Bearer tokens are signed with; none while there are no keys.
    pub(crate) async fn algorithm(&self) -> Option<&'static str> {
        let keys = self.bearer.keys.keys(None, self.clock.now()).await.ok()?;
        keys.first().map(VerificationKey::algorithm_name)
    }

    /// Whether the table answers a request. Nothing that is stored is looked at.
    ///
    /// # Errors
    /// As [`TableError`] says.
    pub async fn ask_table(&self, request: &Request) -> Result<(), TableError> {
        self.table.metered(&request.meter).ask(request.deadline).await
    }

    /// Admits the caller of the operation of this id, by what it needs and what it is done to: the
    /// Bearer token, the X-Token where it is needed, the rights, the data room.
    ///
    /// # Errors
    /// [`ApiError::InvalidBearerToken`], [`ApiError::InvalidXToken`], [`ApiError::MissingRight`],
    /// [`ApiError::SingleClientMode`], [`ApiError::DataRoomDenied`], in this order; then
    /// [`ApiError::InvalidFields`] for an `Idempotency-Key` that is none.
    pub async fn admit(
        &self,
        operation: &'static str,
        (needs, scope): (Needs, Scope),
        request: &Request,
    ) -> Result<Access<'_>, ApiError> {
        let now = self.clock.now();
        let caller = self.bearer.caller(request, now).await?;
        let by = caller.name();
        request.note_caller(&by);
        let (client, user) = (request.client(), request.user());
        let is_self = needs.admits_self() && caller.is(&client, &user);
        if is_self {
            self.x_tokens.check(request, &client, &user, now).await?;
        }
        let grants = caller.require(needs, &self.roles, is_self)?;
        let grants = match scope {
            Scope::Client => grants.over_client(&client)?,
            Scope::NewClient if !self.settings.multi_client_mode => return Err(ApiError::SingleClientMode),
            Scope::NewClient => grants.over_all_clients()?,
        };
        Ok(Access {
            app: self,
            table: self.table.metered(&request.meter),
            idempotency: Idempotency::of(request, operation, &caller.key(), now)?,
            stamp: Stamp { now, by, request: request.id().to_owned() },
            caller,
            grants,
            deadline: request.deadline,
        })
    }
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
    pub async fn wait_for_another_look(&self, attempt: u32) -> Result<(), ApiError> {
        if attempt >= MAX_LOOKS {
            return Err(ApiError::OptimisticLocking);
        }
        Ok(self.table.back_off(attempt, self.deadline).await?)
    }

    /// The answer to an earlier request that carried the same `Idempotency-Key`. Without the
    /// header the table is not asked.
    ///
    /// # Errors
    /// [`ApiError::IdempotencyKeyReused`], or as [`TableError`] says.
    pub async fn earlier_answer(&self) -> Result<Option<Response>, ApiError> {
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

impl Request {
    /// The client of the path.
    #[must_use]
    pub fn client(&self) -> ClientExtId {
        ClientExtId::from_path(self.parameter("clientExtId"))
    }

    /// The user of the path.
    #[must_use]
    pub fn user(&self) -> UserExtId {
        UserExtId::from_path(self.parameter("userExtId"))
    }
}

#[cfg(test)]
pub(crate) mod tests;
