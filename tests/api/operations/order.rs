//! The order of checks: of two faults in a request, the earlier check responds.

use serde_json::{Value, json};

use super::bodies::coded;
use super::for_each_operation;
use super::rows::{Covers, Row, client_missing};
use crate::support::answer::{invalid_fields, missing_right, outside_data_room, unauthorized};
use crate::support::call::Call;
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, refused};

for_each_operation!(each_check_responds_to_its_fault, the_earlier_check_responds);

/// What can be wrong with a request, in the order in which it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wrong {
    Method,
    Size,
    BearerToken,
    XToken,
    Right,
    DataRoom,
    MediaType,
    Encoding,
    NoBody,
    MalformedJson,
    Field,
    Client,
    Units,
    User,
    Object,
    StoredData,
}

const ALL: [Wrong; 16] = [
    Wrong::Method,
    Wrong::Size,
    Wrong::BearerToken,
    Wrong::XToken,
    Wrong::Right,
    Wrong::DataRoom,
    Wrong::MediaType,
    Wrong::Encoding,
    Wrong::NoBody,
    Wrong::MalformedJson,
    Wrong::Field,
    Wrong::Client,
    Wrong::Units,
    Wrong::User,
    Wrong::Object,
    Wrong::StoredData,
];

impl Wrong {
    /// Whether it can be wrong with a request to this operation.
    fn fits(self, row: &Row) -> bool {
        let has_body = row.good_body().is_some();
        match self {
            Self::Method | Self::Size | Self::BearerToken => true,
            Self::Right => !row.rights.is_empty(),
            Self::DataRoom => row.has_data_room() && row.covers != Covers::ClientOfBody,
            Self::XToken => row.takes_x_token(),
            Self::MediaType | Self::Encoding | Self::NoBody | Self::MalformedJson | Self::Field => has_body,
            Self::Client => row.has_client(),
            Self::User | Self::Units => row.has_user(),
            Self::Object => row.missing.is_some(),
            Self::StoredData => row.conflict.is_some(),
        }
    }

    /// Returns true if one request can have both faults: a body is either absent or broken, and a
    /// conflict may be with the object that would be missing.
    fn fits_with(self, other: Self, row: &Row) -> bool {
        let bodies = [Self::Size, Self::NoBody, Self::MalformedJson];
        let media = [Self::MediaType, Self::NoBody];
        let stored = [Self::Object, Self::StoredData];
        let both = |group: &[Self]| group.contains(&self) && group.contains(&other);
        !(both(&bodies) || both(&media) || both(&stored) && !can_miss_and_conflict(row))
    }

    /// Returns the response if no earlier check fails.
    fn answer(self, row: &Row) -> Answer {
        let first_right = row.rights.first().copied().unwrap_or_default();
        match self {
            Self::Method => refused(405, "errors.unsupportedOperation", "Method not allowed")
                .with("allow", &row.methods_of_path().join(", ")),
            Self::Size => refused(413, "errors.invalidData", "Request too large"),
            Self::BearerToken => unauthorized(),
            Self::XToken => refused(422, "errors.invalidJWTToken", "Invalid JWT token."),
            Self::Right => missing_right(first_right),
            Self::DataRoom | Self::Units => outside_data_room(first_right),
            Self::MediaType => {
                refused(415, "errors.unsupportedMediaType", "Content-Type must be application/json")
            }
            Self::Encoding => coded(),
            Self::NoBody => refused(400, "errors.nullRequestBody", "The request body must not be empty"),
            Self::MalformedJson => {
                refused(400, "errors.jsonProcessingError", "The request body is not a valid JSON object")
            }
            Self::Field => invalid_fields("unheardOf"),
            Self::Client => client_missing(),
            Self::User => row.user_missing(),
            Self::Object => refused(404, "errors.noRecord", row.missing.as_ref().expect("an object").message),
            Self::StoredData => {
                let conflict = row.conflict.as_ref().expect("a rule");
                refused(422, conflict.code, conflict.message)
            }
        }
    }
}

