//! The service, as handlers see it: it admits callers, and only through an admission is the table
//! reached.

use aws_sdk_dynamodb::Client;

use super::config::Config;
use crate::auth::bearer::BearerTokens;
use crate::auth::key_set::{Fetch, KeySet};
use crate::auth::keys::{Purpose, VerificationKey};
use crate::auth::roles::RoleTable;
use crate::auth::x_token::XTokens;
use crate::clock::{Clock, Deadline, Random};
use crate::http::Request;
use crate::metrics::RequestLog;
use crate::policy::Settings;
use crate::table::{Table, TableError};

/// The service.
pub struct App {
    pub(super) bearer: BearerTokens,
    pub(super) x_tokens: XTokens,
    pub(super) roles: RoleTable,
    pub(super) settings: Settings,
    pub(super) table: Table,
    pub(crate) clock: Clock,
    pub(super) random: Random,
    pub(crate) request_log: RequestLog,
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
}

#[cfg(test)]
pub(crate) mod tests;
