//! What a refusal tells: to callers who lack something, nothing of what exists. Whether client, user
//! and object are there or not, the answer is the same to the byte, and so are the calls to the
//! table in number and kind.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::caller::{ROOT, SELF_ADMIN};
use crate::support::items::Changes;
use crate::support::recorder::Recorder;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World};

for_each_operation!(
    callers_without_rights_over_the_client_learn_nothing,
    callers_without_one_of_the_rights_learn_nothing,
    users_without_an_x_token_learn_nothing,
    callers_without_rights_over_the_units_learn_of_client_and_user_only,
);

/// What of the things that a request names is not there.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is missing or there, in every combination")]
struct Missing {
    client: bool,
    user: bool,
    object: bool,
    /// A rule on stored data is broken besides: something is taken already.
    taken: bool,
}

/// Every combination that makes a difference to a request of this operation.
fn variants(row: &Row) -> Vec<Missing> {
    let both = |can: bool| if can { &[false, true][..] } else { &[false] };
    let mut list = Vec::new();
    for &client in both(row.has_client()) {
        for &user in both(row.has_user()) {
            for &object in both(row.missing.is_some()) {
                for &taken in both(row.conflict.is_some()) {
                    list.push(Missing { client, user, object, taken });
                }
            }
        }
    }
    list
}

/// The request of a row with this missing: its path and its body.
fn request(row: &Row, missing: Missing) -> (String, Option<Value>) {
    let mut path = row.path.to_owned();
    let mut body = row.good_body();
    if let (true, Some(taken)) = (missing.taken, &row.conflict) {
        body = Some((taken.body)());
    }
    if let (true, Some(object)) = (missing.object, &row.missing) {
        path = path.replace(object.present, object.absent);
        let text = body.map(|body| body.to_string().replace(object.present, object.absent));
        body = text.map(|text| serde_json::from_str(&text).expect("JSON"));
    }
    if missing.user {
        path = path.replace("{user-123}", "{user-999}").replace("{user-456}", "{user-999}");
    }
    if missing.client {
        path = path.replace("{client-123}", "{client-999}");
    }
    (path, body)
}

/// Headers of a caller who lacks something, with what they lack.
type Lacking = (String, Vec<(&'static str, String)>);

/// An answer as it goes over the wire, and the calls that were made for it.
type Told = (String, Vec<Vec<String>>);

struct Watched {
    world: World,
    recorder: Recorder,
}

impl Watched {
    async fn new(variables: &[(&str, &str)]) -> Self {
        let recorder = Recorder::default();
        let world = World::in_process(variables, |client| recorder.watch(&client)).await;
        world.furnish("{Default}").await;
        Self { world, recorder }
    }

    fn bearer(&self, caller: &Caller) -> (&'static str, String) {
        ("authorization", format!("Bearer {}", self.world.bearer(caller)))
    }

    fn lacking(&self, what: &str, caller: &Caller) -> Lacking {
        (what.to_owned(), vec![self.bearer(caller)])
    }

    /// What a caller is told by the request of a row with this missing.
    async fn told(&self, row: &Row, missing: Missing, headers: &[(&str, String)]) -> Told {
        let (path, body) = request(row, missing);
        let call = self.world.call(row.method, &path).json_if(body);
        let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
        self.recorder.trips();
        let answer = call.send().await;
        let bytes = format!("{} {:?} {}", answer.status, answer.headers, answer.body);
        (bytes, self.recorder.trips())
    }

    /// That a caller is told the same by all of these; returns what, and how many there were.
    async fn tells_the_same(&self, row: &Row, variants: &[Missing], (what, headers): &Lacking) -> Told {
        let told = self.told(row, variants[0], headers).await;
        for missing in variants {
            let again = self.told(row, *missing, headers).await;
            assert_eq!(again, told, "{} by a caller {what}, with {missing:?}", row.id);
        }
        told
    }
}

fn left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "the calls to the table")
}

fn somebody() -> Caller {
    Caller::new("{operators}", "somebody")
}

/// Callers who lack a token that holds, every right, or the client.
fn without_rights(watched: &Watched, row: &Row) -> Vec<Lacking> {
    let of_client = Caller::new("{client-123}", "somebody");
    let expired = format!("Bearer {}x", watched.world.bearer(&Caller::root()));
    let mut list = vec![
        ("without a token".to_owned(), Vec::new()),
        ("with a broken token".to_owned(), vec![("authorization", expired)]),
        watched.lacking("without a role", &of_client),
        watched.lacking("of an unknown role", &of_client.clone().with("unheard.of", Some(&["*"]), None)),
        watched
            .lacking("of another client", &Caller::new("{client-456}", "{user-123}").with(ROOT, None, None)),
        watched.lacking("of a client that is not there", &Caller::new("{gone}", "a").with(ROOT, None, None)),
        watched.lacking("over another client", &of_client.clone().with(ROOT, Some(&["{client-456}"]), None)),
        watched.lacking("over no client", &of_client.clone().with(ROOT, Some(&[]), None)),
        watched
            .lacking("over nearly the client", &somebody().with(ROOT, Some(&["{client-123} ", "**"]), None)),
        watched.lacking(
            "over another client and units",
            &somebody().with(ROOT, Some(&["{client-456}"]), Some(&["sales"])),
        ),
        watched.lacking(
            "who acts upon oneself elsewhere",
            &of_client.clone().with(SELF_ADMIN, Some(&["*"]), None),
        ),
    ];
    if row.id == "create-client" {
        list.push(
            watched.lacking("over that client alone", &somebody().with(ROOT, Some(&["{client-new}"]), None)),
        );
    }
    list
}

