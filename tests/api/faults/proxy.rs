//! A proxy between the SDK and the engine that does to each attempt at a call what a plan says.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::calls::{Attempt, Calls};
use super::fault::{Fault, Left};
use super::forge;
use super::standstill::NUMBER;
use super::wire::Message;

/// What happens to an attempt; `None`: it is passed on.
pub(crate) type Plan = Box<dyn FnMut(&Attempt) -> Option<Fault> + Send>;

/// A proxy on the loopback interface, until the test ends.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<Shared>);

struct Shared {
    address: SocketAddr,
    state: Mutex<State>,
    busy: AtomicUsize,
    held: Mutex<Vec<Option<u64>>>,
}

struct State {
    engine: String,
    plan: Plan,
    calls: Calls,
    seen: Vec<(Attempt, Option<Fault>)>,
    connections: Vec<TcpStream>,
    late: Vec<Message>,
}

impl Shared {
    /// The attempts that are held back, by their numbers where they have one.
    fn held(&self) -> MutexGuard<'_, Vec<Option<u64>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One more of something, until it is dropped.
struct OneMore<'a>(&'a AtomicUsize);

impl<'a> OneMore<'a> {
    fn of(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for OneMore<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An attempt that is held back, until it is dropped.
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

/// What the caller gets for an attempt.
enum Reply {
    Whole(Message),
    Half(Message),
    Cut,
}

impl Proxy {
    /// Starts a proxy, which leads nowhere yet.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let state = State {
            engine: String::new(),
            plan: Box::new(|_| None),
            calls: Calls::default(),
            seen: Vec::new(),
            connections: Vec::new(),
            late: Vec::new(),
        };
        let proxy = Self(Arc::new(Shared {
            address: listener.local_addr().expect("an address"),
            state: Mutex::new(state),
            busy: AtomicUsize::new(0),
            held: Mutex::default(),
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

    /// Leads to the engine at this endpoint from now on.
    pub(crate) fn lead_to(&self, endpoint: &str) {
        endpoint.trim_start_matches("http://").clone_into(&mut self.state().engine);
    }

    /// Where it listens, as `AWS_ENDPOINT_URL_DYNAMODB` takes it.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// From now on this happens; attempts are counted anew.
    pub(crate) fn plan(&self, plan: Plan) {
        let mut state = self.state();
        (state.plan, state.calls) = (plan, Calls::default());
        state.seen.clear();
    }

    /// The attempts since then, and what happened to them.
    pub(crate) fn seen(&self) -> Vec<(Attempt, Option<Fault>)> {
        self.state().seen.clone()
    }

    /// How many attempts are held back.
    pub(crate) fn held(&self) -> usize {
        self.0.held().len()
    }

    /// Whether all of these attempts are held back, so that their callers wait for time to pass.
    pub(crate) fn holds_all(&self, attempts: &BTreeSet<u64>) -> bool {
        let held = self.0.held();
        attempts.iter().all(|attempt| held.contains(&Some(*attempt)))
    }

    fn hold(&self, request: &Message) -> Held<'_> {
        let number = request.header(NUMBER).and_then(|number| number.parse().ok());
        self.0.held().push(number);
        Held { shared: &self.0, number }
    }

    /// Waits until nothing is under way, and delivers what was to arrive after the answer.
    pub(crate) async fn settle(&self) {
        while self.0.busy.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
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
            let _busy = OneMore::of(&self.0.busy);
            let written = match self.reply(request, &mut connection).await {
                Ok(Reply::Whole(answer)) => answer.write(&mut connection).await,
                Ok(Reply::Half(answer)) => {
                    // Whether it arrives or not, the rest does not follow.
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
                given_up(connection).await;
                Reply::Cut
            }
            Fault::Late => {
                let _held = self.hold(&request);
                given_up(connection).await;
                self.forward(&request).await?;
                Reply::Cut
            }
            Fault::AfterTheAnswer => {
                let _held = self.hold(&request);
                given_up(connection).await;
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

    /// Lets the engine process some keys of a batch; the answer names the others as unprocessed.
    async fn leave_unprocessed(&self, request: &Message, left: Left) -> io::Result<Message> {
        let (table, mut body) = (request.table(), request.json());
        let mut keys: Vec<Value> = body["RequestItems"][&table]["Keys"].as_array().expect("keys").clone();
        let kept = match left {
            Left::All => 0,
            Left::ButFirst => 1,
            // Of one that is left it would be all again.
            Left::Last => (keys.len() - 1).max(1),
        };
        let rest = keys.split_off(kept);
        let mut unprocessed = body["RequestItems"][&table].clone();
        unprocessed["Keys"] = json!(rest);
        let mut next = body.clone();
        next["RequestItems"][&table] = unprocessed.clone();
        self.state().calls.goes_on(&request.json(), &next);
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

    /// Passes a call on to the engine, on a connection that is kept.
    async fn forward(&self, request: &Message) -> io::Result<Message> {
        let (kept, engine) = {
            let mut state = self.state();
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

/// Waits until the caller has closed the connection.
async fn given_up(connection: &mut TcpStream) {
    // It sends nothing more before it has an answer.
    let _ = connection.read(&mut [0]).await;
}
