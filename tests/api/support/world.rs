//! A service with a table for one test.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use local::engine::{self, Engine};
use local::environment::Environment;
use local::folder::{DataFolder, FolderAccess};
use local::keys::{BearerClaims, DevelopmentKeys, XTokenClaims};
use local::store::Store;
use local::template::{TEMPLATE, TableDefinition};
use serde_json::Value;
use shared::auth::key_set::Fetch;
use shared::clock::Deadline;
use shared::clock::{Clock, Random, Timestamp};
use shared::host::{respond, respond_to_event};
use shared::http::query;
use shared::http::{CREATED_ID, Method, RawRequest, Target};
use shared::network::NetworkFailure;
use shared::operation::{Operation, route};
use shared::policy::Settings;
use shared::service::App;
use shared::service::config::Config;
use shared::table::{Item, Key, Outcome, Stamp, Table, Transaction};
use tokio::sync::OnceCell;

use super::answer::Answer;
use super::call::Sent;
use super::caller::Caller;
use super::events::{self, Gateway};
use super::http::Http;
use super::items::{self, IMPORT, Items};
use super::names::{Names, PROPERTY};
use super::target::{self, Kind};

/// The constant time of a service in this process.
pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";
/// Creation time of the items that exist before a test.
const BEFORE: &str = "2026-01-01T00:00:00Z";
/// Base URL of a service in this process.
const BASE_URL: &str = "https://id.example/v1";
/// Default deadline of a call.
const LONGEST: Duration = Duration::from_secs(30);

/// A service, its table, and the keys that sign its tokens.
pub(crate) struct World {
    host: Host,
    keys: DevelopmentKeys,
    environment: Environment,
    clock: Clock,
    waited: Arc<AtomicI64>,
    table: (Client, String),
    names: Names,
    lines: Arc<Mutex<Vec<Value>>>,
    longest: Duration,
    // The engine runs as long as this value.
    engine: Option<Engine>,
}

enum Host {
    InProcess(Box<App>, Option<Gateway>),
    Elsewhere(Http),
}

impl World {
    /// Creates a service with the default configuration, or connects to the one at `API_TARGET`.
    pub(crate) async fn new() -> Self {
        match target::url() {
            Some(url) => Self::elsewhere(&url).await,
            None => Self::in_process(&[], |client| client).await,
        }
    }

    /// Creates a furnished world for requests that change nothing. On a host, all these tests use the items of
    /// the first one, so that the table does not grow with every test.
    pub(crate) async fn furnished_once() -> Self {
        static NAMES: OnceCell<Names> = OnceCell::const_new();
        let Some(url) = target::url() else { return Self::furnished().await };
        let names = NAMES.get_or_init(async || Self::furnished().await.names).await;
        Self { names: names.clone(), ..Self::elsewhere(&url).await }
    }

    /// Creates a service in this process with this clock and this source of key sets.
    pub(crate) async fn at(clock: Clock, fetch: &Fetch, variables: &[(&str, &str)]) -> Self {
        Self::build(variables, |client| client, None, (clock, fetch)).await
    }

    /// Creates a furnished service in this process that receives the events of a gateway.
    pub(crate) async fn behind(gateway: Gateway) -> Self {
        let world = Self::build(&[], |client| client, Some(gateway), (still(), &unreachable_source())).await;
        world.furnish("{Default}").await;
        world
    }

    /// Creates a service in this process with these variables, or `None` if the target cannot be configured.
    pub(crate) async fn configured(variables: &[(&str, &str)]) -> Option<Self> {
        let elsewhere = [Kind::Local, Kind::Watch, Kind::Gateway];
        if target::leaves_out(&elsewhere, "another configuration") {
            return None;
        }
        Some(Self::in_process(variables, |client| client).await)
    }

    /// Creates a service in this process with these variables. `watched` wraps the client through
    /// which the service calls its table.
    pub(crate) async fn in_process(variables: &[(&str, &str)], watched: impl Fn(Client) -> Client) -> Self {
        Self::build(variables, watched, None, (still(), &unreachable_source())).await
    }

