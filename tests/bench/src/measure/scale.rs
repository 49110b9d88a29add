//! Cost of requests depending on the number of affected objects and on the size of the table.

use axum::body::Bytes;
use functions::{clients, consents, dispatch_targets};
use serde_json::{Value, json};
use shared::ids::sha256_hex;
use shared::operation::Operation;

use crate::Result;
use crate::harness::crowd::named;
use crate::harness::events::CLIENT;
use crate::harness::function::Function;
use crate::harness::table::Counts;
use crate::harness::{Harness, status};
use crate::moment::median_millis;

/// Numbers of clients in the table.
const CLIENTS: [usize; 4] = [0, 1_000, 10_000, 100_000];
/// Numbers of credentials that reference the deleted dispatch target.
const CREDENTIALS: [usize; 3] = [0, 10, 90];
/// Numbers of listed consents.
const CONSENTS: [usize; 3] = [10, 1_000, 100_000];

/// Figures of a request on a table of a given size.
#[derive(Clone, Debug)]
pub(crate) struct Scaled {
    /// Number of clients in the table.
    pub(crate) clients: usize,
    /// Number of other objects that the request affects.
    pub(crate) affected: usize,
    /// The calls that the request made to the table.
    pub(crate) counts: Counts,
    /// Median time on the embedded engine, in milliseconds.
    pub(crate) millis: f64,
}

/// Figures of the three measured operations.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    /// Creation of a client.
    pub(crate) creations: Vec<Scaled>,
    /// Deletion of a dispatch target.
    pub(crate) deletions: Vec<Scaled>,
    /// List of the consents of a user.
    pub(crate) listings: Vec<Scaled>,
}

/// Measures on tables with increasing numbers of clients, alternating between the tables.
pub(crate) async fn measure(rounds: u32) -> Result<Scale> {
    let mut tables = tables(&CLIENTS).await?;
    let creations = creations(&tables, rounds).await?;
    let last = tables.len() - 1;
    tables.swap(1, last);
    tables.truncate(2);
    let deletions = deletions(&tables, rounds.div_ceil(4)).await?;
    let listings = listings(&tables, rounds).await?;
    Ok(Scale { creations, deletions, listings })
}

/// Fills a table with each of these numbers of clients.
pub(super) async fn tables(clients: &[usize]) -> Result<Vec<(usize, Harness)>> {
    let mut tables = Vec::new();
    for clients in clients {
        let harness = Harness::open().await?;
        harness.put_clients(*clients).await?;
        tables.push((*clients, harness));
    }
    Ok(tables)
}

/// Starts the function of an operation on each table.
async fn start(tables: &[(usize, Harness)], operation: &Operation) -> Result<Vec<Function>> {
    let mut functions = Vec::new();
    for (_, harness) in tables {
        let mut function = Function::start(&harness.function(operation)).await?;
        function.ready().await?;
        functions.push(function);
    }
    Ok(functions)
}

/// Makes a request with delayed table responses, so that its trips can be counted.
async fn counted(
    harness: &Harness,
    function: &mut Function,
    operation: &Operation,
    event: Bytes,
) -> Result<Counts> {
    harness.table.record(true);
    harness.table.counts();
    function.invoke_for(event, status(operation)).await?;
    harness.table.record(false);
    Ok(harness.table.counts())
}

/// Creates clients, alternating between the tables.
pub(super) async fn creations(tables: &[(usize, Harness)], rounds: u32) -> Result<Vec<Scaled>> {
    let operation = &clients::create::OPERATION;
    let mut functions = start(tables, operation).await?;
    let mut scaled = Vec::new();
    let mut times = vec![Vec::new(); tables.len()];
    let event = |harness: &Harness, round| {
        harness.events.event_with(operation, &named(&format!("new-{round}"), &format!("new-name-{round}")))
    };
    for ((clients, harness), function) in tables.iter().zip(&mut functions) {
        let counts = counted(harness, function, operation, event(harness, 0)?).await?;
        scaled.push(Scaled { clients: *clients, affected: 0, counts, millis: 0.0 });
    }
    for round in 1..=rounds {
        for (((_, harness), function), times) in tables.iter().zip(&mut functions).zip(&mut times) {
            let response = function.invoke_for(event(harness, round)?, 201).await?;
            times.push(response.millis());
        }
    }
    for (scaled, times) in scaled.iter_mut().zip(times) {
        scaled.millis = median_millis(times);
    }
    Ok(scaled)
}

async fn deletions(tables: &[(usize, Harness)], rounds: u32) -> Result<Vec<Scaled>> {
    let operation = &dispatch_targets::delete::OPERATION;
    let mut functions = start(tables, operation).await?;
    let mut scaled = Vec::new();
    for affected in CREDENTIALS {
        for ((clients, harness), function) in tables.iter().zip(&mut functions) {
            let (mut counts, mut times) = (Counts::default(), Vec::new());
            for round in 0..=rounds {
                let user = format!("user-{affected}-{round}");
                harness.import(&target(&user, affected)).await?;
                let event = harness.events.event_of(operation, &user)?;
                if round == 0 {
                    counts = counted(harness, function, operation, event).await?;
                } else {
                    times.push(function.invoke_for(event, 204).await?.millis());
                }
            }
            scaled.push(Scaled { clients: *clients, affected, counts, millis: median_millis(times) });
        }
    }
    Ok(scaled)
}

/// Returns import lines for a user with a dispatch target and this number of credentials that reference it.
fn target(user: &str, credentials: usize) -> String {
    let of_user = |mut line: Value| {
        line["clientExtId"] = CLIENT.into();
        line["userExtId"] = user.into();
        line
    };
    let target = format!("dt-{user}");
    let mut lines = vec![
        json!({"type": "user", "clientExtId": CLIENT, "extId": user, "loginId": user,
               "userState": "active", "units": ["sales"]}),
        of_user(json!({"type": "dispatchTarget", "extId": target, "deviceId": "d1", "target": "target-1",
                       "signingKey": "signing-key-1", "appId": "app", "name": "Phone",
                       "appAttestation": {"deviceId": "d1", "receipt": "receipt-1",
                                          "publicKey": "public-key-1", "counter": 0}})),
    ];
    lines.extend((0..credentials).map(|number| {
        of_user(json!({"type": "fidoUafCredential", "extId": format!("uaf-{number}"), "aaid": "ABCD#0001",
                       "keyId": sha256_hex(&format!("{user} {number}")), "authenticatorVersion": "1.0",
                       "publicKey": "public-key-1", "publicKeyAlgorithm": "SHA256withECDSA", "appId": "app", "dispatchTargetExtId": target}))
    }));
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

async fn listings(tables: &[(usize, Harness)], rounds: u32) -> Result<Vec<Scaled>> {
    let operation = &consents::list::OPERATION;
    let mut functions = start(tables, operation).await?;
    let mut scaled = Vec::new();
    for affected in CONSENTS {
        for ((clients, harness), function) in tables.iter().zip(&mut functions) {
            harness.put_consents(affected)?;
            let event = harness.events.event(operation, 0)?;
            let counts = counted(harness, function, operation, event.clone()).await?;
            let mut times = Vec::new();
            // A long list takes seconds, so three rounds are enough.
            let rounds = if affected > 1_000 { 3 } else { rounds };
            for _ in 0..rounds {
                times.push(function.invoke_for(event.clone(), 200).await?.millis());
            }
            scaled.push(Scaled { clients: *clients, affected, counts, millis: median_millis(times) });
        }
    }
    Ok(scaled)
}
