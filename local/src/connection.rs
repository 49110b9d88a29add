//! Connections that give the HTTP library's own refusals the error body of the API.
//!
//! The library responds to a request that it cannot parse with a status and without a body, and has no
//! hook for another response.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::http::StatusCode;
use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::refusal::Refusal;

/// A listener of such connections.
pub(crate) struct Connections(pub(crate) TcpListener);

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Connection { stream, pending: Vec::new() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection.
pub(crate) struct Connection {
    stream: TcpStream,
    /// The rest of a completed refusal, which is written before anything else.
    pending: Vec<u8>,
}

impl Connection {
    /// Writes the rest of a completed refusal.
    fn poll_pending(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.pending))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.pending.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    /// Replaces bytes by the completed refusal if they are one of the library's. Returns true if so.
    fn replaces(&mut self, bytes: &[u8]) -> bool {
        match completed(bytes) {
            Some(refusal) => {
                self.pending = refusal.into_bytes();
                true
            }
            None => false,
        }
    }
}

/// Returns the library's refusal with the body and the headers of the API. Returns `None` if the bytes are
/// anything else.
fn completed(bytes: &[u8]) -> Option<String> {
    let status = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    let refusals = [Refusal::Malformed, Refusal::TargetTooLong, Refusal::HeadersTooLarge];
    let of_status = |refusal: &Refusal| StatusCode::from_bytes(status).is_ok_and(|it| it == refusal.status());
    let body = refusals.into_iter().find(of_status)?.body();
    let head = str::from_utf8(bytes).ok()?;
    // All other responses have this header.
    if head.contains("cache-control: ") || !head.ends_with("\r\n\r\n") {
        return None;
    }
    let (before, after) = head.split_once("content-length: 0\r\n")?;
    let length = body.len();
    Some(format!(
        "{before}cache-control: no-store\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{after}{body}"
    ))
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_pending(context))?;
        if self.replaces(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_pending(context))?;
        if let [bytes] = slices
            && self.replaces(bytes)
        {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
