//! Warm requests: one after the other, the table answering at once.

use axum::body::Bytes;

use super::Pair;
use crate::Result;
use crate::harness::function::Function;
use crate::harness::{Harness, Request, status};
use crate::moment::median_millis;
use crate::processors::{Apart, processor_millis};

/// How many requests one gets before the other has its turn.
const BATCH: usize = 50;
/// How many are not counted: what is done once is not of a warm request.
const FIRST: usize = 100;

/// The medians of an operation, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Warm {
    /// The operation.
    pub(crate) operation: &'static str,
    /// The same token each time.
    pub(crate) same: Pair,
    /// A new token each time.
    pub(crate) fresh: Pair,
    /// The time of a processor that a request with the same token takes, the host's not included.
    pub(crate) processor: Pair,
}

/// Makes so many requests to a function and to its floor, in turn.
pub(crate) async fn measure(harness: &Harness, request: &Request, count: usize) -> Result<Warm> {
    harness.table.play(request.recording.clone());
    let operation = request.operation;
    let same = vec![harness.events.event(operation, 0)?; count + FIRST];
    let fresh = harness.events.events(operation, i64::try_from(count + FIRST)?)?;
    let mut function = Function::start(&harness.function(operation)).await?;
    let mut floor = Function::start(&harness.floor(operation)).await?;
    function.ready().await?;
    floor.ready().await?;
    let apart = Apart::take([&function, &floor]).await;
    let (mut pairs, mut processor) = (Vec::new(), Vec::new());
    for events in [same, fresh] {
        let mut times: [Vec<f64>; 2] = Default::default();
        let before = [processor_millis(&function)?, processor_millis(&floor)?];
        for batch in events.chunks(BATCH) {
            times[0].extend(times_of(&mut function, batch, status(operation)).await?);
            times[1].extend(times_of(&mut floor, batch, 204).await?);
        }
        let requests = f64::from(u32::try_from(events.len())?);
        processor.push(Pair {
            function: (processor_millis(&function)? - before[0]) / requests,
            floor: (processor_millis(&floor)? - before[1]) / requests,
        });
        let [function, floor] = times.map(|times| median_millis(times[FIRST..].to_vec()));
        pairs.push(Pair { function, floor });
    }
    apart.end().await;
    function.stop().await?;
    floor.stop().await?;
    Ok(Warm { operation: operation.id, same: pairs[0], fresh: pairs[1], processor: processor[0] })
}

async fn times_of(function: &mut Function, events: &[Bytes], status: u16) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(events.len());
    for event in events {
        let answer = function.invoke_for(event.clone(), status).await?;
        times.push(answer.millis());
    }
    Ok(times)
}
