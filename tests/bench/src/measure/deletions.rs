//! Deletion of a client with many items by the job, compared with bare deletes at the same engine.

use std::io::Cursor;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;

use functions::clients;
use functions::deletions::{Deletion, sweep};
use local::engine::{self, Engine};
use local::environment::Environment;
use local::import::{Importer, LineOutcome, import_lines};
use local::keys::DevelopmentKeys;
use local::table;
use shared::clock::{Clock, Deadline, Random};
use shared::entity::Entity as _;
use shared::host::run_once;
use shared::ids::ClientExtId;
use shared::service::Worker;
use shared::service::config::JobConfig;
use shared::table::{Condition, Key, Outcome, Stamp, Table, Transaction};
use tokio::sync::oneshot;

use crate::Result;
use crate::moment::now;

/// The name of the table.
const NAME: &str = "deletions";
/// The number of users. Each has 17 items: four for the user, three for a profile, three for a dispatch target with an app
/// attestation, two for an authenticator, and five consents.
const USERS: usize = 5_900;
/// The number of consents of each user.
const CONSENTS: usize = 5;
/// The number of deletes in a transaction of the comparison, as many as the job has in one.
const DELETES: usize = 98;
/// The time that a run may take.
const LONGEST: Duration = Duration::from_hours(1);

/// Figures of the deletion of a client, in items per second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deletions {
    /// The number of items.
    pub(crate) items: usize,
    /// Items per second of the job.
    pub(crate) swept: f64,
    /// Items per second of bare deletes, whose keys are known.
    pub(crate) bare: f64,
}

/// Deletes a client with the job, and the same items of another table with bare deletes.
pub(crate) async fn measure() -> Result<Deletions> {
    let place = tempfile::tempdir()?;
    let lines = lines();
    let (items, swept) = sweep_client(&place.path().join("swept.sqlite"), &lines).await?;
    let bare = delete_bare(&place.path().join("bare.sqlite"), &lines).await?;
    Ok(Deletions { items, swept: rate(items, swept), bare: rate(items, bare) })
}

/// Returns the time in which the job deletes the client, and the number of its items.
async fn sweep_client(path: &Path, lines: &str) -> Result<(usize, Duration)> {
    let engine = EngineThread::start(path)?;
    let table = filled(&engine.client, lines).await?;
    let (client, stamp) = (ClientExtId::unchecked("100"), stamp());
    let [item] = table.get(deadline(), [&clients::key(&client)]).await.map_err(failed)?;
    let item = item.ok_or("no client")?;
    let deletion = Deletion::of_client(&Random::system().uuid(), client, stamp.now);
    let mut transaction = Transaction::new(&stamp);
    let marked = clients::Client::load(&item)
        .and_then(|client| client.begin_deletion(&item, deletion.id.as_str(), &mut transaction));
    marked.map_err(failed)?;
    deletion.begin(&mut transaction);
    apply(&table, &transaction).await?;
    let config = JobConfig { table_name: NAME.to_owned(), metrics_namespace: None };
    let worker = Worker::new(config, engine.client.clone(), Clock::system(), Random::system());
    let items = keys(&table).await?.len();
    let begin = now();
    run_once(&worker, &sweep::JOB, "run", deadline()).await.map_err(failed)?;
    let time = begin.elapsed();
    let left = keys(&table).await?.len();
    if left == 0 { Ok((items, time)) } else { Err(format!("{left} items are left").into()) }
}

/// Returns the time in which the same items are deleted without conditions, by keys that are known.
async fn delete_bare(path: &Path, lines: &str) -> Result<Duration> {
    let engine = EngineThread::start(path)?;
    let table = filled(&engine.client, lines).await?;
    let keys = keys(&table).await?;
    let begin = now();
    for keys in keys.chunks(DELETES) {
        let mut transaction = Transaction::new(&stamp());
        for key in keys {
            transaction.delete(key.clone(), Condition::Any);
        }
        apply(&table, &transaction).await?;
    }
    Ok(begin.elapsed())
}

/// An engine in a thread of its own, as a table is elsewhere than its callers. It stops when the value is dropped.
struct EngineThread {
    client: Client,
    _stop: oneshot::Sender<()>,
}

