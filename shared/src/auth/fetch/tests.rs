//! Holds what of a server's answer is taken for a key set. The network is this machine's own, without
//! TLS.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{JoinHandle, spawn};

use super::*;

/// A server that answers one request with this status and body; at its end it tells what it was asked.
fn server(status: &'static str, body: Vec<u8>) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a request");
            request.extend(byte);
        }
        let head =
            format!("HTTP/1.1 {status}\r\nlocation: /elsewhere\r\ncontent-length: {}\r\n\r\n", body.len());
        // Who has read enough does not wait for the rest.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        String::from_utf8(request).expect("text")
    });
    (address, server)
}

async fn fetched(status: &'static str, body: Vec<u8>) -> Option<Vec<u8>> {
    let (address, server) = server(status, body);
    let fetched = over_the_network()(format!("http://{address}/keys")).await;
    // Where nobody has come, the server would wait for ever.
    drop(TcpStream::connect(address));
    let request = server.join().expect("a request");
    assert!(request.starts_with("GET /keys HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\naccept: application/json\r\n"), "{request}");
    fetched
}

#[tokio::test]
async fn a_key_set_is_the_whole_body_of_an_answer_200() {
    assert_eq!(fetched("200 OK", b"{\"keys\":[]}".to_vec()).await, Some(b"{\"keys\":[]}".to_vec()));
    assert_eq!(fetched("200 OK", Vec::new()).await, Some(Vec::new()));
    for status in ["201 Created", "203 Other", "302 Found", "404 Not Found", "500 Internal Server Error"] {
        assert_eq!(fetched(status, b"{}".to_vec()).await, None, "{status}");
    }
}

#[tokio::test]
async fn a_key_set_of_more_than_256_kib_is_not_read() {
    let largest = vec![b'a'; 262_144];
    assert_eq!(fetched("200 OK", largest.clone()).await, Some(largest));
    assert_eq!(fetched("200 OK", vec![b'a'; 262_145]).await, None);
}

#[tokio::test]
async fn an_address_that_is_none_or_where_nobody_answers_gives_no_key_set() {
    // Nothing listens on the port of discarded data.
    for address in ["", "http://", "http://127.0.0.1:9/keys"] {
        assert_eq!(over_the_network()(address.to_owned()).await, None, "{address}");
    }
}
