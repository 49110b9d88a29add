//! A proxy between the SDK and the engine that applies planned faults to attempts at calls.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use futures_util::task::AtomicWaker;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::calls::{Attempt, Calls};
use super::fault::{Fault, Kind, Left};
use super::forge;
use super::standstill::NUMBER;
use super::wire::Message;

/// Returns the fault of an attempt, or `None` to forward it.
pub(crate) type Plan = Box<dyn FnMut(&Attempt) -> Option<Fault> + Send>;

/// A proxy on the loopback interface that runs until the test ends.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<Shared>);

struct Shared {
    address: SocketAddr,
    state: Mutex<State>,
    busy: AtomicUsize,
    held: Mutex<Vec<Option<u64>>>,
    /// The test, if it waits for attempts to be delayed or to end.
    waiting: AtomicWaker,
}

struct State {
    engine: String,
    plan: Plan,
    calls: Calls,
    seen: Vec<(Attempt, Option<Fault>)>,
    connections: Vec<TcpStream>,
    late: Vec<Message>,
    has_written: bool,
    /// The number of the first attempt of the request.
    first: u64,
}

impl Shared {
    /// Returns the attempts that are being delayed, by their number if they have one.
    fn held(&self) -> MutexGuard<'_, Vec<Option<u64>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt that is in progress until this is dropped.
struct Busy<'a>(&'a Shared);

impl<'a> Busy<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.busy.fetch_add(1, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
        self.0.waiting.wake();
    }
}

/// An attempt that is delayed until this is dropped.
struct Held<'a> {
    shared: &'a Shared,
    number: Option<u64>,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut held = self.shared.held();
        let place = held.iter().position(|number| *number == self.number);
        place.map(|place| held.swap_remove(place));
    }
}

/// The response to an attempt.
enum Reply {
    Whole(Message),
    Half(Message),
    Cut,
}