async fn callers_without_rights_over_the_client_learn_nothing(row: &'static Row) {
    if left_out() {
        return;
    }
    let watched = Watched::new(&[]).await;
    let before = watched.world.items().await;
    let mut compared = 0;
    let variants = variants(row);
    for lacking in without_rights(&watched, row) {
        for key in [None, Some("a-key")] {
            let (what, mut headers) = lacking.clone();
            headers.extend(key.map(|key| ("idempotency-key", key.to_owned())));
            let (_, calls) = watched.tells_the_same(row, &variants, &(what, headers)).await;
            assert_eq!(calls, [[""; 0]; 0]);
            compared += variants.len();
        }
    }
    assert!(compared >= 40, "{compared} answers");
    assert_eq!(watched.world.items().await.since(&before), Changes::none());
}

/// Each required right is missing once, alone.
async fn callers_without_one_of_the_rights_learn_nothing(row: &'static Row) {
    if left_out() {
        return;
    }
    let mut roles = Map::new();
    for missing in row.rights {
        // If one right suffices, all have to be missing.
        let others = row.rights.iter().filter(|right| !row.any_right && *right != missing);
        let others = others.map(|right| json!(format!("AccessControl.{right}"))).collect();
        roles.insert(format!("not {missing}"), others);
    }
    let table = Value::Object(roles).to_string();
    let watched = Watched::new(&[("ROLE_RIGHTS", &table)]).await;
    for missing in row.rights {
        let role = format!("not {missing}");
        for units in [None, Some(&["north"][..])] {
            let caller = somebody().with(&role, Some(&["*"]), units);
            let lacking = watched.lacking(&role, &caller);
            let (_, calls) = watched.tells_the_same(row, &variants(row), &lacking).await;
            assert_eq!(calls, [[""; 0]; 0]);
        }
    }
}

/// Users who act upon themselves without proof that they have just been authenticated.
async fn users_without_an_x_token_learn_nothing(row: &'static Row) {
    if !row.any_right || left_out() {
        return;
    }
    let watched = Watched::new(&[]).await;
    let variant = |object| Missing { client: false, user: false, object, taken: false };
    let other = watched.world.x_token("{client-123}", "{user-456}");
    for x_token in [None, Some("nonsense".to_owned()), Some(other)] {
        let mut headers = vec![watched.bearer(&Caller::the_user())];
        headers.extend(x_token.map(|token| ("x-token", token)));
        let lacking = ("without an X-Token".to_owned(), headers);
        let (_, calls) = watched.tells_the_same(row, &[variant(false), variant(true)], &lacking).await;
        assert_eq!(calls, [[""; 0]; 0]);
    }
    // With it, but without the role.
    let nobody = Caller::new("{client-123}", "{user-123}");
    let x_token = watched.world.x_token("{client-123}", "{user-123}");
    let headers = vec![watched.bearer(&nobody), ("x-token", x_token)];
    let lacking = ("without a role".to_owned(), headers);
    let (_, calls) = watched.tells_the_same(row, &[variant(false), variant(true)], &lacking).await;
    assert_eq!(calls, [[""; 0]; 0]);
}

/// A caller with the right over the client but not over the user's units learns, in the order of the
/// contract, whether client and user exist, and nothing of the objects. The calls to the table are the
/// same whatever exists.
async fn callers_without_rights_over_the_units_learn_of_client_and_user_only(row: &'static Row) {
    if !row.has_user() || left_out() {
        return;
    }
    let watched = Watched::new(&[]).await;
    let before = watched.world.items().await;
    for units in [&["legal"][..], &["north"], &["unheard-of"], &[], &["SALES", "sales ", "*"]] {
        for key in [None, Some("a-key")] {
            let caller = somebody().with(ROOT, Some(&["*"]), Some(units));
            let (what, mut headers) = watched.lacking(&format!("over {units:?}"), &caller);
            // A read ignores the key: the header is for changes.
            headers.extend(key.map(|key| ("idempotency-key", key.to_owned())));
            let lacking = (what, headers);
            let mut answers = BTreeSet::new();
            let mut calls = BTreeSet::new();
            for (client, user) in [(false, false), (false, true), (true, false), (true, true)] {
                // The user of the request for a missing credential is in `legal`.
                let of_other = row.missing.as_ref().is_some_and(|missing| missing.present == "{user-123}");
                let variants: Vec<Missing> = variants(row)
                    .into_iter()
                    .filter(|it| (it.client, it.user) == (client, user))
                    .filter(|it| !(of_other && it.object && units == ["legal"]))
                    .collect();
                let told = watched.tells_the_same(row, &variants, &lacking).await;
                answers.insert((client, user && !client, told.0));
                calls.insert(told.1);
            }
            assert_eq!(answers.len(), 3, "{answers:?}");
            assert_eq!(calls.len(), 1, "{calls:?}");
        }
    }
    assert_eq!(watched.world.items().await.since(&before), Changes::none());
}
