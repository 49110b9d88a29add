//! The event bus, to which the changes of objects are published.

use std::pin::Pin;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::config::{BehaviorVersion, Config, Region};
use aws_sdk_eventbridge::error::ProvideErrorMetadata as _;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use crate::log::sanitize_for_log;
use crate::table::connection;

/// The environment variables of the endpoint, the preferred one first.
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_EVENTBRIDGE", "AWS_ENDPOINT_URL"];

/// The maximum number of events that one call publishes.
pub const MAX_EVENTS: usize = 10;
/// The maximum size of the events that one call publishes, in bytes. The limit of Amazon EventBridge is 256 KiB.
pub const MAX_BYTES: usize = 240 * 1024;
/// The maximum duration of a call, which is shorter than what [`Steps::has_time`](crate::service::Steps::has_time)
/// reserves.
const LONGEST: Duration = Duration::from_secs(3);

/// An event to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusEvent {
    /// The system that it comes from.
    pub source: String,
    /// Its type.
    pub event_type: String,
    /// The object that it is about.
    pub subject: String,
    /// The event as a JSON object.
    pub detail: String,
}

impl BusEvent {
    /// Returns its size in bytes, as Amazon EventBridge counts it.
    #[must_use]
    pub fn size(&self) -> usize {
        [&self.source, &self.event_type, &self.subject, &self.detail].map(String::len).iter().sum()
    }
}

/// The future of a call.
pub type PutFuture<'a> = Pin<Box<dyn Future<Output = Vec<bool>> + Send + 'a>>;

/// A destination of events.
pub trait EventBus: Send + Sync {
    /// Publishes at most [`MAX_EVENTS`] events of at most [`MAX_BYTES`] in total. Returns for each of them whether it is
    /// published, none of them if the call fails, and logs why one is not.
    fn put<'a>(&'a self, events: &'a [&'a BusEvent]) -> PutFuture<'a>;
}

/// A bus of Amazon EventBridge.
pub struct EventBridge {
    /// The client.
    pub client: Client,
    /// The name or the ARN of the bus.
    pub name: String,
}

impl EventBridge {
    /// Creates a client of a bus from environment variables, which `lookup` reads: the Region and the credentials that
    /// Lambda sets, and optionally the endpoint in `AWS_ENDPOINT_URL_EVENTBRIDGE` or `AWS_ENDPOINT_URL`.
    ///
    /// # Errors
    /// Returns the missing variable in one line.
    pub fn from_environment(lookup: impl Fn(&str) -> Option<String>, name: String) -> Result<Self, String> {
        let optional = |name: &str| connection::value_of(&lookup, name);
        let (region, credentials) = connection::identity(&optional)?;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_timeout(LONGEST)
            .build();
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .credentials_provider(credentials)
            .timeout_config(timeouts)
            // Whoever publishes makes further attempts, with what is left.
            .retry_config(RetryConfig::disabled())
            .http_client(connection::system_http_client());
        config.set_endpoint_url(ENDPOINTS.into_iter().find_map(optional));
        Ok(Self { client: Client::from_conf(config.build()), name })
    }
}

impl EventBus for EventBridge {
    fn put<'a>(&'a self, events: &'a [&'a BusEvent]) -> PutFuture<'a> {
        Box::pin(async move {
            let entries = events.iter().map(|event| {
                PutEventsRequestEntry::builder()
                    .event_bus_name(&self.name)
                    .source(&event.source)
                    .detail_type(&event.event_type)
                    .resources(&event.subject)
                    .detail(&event.detail)
                    .build()
            });
            match self.client.put_events().set_entries(Some(entries.collect())).send().await {
                Ok(response) => {
                    let results =
                        response.entries().iter().map(|entry| entry.error_code().is_none_or(refused));
                    let published: Vec<bool> = results.collect();
                    if published.len() == events.len() { published } else { vec![false; events.len()] }
                }
                Err(error) => {
                    let code = error
                        .code()
                        .map_or_else(|| "no response".to_owned(), |code| sanitize_for_log(code.to_owned()));
                    tracing::error!(code, "event bus call failed");
                    vec![false; events.len()]
                }
            }
        })
    }
}

/// Logs that the bus has refused an event.
fn refused(code: &str) -> bool {
    tracing::warn!(code = sanitize_for_log(code.to_owned()), "event refused by the bus");
    false
}
