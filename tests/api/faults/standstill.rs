//! Time that passes only while a request waits: for an answer that is held back, or before it tries
//! again. The waits are the real ones, of the SDK as of the service, and cost nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use aws_sdk_dynamodb::config::interceptors::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use tokio::time::Instant;

use super::proxy::Proxy;

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
                if attempts.under_way() == proxy.held() {
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

/// Counts the attempts of a client that are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempts(Arc<AtomicUsize>);

impl Attempts {
    fn under_way(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// An attempt, until it has ended or nobody waits for it any more.
#[derive(Debug)]
struct UnderWay(Attempts);

impl Storable for UnderWay {
    type Storer = StoreReplace<Self>;
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
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
        self.0.fetch_add(1, Ordering::SeqCst);
        config.interceptor_state().store_put(UnderWay(self.clone()));
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
