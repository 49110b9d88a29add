//! A clock that advances only while a request waits for a delayed response or a retry. The
//! time-outs and back-offs are those of the SDK and the service, but take no real time.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::config::interceptors::{
    BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use tokio::time::Instant;

use super::proxy::Proxy;

/// Header with the number of an attempt.
pub(crate) const NUMBER: &str = "x-attempt";

/// The step by which time advances.
pub(crate) const STEP: Duration = Duration::from_millis(50);

/// Stops the clock until the value is dropped.
pub(crate) struct Standstill {
    // A paused runtime advances its clock whenever it is idle, even while it waits for a socket,
    // unless a blocking task is running: one that waits until this is dropped.
    _working: Sender<()>,
}

impl Standstill {
    /// Stops the clock of the runtime, which must be single-threaded.
    pub(crate) fn begin() -> Self {
        let (working, waiting) = channel();
        tokio::task::spawn_blocking(move || {
            // The result is an error, because nothing is sent.
            let _ = waiting.recv();
        });
        tokio::time::pause();
        Self { _working: working }
    }

    /// Waits for `request`. Time passes while all attempts in flight are delayed by the proxy, or
    /// none is in flight. Returns the time that has passed.
    #[expect(clippy::disallowed_methods, reason = "a duration, not the time of day")]
    pub(crate) async fn pass<T>(
        &self,
        attempts: &Attempts,
        proxy: &Proxy,
        request: impl Future<Output = T>,
    ) -> (T, Duration) {
        let began = Instant::now();
        let passing = async {
            loop {
                proxy.wait_until(|proxy| proxy.holds_all(&attempts.in_flight())).await;
                tokio::time::advance(STEP).await;
            }
        };
        tokio::select! {
            biased;
            output = request => (output, began.elapsed()),
            () = passing => unreachable!("time passes for ever"),
        }
    }
}

/// The attempts of a client that are in flight, by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempts(Arc<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    last: AtomicU64,
    in_flight: Mutex<BTreeSet<u64>>,
}

impl Attempts {
    /// Returns the number of the next attempt.
    pub(crate) fn next(&self) -> u64 {
        self.0.last.load(Ordering::SeqCst)
    }

    fn in_flight(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.0.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt that is in flight until this is dropped.
#[derive(Debug)]
struct InFlight {
    attempts: Attempts,
    number: u64,
}

impl Storable for InFlight {
    type Storer = StoreReplace<Self>;
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.attempts.in_flight().remove(&self.number);
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let number = self.0.last.fetch_add(1, Ordering::SeqCst);
        self.in_flight().insert(number);
        config.interceptor_state().store_put(InFlight { attempts: self.clone(), number });
        Ok(())
    }

    /// Sends the number to the proxy, which may notice the end of an attempt only after the next
    /// one has started.
    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(InFlight { number, .. }) = config.load::<InFlight>() {
            context.request_mut().headers_mut().insert(NUMBER, number.to_string());
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        _: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().unset::<InFlight>();
        Ok(())
    }
}
