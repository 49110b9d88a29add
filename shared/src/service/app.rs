//! The service, as handlers see it: it admits callers, and only through an admission is the table
//! reached.

use aws_sdk_dynamodb::Client;

use super::access::Access;
use super::config::Config;
use super::idempotency::Idempotency;
use crate::auth::Needs;
use crate::auth::bearer::BearerTokens;
use crate::auth::key_set::{Fetch, KeySet};
use crate::auth::keys::{Purpose, VerificationKey};
use crate::auth::roles::RoleTable;
use crate::auth::x_token::XTokens;
use crate::clock::{Clock, Deadline, Random};
use crate::error::ApiError;
use crate::http::Request;
use crate::metrics::RequestLog;
use crate::policy::Settings;
use crate::table::{Stamp, Table, TableError};

/// The service.
pub struct App {
    bearer: BearerTokens,
    x_tokens: XTokens,
    pub(super) roles: RoleTable,
    pub(super) settings: Settings,
    table: Table,
    pub(crate) clock: Clock,
    pub(super) random: Random,
    pub(crate) request_log: RequestLog,
}

/// What an operation is done to, which the rights of its caller have to cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceScope {
    /// The client of the path, or something that belongs to it.
    Client,
    /// A client that does not exist yet: only in multi-client mode, and only with rights over all
    /// clients.
    NewClient,
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
            request_log: RequestLog::new(config.metrics_namespace),
        }
    }

    /// The same service, which hands the line of each request that it answers to `sink`.
    #[must_use]
    pub fn log_requests_to(self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { request_log: self.request_log.to(sink), ..self }
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
        (needs, scope): (Needs, ResourceScope),
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
            ResourceScope::Client => grants.over_client(&client)?,
            ResourceScope::NewClient if !self.settings.multi_client_mode => {
                return Err(ApiError::SingleClientMode);
            }
            ResourceScope::NewClient => grants.over_all_clients()?,
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

#[cfg(test)]
pub(crate) mod tests;
