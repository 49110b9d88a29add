//! The service: it admits callers, which is the only way to access the table.

use super::config::{BearerIssuer, Config};
use crate::auth::bearer::{BearerTokens, Issuer};
use crate::auth::key_set::{Fetch, KeySet};
use crate::auth::keys::Purpose;
use crate::auth::roles::RoleTable;
use crate::auth::x_token::XTokens;
use crate::clock::{Clock, Deadline, Random};
use crate::http::Request;
use crate::http::cors::AllowedOrigins;
use crate::metrics::RequestLog;
use crate::policy::Settings;
use crate::table::{Connection, Table};

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
        let issuer = |issuer: BearerIssuer| Issuer {
            keys: keys(issuer.keys, Purpose::Bearer),
            expectation: issuer.rules,
            roles_claim: issuer.roles_claim,
        };
        Self {
            bearer: BearerTokens { issuers: config.issuers.into_iter().map(issuer).collect() },
            x_tokens: XTokens {
                keys: keys(config.x_token_keys, Purpose::XToken),
                expectation: config.x_token,
                requires_client: config.requires_x_token_client,
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
    /// Opens the connection to the table and fetches the key sets for Bearer tokens.
    pub async fn warm_up(&self, deadline: Deadline) {
        // A failed table call has been logged already.
        let (have_keys, _) = tokio::join!(self.bearer.have_keys(self.clock.now()), self.table.ask(deadline));
        if have_keys.contains(&false) {
            tracing::warn!("no key set available to verify Bearer tokens");
        }
    }

    /// Returns an issuer of Bearer tokens and an algorithm of its keys; `None` if no key set is available.
    pub(crate) async fn issuer_and_algorithm(&self) -> Option<(&str, &'static str)> {
        let issuer = self.bearer.issuers.first()?;
        let keys = issuer.keys.keys(None, self.clock.now()).await.ok()?;
        Some((issuer.expectation.issuer.as_deref()?, keys.first()?.algorithm_name()))
    }

    /// Checks what the operations need: that the table responds, without reading stored data, and that
    /// there are keys to verify tokens.
    pub async fn health(&self, request: &Request) -> Health {
        let now = self.clock.now();
        let table = self.table.metered(&request.meter);
        let (table, bearer_keys, x_token_keys) = tokio::join!(
            table.ask(request.deadline),
            self.bearer.have_keys(now),
            self.x_tokens.keys.keys(None, now)
        );
        Health { table: table.is_ok(), bearer_keys, x_token_keys: x_token_keys.is_ok() }
    }
}

/// Which parts of the service work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether the table responds.
    pub table: bool,
    /// Whether there are keys of each issuer of Bearer tokens.
    pub bearer_keys: Vec<bool>,
    /// Whether there are keys of X-Tokens.
    pub x_token_keys: bool,
}

#[cfg(test)]
pub(crate) mod tests;
