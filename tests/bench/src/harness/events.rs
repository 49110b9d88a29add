//! API Gateway events with valid tokens.

use std::fs;

use axum::body::Bytes;
use local::environment::Environment;
use local::keys::{Authorization, BearerClaims, DevelopmentKeys, XTokenClaims};
use serde_json::Value;
use shared::clock::Clock;
use shared::operation::Operation;

use crate::{Result, root};

/// External identifier of the client in the demo data.
pub(crate) const CLIENT: &str = "100";
/// External identifier of the user in the demo data.
pub(crate) const USER: &str = "user-123";
/// Lifetime of a token in seconds. A run is shorter.
const HOUR: i64 = 3600;

/// Returns the environment of the functions. It accepts X-Tokens that differ in their `exp`, and until the end
/// of a run.
pub(crate) fn environment(keys: &DevelopmentKeys) -> Result<Environment> {
    Ok(Environment::new(keys, [("X_TOKEN_MAX_AGE".to_owned(), "86400".to_owned())])?)
}

/// Creates events from the stored templates, with freshly signed tokens.
pub(crate) struct Events {
    keys: DevelopmentKeys,
    environment: Environment,
    issued_at: i64,
}

impl Events {
    /// Creates events for functions in this environment, which trusts these keys.
    pub(crate) fn new(keys: DevelopmentKeys, environment: Environment) -> Self {
        Self { keys, environment, issued_at: Clock::system().now().unix_seconds() }
    }

    /// Returns the stored event of an operation. Events with a different `nth` have different tokens.
    pub(crate) fn event(&self, operation: &Operation, nth: i64) -> Result<Bytes> {
        Ok(Bytes::from(self.fill(operation, &template(operation)?, (USER, nth))?))
    }

    /// Returns `count` events with different tokens.
    pub(crate) fn events(&self, operation: &Operation, count: i64) -> Result<Vec<Bytes>> {
        let template = template(operation)?;
        (1..=count).map(|nth| Ok(Bytes::from(self.fill(operation, &template, (USER, nth))?))).collect()
    }

    /// Returns the stored event with these replacements.
    pub(crate) fn event_with(&self, operation: &Operation, changes: &[(&str, String)]) -> Result<Bytes> {
        let mut text = template(operation)?;
        for (old, new) in changes {
            text = text.replace(old, new);
        }
        Ok(Bytes::from(self.fill(operation, &text, (USER, 0))?))
    }

    /// Returns the stored deletion event for another user and for the dispatch target named after that user.
    pub(crate) fn event_of(&self, operation: &Operation, user: &str) -> Result<Bytes> {
        let text = template(operation)?.replace("dt-123", &format!("dt-{user}")).replace(USER, user);
        Ok(Bytes::from(self.fill(operation, &text, (user, 0))?))
    }

    /// Returns a Bearer token of a root administrator. Tokens with a different `nth` differ.
    pub(crate) fn root(&self, nth: i64) -> Result<String> {
        self.bearer("admin", ("nevisIdm.Root", Some(vec!["*".to_owned()])), nth)
    }

    fn bearer(
        &self,
        subject: &str,
        (role, clients): (&str, Option<Vec<String>>),
        nth: i64,
    ) -> Result<String> {
        let variable = |name| self.environment.get(name).unwrap_or_default().to_owned();
        let claims = BearerClaims {
            issuer: variable("BEARER_ISSUER"),
            audience: variable("BEARER_AUDIENCE"),
            issued_at: self.issued_at,
            expires_at: self.issued_at + HOUR + nth,
            subject: subject.to_owned(),
            client_ext_id: CLIENT.to_owned(),
            authorizations: vec![Authorization { role: role.to_owned(), clients, units: None }],
        };
        Ok(self.keys.bearer(&claims)?)
    }

    fn x_token(&self, user: &str, nth: i64) -> Result<String> {
        let claims = XTokenClaims {
            issuer: self.environment.get("X_TOKEN_ISSUER").map(str::to_owned),
            audience: self.environment.get("X_TOKEN_AUDIENCE").map(str::to_owned),
            issued_at: self.issued_at,
            expires_at: self.issued_at + HOUR + nth,
            subject: user.to_owned(),
            client_ext_id: CLIENT.to_owned(),
        };
        Ok(self.keys.x_token(&claims)?)
    }

    /// Inserts the tokens: those of the user if the operation supports self-service, or else the Bearer token
    /// of a root administrator.
    fn fill(&self, operation: &Operation, text: &str, (user, nth): (&str, i64)) -> Result<String> {
        let is_own = operation.requires_x_token();
        let bearer =
            if is_own { self.bearer(user, ("nevisIdm.SelfAdmin", None), nth)? } else { self.root(nth)? };
        let text = text.replace("Bearer <token>", &format!("Bearer {bearer}"));
        Ok(if is_own { text.replace("<token>", &self.x_token(user, nth)?) } else { text })
    }
}

/// Reads the stored event of an operation and returns it as compact JSON.
fn template(operation: &Operation) -> Result<String> {
    let path = root().join("tests/events").join(format!("{}.json", operation.id));
    let event: Value = serde_json::from_slice(&fs::read(path)?)?;
    Ok(event.to_string())
}
