//! A call, as it is put together.

use std::panic::Location;

use serde_json::Value;
use shared::http::BASE_PATH;

use super::answer::Answer;
use super::caller::Caller;
use super::items::Changes;
use super::world::World;

/// A call that has not been sent. Names in braces, see [`super::names`], stand in its path and in
/// the texts of its JSON.
#[must_use]
pub(crate) struct Call<'a> {
    world: &'a World,
    sent: Sent,
}

/// A request as it goes to the host.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// The method.
    pub(crate) method: String,
    /// The path behind the host's base URL, percent-encoded.
    pub(crate) path: String,
    /// The headers.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl World {
    /// A call of nobody, at a path behind the API's base path.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call<'_> {
        self.call_at(method, &format!("{BASE_PATH}{}", self.names().fill(path)))
    }

    /// A call of nobody, at any path.
    pub(crate) fn call_at(&self, method: &str, path: &str) -> Call<'_> {
        let sent =
            Sent { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() };
        Call { world: self, sent }
    }

    /// As [`World::call`], with the method `GET`.
    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    /// As [`World::call`], with the method `POST`.
    pub(crate) fn post(&self, path: &str) -> Call<'_> {
        self.call("POST", path)
    }

    /// As [`World::call`], with the method `PATCH`.
    pub(crate) fn patch(&self, path: &str) -> Call<'_> {
        self.call("PATCH", path)
    }

    /// As [`World::call`], with the method `DELETE`.
    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        self.call("DELETE", path)
    }
}

impl Call<'_> {
    /// The call with one header more.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.sent.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The call with a Bearer token.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// The call of a caller.
    pub(crate) fn by(self, caller: &Caller) -> Self {
        let token = self.world.bearer(caller);
        self.bearer(&token)
    }

    /// The call with an X-Token.
    pub(crate) fn x_token(self, token: &str) -> Self {
        self.header("x-token", token)
    }

    /// The call with a body of this text, whose names in braces are left alone.
    pub(crate) fn text(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.sent.body = text.into();
        self
    }

    /// The call with a JSON body.
    pub(crate) fn json(self, body: Value) -> Self {
        self.json_as("application/json", body)
    }

    /// As [`Call::json`], declared as something else.
    pub(crate) fn json_as(self, media_type: &str, body: Value) -> Self {
        let body = self.world.names().fill_json(body).to_string();
        self.header("content-type", media_type).text(body)
    }

    /// As [`Call::json`], where there is a body.
    pub(crate) fn json_if(self, body: Option<Value>) -> Self {
        match body {
            Some(body) => self.json(body),
            None => self,
        }
    }

    /// The request, to be sent as often as one likes.
    pub(crate) fn sent(self) -> Sent {
        self.sent
    }

    /// Sends it.
    pub(crate) async fn send(self) -> Answer {
        self.world.answer(self.sent).await
    }

    /// Sends it, and compares the answer and what has changed in the table.
    #[track_caller]
    pub(crate) fn expect(self, answer: Answer, changes: Changes) -> impl Future<Output = Answer> {
        let place = Location::caller();
        async move {
            let world = self.world;
            let before = world.items().await;
            let answered = self.send().await;
            assert_eq!(answered, answer, "at {place}");
            assert_eq!(world.items().await.since(&before), changes, "at {place}");
            answered
        }
    }

    /// As [`Call::expect`], and nothing is written.
    #[track_caller]
    pub(crate) fn expect_unchanged(self, answer: Answer) -> impl Future<Output = Answer> {
        self.expect(answer, Changes::none())
    }
}
