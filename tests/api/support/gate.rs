//! A table that a transaction reaches later.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::{
    HttpClient as _, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use tokio::sync::Semaphore;

/// Holds a transaction of a client until it is opened.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<State>);

#[derive(Debug)]
struct State {
    // The number of transactions up to the one that is held; 0 if none is.
    left: AtomicUsize,
    reached: Semaphore,
    opened: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        let (reached, opened) = (Semaphore::new(0), Semaphore::new(0));
        Self(Arc::new(State { left: AtomicUsize::new(0), reached, opened }))
    }
}

impl Gate {
    /// Returns the client with its transactions held.
    pub(crate) fn watch(&self, client: &Client) -> Client {
        let inner = aws_smithy_http_client::Builder::new().build_http();
        let state = Arc::clone(&self.0);
        let gated = http_client_fn(move |settings, components| {
            let inner = inner.http_connector(settings, components);
            SharedHttpConnector::new(Gated { inner, state: Arc::clone(&state) })
        });
        Client::from_conf(client.config().to_builder().http_client(gated).build())
    }

    /// Holds the next transaction.
    pub(crate) fn close(&self) {
        self.close_after(0);
    }

    /// Holds the transaction after this number of them.
    pub(crate) fn close_after(&self, count: usize) {
        self.0.left.store(count + 1, Ordering::SeqCst);
    }

    /// Waits until a transaction is held.
    pub(crate) async fn reached(&self) {
        self.0.reached.acquire().await.expect("a gate").forget();
    }

    /// Lets the held transaction pass.
    pub(crate) fn open(&self) {
        self.0.opened.add_permits(1);
    }
}

impl State {
    /// Counts a transaction, and returns true if it is the one to hold.
    fn holds_next(&self) -> bool {
        let take = |left: usize| left.checked_sub(1);
        self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take) == Ok(1)
    }
}

struct Gated {
    inner: SharedHttpConnector,
    state: Arc<State>,
}

impl fmt::Debug for Gated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Gated")
    }
}

impl HttpConnector for Gated {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if !target.ends_with(".TransactWriteItems") || !self.state.holds_next() {
            return self.inner.call(request);
        }
        let (inner, state) = (self.inner.clone(), Arc::clone(&self.state));
        HttpConnectorFuture::new(async move {
            state.reached.add_permits(1);
            state.opened.acquire().await.expect("a gate").forget();
            inner.call(request).await
        })
    }
}
