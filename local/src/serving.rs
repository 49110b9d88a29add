//! Listening and stopping, as shared by the server and the engine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::error::Error;

/// Listens on `port` of 127.0.0.1 (0 selects a free port).
pub(crate) async fn listen(port: u16) -> Result<TcpListener, Error> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|reason| match reason.kind() {
        io::ErrorKind::AddrInUse => Error::PortTaken { port },
        _ => Error::Listen { port, reason },
    })
}

/// Returns the address of a listener.
pub(crate) fn address_of(listener: &TcpListener) -> Result<SocketAddr, Error> {
    listener.local_addr().map_err(|reason| Error::Listen { port: 0, reason })
}

/// Runs the future of `serve` until `stop` completes, then lets it finish its requests for at most `timeout`.
///
/// `serve` receives a channel that is closed when the stop begins.
pub(crate) async fn until_stopped<F, E>(
    stop: impl Future,
    timeout: Duration,
    serve: impl FnOnce(oneshot::Receiver<()>) -> F,
) -> Result<(), E>
where
    F: Future<Output = Result<(), E>>,
{
    let (stopping, stopped) = oneshot::channel();
    let timed_out = async {
        stop.await;
        drop(stopping);
        sleep(timeout).await;
    };
    tokio::select! {
        served = serve(stopped) => served,
        () = timed_out => Ok(()),
    }
}
