//! Request bodies: whatever the operation, only a JSON object is accepted.

use super::for_each_operation;
use super::rows::Row;
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, refused};

for_each_operation!(
    other_media_types_are_rejected,
    other_content_codings_are_rejected,
    json_media_type_variants_are_accepted,
    empty_bodies_are_rejected,
    malformed_json_is_rejected,
    duplicate_members_are_rejected,
);

/// Returns the response to a body that is not a JSON object.
pub(crate) fn broken() -> Answer {
    refused(400, "errors.jsonProcessingError", "The request body is not a valid JSON object")
}

fn empty() -> Answer {
    refused(400, "errors.nullRequestBody", "The request body must not be empty")
}

/// Returns the response to a body that is not declared as JSON.
pub(crate) fn no_json() -> Answer {
    refused(415, "errors.unsupportedMediaType", "Content-Type must be application/json")
}

/// Returns the response to a body with a content coding.
pub(crate) fn coded() -> Answer {
    refused(415, "errors.unsupportedMediaType", "Content-Encoding must be identity")
}

async fn other_media_types_are_rejected(row: &'static Row) {
    let Some(body) = row.good_body() else { return };
    let world = World::furnished().await;
    let before = world.items().await;
    let body = body.to_string();
    for media_type in [
        "text/plain",
        "text/json",
        "application/xml",
        "application/jsonp",
        "application/json; charset=latin1",
        "application/json, application/json",
        "application/json; a=b,application/json; a=b",
        "application/x-www-form-urlencoded",
    ] {
        let call = world.call(row.method, row.path).by(&Caller::root());
        let answer = call.header("content-type", media_type).text(body.clone()).send().await;
        assert_eq!(answer, no_json(), "{media_type}");
    }
    let undeclared = world.call(row.method, row.path).by(&Caller::root()).text(body).send().await;
    assert_eq!(undeclared, no_json());
    let empty = world.call(row.method, row.path).by(&Caller::root()).header("content-type", "text/plain");
    assert_eq!(empty.send().await, no_json());
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn other_content_codings_are_rejected(row: &'static Row) {
    let Some(body) = row.good_body() else { return };
    let world = World::furnished().await;
    let before = world.items().await;
    let call = |coding: &str| row.call(&world).by(&Caller::root()).header("content-encoding", coding);
    for coding in ["gzip", "br", "x-gzip", "", "identity, gzip", "identity,identity"] {
        assert_eq!(call(coding).send().await, coded(), "{coding:?}");
    }
    let other_type = world.call(row.method, row.path).by(&Caller::root()).header("content-encoding", "gzip");
    assert_eq!(other_type.json_as("text/plain", body).send().await, no_json());
    assert_eq!(world.items().await.since(&before), Changes::none());
    assert_eq!(call("Identity").send().await.status, row.success);
}

async fn json_media_type_variants_are_accepted(row: &'static Row) {
    let Some(body) = row.good_body() else { return };
    for media_type in ["application/json;charset=UTF-8", "Application/JSON; charset=\"utf-8\""] {
        let world = World::furnished().await;
        let call = world.call(row.method, row.path).by(&Caller::root());
        let answer = call.json_as(media_type, body.clone()).send().await;
        assert_eq!(answer.status, row.success, "{media_type}");
    }
}

async fn empty_bodies_are_rejected(row: &'static Row) {
    if row.good_body().is_none() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    let call = || world.call(row.method, row.path).by(&Caller::root());
    assert_eq!(call().send().await, empty());
    for text in ["", " \r\n\t"] {
        let answer = call().header("content-type", "application/json").text(text).send().await;
        assert_eq!(answer, empty(), "{text:?}");
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn malformed_json_is_rejected(row: &'static Row) {
    if row.good_body().is_none() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    for text in [
        "{",
        "}",
        "{'name':'a'}",
        "{\"name\":\"a\",}",
        "{\"name\":\"a\"} {}",
        "{\"name\":\"a\"}x",
        "[]",
        "[{\"name\":\"a\"}]",
        "\"name\"",
        "1",
        "true",
        "null",
        "{\"name\":NaN}",
        "{\"name\":\"\\ud800\"}",
        "\u{feff}{\"name\":\"a\"}",
        &deep,
    ] {
        let call = world.call(row.method, row.path).by(&Caller::root());
        let answer = call.header("content-type", "application/json").text(text).send().await;
        assert_eq!(answer, broken(), "{text}");
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// Parsers differ in which of two values they use.
async fn duplicate_members_are_rejected(row: &'static Row) {
    let Some(body) = row.good_body() else { return };
    let world = World::furnished().await;
    let before = world.items().await;
    for field in row.fields.iter().filter(|field| body.get(field.name).is_some()) {
        let doubled = format!("{{{:?}:{},{}", field.name, body[field.name], &body.to_string()[1..]);
        let call = world.call(row.method, row.path).by(&Caller::root());
        let answer =
            call.header("content-type", "application/json").text(world.names().fill(&doubled)).send().await;
        assert_eq!(answer, broken(), "{doubled}");
    }
    let call = world.call(row.method, row.path).by(&Caller::root());
    let nested = r#"{"displayName":{"EN":"a","\u0045N":"b"}}"#;
    let answer = call.header("content-type", "application/json").text(nested).send().await;
    assert_eq!(answer, broken(), "{nested}");
    assert_eq!(world.items().await.since(&before), Changes::none());
}
