//! HTTP/1.1 messages as bytes, so that the proxy can cut them anywhere.

use std::fmt::Write as _;
use std::io;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A request or a response.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    head: String,
    body: Vec<u8>,
}

impl Message {
    /// Returns a response of the table.
    pub(crate) fn answer(status: u16, body: &Value) -> Self {
        let head = format!("HTTP/1.1 {status} -\r\ncontent-type: application/x-amz-json-1.0\r\n\r\n");
        Self { head, body: Vec::new() }.with(body)
    }

    /// Returns a response of the table without a body.
    pub(crate) fn empty() -> Self {
        Self { head: "HTTP/1.1 200 -\r\ncontent-length: 0\r\n\r\n".to_owned(), body: Vec::new() }
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.head.truncate(self.head.len() - "\r\n".len());
        let _ = write!(self.head, "{name}: {value}\r\n\r\n");
        self
    }

    /// Returns the first line.
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// Reads the next message of a connection, or returns `None` if the connection ends before the
    /// message is complete.
    pub(crate) async fn read(connection: &mut TcpStream) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let head = loop {
            let end = bytes.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD);
            if let Some(end) = end {
                break end + END_OF_HEAD.len();
            }
            if connection.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
        };
        let body = bytes.split_off(head);
        let head = String::from_utf8(bytes).map_err(io::Error::other)?;
        let mut message = Self { head, body };
        let length = message.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        while message.body.len() < length {
            if connection.read_buf(&mut message.body).await? == 0 {
                return Ok(None);
            }
        }
        Ok(Some(message))
    }

    /// Writes the message.
    pub(crate) async fn write(&self, connection: &mut TcpStream) -> io::Result<()> {
        let bytes = [self.head.as_bytes(), &self.body].concat();
        connection.write_all(&bytes).await
    }

    /// Writes the head, which declares the length of the whole body, and half of the body.
    pub(crate) async fn write_half(&self, connection: &mut TcpStream) -> io::Result<()> {
        let bytes = [self.head.as_bytes(), &self.body[..self.body.len() / 2]].concat();
        connection.write_all(&bytes).await
    }

    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut values = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        values.next().map(|(_, value)| value.trim())
    }

    /// Returns the body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Replaces the body.
    pub(crate) fn with(&self, body: &Value) -> Self {
        let body = body.to_string();
        let is_kept = |line: &&str| !line.is_empty() && !is_of_the_body(line);
        let mut head: String = self.head.lines().filter(is_kept).flat_map(|line| [line, "\r\n"]).collect();
        let _ = write!(head, "content-length: {}\r\n\r\n", body.len());
        Self { head, body: body.into_bytes() }
    }

    /// Replaces a text in the body.
    pub(crate) fn replacing(&self, from: &str, to: &str) -> Self {
        let body = String::from_utf8_lossy(&self.body).replace(from, to);
        self.with(&serde_json::from_str(&body).expect("JSON"))
    }
}

/// Returns true if a header depends on the bytes of the body.
fn is_of_the_body(line: &str) -> bool {
    let name = line.split(':').next().unwrap_or_default();
    ["content-length", "x-amz-crc32"].iter().any(|header| name.eq_ignore_ascii_case(header))
}
