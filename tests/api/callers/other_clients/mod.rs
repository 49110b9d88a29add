//! Attempts to access another client's data through the path, the body, the tokens and the
//! idempotency keys. No response contains its data, no call to the table uses its keys, and nothing
//! changes.

mod spellings;

use serde_json::{Value, json};

use crate::support::caller::{ROOT, SELF_ADMIN};
use crate::support::events::GATEWAYS;
use crate::support::items::Items;
use crate::support::recorder::Recorder;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World};

/// Texts that occur only in the data of the victim.
const MARKS: [&str; 6] = ["Default", "About pets", "Haustier", "2025-12-24", "+4179", "identificator"];

/// A world whose calls to the table are searched for the victim, `{client-123}`.
struct Watched {
    world: World,
    recorder: Recorder,
    before: Items,
    tried: usize,
}

impl Watched {
    async fn new() -> Self {
        let recorder = Recorder::default();
        let world = World::in_process(&[], |client| recorder.watch(&client)).await;
        world.furnish("{Default}").await;
        recorder.keys();
        let before = world.items().await;
        Self { world, recorder, before, tried: 0 }
    }

    /// Asserts that the response and the calls to the table reveal nothing of the victim.
    fn check(&mut self, answer: &Answer, about: &str) {
        self.tried += 1;
        let victim = self.world.id("client-123");
        for key in self.recorder.keys() {
            let (partition, _) = key.rsplit_once(" | ").unwrap_or((&key, ""));
            // The client follows the type of the partition.
            assert_ne!(partition.split('#').nth(1), Some(&*victim), "{about}: {key}");
        }
        let text = format!("{answer:?}");
        assert!(!MARKS.iter().any(|mark| text.contains(mark)), "{about}: {text}");
    }
}

/// Returns a call of every operation on this client, user and object.
fn calls(client: &str, user: &str, thing: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let users = format!("/{client}/users/{user}");
    vec![
        ("GET", format!("/clients/{client}"), None),
        ("POST", format!("/{client}/personal-questions"), Some(json!({"stateName": "active"}))),
        ("GET", format!("/{client}/personal-questions/{thing}"), None),
        ("POST", format!("{users}/consents"), Some(json!({"termsExtId": "{terms-123}"}))),
        ("GET", format!("{users}/consents"), None),
        ("GET", format!("{users}/consents/{thing}/2"), None),
        ("PATCH", format!("{users}/mobile-signature/properties"), Some(json!({"{nickname}": "x"}))),
        ("DELETE", format!("{users}/dispatch-targets/{thing}"), None),
    ]
}

fn left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "the calls to the table")
}

/// Returns callers with every right, but not over the victim.
fn attackers(victim: &str) -> Vec<Caller> {
    let admin = || Caller::new("{client-456}", "admin");
    let mut list = vec![
        admin().with(ROOT, None, None),
        admin().with(ROOT, Some(&["{client-456}"]), None).with("unheard.of", Some(&["*"]), None),
        Caller::new("{client-456}", "{user-123}").with(ROOT, None, None).with(SELF_ADMIN, Some(&["*"]), None),
    ];
    let names = spellings::of_token(victim);
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    list.push(admin().with(ROOT, Some(&all), None));
    list
}

/// Every spelling of the victim in the path, by callers of another client.
#[tokio::test]
async fn no_spelling_in_a_path_accesses_another_client() {
    if left_out() {
        return;
    }
    let mut watched = Watched::new().await;
    let victim = watched.world.id("client-123");
    for caller in attackers(&victim) {
        for spelling in spellings::of_path(&victim) {
            for (method, path, body) in calls(&spelling, "{user-123}", "{dt-123}") {
                let about = format!("{method} {path} by {caller:?}");
                let token = watched.world.bearer(&caller);
                let answer = watched.world.call(method, &path).bearer(&token).json_if(body).send().await;
                assert!((400..500).contains(&answer.status), "{about}: {answer:?}");
                watched.check(&answer, &about);
            }
        }
    }
    assert!(watched.tried >= 2_500, "{} tries", watched.tried);
    assert_eq!(watched.world.items().await, watched.before);
}

#[tokio::test]
async fn no_spelling_behind_a_gateway_accesses_another_client() {
    if left_out() {
        return;
    }
    let mut tried = 0;
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        let before = world.items().await;
        let caller = Caller::new("{client-456}", "admin").with(ROOT, None, None);
        for spelling in spellings::of_path(&world.id("client-123")) {
            for (method, path, body) in calls(&spelling, "{user-123}", "{dt-123}") {
                let answer = world.call(method, &path).by(&caller).json_if(body).send().await;
                assert!((400..500).contains(&answer.status), "{gateway:?} {method} {path}: {answer:?}");
                let text = format!("{answer:?}");
                assert!(!MARKS.iter().any(|mark| text.contains(mark)), "{gateway:?} {method} {path}: {text}");
                tried += 1;
            }
        }
        assert_eq!(world.items().await, before);
    }
    assert!(tried >= 3_500, "{tried} tries");
}

