//! Arbitrary input: every response is documented and not a server error, and rejected requests
//! write nothing.

mod characters;
mod headers;
mod segments;
mod shapes;

use std::fmt::Display;

use serde_json::{Value, json};

use crate::operations::rows::{FieldKind, Row};
use crate::support::call::Call;
use crate::support::documented::Documented;
use crate::support::events::Gateway;
use crate::support::items::Items;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, no_content};

/// Maximum size of a response in bytes of JSON. Error responses contain rejected values, but must
/// not amplify them much.
const MAX_ANSWER: usize = 512 * 1024;

/// Returns every control character, and others that cause problems in terminals, logs, editors and
/// parsers: line separators, invisible characters, bidirectional controls, noncharacters.
fn characters() -> impl Iterator<Item = char> {
    let control = ('\0'..='\u{9f}').filter(|character| character.is_control());
    let odd = "\u{ad}\u{a0}\u{200b}\u{200d}\u{200e}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{fff9}\u{fffd}\u{fffe}\
               \u{1f4a9}\u{e0001}\u{10ffff}";
    control.chain(odd.chars())
}

/// A furnished world and the documented responses.
struct Trial {
    world: World,
    documented: &'static Documented,
    names: u32,
}

impl Trial {
    /// Starts a trial, or returns `None` on targets for which it would send too many requests.
    async fn start() -> Option<Self> {
        Self::build(None).await
    }

    /// Equivalent to [`Trial::start`] behind a gateway.
    async fn behind(gateway: Gateway) -> Option<Self> {
        Self::build(Some(gateway)).await
    }

    async fn build(gateway: Option<Gateway>) -> Option<Self> {
        if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "thousands of unusual requests") {
            return None;
        }
        let world = match gateway {
            Some(gateway) => World::behind(gateway).await,
            None => World::furnished().await,
        };
        Some(Self { world, documented: Documented::get(), names: 0 })
    }

    /// Returns the body of a valid request with unused names for new objects.
    fn body(&mut self, row: &Row) -> Value {
        self.names += 1;
        let mut body = row.good_body().expect("a body");
        for field in row.fields.iter().filter(|field| field.kind == FieldKind::Name) {
            body[field.name] = json!(format!("{{{}-{}}}", field.name, self.names));
        }
        body
    }

    /// Returns a call of an operation by a caller with every right.
    fn call(&self, row: &Row) -> Call<'_> {
        self.call_at(row, row.path)
    }

    fn call_at(&self, row: &Row, path: &str) -> Call<'_> {
        self.world.call(row.method, path).by(&Caller::root())
    }

    /// Returns a call of an operation with a body of this text.
    fn call_with(&self, row: &Row, text: impl Into<Vec<u8>>) -> Call<'_> {
        self.call(row).header("content-type", "application/json").text(text)
    }

    /// Sends a call. Asserts that the response is documented and not much larger than the request,
    /// that one line is logged, and that an error response means no write.
    async fn send(&self, row: &Row, call: Call<'_>, what: impl Display) -> Answer {
        let answer = call.send().await;
        self.documented.assert_documented(row.id, &answer, &what);
        let [line] = self.world.lines().try_into().expect("one line");
        assert_eq!(line["status"], answer.status, "{} with {what}", row.id);
        assert!(answer.status < 400 || line["WriteUnits"] == 0.0, "{} writes with {what}", row.id);
        let bytes = answer.body.to_string().len();
        assert!(bytes <= MAX_ANSWER, "{} responds with {bytes} bytes to {what}", row.id);
        answer
    }

    /// Deletes the profile that a call created, because a user has few.
    async fn make_room(&self, row: &Row, created: &Answer) {
        if let ("create-profile", Some(path)) = (row.id, &created.leads_to) {
            assert_eq!(self.world.delete(path).by(&Caller::root()).send().await, no_content());
            self.world.lines();
        }
    }

    async fn items(&self) -> Items {
        self.world.items().await
    }
}
