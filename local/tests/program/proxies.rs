//! The proxy variables, which hold for the key servers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread::spawn;

use tempfile::tempdir;

use crate::run::Running;

/// The JOSE header `{"alg":"EdDSA"}` and the claims `{"iss":"i"}`.
const TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJpIn0.AAAA";

/// Starts a proxy that opens no tunnel. Returns its URL and the request lines that it receives.
fn proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, lines) = channel();
    spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.expect("a caller"));
            let mut line = String::new();
            stream.read_line(&mut line).expect("a request");
            sender.send(line.trim_end().to_owned()).expect("a test that reads");
            stream.get_mut().write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").expect("sent");
        }
    });
    (url, lines)
}

/// Starts the server with these variables, and returns the status line of the response to a token.
fn status_with(variables: &[(&str, &str)]) -> String {
    let folder = tempdir().expect("a folder");
    let keys = [("BEARER_ISSUER", "i"), ("BEARER_JWKS", "https://keys.invalid/jwks")];
    let variables = [&keys[..], variables].concat();
    let (_running, address) = Running::serve(folder.path(), &variables);
    let mut stream = TcpStream::connect(address).expect("a connection");
    let path = "/nevisidm/api/core/v1/clients/100";
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("UTF-8");
    response.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn key_sets_are_fetched_through_the_proxy_except_from_excluded_hosts() {
    for (proxy_variable, exclusion) in [("HTTPS_PROXY", "NO_PROXY"), ("https_proxy", "no_proxy")] {
        let (url, lines) = proxy();
        let unavailable = "HTTP/1.1 503 Service Unavailable";
        assert_eq!(status_with(&[(proxy_variable, &url)]), unavailable);
        // The second line is that of the second attempt.
        let received: Vec<String> = lines.try_iter().collect();
        assert_eq!(received, ["CONNECT keys.invalid:443 HTTP/1.1"; 2], "{proxy_variable}");
        assert_eq!(status_with(&[(proxy_variable, &url), (exclusion, "keys.invalid")]), unavailable);
        assert_eq!(lines.try_iter().next(), None, "{exclusion}");
    }
}