impl Proxy {
    /// Starts a proxy without a target.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let state = State {
            engine: String::new(),
            plan: Box::new(|_| None),
            calls: Calls::default(),
            seen: Vec::new(),
            connections: Vec::new(),
            late: Vec::new(),
            has_written: false,
            first: 0,
        };
        let proxy = Self(Arc::new(Shared {
            address: listener.local_addr().expect("an address"),
            state: Mutex::new(state),
            busy: AtomicUsize::new(0),
            held: Mutex::default(),
            waiting: AtomicWaker::new(),
        }));
        let accepting = proxy.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let proxy = accepting.clone();
                tokio::spawn(async move { proxy.serve(connection).await });
            }
        });
        proxy
    }

    /// Sets the engine to which calls are forwarded.
    pub(crate) fn forward_to(&self, endpoint: &str) {
        endpoint.trim_start_matches("http://").clone_into(&mut self.state().engine);
    }

    /// Returns the endpoint of the proxy for `AWS_ENDPOINT_URL_DYNAMODB`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// Sets the plan and resets the attempts.
    pub(crate) fn plan(&self, plan: Plan) {
        let mut state = self.state();
        (state.plan, state.calls, state.has_written) = (plan, Calls::default(), false);
        state.seen.clear();
    }

    /// Drops the attempts with smaller numbers, which a request has abandoned and which arrive only now.
    pub(crate) fn drop_before(&self, first: u64) {
        self.state().first = first;
    }

    /// Returns true if the engine has received a change since the plan was set.
    pub(crate) fn has_written(&self) -> bool {
        self.state().has_written
    }

    /// Returns the attempts since then and their faults.
    pub(crate) fn seen(&self) -> Vec<(Attempt, Option<Fault>)> {
        self.state().seen.clone()
    }

    /// Returns the number of delayed attempts.
    pub(crate) fn held(&self) -> usize {
        self.0.held().len()
    }

    /// Waits until `is_true`, which is called when an attempt is delayed or ends, and whenever the calling task
    /// is woken.
    pub(crate) async fn wait_until(&self, is_true: impl Fn(&Self) -> bool) {
        poll_fn(|context| {
            self.0.waiting.register(context.waker());
            if is_true(self) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Returns true if all of these attempts are delayed, so that their callers wait for time to
    /// pass.
    pub(crate) fn holds_all(&self, attempts: &BTreeSet<u64>) -> bool {
        let held = self.0.held();
        attempts.iter().all(|attempt| held.contains(&Some(*attempt)))
    }

    fn hold(&self, request: &Message) -> Held<'_> {
        let number = number_of(request);
        self.0.held().push(number);
        self.0.waiting.wake();
        Held { shared: &self.0, number }
    }

    /// Waits until no attempt is in flight, and delivers those that are to arrive after the
    /// response.
    pub(crate) async fn settle(&self) {
        self.wait_until(|proxy| proxy.0.busy.load(Ordering::SeqCst) == 0).await;
        let late = std::mem::take(&mut self.state().late);
        for message in late {
            self.forward(&message).await.expect("the engine answers");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, mut connection: TcpStream) {
        while let Ok(Some(request)) = Message::read(&mut connection).await {
            let _busy = Busy::begin(&self.0);
            let written = match self.reply(request, &mut connection).await {
                Ok(Reply::Whole(answer)) => answer.write(&mut connection).await,
                Ok(Reply::Half(answer)) => {
                    // The rest is not sent, even if this part arrives.
                    let _ = answer.write_half(&mut connection).await;
                    return;
                }
                Ok(Reply::Cut) | Err(_) => return,
            };
            if written.is_err() {
                return;
            }
        }
    }

    async fn reply(&self, request: Message, connection: &mut TcpStream) -> io::Result<Reply> {
        let (attempt, fault) = {
            let mut state = self.state();
            if number_of(&request).is_some_and(|number| number < state.first) {
                return Ok(Reply::Cut);
            }
            let attempt = state.calls.attempt(&request);
            let fault = (state.plan)(&attempt);
            state.seen.push((attempt, fault));
            (attempt, fault)
        };
        let Some(fault) = fault else { return Ok(Reply::Whole(self.forward(&request).await?)) };
        Ok(match fault {
            Fault::Slow => {
                let held = self.hold(&request);
                tokio::time::sleep(Duration::from_millis(700)).await;
                drop(held);
                Reply::Whole(self.forward(&request).await?)
            }
            Fault::Failed { status, applied } => {
                if applied {
                    self.forward(&request).await?;
                }
                Reply::Whole(forge::failed(status))
            }
            Fault::Empty { applied } => {
                if applied {
                    self.forward(&request).await?;
                }
                Reply::Whole(Message::empty())
            }
            Fault::Refused(code) => Reply::Whole(forge::refused(code)),
            Fault::Cancelled { reason, at, failed } => {
                Reply::Whole(forge::cancelled(attempt.call.size, (reason, at), failed))
            }
            Fault::Cut { applied } => {
                if applied {
                    self.forward(&request).await?;
                }
                Reply::Cut
            }
            Fault::HalfAnswer => Reply::Half(self.forward(&request).await?),
            Fault::Silent { applied } => {
                if applied {
                    self.forward(&request).await?;
                }
                let _held = self.hold(&request);
                abandoned(connection).await;
                Reply::Cut
            }
            Fault::Late => {
                let _held = self.hold(&request);
                abandoned(connection).await;
                self.forward(&request).await?;
                Reply::Cut
            }
            Fault::AfterTheAnswer => {
                let _held = self.hold(&request);
                abandoned(connection).await;
                self.state().late.push(request);
                Reply::Cut
            }
            Fault::Unprocessed(left) => Reply::Whole(self.leave_unprocessed(&request, left).await?),
            Fault::ShortPage => {
                let mut body = request.json();
                body["Limit"] = json!(1);
                Reply::Whole(self.forward(&request.with(&body)).await?)
            }
            Fault::Old(state) => {
                let now = request.table();
                let old = format!("{now}-{state}");
                let answer = self.forward(&request.replacing(&now, &old)).await?;
                Reply::Whole(answer.replacing(&old, &now))
            }
        })
    }

    /// Forwards some keys of a batch; the response reports the others as unprocessed.
    async fn leave_unprocessed(&self, request: &Message, left: Left) -> io::Result<Message> {
        let (table, mut body) = (request.table(), request.json());
        let mut keys: Vec<Value> = body["RequestItems"][&table]["Keys"].as_array().expect("keys").clone();
        let kept = match left {
            Left::All => 0,
            Left::ButFirst => 1,
            // A single remaining key would be all keys.
            Left::Last => (keys.len() - 1).max(1),
        };
        let rest = keys.split_off(kept);
        let mut unprocessed = body["RequestItems"][&table].clone();
        unprocessed["Keys"] = json!(rest);
        let mut next = body.clone();
        next["RequestItems"][&table] = unprocessed.clone();
        self.state().calls.add_retry(&request.json(), &next);
        let mut answer = if keys.is_empty() {
            Message::answer(200, &json!({"Responses": {}}))
        } else {
            body["RequestItems"][&table]["Keys"] = json!(keys);
            self.forward(&request.with(&body)).await?
        };
        if !rest.is_empty() {
            let mut body = answer.json();
            body["UnprocessedKeys"] = json!({ table: unprocessed });
            answer = answer.with(&body);
        }
        Ok(answer)
    }

    /// Forwards a call to the engine on a reused connection.
    async fn forward(&self, request: &Message) -> io::Result<Message> {
        let (kept, engine) = {
            let mut state = self.state();
            state.has_written |= request.kind() == Kind::Transact;
            (state.connections.pop(), state.engine.clone())
        };
        let mut engine = match kept {
            Some(connection) => connection,
            None => TcpStream::connect(engine).await?,
        };
        request.write(&mut engine).await?;
        let answer = Message::read(&mut engine).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        self.state().connections.push(engine);
        Ok(answer)
    }
}

/// Returns the number of an attempt, if it has one.
fn number_of(request: &Message) -> Option<u64> {
    request.header(NUMBER).and_then(|number| number.parse().ok())
}

/// Waits until the caller has closed the connection.
async fn abandoned(connection: &mut TcpStream) {
    // The caller sends nothing before it gets a response.
    let _ = connection.read(&mut [0]).await;
}
