//! The service: it admits callers, which is the only way to access the table.

use super::config::Config;
use crate::auth::bearer::BearerTokens;
use crate::auth::key_set::{Fetch, KeySet};
use crate::auth::keys::{Purpose, VerificationKey};
use crate::auth::roles::RoleTable;
use crate::auth::x_token::XTokens;
use crate::clock::{Clock, Deadline, Random};
use crate::http::Request;
use crate::http::cors::AllowedOrigins;
use crate::metrics::RequestLog;
use crate::policy::Settings;
use crate::table::{Connection, Table, TableError};

/// The service with its configuration and its table.
pub struct App {
    pub(super) bearer: BearerTokens,
    pub(super) x_tokens: XTokens,
    pub(super) roles: RoleTable,
    pub(super) settings: Settings,
    pub(super) table: Table,
    pub(crate) allowed_origins: AllowedOrigins,
    pub(crate) clock: Clock,
    pub(super) random: Random,
    pub(crate) request_log: RequestLog,
}

impl App {
    /// Creates the service of this configuration. `fetch` fetches remote key sets.
    #[must_use]
    pub fn new(
        config: Config,
        connection: impl Into<Connection>,
        fetch: &Fetch,
        clock: Clock,
        random: Random,
    ) -> Self {
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
            table: Table::new(connection, config.table_name, random.clone()),
            allowed_origins: config.allowed_origins,
            clock,
            random,
            request_log: RequestLog::new(config.metrics_namespace),
        }
    }

    /// Returns the service with `sink` as destination of its request log.
    #[must_use]
    pub fn log_requests_to(self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { request_log: self.request_log.to(sink), ..self }
    }

    /// Warms up the service before the first request.
    ///
    /// Opens the connection to the table and fetches the key set for Bearer tokens.
    pub async fn warm_up(&self, deadline: Deadline) {
        let keys = self.bearer.keys.keys(None, self.clock.now());
        // A failed table call has been logged already.
        let (keys, _) = tokio::join!(keys, self.table.ask(deadline));
        if keys.is_err() {
            tracing::warn!("no key set available to verify Bearer tokens");
        }
    }

    /// Returns an algorithm of the Bearer token keys; `None` if no key set is available.
    pub(crate) async fn algorithm(&self) -> Option<&'static str> {
        let keys = self.bearer.keys.keys(None, self.clock.now()).await.ok()?;
        keys.first().map(VerificationKey::algorithm_name)
    }

    /// Checks that the table responds, without reading stored data.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn ask_table(&self, request: &Request) -> Result<(), TableError> {
        self.table.metered(&request.meter).ask(request.deadline).await
    }
}

#[cfg(test)]
pub(crate) mod tests;
