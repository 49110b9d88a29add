//! One request for each of the five operations that change something.

use serde_json::{Value, json};
use shared::auth::rights::SELF_ADMIN;
use shared::http::BASE_PATH;

use crate::commands::token::{bearer_claims, x_token_claims};
use crate::environment::Environment;
use crate::error::Error;
use crate::keys::{Authorization, DevelopmentKeys};

/// The client, and the user, that the demo data holds.
const CLIENT: &str = "100";
const USER: &str = "user-123";

/// How long the tokens of the printed lines are good for: twelve hours, in seconds.
const TTL: u32 = 12 * 60 * 60;

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

/// The tokens of the callers, as they stand in the lines.
pub(crate) struct Tokens {
    root: String,
    user: String,
    x_token: String,
}

impl Tokens {
    /// Tokens of the development keys. Where the service trusts other keys, the
    /// names of variables of the shell stand in their place.
    pub(crate) fn new(keys: &DevelopmentKeys, environment: &Environment) -> Result<Self, Error> {
        if !environment.trusts_development_keys() {
            return Ok(Self {
                root: "$BEARER_TOKEN".to_owned(),
                user: "$USER_BEARER_TOKEN".to_owned(),
                x_token: "$X_TOKEN".to_owned(),
            });
        }
        let bearer = |subject, role: &str, clients| {
            let authorization = Authorization { role: role.to_owned(), clients, units: None };
            keys.bearer(&bearer_claims(environment, CLIENT, subject, vec![authorization], TTL))
        };
        Ok(Self {
            root: bearer("root", "nevisIdm.Root", Some(vec!["*".to_owned()]))?,
            user: bearer(USER, SELF_ADMIN, None)?,
            x_token: keys.x_token(&x_token_claims(environment, CLIENT, USER, TTL))?,
        })
    }
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
