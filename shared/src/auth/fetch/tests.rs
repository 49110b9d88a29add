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

async fn fetched(status: &'static str, body: Vec<u8>) -> Result<Vec<u8>, NetworkFailure> {
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
    assert_eq!(fetched("200 OK", b"{\"keys\":[]}".to_vec()).await, Ok(b"{\"keys\":[]}".to_vec()));
    assert_eq!(fetched("200 OK", Vec::new()).await, Ok(Vec::new()));
    for (status, number) in [
        ("201 Created", 201),
        ("203 Other", 203),
        ("302 Found", 302),
        ("404 Not Found", 404),
        ("500 Internal Server Error", 500),
    ] {
        assert_eq!(fetched(status, b"{}".to_vec()).await, Err(NetworkFailure::Status(number)), "{status}");
    }
}

#[tokio::test]
async fn key_sets_larger_than_256_kib_are_rejected() {
    let largest = vec![b'a'; 262_144];
    assert_eq!(fetched("200 OK", largest.clone()).await, Ok(largest));
    assert_eq!(fetched("200 OK", vec![b'a'; 262_145]).await, Err(NetworkFailure::Size));
}

#[tokio::test]
async fn invalid_and_unreachable_urls_return_the_failure() {
    // Nothing listens on the discard port.
    for (address, expected) in [
        ("", NetworkFailure::Construction),
        ("http://", NetworkFailure::Construction),
        ("http://127.0.0.1:9/keys", NetworkFailure::Connect),
    ] {
        assert_eq!(over_the_network()(address.to_owned()).await, Err(expected), "{address}");
    }
}

/// Starts a server that sends these responses, each on its own connection, and counts the connections. It
/// expects one request on each.
fn connections(responses: &'static [&'static str]) -> (SocketAddr, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = spawn(move || {
        let mut kept = Vec::new();
        for response in responses {
            let (mut stream, _) = listener.accept().expect("a caller");
            assert_ne!(stream.read(&mut [0; 1024]).expect("a request"), 0);
            stream.write_all(response.as_bytes()).expect("sent");
            if *response == RESPONSE {
                kept.push(stream);
            }
        }
        for mut stream in kept {
            stream.set_nonblocking(true).expect("set");
            assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0, "a second request on a connection");
        }
        listener.set_nonblocking(true).expect("set");
        responses.len() + listener.incoming().take_while(Result::is_ok).count()
    });
    (address, server)
}

/// A response with an empty body, after which the server keeps the connection open.
const RESPONSE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn a_failed_connection_is_tried_once_more() {
    let (address, server) = connections(&["", RESPONSE]);
    assert_eq!(over_the_network()(format!("http://{address}/keys")).await, Ok(Vec::new()));
    assert_eq!(server.join().expect("served"), 2);
    let (address, server) = connections(&["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"]);
    let failure = over_the_network()(format!("http://{address}/keys")).await;
    assert_eq!((failure, server.join().expect("served")), (Err(NetworkFailure::Connection), 2));
    let (address, server) = connections(&["HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"]);
    let failure = over_the_network()(format!("http://{address}/keys")).await;
    assert_eq!((failure, server.join().expect("served")), (Err(NetworkFailure::Status(503)), 1));
}

/// A kept connection may have been closed without notice while the function was suspended.
#[tokio::test]
async fn each_fetch_has_its_own_connection() {
    let (address, server) = connections(&[RESPONSE, RESPONSE]);
    let fetch = over_the_network();
    for _ in 0..2 {
        assert_eq!(fetch(format!("http://{address}/keys")).await, Ok(Vec::new()));
    }
    assert_eq!(server.join().expect("served"), 2);
}
