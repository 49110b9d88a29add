//! Minimal HTTP client connection, so that the caller's own work hardly affects the measured rate.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Result;

/// Maximum number of response headers.
const MAX_HEADERS: usize = 32;
/// Read size in bytes. Most responses fit into one read.
const CHUNK: usize = 4_096;

/// A connection that sends the same request repeatedly.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    request: String,
    /// Bytes of the response that have arrived.
    response: Vec<u8>,
}

impl Connection {
    /// Connects to `address`. `request` is the complete HTTP request.
    pub(crate) async fn open(address: SocketAddr, request: String) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request, response: Vec::with_capacity(CHUNK) })
    }

    /// Sends the request, waits for the complete response and returns its status.
    pub(crate) async fn call(&mut self) -> Result<u16> {
        self.stream.write_all(self.request.as_bytes()).await?;
        self.response.clear();
        loop {
            self.response.reserve(CHUNK);
            if self.stream.read_buf(&mut self.response).await? == 0 {
                return Err("the server has closed the connection".into());
            }
            if let Some(status) = status_of(&self.response)? {
                return Ok(status);
            }
        }
    }
}

/// Returns the status of a response, or `None` if the response is incomplete.
fn status_of(response: &[u8]) -> Result<Option<u16>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(begin) = head.parse(response)? else {
        return Ok(None);
    };
    let length = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length: usize = match length {
        Some(header) => std::str::from_utf8(header.value)?.parse()?,
        None if head.code == Some(204) => 0,
        None => return Err("the response has no Content-Length".into()),
    };
    Ok(head.code.filter(|_| response.len() >= begin + length))
}

#[cfg(test)]
mod tests {
    use super::status_of;

    #[test]
    fn a_response_is_complete_once_its_last_byte_has_arrived() {
        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        let ends = (0..=response.len()).map(|end| status_of(&response[..end]).expect("a valid response"));
        let statuses: Vec<_> = ends.flatten().collect();
        assert_eq!(statuses, [200]);
        assert_eq!(status_of(b"HTTP/1.1 204 No Content\r\n\r\n").expect("a valid response"), Some(204));
        status_of(b"HTTP/1.1 200 OK\r\n\r\n").expect_err("a response without a length is an error");
    }
}
