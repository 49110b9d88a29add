//! Example requests for the demo data: one for each operation that changes data, with the examples of the
//! API description.

use functions::OPERATIONS;
use serde_json::Value;
use shared::operation::Operation;

use super::tokens::Tokens;
use crate::error::Error;
use crate::openapi::{example, fill_path};

/// A request that succeeds once on the demo data.
struct Request {
    operation: &'static Operation,
    path: String,
    body: Option<Value>,
}

/// Returns the requests, in an order in which each succeeds on new demo data. `unique` is appended to names,
/// so that they differ from those of earlier runs.
fn requests(unique: &str) -> Result<Vec<Request>, Error> {
    let changes = OPERATIONS.into_iter().filter(|operation| operation.is_change());
    let request = |operation: &'static Operation| {
        let body = example(operation, Some(unique));
        Ok(Request { operation, path: fill_path(operation)?, body })
    };
    changes.map(request).collect()
}

/// Returns a comment and a `curl` command for each request.
pub(crate) fn curl_lines(base_url: &str, tokens: &Tokens, unique: &str) -> Result<String, Error> {
    let lines = requests(unique)?.into_iter().map(|request| {
        let headers: String = request
            .headers(tokens)
            .iter()
            .map(|(name, value)| " -H \"".to_owned() + name + ": " + value + "\"")
            .collect();
        let body = request.body.as_ref().map_or_else(String::new, |body| format!(" -d '{body}'"));
        let Operation { id, method, description, .. } = request.operation;
        format!(
            "# {id}: {}\ncurl -i -X {method}{headers}{body} {base_url}{}\n",
            description.summary, request.path
        )
    });
    Ok(lines.collect())
}

impl Request {
    /// Returns the headers. The caller is the user of the path if users can act on themselves, and otherwise
    /// a caller with all rights over all clients.
    fn headers(&self, tokens: &Tokens) -> Vec<(&'static str, String)> {
        let is_self = self.operation.requires_x_token();
        let bearer = if is_self { tokens.user() } else { tokens.root() };
        let mut headers = vec![("Authorization", format!("Bearer {bearer}"))];
        if is_self {
            headers.push(("X-Token", tokens.x_token().to_owned()));
        }
        if self.body.is_some() {
            headers.push(("Content-Type", "application/json".to_owned()));
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shared::auth::fetch::over_the_network;
    use shared::clock::Deadline;
    use shared::clock::{Clock, Random, Timestamp};
    use shared::host::respond;
    use shared::http::{RawRequest, Target};
    use shared::service::App;
    use tempfile::tempdir;

    use super::{OPERATIONS, Request, Tokens, curl_lines, requests};
    use crate::demo::load;
    use crate::environment::Environment;
    use crate::folder::DataFolder;
    use crate::keys::DevelopmentKeys;
    use crate::store::Store;

    fn now() -> Timestamp {
        Timestamp::parse("2026-03-01T12:00:00Z").expect("a time")
    }

    async fn status(app: &App, request: &Request, tokens: &Tokens) -> u16 {
        let headers = request.headers(tokens).into_iter();
        let incoming = RawRequest {
            method: request.operation.method.clone(),
            target: Target::Encoded(request.path.clone()),
            base_url: "http://127.0.0.1:8080".to_owned(),
            query: Vec::new(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).collect(),
            body: Some(request.body.as_ref().map(ToString::to_string).unwrap_or_default().into_bytes()),
            request_id: "request".to_owned(),
            trace_id: None,
        };
        let deadline = Deadline::after(Duration::from_secs(9));
        respond(app, OPERATIONS, incoming, deadline).await.status.as_u16()
    }

    #[tokio::test]
    async fn requests_succeed_on_new_data_and_report_a_conflict_after_a_restart() {
        let directory = tempdir().expect("a folder");
        let folder = DataFolder::open(directory.path()).expect("usable");
        let keys = DevelopmentKeys::of(&folder).expect("made");
        let environment = Environment::new(&keys, []).expect("complete");
        let config = environment.config().expect("valid");
        let tokens = Tokens::new(&keys, &environment, now()).expect("signed");
        let store = Store::served(&folder, &environment, true, 0).await.expect("served");
        load(&store, &config.settings).await.expect("loaded");
        let clock = Clock::from_fn(now);
        let app = App::new(config, store.client.clone(), &over_the_network(), clock, Random::system());

        for (start, expected) in [("1", &[200, 201, 204][..]), ("2", &[200, 201, 204, 404, 422])] {
            for request in requests(start).expect("requests") {
                let status = status(&app, &request, &tokens).await;
                assert!(expected.contains(&status), "{} {start}: {status}", request.operation.id);
            }
        }
    }

    #[test]
    fn curl_commands_contain_tokens_and_bodies() {
        let [root, user, x_token] = ["r.o.t", "u.s.r", "x.t.k"].map(|token| Some(token.to_owned()));
        let lines = curl_lines("http://127.0.0.1:1", &Tokens { root, user, x_token }, "7").expect("lines");
        let lines: Vec<&str> = lines.lines().collect();
        let changes = OPERATIONS.iter().filter(|operation| operation.is_change()).count();
        assert_eq!(lines.len(), 2 * changes);
        for expected in [
            "curl -i -X PATCH -H \"Authorization: Bearer r.o.t\" -H \"Content-Type: application/json\" \
             -d '{\"employee_id\":\"4711\"}' \
             http://127.0.0.1:1/nevisidm/api/core/v1/100/users/user-123/mobile-signature/properties",
            "curl -i -X DELETE -H \"Authorization: Bearer u.s.r\" -H \"X-Token: x.t.k\" \
             http://127.0.0.1:1/nevisidm/api/core/v1/100/users/user-123/dispatch-targets/dt-123",
        ] {
            assert!(lines.contains(&expected), "{lines:?}");
        }
    }
}
