//! Sequential warm requests with immediate responses of the table.

use axum::body::Bytes;

use super::Pair;
use crate::Result;
use crate::harness::function::Function;
use crate::harness::{Harness, Request, status};
use crate::moment::median_millis;
use crate::processors::{Pinning, processor_millis};

/// Number of requests before function and baseline alternate.
const BATCH: usize = 50;
/// Number of warm-up requests that are not counted, because they include one-time work.
const WARM_UP: usize = 100;

/// Medians of an operation, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Warm {
    /// The operation.
    pub(crate) operation: &'static str,
    /// Requests with the same token.
    pub(crate) same: Pair,
    /// Requests with a new token each.
    pub(crate) fresh: Pair,
    /// Processor time of a request with the same token, without the time of the host.
    pub(crate) processor: Pair,
}

/// Makes `count` requests of each kind to a function and to its baseline, in alternating batches.
pub(crate) async fn measure(harness: &Harness, request: &Request, count: usize) -> Result<Warm> {
    harness.table.play(request.recording.clone());
    let operation = request.operation;
    let same = vec![harness.events.event(operation, 0)?; count + WARM_UP];
    let fresh = harness.events.events(operation, i64::try_from(count + WARM_UP)?)?;
    let mut function = Function::start(&harness.function(operation)).await?;
    let mut baseline = Function::start(&harness.baseline(operation)).await?;
    function.ready().await?;
    baseline.ready().await?;
    let pinning = Pinning::start([&function, &baseline]).await;
    let (mut pairs, mut processor) = (Vec::new(), Vec::new());
    for events in [same, fresh] {
        let mut times: [Vec<f64>; 2] = Default::default();
        let before = [processor_millis(&function)?, processor_millis(&baseline)?];
        for batch in events.chunks(BATCH) {
            times[0].extend(times_of(&mut function, batch, status(operation)).await?);
            times[1].extend(times_of(&mut baseline, batch, 204).await?);
        }
        let requests = f64::from(u32::try_from(events.len())?);
        processor.push(Pair {
            function: (processor_millis(&function)? - before[0]) / requests,
            baseline: (processor_millis(&baseline)? - before[1]) / requests,
        });
        let [function, baseline] = times.map(|times| median_millis(times[WARM_UP..].to_vec()));
        pairs.push(Pair { function, baseline });
    }
    pinning.end().await;
    function.stop().await?;
    baseline.stop().await?;
    Ok(Warm { operation: operation.id, same: pairs[0], fresh: pairs[1], processor: processor[0] })
}

async fn times_of(function: &mut Function, events: &[Bytes], status: u16) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(events.len());
    for event in events {
        let response = function.invoke_for(event.clone(), status).await?;
        times.push(response.millis());
    }
    Ok(times)
}
