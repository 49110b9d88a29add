//! What the server and the engine have in common: a port of this machine, and how they end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::error::Error;

/// Listens on `port` of 127.0.0.1 (0: a free one).
pub(crate) async fn listen(port: u16) -> Result<TcpListener, Error> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|reason| match reason.kind() {
        io::ErrorKind::AddrInUse => Error::PortTaken { port },
        _ => Error::Listen { port, reason },
    })
}

/// Where a listener listens.
pub(crate) fn address_of(listener: &TcpListener) -> Result<SocketAddr, Error> {
    listener.local_addr().map_err(|reason| Error::Listen { port: 0, reason })
}

/// Serves until there is a `wish` to stop. What `serve` makes is told of it by the end of the future that
/// it is given; it then has the time `limit` to answer the requests that are under way.
pub(crate) async fn until_wished<F, E>(
    wish: impl Future,
    limit: Duration,
    serve: impl FnOnce(oneshot::Receiver<()>) -> F,
) -> Result<(), E>
where
    F: Future<Output = Result<(), E>>,
{
    let (stopping, stopped) = oneshot::channel();
    let wished = async {
        wish.await;
        drop(stopping);
        sleep(limit).await;
    };
    tokio::select! {
        served = serve(stopped) => served,
        () = wished => Ok(()),
    }
}
