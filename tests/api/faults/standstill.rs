//! Time that passes only while a request waits: for an answer that is held back, or before it tries
//! again. The waits are the real ones, of the SDK as of the service, and cost nothing.

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

/// The header that numbers an attempt.
pub(crate) const NUMBER: &str = "x-attempt";

/// How time passes.
pub(crate) const STEP: Duration = Duration::from_millis(50);

/// Time stands still from now on, until the value is dropped.
pub(crate) struct Standstill {
    // The runtime lets time pass by itself whenever it has nothing to do, on a socket too, unless a
    // thread works for it: one that waits for this to be dropped.
    _working: Sender<()>,
}

impl Standstill {
    /// Stops the time of the runtime, which has to be one with a single thread.
    pub(crate) fn begin() -> Self {
        let (working, waiting) = channel();
        tokio::task::spawn_blocking(move || {
            // It ends with an error: nothing is ever sent.
            let _ = waiting.recv();
        });
        tokio::time::pause();
        Self { _working: working }
    }

    /// Waits for `request`. Time passes while every attempt that is under way is held back by the
    /// proxy, or none is. Returns how much has passed.
    #[expect(clippy::disallowed_methods, reason = "how long was waited, not the time of day")]
    pub(crate) async fn pass<T>(
        &self,
        attempts: &Attempts,
        proxy: &Proxy,
        request: impl Future<Output = T>,
    ) -> (T, Duration) {
        let began = Instant::now();
        let passing = async {
            loop {
                if proxy.holds_all(&attempts.under_way()) {
                    tokio::time::advance(STEP).await;
                } else {
                    tokio::task::yield_now().await;
                }
            }
        };
        tokio::select! {
            biased;
            output = request => (output, began.elapsed()),
            () = passing => unreachable!("time passes for ever"),
        }
    }
}

/// The attempts of a client that are under way, each by its number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempts(Arc<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    last: AtomicU64,
    under_way: Mutex<BTreeSet<u64>>,
}

impl Attempts {
    fn under_way(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt, until it has ended or nobody waits for it any more.
#[derive(Debug)]
struct UnderWay {
    attempts: Attempts,
    number: u64,
}

impl Storable for UnderWay {
    type Storer = StoreReplace<Self>;
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.attempts.under_way().remove(&self.number);
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
        self.under_way().insert(number);
        config.interceptor_state().store_put(UnderWay { attempts: self.clone(), number });
        Ok(())
    }

    /// The proxy is told the number: that one attempt was given up may reach it after the next.
    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(UnderWay { number, .. }) = config.load::<UnderWay>() {
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
        config.interceptor_state().unset::<UnderWay>();
        Ok(())
    }
}
