//! Builder for calls.

use std::panic::Location;

use serde_json::Value;
use shared::http::{BASE_PATH, PRINCIPAL_BASE_PATH};

use super::answer::Answer;
use super::caller::Caller;
use super::items::Changes;
use super::world::World;

/// A call that has not been sent. Its path and the strings in its JSON body may contain names in
/// braces, see [`super::names`].
#[must_use]
pub(crate) struct Call<'a> {
    world: &'a World,
    sent: Sent,
}

/// A request as it is sent to the host.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// HTTP method.
    pub(crate) method: String,
    /// Percent-encoded path relative to the host's base URL.
    pub(crate) path: String,
    /// Headers.
    pub(crate) headers: Vec<(String, String)>,
    /// Body.
    pub(crate) body: Vec<u8>,
}

impl World {
    /// Returns a call without a token, at a path relative to the base path of the Core API, or at a whole path of the
    /// Principal API.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call<'_> {
        let base = if path.starts_with(PRINCIPAL_BASE_PATH) { "" } else { BASE_PATH };
        self.call_at(method, &format!("{base}{}", self.names().fill(path)))
    }

    /// Returns a call without a token, at any path.
    pub(crate) fn call_at(&self, method: &str, path: &str) -> Call<'_> {
        let sent =
            Sent { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() };
        Call { world: self, sent }
    }

    /// Equivalent to [`World::call`] with the method `GET`.
    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    /// Equivalent to [`World::call`] with the method `POST`.
    pub(crate) fn post(&self, path: &str) -> Call<'_> {
        self.call("POST", path)
    }

    /// Equivalent to [`World::call`] with the method `PATCH`.
    pub(crate) fn patch(&self, path: &str) -> Call<'_> {
        self.call("PATCH", path)
    }

    /// Equivalent to [`World::call`] with the method `DELETE`.
    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        self.call("DELETE", path)
    }
}

impl Call<'_> {
    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.sent.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a Bearer token.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds a Bearer token of this caller.
    pub(crate) fn by(self, caller: &Caller) -> Self {
        let token = self.world.bearer(caller);
        self.bearer(&token)
    }

    /// Adds an X-Token.
    pub(crate) fn x_token(self, token: &str) -> Self {
        self.header("x-token", token)
    }

    /// Sets the body to this text. Names in braces are not replaced.
    pub(crate) fn text(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.sent.body = text.into();
        self
    }

    /// Sets a JSON body.
    pub(crate) fn json(self, body: Value) -> Self {
        self.json_as("application/json", body)
    }

    /// Equivalent to [`Call::json`] with another media type.
    pub(crate) fn json_as(self, media_type: &str, body: Value) -> Self {
        let body = self.world.names().fill_json(body).to_string();
        self.header("content-type", media_type).text(body)
    }

    /// Sets a JSON body if there is one.
    pub(crate) fn json_if(self, body: Option<Value>) -> Self {
        match body {
            Some(body) => self.json(body),
            None => self,
        }
    }

    /// Returns the request, which can be sent repeatedly.
    pub(crate) fn sent(self) -> Sent {
        self.sent
    }

    /// Sends the request.
    pub(crate) async fn send(self) -> Answer {
        self.world.answer(self.sent).await
    }

    /// Sends the request and compares the response and the changes to the table.
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

    /// Sends the request, compares the response, and asserts that the table has not changed.
    #[track_caller]
    pub(crate) fn expect_unchanged(self, answer: Answer) -> impl Future<Output = Answer> {
        self.expect(answer, Changes::none())
    }
}
