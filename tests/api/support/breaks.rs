//! A service that is broken off in the middle of its calls to the table.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

use super::intercept::intercepted;

/// How calls are broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    /// The call and all later ones do not reach the table.
    Unsent,
    /// The table applies the call, whose result is lost. All later ones do not reach it.
    Unanswered,
    /// The process ends as soon as it begins the call, which may still be applied.
    Death,
}

impl Break {
    /// All ways.
    pub(crate) const ALL: [Self; 3] = [Self::Unsent, Self::Unanswered, Self::Death];
}

/// Breaks off the calls of a client after a number of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaks(Arc<State>);

#[derive(Debug, Default)]
struct State {
    how: Mutex<Option<Break>>,
    left: AtomicUsize,
    is_over: AtomicBool,
}

impl Breaks {
    /// Returns the client with its calls broken off.
    pub(crate) fn watch(&self, client: &Client) -> Client {
        intercepted(client, self.clone())
    }

    /// Breaks off the calls after this number of them.
    pub(crate) fn after(&self, calls: usize, how: Break) {
        self.0.left.store(calls, Ordering::SeqCst);
        self.0.is_over.store(false, Ordering::SeqCst);
        *self.how() = Some(how);
    }

    /// Lets all calls pass. Returns true if one was broken off.
    pub(crate) fn stop(&self) -> bool {
        *self.how() = None;
        self.0.is_over.swap(false, Ordering::SeqCst)
    }

    /// Runs what makes the calls. Returns `None` if it died.
    pub(crate) async fn run<T>(&self, running: impl Future<Output = T>) -> Option<T> {
        let mut running = pin!(running);
        poll_fn(|context| {
            let result = running.as_mut().poll(context);
            // Whatever comes of a concurrent call in the same moment, the process is dead.
            let is_dead = self.is_over() && *self.how() == Some(Break::Death);
            if is_dead { Poll::Ready(None) } else { result.map(Some) }
        })
        .await
    }

    fn how(&self) -> std::sync::MutexGuard<'_, Option<Break>> {
        self.0.how.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.0.is_over.load(Ordering::SeqCst)
    }
}

fn broken_off() -> BoxError {
    "broken off".into()
}

impl Intercept for Breaks {
    fn name(&self) -> &'static str {
        "Breaks"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(how) = *self.how() else { return Ok(()) };
        if self.is_over() {
            return Err(broken_off());
        }
        let take = |left: usize| left.checked_sub(1);
        if self.0.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
            return Ok(());
        }
        self.0.is_over.store(true, Ordering::SeqCst);
        if how == Break::Unsent { Err(broken_off()) } else { Ok(()) }
    }

    fn read_after_execution(
        &self,
        _: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_lost = self.is_over() && *self.how() == Some(Break::Unanswered);
        if is_lost { Err(broken_off()) } else { Ok(()) }
    }
}