/// Returns true if the request with the conflict still names the object that can be missing.
fn can_miss_and_conflict(row: &Row) -> bool {
    row.missing.as_ref().zip(row.conflict.as_ref()).is_some_and(|(missing, conflict)| {
        row.path.contains(missing.present) || (conflict.body)().to_string().contains(missing.present)
    })
}

/// Returns the request of a row with all of these faults.
fn call<'a>(world: &'a World, row: &Row, wrong: &[Wrong]) -> Call<'a> {
    let is = |one| wrong.contains(&one);
    let mut path = row.path.to_owned();
    let mut body = row.good_body();
    if let (true, Some(conflict)) = (is(Wrong::StoredData), &row.conflict) {
        body = Some((conflict.body)());
    }
    if let (true, Some(missing)) = (is(Wrong::Object), &row.missing) {
        path = path.replace(missing.present, missing.absent);
        let text = body.map(|body| body.to_string().replace(missing.present, missing.absent));
        body = text.map(|text| serde_json::from_str(&text).expect("JSON"));
    }
    let (mut client, mut user) = ("{client-123}", row.user());
    if is(Wrong::User) {
        user = "{user-999}";
        // The path of a missing object can have another user.
        path = path.replace(row.user(), user).replace("{user-456}", user);
    }
    if is(Wrong::Client) {
        client = "{client-999}";
        path = path.replace("{client-123}", client);
    }
    let method = if is(Wrong::Method) { not_of_path(row) } else { row.method };
    let mut call = with_body(world.call(method, &path), body, &is);
    if !is(Wrong::BearerToken) {
        let (client, user) = if is(Wrong::XToken) { (client, user) } else { ("{operators}", "root") };
        let clients = if is(Wrong::DataRoom) { "{client-other}" } else { "*" };
        let units = is(Wrong::Units).then_some(&["north"][..]);
        let caller = Caller::new(client, user);
        let caller = if is(Wrong::Right) { caller } else { caller.with(ROOT, Some(&[clients]), units) };
        call = call.by(&caller);
    }
    call
}

fn with_body<'a>(call: Call<'a>, body: Option<Value>, is: &dyn Fn(Wrong) -> bool) -> Call<'a> {
    let media_type = if is(Wrong::MediaType) { "text/plain" } else { "application/json" };
    if is(Wrong::Size) {
        return call.header("content-type", media_type).text(" ".repeat(64 * 1024 + 1));
    }
    let Some(mut body) = body else { return call };
    let call = if is(Wrong::Encoding) { call.header("content-encoding", "gzip") } else { call };
    if is(Wrong::NoBody) {
        return call;
    }
    if is(Wrong::MalformedJson) {
        return call.header("content-type", media_type).text("{");
    }
    if is(Wrong::Field) {
        body["unheardOf"] = json!(1);
    }
    call.json_as(media_type, body)
}

async fn each_check_responds_to_its_fault(row: &'static Row) {
    let world = World::furnished().await;
    let before = world.items().await;
    let no_405 = leaves_out(&[Kind::Watch], "a wrong method, which it answers itself");
    for wrong in ALL.into_iter().filter(|wrong| wrong.fits(row) && !(no_405 && *wrong == Wrong::Method)) {
        let answer = call(&world, row, &[wrong]).send().await;
        assert_eq!(answer, wrong.answer(row), "{wrong:?}");
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn the_earlier_check_responds(row: &'static Row) {
    if leaves_out(&[Kind::Watch, Kind::Gateway], "all pairs of faults, which need too many calls") {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    let wrongs: Vec<Wrong> = ALL.into_iter().filter(|wrong| wrong.fits(row)).collect();
    for earlier in &wrongs {
        for later in wrongs.iter().filter(|later| earlier < later && earlier.fits_with(**later, row)) {
            let answer = call(&world, row, &[*earlier, *later]).send().await;
            assert_eq!(answer, earlier.answer(row), "{earlier:?} and {later:?}");
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// Returns a method that the path of an operation does not have.
fn not_of_path(row: &Row) -> &'static str {
    if row.methods_of_path().contains(&"PUT") { "POST" } else { "PUT" }
}
