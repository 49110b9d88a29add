//! One request for each of the five operations that change something.

use serde_json::{Value, json};
use shared::http::BASE_PATH;

use super::tokens::{CLIENT, Tokens, USER};

/// A request that succeeds once on the demo data.
struct Request {
    operation: &'static str,
    method: &'static str,
    path: String,
    body: Option<Value>,
    caller: Caller,
    /// What is answered, at first and later.
    answer: &'static str,
}

#[derive(Clone, Copy)]
enum Caller {
    /// Somebody with every right over every client.
    Root,
    /// The user of the path, who was authenticated again.
    User,
}

/// The requests, in an order in which each succeeds on new demo data. `unique`
/// tells the client of this run from those of earlier ones.
fn requests(unique: &str) -> [Request; 5] {
    let user_path = format!("/{CLIENT}/users/{USER}");
    [
        Request {
            operation: "create-client",
            method: "POST",
            path: "/clients".to_owned(),
            body: Some(json!({"name": format!("Example-{unique}"), "displayName": {"EN": "Example"}})),
            caller: Caller::Root,
            answer: "201, and 422 when the name is taken",
        },
        Request {
            operation: "create-personal-question",
            method: "POST",
            path: format!("/{CLIENT}/personal-questions"),
            body: Some(
                json!({"stateName": "active", "content": {"EN": "What was the name of your first pet?"}}),
            ),
            caller: Caller::Root,
            answer: "201",
        },
        Request {
            operation: "create-consent",
            method: "POST",
            path: format!("{user_path}/consents"),
            body: Some(json!({"termsExtId": "terms-123"})),
            caller: Caller::Root,
            answer: "201, and 422 when the consent is there",
        },
        Request {
            operation: "update-mobile-signature-properties",
            method: "PATCH",
            path: format!("{user_path}/mobile-signature/properties"),
            body: Some(json!({"employee_id": "4711"})),
            caller: Caller::Root,
            answer: "200",
        },
        Request {
            operation: "delete-dispatch-target",
            method: "DELETE",
            path: format!("{user_path}/dispatch-targets/dt-123"),
            body: None,
            caller: Caller::User,
            answer: "204, and 404 when it is gone",
        },
    ]
}

/// A comment and a command line for each request, ready for a shell.
pub(crate) fn curl_lines(base_url: &str, tokens: &Tokens, unique: &str) -> String {
    requests(unique).iter().fold(String::new(), |text, request| {
        let headers: String = request
            .headers(tokens)
            .iter()
            .map(|(name, value)| " -H \"".to_owned() + name + ": " + value + "\"")
            .collect();
        let body = request.body.as_ref().map_or_else(String::new, |body| format!(" -d '{body}'"));
        text + &format!(
            "# {}: {}\ncurl -i -X {}{headers}{body} {base_url}{BASE_PATH}{}\n",
            request.operation, request.answer, request.method, request.path
        )
    })
}

impl Request {
    fn headers(&self, tokens: &Tokens) -> Vec<(&'static str, String)> {
        let bearer = match self.caller {
            Caller::Root => &tokens.root,
            Caller::User => &tokens.user,
        };
        let mut headers = vec![("Authorization", format!("Bearer {bearer}"))];
        match self.caller {
            Caller::Root => {}
            Caller::User => headers.push(("X-Token", tokens.x_token.clone())),
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

    use functions::OPERATIONS;
    use shared::answer::answer;
    use shared::app::App;
    use shared::auth::fetch::over_the_network;
    use shared::clock::{Clock, Random, Timestamp};
    use shared::http::{Incoming, Method, Target};
    use shared::table::Deadline;
    use tempfile::tempdir;

    use super::{BASE_PATH, Request, Tokens, curl_lines, requests};
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
        let incoming = Incoming {
            method: Method::from_bytes(request.method.as_bytes()).expect("a method"),
            target: Target::Encoded(format!("{BASE_PATH}{}", request.path)),
            base_url: "http://127.0.0.1:8080".to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).collect(),
            body: Some(request.body.as_ref().map(ToString::to_string).unwrap_or_default().into_bytes()),
            request_id: "request".to_owned(),
            trace_id: None,
        };
        let deadline = Deadline::after(Duration::from_secs(9));
        answer(app, OPERATIONS, incoming, deadline).await.status.as_u16()
    }

    #[tokio::test]
    async fn each_request_is_answered_as_its_line_says_at_first_and_after_another_start() {
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

        for (start, expected) in [("1", [201, 201, 201, 200, 204]), ("2", [201, 201, 422, 200, 404])] {
            for (request, expected) in requests(start).iter().zip(expected) {
                assert_eq!(status(&app, request, &tokens).await, expected, "{} {start}", request.operation);
                assert!(request.answer.contains(&expected.to_string()), "{}", request.operation);
            }
        }
    }

    #[test]
    fn a_line_is_ready_for_a_shell() {
        let [root, user, x_token] = ["r.o.t", "u.s.r", "x.t.k"].map(str::to_owned);
        let lines = curl_lines("http://127.0.0.1:1", &Tokens { root, user, x_token }, "7");
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 10);
        assert_eq!(
            lines[7],
            "curl -i -X PATCH -H \"Authorization: Bearer r.o.t\" -H \"Content-Type: application/json\" \
             -d '{\"employee_id\":\"4711\"}' \
             http://127.0.0.1:1/nevisidm/api/core/v1/100/users/user-123/mobile-signature/properties"
        );
        assert_eq!(
            lines[9],
            "curl -i -X DELETE -H \"Authorization: Bearer u.s.r\" -H \"X-Token: x.t.k\" \
             http://127.0.0.1:1/nevisidm/api/core/v1/100/users/user-123/dispatch-targets/dt-123"
        );
    }
}