impl EngineThread {
    fn start(path: &Path) -> Result<Self> {
        let (path, (endpoint, started)) = (path.to_owned(), mpsc::channel());
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let engine = Engine::file_on(&path, 0).await.expect("an engine");
                endpoint.send(engine.endpoint()).expect("a receiver");
                // The result is an error, because nothing is sent.
                let _ = stopped.await;
                engine.stop().await;
            });
        });
        Ok(Self { client: engine::client(&started.recv()?), _stop: stop })
    }
}

/// Creates a table with the lines.
async fn filled(client: &Client, lines: &str) -> Result<Table> {
    table::make(client, NAME).await?;
    let environment = Environment::new(&DevelopmentKeys::generate()?, [])?;
    let settings = environment.config()?.settings;
    let importer = Importer::new(client.clone(), NAME, settings, Clock::system(), Random::system());
    let mut refused = 0;
    let count = |_, outcome: &LineOutcome| refused += usize::from(matches!(outcome, LineOutcome::Refused(_)));
    import_lines(&importer, Cursor::new(lines.to_owned()), count).await?;
    if refused > 0 {
        return Err(format!("{refused} lines are refused").into());
    }
    Ok(Table::new(client.clone(), NAME, Random::system()))
}

/// Returns the keys of all items of the client.
async fn keys(table: &Table) -> Result<Vec<Key>> {
    let (mut keys, mut after) = (Vec::new(), None);
    loop {
        let (items, next) = table.scan(deadline(), after.as_ref()).await.map_err(failed)?;
        for item in &items {
            let key = item.key().map_err(failed)?;
            let is_of_client = !["TERMS", "DELETION"].iter().any(|prefix| key.pk().starts_with(prefix));
            keys.extend(is_of_client.then_some(key));
        }
        if next.is_none() {
            return Ok(keys);
        }
        after = next;
    }
}

fn lines() -> String {
    let mut lines = vec![
        r#"{"type":"client","extId":"100","name":"Default"}"#.to_owned(),
        r#"{"type":"unit","clientExtId":"100","extId":"sales","parentUnitExtId":"root","name":"Sales"}"#
            .to_owned(),
    ];
    lines.extend((0..CONSENTS).map(|number| {
        format!(r#"{{"type":"terms","extId":"t-{number}","name":"T","active":true,"silentAcceptance":false,"termsVersion":"1"}}"#)
    }));
    for user in 0..USERS {
        let own = format!(r#""clientExtId":"100","userExtId":"u-{user}""#);
        lines.push(format!(r#"{{"type":"user","clientExtId":"100","extId":"u-{user}","loginId":"l-{user}","contacts":{{"email":"u-{user}@example.com"}}}}"#));
        lines.push(format!(
            r#"{{"type":"profile",{own},"extId":"p-{user}","unitExtId":"sales","isDefaultProfile":true}}"#
        ));
        lines.push(format!(r#"{{"type":"dispatchTarget",{own},"extId":"dt-{user}","deviceId":"d","target":"t","signingKey":"k","appId":"a","name":"Phone","appAttestation":{{"deviceId":"d","receipt":"r","publicKey":"p"}}}}"#));
        lines.push(format!(r#"{{"type":"fidoUafCredential",{own},"extId":"uaf-1","aaid":"ABCD#0001","keyId":"{user:08}","authenticatorVersion":"1.0","publicKey":"p","publicKeyAlgorithm":"ES256","appId":"a","dispatchTargetExtId":"dt-{user}"}}"#));
        lines.extend((0..CONSENTS).map(|number| {
            format!(r#"{{"type":"consent",{own},"termsExtId":"t-{number}","termsVersion":"1","acceptanceDate":"2026-01-01T00:00:00Z"}}"#)
        }));
    }
    lines.join("\n")
}

fn stamp() -> Stamp {
    Stamp { now: Clock::system().now(), by: "bench".to_owned(), request: Random::system().uuid() }
}

fn deadline() -> Deadline {
    Deadline::after(LONGEST)
}

fn failed(error: impl std::fmt::Debug) -> crate::Error {
    format!("the table failed: {error:?}").into()
}

async fn apply(table: &Table, transaction: &Transaction) -> Result<()> {
    match table.transact(deadline(), transaction).await {
        Ok(Outcome::Done) => Ok(()),
        other => Err(failed(other)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
