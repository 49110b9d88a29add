//! Tests which responses of a key server are accepted. The server listens on the loopback interface
//! without TLS.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{JoinHandle, spawn};

use super::*;

/// Starts a server that responds to one request with this status and body, and returns that request
/// when joined.
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
        // Ignored: a client that has read enough closes the connection early.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        String::from_utf8(request).expect("text")
    });
    (address, server)
}

async fn fetched(status: &'static str, body: Vec<u8>) -> Option<Vec<u8>> {
    let (address, server) = server(status, body);
    let fetched = over_the_network()(format!("http://{address}/keys")).await;
    // Connects once more, because the server would wait forever if no request had arrived.
    drop(TcpStream::connect(address));
    let request = server.join().expect("a request");
    assert!(request.starts_with("GET /keys HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\naccept: application/json\r\n"), "{request}");
    fetched
}

#[tokio::test]
async fn only_a_200_response_returns_a_key_set() {
    assert_eq!(fetched("200 OK", b"{\"keys\":[]}".to_vec()).await, Some(b"{\"keys\":[]}".to_vec()));
    assert_eq!(fetched("200 OK", Vec::new()).await, Some(Vec::new()));
    for status in ["201 Created", "203 Other", "302 Found", "404 Not Found", "500 Internal Server Error"] {
        assert_eq!(fetched(status, b"{}".to_vec()).await, None, "{status}");
    }
}

#[tokio::test]
async fn key_sets_larger_than_256_kib_are_rejected() {
    let largest = vec![b'a'; 262_144];
    assert_eq!(fetched("200 OK", largest.clone()).await, Some(largest));
    assert_eq!(fetched("200 OK", vec![b'a'; 262_145]).await, None);
}

#[tokio::test]
async fn invalid_and_unreachable_urls_return_no_key_set() {
    // Nothing listens on the discard port.
    for address in ["", "http://", "http://127.0.0.1:9/keys"] {
        assert_eq!(over_the_network()(address.to_owned()).await, None, "{address}");
    }
}