    async fn build(
        variables: &[(&str, &str)],
        watched: impl Fn(Client) -> Client,
        gateway: Option<Gateway>,
        (clock, fetch): (Clock, &Fetch),
    ) -> Self {
        let base_url = gateway.map_or(BASE_URL, Gateway::base_url);
        let keys = DevelopmentKeys::generate().expect("keys");
        // On an engine that serves several tests, each has its own table.
        let table = target::engine().map(|_| ("TABLE_NAME", format!("test-{}", Random::system().uuid())));
        let set = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let set = set.chain(table.map(|(name, value)| (name.to_owned(), value)));
        let environment = Environment::new(&keys, set).expect("an environment");
        let now = clock.now();
        let waited = Arc::<AtomicI64>::default();
        let clock = clock_after(clock, &waited);
        let (engine, client) = if let Some(endpoint) = target::engine() {
            (None, engine::client(&endpoint))
        } else {
            let engine = Engine::memory().await.expect("an engine");
            let client = engine.client();
            (Some(engine), client)
        };
        let names = Names::alone(base_url, now);
        let table_name = environment.table_name().to_owned();
        create_table(&client, &table_name).await;
        let config = Config::read(|name| environment.get(name).map(str::to_owned)).expect("a configuration");
        let lines = Arc::<Mutex<Vec<Value>>>::default();
        let sink = Arc::clone(&lines);
        let app = App::new(config, watched(client.clone()), fetch, clock.clone(), Random::system())
            .log_requests_to(move |line| {
                let line = serde_json::from_str(line).expect("JSON");
                sink.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            });
        let host = Host::InProcess(Box::new(app), gateway);
        Self {
            host,
            keys,
            environment,
            clock,
            waited,
            table: (client, table_name),
            names,
            lines,
            longest: LONGEST,
            engine,
        }
    }

    async fn elsewhere(url: &str) -> Self {
        let folder = DataFolder::open(&target::data_folder()).expect("the host's data directory");
        let keys = DevelopmentKeys::of(&folder).expect("the host's keys");
        let environment = Environment::of_process(&keys).expect("an environment");
        let client = match target::engine() {
            Some(endpoint) if endpoint.contains("://127.0.0.1:") => engine::client(&endpoint),
            Some(_) => Store::configured(&environment).await.client,
            None => match folder.access().await.expect("the host's data directory") {
                FolderAccess::Shared(endpoint) => engine::client(&endpoint),
                FolderAccess::Own(_) if target::kind() == Kind::Local => {
                    panic!("nothing serves the folder of API_DATA")
                }
                FolderAccess::Own(_) => Store::configured(&environment).await.client,
            },
        };
        let clock = Clock::system();
        let names = Names::shared(url, clock.now());
        let table = (client, target::table_name());
        let (host, waited, lines) =
            (Host::Elsewhere(Http::new(url.to_owned())), Arc::default(), Arc::default());
        let longest = LONGEST;
        Self { host, keys, environment, clock, waited, table, names, lines, longest, engine: None }
    }

    /// Sets the names of the test.
    pub(crate) fn named(self, names: Names) -> Self {
        Self { names, ..self }
    }

    /// Sets the deadline of a call to a service in this process.
    pub(crate) fn within(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// Returns the endpoint of the engine of a service in this process.
    pub(crate) fn endpoint(&self) -> String {
        let endpoint = self.engine.as_ref().map(Engine::endpoint).or_else(target::engine);
        endpoint.expect("an engine")
    }

    /// Gives the table of a service in this process a stream.
    pub(crate) async fn enable_stream(&self) {
        let (client, table) = self.table();
        local::table::enable_stream(client, table).await.expect("a stream");
    }

    /// Returns records of the stream of the table after a position, as Lambda delivers them.
    pub(crate) fn stream(&self, after: Option<&str>) -> Vec<Value> {
        let engine = self.engine.as_ref().expect("an engine in this process");
        let event = engine.stream(&self.table.1, after).expect("a stream");
        let event: Value = serde_json::from_slice(&event).expect("JSON");
        event["Records"].as_array().expect("records").clone()
    }

    /// Replaces the table with the one that an earlier call has saved under this name, or else fills the table and saves
    /// it. Fills it in any case if it has items, or if other tests use it.
    pub(crate) async fn fill_once(&self, name: &str, fill: impl AsyncFnOnce()) {
        static SAVED: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
        let (client, table) = self.table();
        let is_own = self.names.is_plain() && local::table::is_empty(client, table).await.expect("a table");
        let Some(engine) = self.engine.as_ref().filter(|_| is_own) else { return fill().await };
        let name = format!("{table}-{name}");
        let saved = SAVED.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        if let Some(path) = saved {
            engine.restore(&path).expect("a saved table");
            return;
        }
        fill().await;
        let name_of_file = format!("{}-{}.sqlite", std::process::id(), Random::system().uuid());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name_of_file);
        engine.save(&path).expect("a file");
        SAVED.lock().unwrap_or_else(PoisonError::into_inner).insert(name, path);
    }

    /// Returns a client that bypasses the service, and the name of the table.
    pub(crate) fn table(&self) -> (&Client, &str) {
        (&self.table.0, &self.table.1)
    }

