//! Error responses reveal nothing to callers without rights. Whether the client, the user and the
//! object exist or not, the responses are identical byte by byte, and so are the number and type of
//! calls to the table.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::operations::for_each_operation;
use crate::operations::rows::{Covers, Row};
use crate::support::caller::{ROOT, SELF_ADMIN};
use crate::support::items::Changes;
use crate::support::recorder::Recorder;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World};

for_each_operation!(
    callers_without_rights_over_the_client_learn_nothing,
    callers_without_one_of_the_rights_learn_nothing,
    users_without_an_x_token_learn_nothing,
    callers_without_rights_over_the_units_learn_about_the_client_only,
);

/// The objects of a request that do not exist.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is missing or there, in every combination")]
struct Missing {
    client: bool,
    user: bool,
    object: bool,
    /// The body conflicts with stored data.
    conflict: bool,
}

/// Returns the combinations that are possible for a request to this operation.
fn variants(row: &Row) -> Vec<Missing> {
    let both = |can: bool| if can { &[false, true][..] } else { &[false] };
    let mut list = Vec::new();
    for &client in both(row.has_client()) {
        for &user in both(row.has_user()) {
            for &object in both(row.missing.is_some()) {
                for &conflict in both(row.conflict.is_some()) {
                    list.push(Missing { client, user, object, conflict });
                }
            }
        }
    }
    list
}

/// Returns the path and body of a request with these objects missing.
fn request(row: &Row, missing: Missing) -> (String, Option<Value>) {
    let mut path = row.path.to_owned();
    let mut body = row.good_body();
    if let (true, Some(conflict)) = (missing.conflict, &row.conflict) {
        body = Some((conflict.body)());
    }
    if let (true, Some(object)) = (missing.object, &row.missing) {
        path = path.replace(object.present, object.absent);
        let text = body.map(|body| body.to_string().replace(object.present, object.absent));
        body = text.map(|text| serde_json::from_str(&text).expect("JSON"));
    }
    if missing.user {
        // The path of a missing object can have another user.
        path = path.replace(row.user(), "{user-999}").replace("{user-456}", "{user-999}");
    }
    if missing.client {
        path = path.replace("{client-123}", "{client-999}");
    }
    (path, body)
}

/// A description of a caller without sufficient rights, and their headers.
type Restricted = (String, Vec<(&'static str, String)>);

/// A response as it is sent, and the calls to the table.
type Observed = (String, Vec<Vec<String>>);

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

    fn restricted(&self, what: &str, caller: &Caller) -> Restricted {
        (what.to_owned(), vec![self.bearer(caller)])
    }

    /// Sends the request of a row with these objects missing.
    async fn observe(&self, row: &Row, missing: Missing, headers: &[(&str, String)]) -> Observed {
        let (path, body) = request(row, missing);
        let call = self.world.call(row.method, &path).json_if(body);
        let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
        self.recorder.trips();
        let answer = call.send().await;
        let bytes = format!("{} {:?} {}", answer.status, answer.headers, answer.body);
        (bytes, self.recorder.trips())
    }

    /// Asserts that a caller observes the same with all of these variants, and returns it.
    async fn assert_indistinguishable(
        &self,
        row: &Row,
        variants: &[Missing],
        (what, headers): &Restricted,
    ) -> Observed {
        let observed = self.observe(row, variants[0], headers).await;
        for missing in variants {
            let again = self.observe(row, *missing, headers).await;
            assert_eq!(again, observed, "{} by a caller {what}, with {missing:?}", row.id);
        }
        observed
    }
}

fn left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "the calls to the table")
}

fn somebody() -> Caller {
    Caller::new("{operators}", "somebody")
}

/// Returns callers without a valid token, without any right, or without rights over the client.
fn without_rights(watched: &Watched, row: &Row) -> Vec<Restricted> {
    let of_client = Caller::new("{client-123}", "somebody");
    let expired = format!("Bearer {}x", watched.world.bearer(&Caller::root()));
    let mut list = vec![
        ("without a token".to_owned(), Vec::new()),
        ("with a broken token".to_owned(), vec![("authorization", expired)]),
        watched.restricted("without a role", &of_client),
        watched.restricted("of an unknown role", &of_client.clone().with("unheard.of", Some(&["*"]), None)),
        watched.restricted(
            "of another client",
            &Caller::new("{client-456}", "{user-123}").with(ROOT, None, None),
        ),
        watched.restricted("of a missing client", &Caller::new("{gone}", "a").with(ROOT, None, None)),
        watched
            .restricted("over another client", &of_client.clone().with(ROOT, Some(&["{client-456}"]), None)),
        watched.restricted("over no client", &of_client.clone().with(ROOT, Some(&[]), None)),
        watched.restricted(
            "over nearly the client",
            &somebody().with(ROOT, Some(&["{client-123} ", "**"]), None),
        ),
        watched.restricted(
            "over another client and units",
            &somebody().with(ROOT, Some(&["{client-456}"]), Some(&["sales"])),
        ),
    ];
    // Whether it is elsewhere, only the object tells if the path does not name the user.
    if !row.has_owner() {
        let caller = of_client.clone().with(SELF_ADMIN, Some(&["*"]), None);
        list.push(watched.restricted("with self-administration elsewhere", &caller));
    }
    if row.id == "create-client" {
        list.push(
            watched
                .restricted("over that client alone", &somebody().with(ROOT, Some(&["{client-new}"]), None)),
        );
    }
    list
}

