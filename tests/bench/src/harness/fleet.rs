//! The functions in this process, in front of an engine with limits.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::limits::{Counts, LimitedEngine, Limits};
use dynoxide::Database;
use dynoxide::actions::scan::ScanRequest;
use functions::OPERATIONS;
use local::environment::Environment;
use local::keys::DevelopmentKeys;
use shared::auth::key_set::Fetch;
use shared::clock::{Clock, Deadline, Random};
use shared::host::respond;
use shared::http::{BASE_PATH, Method, RawRequest, Target};
use shared::network::NetworkFailure;
use shared::service::App;
use tokio::time::Instant;

use super::crowd::put_copies;
use super::events::Events;
use super::import;
use crate::Result;
use crate::moment::{simulated_clock, simulated_now};

/// The number of clients. With fewer, their items would limit the consents to one document.
pub(crate) const CLIENTS: usize = 8;
/// The time until the deadline of a request, as in a deployed function.
const LONGEST: Duration = Duration::from_secs(9);
/// The seed of the random numbers, so that two runs make the same requests.
const SEED: u64 = 2_026;
/// The client, the identifier and the login ID of the user whose items are copied.
const SEED_USER: [&str; 3] = ["client-0", "seed-user", "seed-login"];

/// A table in memory, and what the functions need to use it.
pub(crate) struct Place {
    database: Database,
    environment: Environment,
    bearer: String,
    random: Random,
    clock: Clock,
    clients: AtomicU64,
}

/// The functions on an engine with these limits.
///
/// Each request in progress has an environment of its own with its own retry budget, as on Lambda.
pub(crate) struct Fleet {
    place: Arc<Place>,
    engine: LimitedEngine,
    idle: Mutex<Vec<App>>,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The method.
    pub(crate) method: Method,
    /// The path below the base path.
    pub(crate) path: String,
    /// The body; empty if there is none.
    pub(crate) body: String,
}

/// A response, and when it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    /// The status code.
    pub(crate) status: u16,
    /// The header `location`.
    pub(crate) location: Option<String>,
    /// The begin of the request.
    pub(crate) begin: Instant,
    /// The end of the request.
    pub(crate) end: Instant,
}

impl Called {
    /// Returns true if the request succeeded.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns how long the request took.
    pub(crate) fn time(&self) -> Duration {
        self.end - self.begin
    }
}

/// Returns the path of the user with this number. The users of one client have numbers [`CLIENTS`] apart.
pub(crate) fn user(number: usize) -> String {
    format!("/client-{}/users/u-{number}", number % CLIENTS)
}

impl Place {
    /// Creates a table with these lines, some clients and this number of users.
    pub(crate) async fn new(lines: &str, users: usize) -> Result<Arc<Self>> {
        // The SDK takes its jitter from the generator of the thread.
        fastrand::seed(SEED);
        let generator = Mutex::new(fastrand::Rng::with_seed(SEED));
        let random = Random::from_fn(move || {
            generator.lock().unwrap_or_else(PoisonError::into_inner).u128(..).to_le_bytes()
        });
        let keys = DevelopmentKeys::generate()?;
        let environment = Environment::new(&keys, [])?;
        let bearer = Events::new(keys, environment.clone()).root(0)?;
        let (database, clients) = (Database::memory()?, AtomicU64::new(0));
        let place = Self { database, environment, bearer, random, clock: simulated_clock(), clients };
        let client = place.client(&place.engine(Limits::none()));
        local::table::make(&client, place.environment.table_name()).await?;
        let [of, user, login] = SEED_USER;
        let clients = (0..CLIENTS).map(|number| {
            format!(r#"{{"type":"client","extId":"client-{number}","name":"client-{number}"}}"#)
        });
        let user = format!(
            r#"{{"type":"user","clientExtId":"{of}","extId":"{user}","loginId":"{login}","userState":"active"}}"#
        );
        let all: Vec<String> = clients.chain([lines.to_owned(), user]).collect();
        import(&client, &place.environment, &all.join("\n")).await?;
        place.put_users(users)?;
        Ok(Arc::new(place))
    }

    /// Adds copies of the user's items directly to the engine, because importing takes too long.
    fn put_users(&self, count: usize) -> Result<()> {
        let [of, user, login] = SEED_USER;
        let seeds: Vec<String> = self.texts()?.into_iter().filter(|text| text.contains(user)).collect();
        let copy = |seed: &str, number| {
            let seed = seed.replace(of, &format!("client-{}", number % CLIENTS));
            seed.replace(user, &format!("u-{number}")).replace(login, &format!("l-{number}"))
        };
        put_copies(&self.database, self.environment.table_name(), &seeds, 0..count, copy)
    }

    /// Returns all items as JSON.
    pub(crate) fn texts(&self) -> Result<Vec<String>> {
        let (mut texts, mut after) = (Vec::new(), None);
        loop {
            let request = ScanRequest {
                table_name: self.environment.table_name().to_owned(),
                exclusive_start_key: after,
                ..ScanRequest::default()
            };
            let page = self.database.scan(request)?;
            for item in page.items.unwrap_or_default() {
                texts.push(serde_json::to_value(item)?.to_string());
            }
            after = page.last_evaluated_key;
            if after.is_none() {
                return Ok(texts);
            }
        }
    }

    fn engine(&self, limits: Limits) -> LimitedEngine {
        LimitedEngine::new(self.database.clone(), limits)
    }

    fn client(&self, engine: &LimitedEngine) -> aws_sdk_dynamodb::Client {
        engine.client(format!("environment-{}", self.clients.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Fleet {
    /// Creates the functions on this table, with all of its capacity.
    pub(crate) fn new(place: &Arc<Place>, limits: Limits) -> Arc<Self> {
        let engine = place.engine(limits);
        Arc::new(Self { place: Arc::clone(place), engine, idle: Mutex::default() })
    }

    /// Returns the number of calls to the table so far.
    pub(crate) fn counts(&self) -> Counts {
        self.engine.counts()
    }

    /// Makes a request in an idle environment, or in a new one.
    pub(crate) async fn call(&self, call: Call) -> Result<Called> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let app = idle.map_or_else(|| self.start(), Ok)?;
        let request = RawRequest {
            method: call.method,
            target: Target::Encoded(format!("{BASE_PATH}{}", call.path)),
            base_url: "https://id.example".to_owned(),
            query: Vec::new(),
            headers: vec![
                ("authorization".to_owned(), format!("Bearer {}", self.place.bearer)),
                ("content-type".to_owned(), "application/json".to_owned()),
            ],
            body: Some(call.body.into_bytes()),
            request_id: self.place.random.uuid(),
            trace_id: None,
        };
        let begin = simulated_now();
        let response = respond(&app, OPERATIONS, request, Deadline::after(LONGEST)).await;
        let end = simulated_now();
        let location = response.header("location").map(str::to_owned);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(app);
        Ok(Called { status: response.status.as_u16(), location, begin, end })
    }

    /// Starts an environment. Its keys are in its configuration, so that it fetches none.
    fn start(&self) -> Result<App> {
        let client = self.place.client(&self.engine);
        let fetch: Fetch = Arc::new(|_| Box::pin(async { Err(NetworkFailure::Connection) }));
        let config = self.place.environment.config()?;
        let app = App::new(config, client, &fetch, self.place.clock.clone(), self.place.random.clone());
        Ok(app.log_requests_to(|_| ()))
    }
}
