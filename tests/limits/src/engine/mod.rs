//! The embedded engine as an HTTP client of the SDK, with limits.

mod batch;
mod transaction;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use dynoxide::actions::query::QueryRequest;
use dynoxide::errors::DynoxideError;
use dynoxide::types::{AttributeValue, Item};
use dynoxide::{Database, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::table::connection;
use shared::table::key::{PK, SK};
use tokio::time::Instant;

use crate::item_key::ItemKey;
use crate::limits::Limits;
use crate::model::{Counts, Model};

/// The prefix of the code of an error.
const ERROR: &str = "com.amazonaws.dynamodb.v20120810#";
/// The name of the partition key's value in the queries of `shared::table`.
const PK_VALUE: &str = ":pk";

/// The embedded engine with the limits of DynamoDB. Clones share their state.
///
/// A call is decided on and applied in an instant. Its response is sent after the time that the call takes,
/// measured by the clock of the runtime. With a paused clock, which advances whenever all callers wait,
/// minutes of a table pass in seconds, and processors never slow it down.
#[derive(Clone)]
pub struct LimitedEngine(Arc<State>);

struct State {
    database: Database,
    limits: Limits,
    model: Mutex<Model>,
    start: Instant,
}

/// A response and when it is sent.
struct Answer {
    status: u16,
    body: Value,
    delay: Duration,
}

impl LimitedEngine {
    /// Creates an engine with these limits. The database may be used without limits at the same time.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "capacity depends on the clock of the runtime")]
    pub fn new(database: Database, limits: Limits) -> Self {
        let model = Mutex::new(Model::new(limits));
        Self(Arc::new(State { database, limits, model, start: Instant::now() }))
    }

    /// Returns a client like that of a function. Clients with another `name` have another retry budget, as
    /// each environment of a function has.
    #[must_use]
    pub fn client(&self, name: impl Into<String>) -> Client {
        let connector = SharedHttpConnector::new(self.clone());
        let budget = RetryPartition::custom(name.into()).token_bucket(TokenBucket::default()).build();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .endpoint_url("http://localhost")
            .credentials_provider(Credentials::new("-", "-", None, None, "-"))
            .retry_partition(budget)
            .http_client(http_client_fn(move |_, _| connector.clone()));
        connection::client(config)
    }

    /// Returns the number of calls so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.model().counts()
    }
}

impl fmt::Debug for LimitedEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("LimitedEngine").field(&self.0.limits).finish()
    }
}

impl HttpConnector for LimitedEngine {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let state = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let action = target.rsplit('.').next().unwrap_or_default();
            let answer = state.respond(action, request.body().bytes().unwrap_or_default());
            tokio::time::sleep(answer.delay).await;
            let status = answer.status.try_into();
            let status = status.map_err(|error| ConnectorError::other(Box::from(error), None))?;
            Ok(HttpResponse::new(status, SdkBody::from(answer.body.to_string())))
        })
    }
}

impl State {
    fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[expect(clippy::disallowed_methods, reason = "capacity depends on the clock of the runtime")]
    fn now(&self) -> Duration {
        Instant::now().duration_since(self.start)
    }

    /// Responds to a call. Those that create a table or read all of it have no limits.
    fn respond(&self, action: &str, body: &[u8]) -> Answer {
        let database = &self.database;
        let body = match action {
            "TransactWriteItems" => return Answer::after(self.limits.hold, self.transact(body)),
            "BatchGetItem" => self.batch_get(body),
            "Query" => self.query(body),
            "Scan" => pass(body, |request| database.scan(request)),
            "CreateTable" => pass(body, |request| database.create_table(request)),
            "DescribeTable" => pass(body, |request| database.describe_table(request)),
            other => Err(DynoxideError::InternalServerError(format!("{other} is not modelled"))),
        };
        Answer::after(self.limits.read, body)
    }

    fn query(&self, body: &[u8]) -> Result<Value> {
        let request = QueryRequest { return_consumed_capacity: Some("TOTAL".to_owned()), ..read(body)? };
        let values = request.expression_attribute_values.as_ref();
        let pk = values.and_then(|values| text(values.get(PK_VALUE)?).map(str::to_owned));
        let pk = pk.ok_or_else(|| invalid(&format!("a query without {PK_VALUE}")))?;
        let response = self.database.query(request)?;
        let units = response.consumed_capacity.as_ref().map_or(0.0, |consumed| consumed.capacity_units);
        let (now, mut model) = (self.now(), self.model());
        let is_served = model.read_list(now, &pk, units);
        model.count_read(!is_served);
        drop(model);
        if is_served { written(&response) } else { Ok(error("ThrottlingException")) }
    }
}

impl Answer {
    /// Returns the response after this time. A body with the code of an error is an error response.
    fn after(delay: Duration, body: Result<Value>) -> Self {
        match body {
            Ok(body) => {
                let status = if body.get("__type").is_some() { 400 } else { 200 };
                Self { status, body, delay }
            }
            Err(error) => {
                let body = serde_json::from_str(&error.to_json()).unwrap_or_default();
                Self { status: error.status_code(), body, delay }
            }
        }
    }
}

/// Passes a call on to the engine.
fn pass<Q: DeserializeOwned, R: Serialize>(body: &[u8], call: impl FnOnce(Q) -> Result<R>) -> Result<Value> {
    written(&call(read(body)?)?)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| invalid(&error.to_string()))
}

fn written(response: &impl Serialize) -> Result<Value> {
    serde_json::to_value(response).map_err(|error| invalid(&error.to_string()))
}

fn invalid(reason: &str) -> DynoxideError {
    DynoxideError::ValidationException(reason.to_owned())
}

/// Returns the body of an error response.
fn error(code: &str) -> Value {
    json!({"__type": format!("{ERROR}{code}"), "message": "The model of the limits rejects the call."})
}

/// Returns the key of an item, or of a key.
fn key_of(item: &Item) -> Result<ItemKey> {
    let part = |name| item.get(name).and_then(text).map(str::to_owned);
    let key = part(PK).zip(part(SK)).map(|(pk, sk)| ItemKey { pk, sk });
    key.ok_or_else(|| invalid("an item without a key"))
}

fn text(value: &AttributeValue) -> Option<&str> {
    match value {
        AttributeValue::S(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
