//! The local server with a data directory on disk, killed at random moments during writes.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use functions::history::row;
use local::engine;
use local::environment::Environment;
use local::folder::{DataFolder, FolderAccess};
use local::keys::{BearerClaims, DevelopmentKeys};
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::http::BASE_PATH;
use shared::table::Item;
use shared::table::item::ENTITY_TYPE;

use super::{Process, are_left_out, program};
use crate::support::call::Sent;
use crate::support::http::Http;
use crate::support::items::stored;
use crate::support::names::Names;
use crate::support::target::number;
use crate::support::whole;
use crate::support::{Answer, Caller};

/// Number of concurrent callers.
const CALLERS: usize = 4;
/// Maximum lifetime of a server in milliseconds.
const LIFE: u64 = 700;

/// A running server.
struct Server {
    process: Process,
    // The server fails if its output is closed.
    _output: BufReader<ChildStdout>,
    http: Http,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(program("local"));
        command.env_clear().env("RUST_LOG", "off").args(["serve", "--port", "0", "--data"]).arg(folder);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("started");
        let mut first = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        output.read_line(&mut first).expect("a line");
        let url = first.strip_prefix("Serving ").and_then(|line| line.split(',').next()).expect("an address");
        let http = Http::new(url.to_owned());
        Self { process: Process(child), _output: output, http }
    }
}

/// The requests with a response, and those without one.
#[derive(Default)]
struct Known {
    answered: BTreeMap<String, (Sent, Answer)>,
    open: BTreeMap<String, Sent>,
}

fn token(keys: &DevelopmentKeys) -> String {
    let environment = Environment::new(keys, []).expect("an environment");
    let variable = |name| environment.get(name).unwrap_or_default().to_owned();
    let (now, root) = (Clock::system().now().unix_seconds(), Caller::root());
    let claims = BearerClaims {
        issuer: variable("BEARER_ISSUER"),
        audience: variable("BEARER_AUDIENCE"),
        issued_at: now,
        expires_at: now + 3600,
        subject: "root".to_owned(),
        client_ext_id: "operators".to_owned(),
        authorizations: root.authorizations,
    };
    keys.bearer.sign("at+jwt", &serde_json::to_value(claims).expect("JSON")).expect("a token")
}

/// Returns a request that creates an object, with an idempotency key.
fn creation(token: &str, key: &str, path: &str, body: &Value) -> Sent {
    let headers = [
        ("authorization", format!("Bearer {token}")),
        ("content-type", "application/json".to_owned()),
        ("idempotency-key", key.to_owned()),
    ];
    Sent {
        method: "POST".to_owned(),
        path: format!("{BASE_PATH}{path}"),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        body: body.to_string().into_bytes(),
    }
}

/// Creates clients with a question until the server terminates.
async fn create(http: &Http, token: &str, caller: String, known: &Mutex<Known>) {
    for number in 0.. {
        let client = format!("{caller}-{number}");
        let bodies = [
            ("/clients".to_owned(), json!({"extId": client, "name": client})),
            (format!("/{client}/personal-questions"), json!({"extId": "q", "stateName": "active"})),
        ];
        for (place, (path, body)) in bodies.into_iter().enumerate() {
            let key = format!("{client}-{place}");
            let sent = creation(token, &key, &path, &body);
            let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
            lock().open.insert(key.clone(), sent.clone());
            let Some(answer) = http.try_send(sent.clone()).await else { return };
            assert_eq!(answer.status, 201, "{key}: {answer:?}");
            lock().open.remove(&key);
            lock().answered.insert(key, (sent, answer));
        }
    }
}

/// Returns all items in the folder of a running server, except for the rows of the history, which a job adds later.
async fn items(folder: &DataFolder) -> Vec<Item> {
    let FolderAccess::Shared(endpoint) = folder.access().await.expect("a folder") else {
        panic!("no server uses the folder")
    };
    let names = Names::alone("http://nowhere", Clock::system().now());
    let mut items = stored(&engine::client(&endpoint), "nevisidm", &names).await;
    items.retain(|item| item.text(ENTITY_TYPE) != Ok(row::ENTITY_TYPE));
    items
}

#[tokio::test]
async fn a_local_server_killed_under_load_keeps_every_acknowledged_write() {
    if are_left_out() {
        return;
    }
    let (crashes, seed) = (number("CRASHES", 4_u64), number("CRASH_SEED", 1));
    println!("{crashes} crashes of the local server, CRASH_SEED={seed}");
    let (place, mut rng) = (tempfile::tempdir().expect("a folder"), Rng::with_seed(seed));
    let folder = DataFolder::open(place.path()).expect("a folder");
    let token = token(&DevelopmentKeys::of(&folder).expect("keys"));
    let (mut acknowledged, mut unknown, mut clients) = (0, 0, 0);
    let mut server = Server::start(place.path());
    for crash in 0..crashes {
        let (known, life) = (Mutex::<Known>::default(), Duration::from_millis(rng.u64(..LIFE)));
        let callers = (0..CALLERS).map(|caller| format!("c-{crash}-{caller}"));
        let callers = callers.map(|caller| create(&server.http, &token, caller, &known));
        let pid = server.process.0.id();
        let killing = async {
            tokio::time::sleep(life).await;
            let signal = format!("kill -KILL {pid}");
            assert!(Command::new("sh").args(["-c", &signal]).status().expect("a shell").success());
        };
        tokio::join!(futures_util::future::join_all(callers), killing);
        server.process.kill();
        server = Server::start(place.path());
        let known = known.into_inner().unwrap_or_else(PoisonError::into_inner);
        let found = items(&folder).await;
        clients = whole::assert_complete(&found);
        for (key, (sent, answer)) in &known.answered {
            // With its key, the stored response is returned. It is written in the same transaction
            // as the change.
            let again = server.http.send(sent.clone()).await;
            assert_eq!((again.status, &again.body), (answer.status, &answer.body), "crash {crash}: {key}");
        }
        let after = items(&folder).await;
        assert!(after == found, "crash {crash}: acknowledged changes already exist");
        for (key, sent) in &known.open {
            let again = server.http.send(sent.clone()).await;
            assert_eq!(again.status, 201, "crash {crash}: {key}: {again:?}");
        }
        whole::assert_complete(&items(&folder).await);
        acknowledged += known.answered.len();
        unknown += known.open.len();
    }
    assert!(acknowledged > 0, "nothing was acknowledged");
    println!("{acknowledged} acknowledged, {unknown} unknown when the server died, {clients} clients");
}
