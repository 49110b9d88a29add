//! A caller's connection, with so little work of its own that a server's rate is not the caller's.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Result;

/// The headers that an answer has at most.
const HEADERS: usize = 32;
/// How much is read at a time, in bytes; an answer fits as a rule.
const CHUNK: usize = 4_096;

/// A connection on which one request is made over and over.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    request: String,
    /// What has been read of the answer.
    answer: Vec<u8>,
}

impl Connection {
    /// Connects to `address`, for the request as it is sent.
    pub(crate) async fn open(address: SocketAddr, request: String) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request, answer: Vec::with_capacity(CHUNK) })
    }

    /// Makes the request, and returns the status of the answer when all of it is there.
    pub(crate) async fn call(&mut self) -> Result<u16> {
        self.stream.write_all(self.request.as_bytes()).await?;
        self.answer.clear();
        loop {
            self.answer.reserve(CHUNK);
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the server has closed the connection".into());
            }
            if let Some(status) = status_of(&self.answer)? {
                return Ok(status);
            }
        }
    }
}

/// The status of an answer; none of one that is not there to its end.
fn status_of(answer: &[u8]) -> Result<Option<u16>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(begin) = head.parse(answer)? else {
        return Ok(None);
    };
    let length = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length: usize = match length {
        Some(header) => std::str::from_utf8(header.value)?.parse()?,
        None if head.code == Some(204) => 0,
        None => return Err("the answer does not tell its length".into()),
    };
    Ok(head.code.filter(|_| answer.len() >= begin + length))
}

#[cfg(test)]
mod tests {
    use super::status_of;

    #[test]
    fn an_answer_is_there_when_its_last_byte_is() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        let ends = (0..=answer.len()).map(|end| status_of(&answer[..end]).expect("readable"));
        let statuses: Vec<_> = ends.flatten().collect();
        assert_eq!(statuses, [200]);
        assert_eq!(status_of(b"HTTP/1.1 204 No Content\r\n\r\n").expect("readable"), Some(204));
        status_of(b"HTTP/1.1 200 OK\r\n\r\n").expect_err("nobody knows where it ends");
    }
}