async fn callers_without_rights_over_the_client_learn_nothing(row: &'static Row) {
    if !row.has_data_room() || left_out() {
        return;
    }
    let watched = Watched::new(&[]).await;
    let before = watched.world.items().await;
    let mut compared = 0;
    let variants = variants(row);
    // The caller's own earlier response is looked up before the body is read.
    let is_refused_after_the_body = row.covers == Covers::ClientOfBody;
    for restricted in without_rights(&watched, row) {
        for key in [None, Some("a-key")] {
            let (what, mut headers) = restricted.clone();
            headers.extend(key.map(|key| ("idempotency-key", key.to_owned())));
            let (_, calls) = watched.assert_indistinguishable(row, &variants, &(what, headers)).await;
            let is_read_first = row.is_for_its_author() || is_refused_after_the_body && key.is_some();
            assert!(calls.is_empty() || is_read_first, "{calls:?}");
            compared += variants.len();
        }
    }
    assert!(compared >= 40, "{compared} answers");
    assert_eq!(watched.world.items().await.since(&before), Changes::none());
}

/// Each of the required rights is missing once.
async fn callers_without_one_of_the_rights_learn_nothing(row: &'static Row) {
    if left_out() {
        return;
    }
    let mut roles = Map::new();
    for missing in row.rights {
        // All rights of a group have to be missing.
        let groups = row.groups();
        let others = groups.iter().copied().filter(|group| !group.contains(missing)).flatten();
        let others = others.map(|right| json!(format!("AccessControl.{right}"))).collect();
        roles.insert(format!("not {missing}"), others);
    }
    let table = Value::Object(roles).to_string();
    let watched = Watched::new(&[("ROLE_RIGHTS", &table)]).await;
    for missing in row.rights {
        let role = format!("not {missing}");
        for units in [None, Some(&["north"][..])] {
            let caller = somebody().with(&role, Some(&["*"]), units);
            let restricted = watched.restricted(&role, &caller);
            let (_, calls) = watched.assert_indistinguishable(row, &variants(row), &restricted).await;
            assert!(calls.is_empty() || row.is_for_its_author(), "{calls:?}");
        }
    }
}

/// Users who act upon themselves without a valid X-Token.
async fn users_without_an_x_token_learn_nothing(row: &'static Row) {
    if !row.takes_x_token() || left_out() {
        return;
    }
    let watched = Watched::new(&[]).await;
    let variant = |object| Missing { client: false, user: false, object, conflict: false };
    let other = watched.world.x_token("{client-123}", "{user-456}");
    for x_token in [None, Some("nonsense".to_owned()), Some(other)] {
        let mut headers = vec![watched.bearer(&Caller::the_user())];
        headers.extend(x_token.map(|token| ("x-token", token)));
        let restricted = ("without an X-Token".to_owned(), headers);
        let (_, calls) =
            watched.assert_indistinguishable(row, &[variant(false), variant(true)], &restricted).await;
        assert_eq!(calls, [[""; 0]; 0]);
    }
    // With a valid X-Token but without the role.
    let nobody = Caller::new("{client-123}", "{user-123}");
    let x_token = watched.world.x_token("{client-123}", "{user-123}");
    let headers = vec![watched.bearer(&nobody), ("x-token", x_token)];
    let restricted = ("without a role".to_owned(), headers);
    let (_, calls) =
        watched.assert_indistinguishable(row, &[variant(false), variant(true)], &restricted).await;
    assert_eq!(calls, [[""; 0]; 0]);
}

/// Callers with the right over the client but not over the units of the user learn whether the client
/// exists, but nothing about the user and other objects. The calls to the table are the same in all cases.
async fn callers_without_rights_over_the_units_learn_about_the_client_only(row: &'static Row) {
    if !row.has_user() || left_out() {
        return;
    }
    let watched = Watched::new(&[]).await;
    let before = watched.world.items().await;
    for units in [&["legal"][..], &["north"], &["unheard-of"], &[], &["SALES", "sales ", "*"]] {
        for key in [None, Some("a-key")] {
            let caller = somebody().with(ROOT, Some(&["*"]), Some(units));
            let (what, mut headers) = watched.restricted(&format!("over {units:?}"), &caller);
            // A read ignores the key: the header is for changes.
            headers.extend(key.map(|key| ("idempotency-key", key.to_owned())));
            let restricted = (what, headers);
            let mut answers = BTreeSet::new();
            let mut calls = BTreeSet::new();
            for client in [false, true] {
                // The user of the request for a missing credential is in `legal`.
                let of_other = row.missing.as_ref().is_some_and(|missing| missing.present == "{user-123}");
                let variants: Vec<Missing> = variants(row)
                    .into_iter()
                    .filter(|it| it.client == client)
                    .filter(|it| !(of_other && it.object && units == ["legal"]))
                    .collect();
                let observed = watched.assert_indistinguishable(row, &variants, &restricted).await;
                answers.insert(observed.0);
                calls.insert(observed.1);
            }
            assert_eq!(answers.len(), 2, "{answers:?}");
            assert_eq!(calls.len(), 1, "{calls:?}");
        }
    }
    assert_eq!(watched.world.items().await.since(&before), Changes::none());
}
