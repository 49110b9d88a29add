//! Bodies: what is no JSON object is refused, whatever the operation.

use super::rows::Row;
use super::table::ROWS;
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, refused};

fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(|row| row.good_body().is_some())
}

/// The refusal of what is no JSON object.
pub(crate) fn broken() -> Answer {
    refused(400, "errors.jsonProcessingError", "The request body is not a valid JSON object")
}

fn empty() -> Answer {
    refused(400, "errors.nullRequestBody", "The request body must not be empty")
}

fn no_json() -> Answer {
    refused(415, "errors.unsupportedMediaType", "Content-Type must be application/json")
}

#[tokio::test]
async fn what_is_not_declared_as_json_is_refused() {
    let world = World::furnished().await;
    let before = world.items().await;
    for row in rows() {
        let body = row.good_body().expect("a body").to_string();
        for media_type in [
            "text/plain",
            "text/json",
            "application/xml",
            "application/jsonp",
            "application/json; charset=latin1",
            "application/json, application/json",
            "application/x-www-form-urlencoded",
        ] {
            let call = world.call(row.method, row.path).by(&Caller::root());
            let answer = call.header("content-type", media_type).text(body.clone()).send().await;
            assert_eq!(answer, no_json(), "{} as {media_type}", row.id);
        }
        let undeclared = world.call(row.method, row.path).by(&Caller::root()).text(body).send().await;
        assert_eq!(undeclared, no_json(), "{}", row.id);
        let empty = world.call(row.method, row.path).by(&Caller::root()).header("content-type", "text/plain");
        assert_eq!(empty.send().await, no_json(), "{}", row.id);
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn a_media_type_that_is_there_twice_is_none() {
    if leaves_out(&[Kind::Watch], "the second of two equal headers, which it loses") {
        return;
    }
    let world = World::furnished().await;
    for row in rows() {
        let call = row.call(&world).by(&Caller::root()).header("content-type", "application/json");
        assert_eq!(call.send().await, no_json(), "{}", row.id);
    }
}

#[tokio::test]
async fn json_in_utf_8_is_declared_in_several_ways() {
    for media_type in ["application/json;charset=UTF-8", "Application/JSON; charset=\"utf-8\""] {
        let world = World::furnished().await;
        for row in rows() {
            let call = world.call(row.method, row.path).by(&Caller::root());
            let answer = call.json_as(media_type, row.good_body().expect("a body")).send().await;
            assert_eq!(answer.status, row.success, "{} as {media_type}", row.id);
        }
    }
}

#[tokio::test]
async fn no_body_is_refused_with_a_media_type_or_without() {
    let world = World::furnished().await;
    let before = world.items().await;
    for row in rows() {
        let call = || world.call(row.method, row.path).by(&Caller::root());
        assert_eq!(call().send().await, empty(), "{}", row.id);
        for text in ["", " \r\n\t"] {
            let answer = call().header("content-type", "application/json").text(text).send().await;
            assert_eq!(answer, empty(), "{} with {text:?}", row.id);
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn what_is_no_json_object_is_refused() {
    let world = World::furnished().await;
    let before = world.items().await;
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    for row in rows() {
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
            assert_eq!(answer, broken(), "{} with {text}", row.id);
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn what_is_not_utf_8_is_refused() {
    if leaves_out(&[Kind::Watch, Kind::Gateway], "bytes that are no UTF-8, which it replaces or refuses") {
        return;
    }
    let world = World::furnished().await;
    for row in rows() {
        let call = world.call(row.method, row.path).by(&Caller::root());
        let body = b"{\"name\":\"\xff\"}".to_vec();
        let answer = call.header("content-type", "application/json").text(body).send().await;
        assert_eq!(answer, broken(), "{}", row.id);
    }
}

/// The second value of a doubled member would win in one reader and lose in another.
#[tokio::test]
async fn a_member_that_is_there_twice_is_refused() {
    let world = World::furnished().await;
    let before = world.items().await;
    for row in rows() {
        for field in row.fields {
            let body = row.good_body().expect("a body");
            let doubled = format!("{{{:?}:{},{}", field.name, body[field.name], &body.to_string()[1..]);
            let call = world.call(row.method, row.path).by(&Caller::root());
            let answer = call
                .header("content-type", "application/json")
                .text(world.names().fill(&doubled))
                .send()
                .await;
            assert_eq!(answer, broken(), "{} with {doubled}", row.id);
        }
        let call = world.call(row.method, row.path).by(&Caller::root());
        let nested = r#"{"displayName":{"EN":"a","\u0045N":"b"}}"#;
        let answer = call.header("content-type", "application/json").text(nested).send().await;
        assert_eq!(answer, broken(), "{} with {nested}", row.id);
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}