/// A caller whose client name resembles the victim's belongs to another client.
#[tokio::test]
async fn no_spelling_in_a_token_accesses_another_client() {
    if left_out() {
        return;
    }
    let mut watched = Watched::new().await;
    let victim = watched.world.id("client-123");
    for name in spellings::of_token(&victim) {
        let base = watched.world.claims(&Caller::new("{client-456}", "{user-123}"));
        let root = json!([{"role": ROOT}]);
        for (what, value) in [
            ("clientExtId", json!(name)),
            ("authorizations", json!([{"role": ROOT, "clients": [name]}])),
            ("authorizations", json!([{"role": ROOT, "clients": ["client-456", name], "units": ["root"]}])),
        ] {
            let mut claims = base.clone();
            if what == "clientExtId" {
                claims["authorizations"] = root.clone();
                claims["roles"] = json!([ROOT]);
            }
            claims[what] = value;
            let token = watched.world.keys().bearer.sign("at+jwt", &claims).expect("a token");
            for (method, path, body) in calls("{client-123}", "{user-123}", "{dt-123}") {
                let about = format!("{method} {path} with {what} {name:?}");
                let answer = watched.world.call(method, &path).bearer(&token).json_if(body).send().await;
                assert!([401, 403].contains(&answer.status), "{about}: {answer:?}");
                watched.check(&answer, &about);
            }
        }
    }
    assert!(watched.tried >= 1_000, "{} tries", watched.tried);
    assert_eq!(watched.world.items().await, watched.before);
}

/// Names of users and objects within a client do not refer to another client.
#[tokio::test]
async fn no_name_in_a_path_or_a_body_refers_to_another_client() {
    if left_out() {
        return;
    }
    let mut watched = Watched::new().await;
    let admin = Caller::new("{client-456}", "admin").with(ROOT, None, None);
    let names = spellings::that_refer_to(&watched.world.id("client-123"));
    let mut requests = Vec::new();
    for name in &names {
        requests.extend(calls("{client-456}", name, "{dt-123}").into_iter().skip(3));
        requests.extend(
            calls("{client-456}", "{user-123}", name)
                .into_iter()
                .filter(|(method, _, body)| *method != "PATCH" && body.is_none())
                .skip(1),
        );
        requests.extend(calls("{client-456}", name, name).into_iter().skip(5));
        let decoded = percent_encoding::percent_decode_str(name).decode_utf8().expect("UTF-8");
        let users = "/{client-456}/users/{user-123}";
        requests.push(("POST", format!("{users}/consents"), Some(json!({"termsExtId": decoded}))));
        requests.push((
            "PATCH",
            format!("{users}/mobile-signature/properties"),
            Some(json!({(&*decoded): "x"})),
        ));
        for member in ["clientExtId", "client", "userExtId", "PK", "owner"] {
            let body = json!({"stateName": "active", (member): "client-123"});
            requests.push(("POST", "/{client-456}/personal-questions".to_owned(), Some(body)));
        }
        requests.push(("POST", "/clients".to_owned(), Some(json!({"name": "n", "extId": decoded}))));
    }
    for (method, path, body) in requests {
        // The caller's own list is allowed.
        if path == "/{client-456}/users/{user-123}/consents" && method == "GET" {
            continue;
        }
        let about = format!("{method} {path} {body:?}");
        let token = watched.world.bearer(&admin);
        let answer = watched.world.call(method, &path).bearer(&token).json_if(body).send().await;
        assert!((400..500).contains(&answer.status), "{about}: {answer:?}");
        watched.check(&answer, &about);
    }
    assert!(watched.tried >= 450, "{} tries", watched.tried);
    assert_eq!(watched.world.items().await, watched.before);
}

/// Returns the changes that the victim has made with this key.
fn changes() -> [(&'static str, &'static str, Option<Value>); 4] {
    [
        (
            "POST",
            "/{client-123}/personal-questions",
            Some(json!({"extId": "{q-new}", "stateName": "active"})),
        ),
        ("POST", "/{client-123}/users/{user-123}/consents", Some(json!({"termsExtId": "{terms-123}"}))),
        (
            "PATCH",
            "/{client-123}/users/{user-123}/mobile-signature/properties",
            Some(json!({"{nickname}": "mine"})),
        ),
        ("DELETE", "/{client-123}/users/{user-123}/dispatch-targets/{dt-123}", None),
    ]
}

/// A stored response is returned only to the same caller.
#[tokio::test]
async fn no_idempotency_key_returns_another_callers_response() {
    if left_out() {
        return;
    }
    let mut watched = Watched::new().await;
    let victim = Caller::new("{client-123}", "a/b").with(ROOT, None, None);
    for (method, path, body) in changes() {
        let call = watched.world.call(method, path).by(&victim).json_if(body);
        let answer = call.header("idempotency-key", "key").send().await;
        assert!(answer.status < 300, "{answer:?}");
    }
    watched.before = watched.world.items().await;
    watched.recorder.keys();
    // Without rights over the victim, the key is not read.
    for (method, path, body) in changes() {
        for caller in attackers(&watched.world.id("client-123")) {
            let token = watched.world.bearer(&caller);
            let call = watched.world.call(method, path).bearer(&token).json_if(body.clone());
            let answer = call.header("idempotency-key", "key").send().await;
            assert_eq!(answer.status, 403, "{method} {path}: {answer:?}");
            watched.check(&answer, path);
        }
    }
    // A caller with rights over the victim and a similar name has separate keys: a repeated change
    // is rejected instead of answered from the stored response.
    for (client, subject) in [
        ("{client-123}/a", "b"),
        ("{client-123}", "a"),
        ("{client-123}", "a/b "),
        ("{client-123}", "a/b\n"),
        ("{client-123}", "A/b"),
        ("{client-456}", "a/b"),
        ("{client-123}/a/b", "x"),
    ] {
        let caller = Caller::new(client, subject).with(ROOT, Some(&["{client-123}"]), None);
        for (method, path, body) in changes().into_iter().filter(|(method, ..)| *method != "PATCH") {
            let call = watched.world.call(method, path).by(&caller).json_if(body);
            let answer = call.header("idempotency-key", "key").send().await;
            assert!([404, 422].contains(&answer.status), "{client} {subject}: {method} {path}: {answer:?}");
        }
    }
    assert_eq!(watched.world.items().await, watched.before);
}
