//! Router and path decoder. The input is a method, a line break and the path of a URL.
//!
//! Invariants:
//!
//! - The router selects the first operation whose path template matches. The path parameters are the
//!   corresponding segments, percent-decoded once.
//! - The URL that is built from the parameters leads to the same operation with the same parameters. So does
//!   a request whose route the gateway has already matched.

use std::collections::BTreeMap;
use std::time::Duration;

use functions::OPERATIONS;
use shared::clock::Deadline;
use shared::error::ApiError;
use shared::http::{BASE_PATH, Method, PRINCIPAL_BASE_PATH, RawRequest, Request, Target};
use shared::operation::{Operation, route};

use crate::first_line;

/// Checks the router with a method and a path.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    let Ok(input) = str::from_utf8(input) else { return };
    let (method, path) = first_line(input);
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return };
    for encoded in [true, false] {
        let places: Vec<(&Operation, BTreeMap<&str, String>)> = OPERATIONS
            .iter()
            .filter_map(|operation| Some((*operation, parameters(operation.path, path, encoded)?)))
            .collect();
        let expected = places.iter().find(|(operation, _)| methods_of(operation).contains(&method.as_str()));
        let target =
            if encoded { Target::Encoded(path.to_owned()) } else { Target::Decoded(path.to_owned()) };
        match (routed(&method, target), expected) {
            (Ok((found, request)), Some((operation, parameters))) => {
                assert_eq!(found.id, operation.id);
                assert_eq!(parameters_of(&request), *parameters);
                assert_round_trip(found, &request);
            }
            (Err(ApiError::NoRoute), None) => assert!(places.is_empty(), "an existing path was not found"),
            (Err(ApiError::MethodNotAllowed { allowed }), None) => {
                let mut methods: Vec<&str> =
                    places.iter().flat_map(|(operation, _)| methods_of(operation)).collect();
                assert!(!methods.is_empty(), "methods are allowed for a path that does not exist");
                methods.push("OPTIONS");
                methods.sort_unstable();
                assert_eq!(allowed, methods.join(", "));
            }
            (found, expected) => panic!(
                "{:?} instead of {:?}",
                found.map(|(operation, _)| operation.id),
                expected.map(|(operation, _)| operation.id)
            ),
        }
    }
}

/// Returns the methods of an operation, independently of the service's router.
fn methods_of(operation: &Operation) -> Vec<&str> {
    match operation.method.as_str() {
        "GET" => vec!["GET", "HEAD"],
        other => vec![other],
    }
}

fn routed(method: &Method, target: Target) -> Result<(&'static Operation, Request), ApiError> {
    let incoming = RawRequest {
        method: method.clone(),
        target,
        base_url: "https://id.example".to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Some(Vec::new()),
        request_id: "r".to_owned(),
        trace_id: None,
    };
    route(OPERATIONS, incoming, Deadline::after(Duration::from_secs(1)))
}

fn parameters_of(request: &Request) -> BTreeMap<&str, String> {
    request.parameters().iter().map(|(name, value)| (name.as_str(), value.clone())).collect()
}

/// Asserts that the URL of the requested object has only visible ASCII characters and round-trips.
fn assert_round_trip(operation: &'static Operation, request: &Request) {
    let words = operation.path.split('/').skip(1);
    let segments: Vec<&str> =
        words.map(|word| name_of(word).map_or(word, |name| request.parameter(name))).collect();
    let address = request.location(&segments);
    assert!(address.bytes().all(|byte| byte.is_ascii_graphic()), "{address:?}");
    let template = operation.full_path();
    let matched = Target::Matched { template, parameters: request.parameters().clone() };
    for target in [Target::Encoded(address), matched] {
        let (found, again) = routed(request.method(), target).expect("an operation");
        assert_eq!((found.id, again.parameters()), (operation.id, request.parameters()));
    }
}

/// Returns the path parameters, independently of the service's router. Returns `None` if the path does not
/// match the template.
fn parameters<'a>(template: &'a str, path: &str, encoded: bool) -> Option<BTreeMap<&'a str, String>> {
    let (base, template) = match template.strip_prefix(PRINCIPAL_BASE_PATH) {
        Some(template) => (PRINCIPAL_BASE_PATH, template),
        None => (BASE_PATH, template),
    };
    let (_, path) = path.split_once(base)?;
    let words: Vec<&str> = template.split('/').collect();
    let segments: Vec<&str> = path.split('/').collect();
    let mut parameters = BTreeMap::new();
    for (word, segment) in words.iter().zip(&segments) {
        match name_of(word) {
            Some(_) if segment.is_empty() => return None,
            Some(name) if encoded => drop(parameters.insert(name, decoded(segment)?)),
            Some(name) => drop(parameters.insert(name, (*segment).to_owned())),
            None if word == segment => {}
            None => return None,
        }
    }
    (words.len() == segments.len()).then_some(parameters)
}

fn name_of(word: &str) -> Option<&str> {
    Some(word.strip_prefix('{')?.trim_end_matches('}'))
}

/// Percent-decodes a segment.
fn decoded(segment: &str) -> Option<String> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = behind.first().and_then(digit).zip(behind.get(1).and_then(digit));
        (bytes, rest) = match digits {
            Some((high, low)) if *first == b'%' => ([bytes, vec![high * 16 + low]].concat(), &behind[2..]),
            _ => ([bytes, vec![*first]].concat(), behind),
        };
    }
    String::from_utf8(bytes).ok()
}
