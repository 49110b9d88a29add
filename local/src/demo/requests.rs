//! Example requests for the demo data: some that read, and one for each operation that changes data.

use functions::OPERATIONS;
use shared::http::{BASE_PATH, Method};
use shared::operation::Operation;

use super::tokens::{CLIENT, Tokens, USER};

/// An operation, the values of its path parameters, and its body. `{n}` is replaced by a number that differs
/// from start to start.
type Example = (&'static str, &'static [&'static str], Option<&'static str>);

/// The examples, in an order in which each succeeds at each start. They change and delete only what they have
/// created, or change the demo data to the same value each time.
const EXAMPLES: [Example; 39] = [
    ("list-clients", &[], None),
    ("get-user", &[CLIENT, USER], None),
    ("list-user-credentials", &[CLIENT, USER], None),
    ("create-client", &[], Some(r#"{"extId":"client-{n}","name":"Client-{n}"}"#)),
    ("update-client", &["client-{n}"], Some(r#"{"displayName":{"EN":"Example"}}"#)),
    ("create-unit", &[CLIENT], Some(r#"{"extId":"unit-{n}","name":"Unit-{n}"}"#)),
    ("update-unit", &[CLIENT, "unit-{n}"], Some(r#"{"location":"Bern"}"#)),
    ("create-user", &[CLIENT], Some(r#"{"extId":"jane-{n}","name":{"firstName":"Jane"}}"#)),
    ("update-user", &[CLIENT, USER], Some(r#"{"languageCode":"DE"}"#)),
    ("update-user-properties", &[CLIENT, "jane-{n}"], Some(r#"{"staff_number":"{n}"}"#)),
    (
        "create-profile",
        &[CLIENT, "jane-{n}"],
        Some(r#"{"extId":"profile-{n}","unitExtId":"legal","name":"Adviser"}"#),
    ),
    ("update-profile", &[CLIENT, "profile-{n}"], Some(r#"{"name":"Legal adviser"}"#)),
    ("set-profile-unit", &[CLIENT, "profile-{n}", "unit-{n}"], None),
    ("delete-profile", &[CLIENT, "profile-{n}"], None),
    ("delete-unit", &[CLIENT, "unit-{n}"], None),
    (
        "create-terms",
        &[],
        Some(
            r#"{"extId":"terms-{n}","name":"Terms-{n}","termsVersion":"1","active":true,"silentAcceptance":false}"#,
        ),
    ),
    ("create-consent", &[CLIENT, USER], Some(r#"{"termsExtId":"terms-{n}"}"#)),
    ("delete-consent", &[CLIENT, USER, "terms-{n}", "1"], None),
    ("update-terms", &["terms-{n}"], Some(r#"{"termsVersion":"2"}"#)),
    (
        "create-personal-question",
        &[CLIENT],
        Some(r#"{"extId":"question-{n}","stateName":"active","content":{"EN":"What was your first pet?"}}"#),
    ),
    ("update-personal-question", &[CLIENT, "question-{n}"], Some(r#"{"stateName":"disabled"}"#)),
    (
        "create-property",
        &[],
        Some(r#"{"scope":"CREDENTIAL_MOBILE_SIGNATURE_GLOBAL","name":"badge_{n}","type":"STRING"}"#),
    ),
    ("update-property", &["100"], Some(r#"{"displayName":{"EN":"Employee number"}}"#)),
    (
        "create-mobile-signature",
        &[CLIENT, "jane-{n}"],
        Some(
            r#"{"identificator":"{n}","msisdn":"+41790000001","msspIdentifier":"https://mssp.example.com"}"#,
        ),
    ),
    ("update-mobile-signature", &[CLIENT, "jane-{n}"], Some(r#"{"msisdn":"+41790000002"}"#)),
    ("update-mobile-signature-properties", &[CLIENT, "jane-{n}"], Some(r#"{"employee_id":"{n}"}"#)),
    ("delete-mobile-signature", &[CLIENT, "jane-{n}"], None),
    (
        "create-dispatch-target",
        &[CLIENT, USER],
        Some(
            r#"{"extId":"phone-{n}","name":"Phone","deviceId":"d-{n}","target":"t","signingKey":"k","appId":"app"}"#,
        ),
    ),
    ("update-dispatch-target", &[CLIENT, USER, "phone-{n}"], Some(r#"{"name":"Old phone"}"#)),
    (
        "create-app-attestation",
        &[CLIENT, USER, "phone-{n}"],
        Some(r#"{"deviceId":"d-{n}","receipt":"receipt","publicKey":"key","counter":0}"#),
    ),
    ("update-app-attestation", &[CLIENT, USER, "phone-{n}"], Some(r#"{"counter":1}"#)),
    ("delete-app-attestation", &[CLIENT, USER, "phone-{n}"], None),
    ("delete-dispatch-target", &[CLIENT, USER, "phone-{n}"], None),
    (
        "create-fido-authenticator",
        &[CLIENT, "jane-{n}"],
        // A key ID in base64url has a multiple of four characters here.
        Some(
            r#"{"extId":"uaf-{n}","aaid":"ABCD#0001","keyId":"{n}AA","authenticatorVersion":"1.0","publicKey":"k","publicKeyAlgorithm":"SHA256withECDSA","appId":"app"}"#,
        ),
    ),
    ("update-fido-authenticator", &[CLIENT, "jane-{n}", "uaf-{n}"], Some(r#"{"stateName":"disabled"}"#)),
    ("delete-fido-authenticator", &[CLIENT, "jane-{n}", "uaf-{n}"], None),
    ("archive-user", &[CLIENT, "jane-{n}"], None),
    ("delete-user", &[CLIENT, "jane-{n}"], None),
    ("delete-client", &["client-{n}"], None),
];

/// A request that succeeds once after the start with its number.
struct Request {
    operation: &'static Operation,
    /// The path after the base path.
    path: String,
    body: Option<String>,
    /// True if the caller is the user of the demo data, and otherwise one with all rights over all clients.
    is_self: bool,
}

/// Returns the requests of the start with this number.
fn requests(number: &str) -> Vec<Request> {
    let numbered = |text: &str| text.replace("{n}", number);
    let request = |(id, values, body): Example| {
        let operation = OPERATIONS.into_iter().find(|operation| operation.id == id)?;
        let (_, path) = operation.base_and_path();
        Some(Request {
            operation,
            path: numbered(&fill(path, values)),
            body: body.map(numbered),
            is_self: operation.requires_x_token() && values.contains(&USER),
        })
    };
    EXAMPLES.into_iter().filter_map(request).collect()
}

/// Returns a path with the values in place of its parameters.
fn fill(path: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let segments = path.split('/').map(|segment| match segment.strip_prefix('{') {
        Some(_) => values.next().map_or(segment, |value| value),
        None => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Returns the shell variables with the tokens, and a comment and a `curl` command for each request.
pub(crate) fn curl_lines(base_url: &str, tokens: &Tokens, number: &str) -> String {
    let variables = format!(
        "API={base_url}{BASE_PATH}\nJSON='Content-Type: application/json'\n{}",
        tokens.shell_variables()
    );
    let lines = requests(number).into_iter().map(|request| {
        let Operation { id, description, .. } = request.operation;
        format!("# {id}: {}\n{}\n", description.summary, request.curl())
    });
    format!("{variables}\n{}", lines.collect::<String>())
}

impl Request {
    /// Returns the command, in which the tokens are shell variables.
    fn curl(&self) -> String {
        let method = match &self.operation.method {
            &Method::GET => String::new(),
            method => format!("-X {method} "),
        };
        let tokens = if self.is_self {
            r#"-H "Authorization: Bearer $USER_TOKEN" -H "X-Token: $X_TOKEN""#
        } else {
            r#"-H "Authorization: Bearer $TOKEN""#
        };
        let body = self.body.as_ref().map_or_else(String::new, |body| format!(r#" -H "$JSON" -d '{body}'"#));
        format!(r#"curl -i {method}"$API{}" {tokens}{body}"#, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::{BASE_PATH, EXAMPLES, OPERATIONS, Tokens, curl_lines, requests};

    fn tokens() -> Tokens {
        let [root, helpdesk, user, x_token] =
            ["r.o.t", "h.l.p", "u.s.r", "x.t.k"].map(|token| Some(token.to_owned()));
        Tokens { root, helpdesk, user, x_token }
    }

    #[test]
    fn every_operation_that_changes_data_has_one_example() {
        let ids = EXAMPLES.map(|(id, ..)| id);
        for operation in OPERATIONS.into_iter().filter(|operation| operation.is_change()) {
            assert_eq!(ids.iter().filter(|id| **id == operation.id).count(), 1, "{}", operation.id);
        }
        assert_eq!(requests("7").iter().map(|request| request.operation.id).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn every_path_parameter_of_an_example_has_a_value() {
        for (request, (id, values, _)) in requests("7").iter().zip(EXAMPLES) {
            let (base, path) = request.operation.base_and_path();
            assert_eq!((base, path.matches('{').count()), (BASE_PATH, values.len()), "{id}");
            assert!(!request.path.contains('{'), "{id}");
        }
    }

    #[test]
    fn tokens_are_printed_once_and_lines_are_short() {
        let text = curl_lines("http://127.0.0.1:1", &tokens(), "1764500000");
        for token in ["r.o.t", "u.s.r", "x.t.k"] {
            assert_eq!(text.matches(token).count(), 1, "{token}");
        }
        for line in text.lines().filter(|line| line.starts_with("curl ")) {
            assert!(line.len() <= 300, "{} characters: {line}", line.len());
        }
    }

    #[test]
    fn curl_commands_contain_variables_and_bodies() {
        let text = curl_lines("http://127.0.0.1:1", &tokens(), "7");
        let lines: Vec<&str> = text.lines().collect();
        for expected in [
            "API=http://127.0.0.1:1/nevisidm/api/core/v1",
            "TOKEN=r.o.t",
            r#"curl -i "$API/100/users/user-123" -H "Authorization: Bearer $TOKEN""#,
            r#"curl -i -X PATCH "$API/100/users/jane-7/mobile-signature/properties" -H "Authorization: Bearer $TOKEN" -H "$JSON" -d '{"employee_id":"7"}'"#,
            r#"curl -i -X DELETE "$API/100/users/user-123/dispatch-targets/phone-7" -H "Authorization: Bearer $USER_TOKEN" -H "X-Token: $X_TOKEN""#,
        ] {
            assert!(lines.contains(&expected), "{expected}\n{text}");
        }
    }
}