    /// Returns the names of this test.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// Returns the name in the table for a name in the test.
    pub(crate) fn id(&self, name: &str) -> String {
        self.names.fill(&format!("{{{name}}}"))
    }

    /// Returns the service.
    ///
    /// Panics if it is not in this process.
    pub(crate) fn app(&self) -> &App {
        match &self.host {
            Host::InProcess(app, _) => app,
            Host::Elsewhere(_) => panic!("the service is not in this process"),
        }
    }

    /// Returns the settings of the service.
    pub(crate) fn settings(&self) -> Settings {
        self.environment.config().expect("a configuration").settings
    }

    /// Returns the environment variables of a function that uses the table at this endpoint.
    pub(crate) fn variables(&self, endpoint: &str) -> Vec<(String, String)> {
        let lines = self.environment.lines(Some(endpoint));
        let variables = lines.lines().filter_map(|line| line.split_once('='));
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Returns the keys that sign tokens that the service trusts.
    pub(crate) fn keys(&self) -> &DevelopmentKeys {
        &self.keys
    }

    /// Returns the time of the service in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().unix_seconds()
    }

    /// Advances the time of a service in this process.
    pub(crate) fn wait(&self, seconds: i64) {
        self.waited.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Returns the claims of a caller's Bearer token.
    pub(crate) fn claims(&self, caller: &Caller) -> Value {
        let mut authorizations = caller.authorizations.clone();
        for authorization in &mut authorizations {
            let texts = [&mut authorization.clients, &mut authorization.units];
            texts.into_iter().flatten().flatten().for_each(|text| *text = self.names.fill(text));
        }
        let variable = |name| self.environment.get(name).unwrap_or_default().to_owned();
        let claims = BearerClaims {
            issuer: variable("BEARER_ISSUER"),
            audience: variable("BEARER_AUDIENCE"),
            issued_at: self.now(),
            expires_at: self.now() + 300,
            subject: self.names.fill(&caller.subject),
            client_ext_id: self.names.fill(&caller.client),
            authorizations,
        };
        serde_json::to_value(claims).expect("JSON")
    }

    /// Returns a Bearer token of a caller.
    pub(crate) fn bearer(&self, caller: &Caller) -> String {
        self.keys.bearer.sign("at+jwt", &self.claims(caller)).expect("a token")
    }

    /// Returns the claims of an X-Token of a user.
    pub(crate) fn x_claims(&self, client: &str, user: &str) -> Value {
        let claims = XTokenClaims {
            issuer: self.environment.get("X_TOKEN_ISSUER").map(str::to_owned),
            audience: self.environment.get("X_TOKEN_AUDIENCE").map(str::to_owned),
            issued_at: self.now(),
            expires_at: self.now() + 300,
            subject: self.names.fill(user),
            client_ext_id: self.names.fill(client),
        };
        serde_json::to_value(claims).expect("JSON")
    }

    /// Returns an X-Token of a user.
    pub(crate) fn x_token(&self, client: &str, user: &str) -> String {
        self.keys.x_token.sign("JWT", &self.x_claims(client, user)).expect("a token")
    }

    /// Writes items to the table that exist before the test.
    pub(crate) async fn put<Places>(&self, add: impl FnOnce(&mut Transaction) -> Places) {
        assert!(self.try_put(add).await, "the conditions of the initial items hold");
    }

    /// Equivalent to [`World::put`], but returns false if a condition fails.
    pub(crate) async fn try_put<Places>(&self, add: impl FnOnce(&mut Transaction) -> Places) -> bool {
        let now = Timestamp::parse(BEFORE).expect("a time");
        let by = format!("import{}", self.names.suffix());
        let mut transaction = Transaction::new(&Stamp { now, by, request: IMPORT.to_owned() });
        add(&mut transaction);
        let table = Table::new(self.table.0.clone(), &self.table.1, Random::system());
        let outcome = table.transact(Deadline::after(LONGEST), &transaction).await;
        matches!(outcome.expect("the table answers"), Outcome::Done)
    }

    /// Deletes the table.
    pub(crate) async fn drop_table(&self) {
        let (client, name) = &self.table;
        client.delete_table().table_name(name).send().await.expect("the table is gone");
    }

    /// Reads the items of the test.
    pub(crate) async fn items(&self) -> Items {
        Items::read(&self.table.0, &self.table.1, &self.names).await
    }

    /// Reads the items of the test as they are stored.
    pub(crate) async fn stored(&self) -> Vec<Item> {
        items::stored(&self.table.0, &self.table.1, &self.names).await
    }

    /// Reads the items at these keys in one transaction.
    pub(crate) async fn items_at(&self, keys: &[Key]) -> Vec<Option<Value>> {
        items::at(&self.table.0, &self.table.1, keys).await
    }

    /// Returns the request log lines of a service in this process since the previous invocation.
    pub(crate) fn lines(&self) -> Vec<Value> {
        std::mem::take(&mut self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends a request and returns the response.
    pub(crate) async fn answer(&self, sent: Sent) -> Answer {
        let answer = match &self.host {
            Host::InProcess(app, None) => answer_in_process(app, sent, self.longest).await,
            Host::InProcess(app, Some(gateway)) => answer_gateway(app, *gateway, &sent, self.longest).await,
            Host::Elsewhere(http) => http.send(sent).await,
        };
        self.scrubbed(answer)
    }

    /// Sends an event to a function under `cargo lambda watch` and returns its response.
    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> Value {
        let Host::Elsewhere(http) = &self.host else { panic!("the functions are in this process") };
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let body = event.to_string().into_bytes();
        http.send(Sent { method: "POST".to_owned(), path, headers: Vec::new(), body }).await.body
    }

    /// Scrubs values that vary between runs from a response.
    pub(crate) fn scrubbed(&self, answer: Answer) -> Answer {
        let is_property = answer.leads_to.as_ref().is_some_and(|path| path.starts_with("/properties/"));
        let headers = answer.headers.into_iter().map(|(name, values)| {
            let values = values.iter().map(|value| match name.as_str() {
                CREATED_ID if is_property => PROPERTY.to_owned(),
                _ => self.names.scrub_text(value),
            });
            let values = values.collect();
            (name, values)
        });
        Answer { headers: headers.collect(), body: self.names.scrub(answer.body), ..answer }
    }
}

/// Creates the table in an embedded engine. The template is parsed once for all worlds.
async fn create_table(client: &Client, name: &str) {
    static DEFINITION: LazyLock<TableDefinition> =
        LazyLock::new(|| TableDefinition::from_template(TEMPLATE).expect("a table"));
    let TableDefinition { key_schema, attribute_definitions, billing_mode, .. } = DEFINITION.clone();
    let create = client.create_table().table_name(name).set_key_schema(Some(key_schema));
    let create = create.set_attribute_definitions(Some(attribute_definitions)).billing_mode(billing_mode);
    create.send().await.expect("a table");
}

/// Returns a clock with a constant time.
fn still() -> Clock {
    let now = Timestamp::parse(NOW).expect("a time");
    Clock::from_fn(move || now)
}

/// Returns a clock that is ahead by the waited time.
fn clock_after(clock: Clock, waited: &Arc<AtomicI64>) -> Clock {
    let waited = Arc::clone(waited);
    Clock::from_fn(move || {
        let seconds = clock.now().unix_seconds() + waited.load(Ordering::SeqCst);
        let millis = seconds * 1000;
        Timestamp::from_unix_millis(millis).expect("a time")
    })
}

/// Returns a source that fails to fetch any key set.
fn unreachable_source() -> Fetch {
    Arc::new(|_| Box::pin(async { Err(NetworkFailure::Connect) }))
}

/// Converts a request to the form in which a service in this process receives it.
pub(crate) fn incoming(sent: Sent) -> RawRequest {
    let (path, query) = sent.path.split_once('?').unwrap_or((&sent.path, ""));
    RawRequest {
        method: Method::from_bytes(sent.method.as_bytes()).expect("a method"),
        target: Target::Encoded(path.to_owned()),
        base_url: BASE_URL.to_owned(),
        query: query::decode(query),
        headers: sent.headers,
        body: Some(sent.body),
        request_id: Random::system().uuid(),
        trace_id: None,
    }
}

/// Returns the operation that a request reaches, if there is one.
pub(crate) fn operation_of(sent: &Sent) -> Option<&'static Operation> {
    let deadline = Deadline::after(Duration::from_secs(1));
    Some(route(functions::OPERATIONS, incoming(sent.clone()), deadline).ok()?.0)
}

async fn answer_in_process(app: &App, sent: Sent, longest: Duration) -> Answer {
    let is_head = sent.method == "HEAD";
    let mut response = respond(app, functions::OPERATIONS, incoming(sent), Deadline::after(longest)).await;
    if is_head {
        response.body = None;
    }
    response.into()
}

async fn answer_gateway(app: &App, gateway: Gateway, sent: &Sent, longest: Duration) -> Answer {
    let (event, ids) = (gateway.event(sent).to_string(), ("request", None));
    let answer = respond_to_event(app, functions::OPERATIONS, &event, ids, Deadline::after(longest)).await;
    events::response_of(&answer)
}
