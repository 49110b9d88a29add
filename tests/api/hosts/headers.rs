//! Headers and bytes that a host could change on the way to the function.

use crate::operations::bodies::{broken, no_json};
use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::answer::invalid_token;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World, refused};

for_each_operation!(
    repeated_bearer_tokens_are_rejected,
    repeated_media_types_are_rejected,
    repeated_x_tokens_are_rejected,
    invalid_utf_8_is_rejected,
);

async fn repeated_bearer_tokens_are_rejected(row: &'static Row) {
    if leaves_out(&[Kind::Watch], "the second of two equal headers, which it loses") {
        return;
    }
    let world = World::furnished_once().await;
    let good = world.bearer(&Caller::root());
    let answer = row.call(&world).bearer(&good).bearer(&good).send().await;
    assert_eq!(answer, invalid_token());
}

async fn repeated_media_types_are_rejected(row: &'static Row) {
    if row.good_body().is_none()
        || leaves_out(&[Kind::Watch], "the second of two equal headers, which it loses")
    {
        return;
    }
    let world = World::furnished_once().await;
    let call = row.call(&world).by(&Caller::root()).header("content-type", "application/json");
    assert_eq!(call.send().await, no_json());
}

async fn repeated_x_tokens_are_rejected(row: &'static Row) {
    if !row.takes_x_token() || leaves_out(&[Kind::Watch], "the second of two equal headers, which it loses") {
        return;
    }
    let world = World::furnished_once().await;
    let good = world.x_token("{client-123}", "{user-123}");
    let answer = row.call(&world).by(&Caller::the_user()).x_token(&good).x_token(&good).send().await;
    assert_eq!(answer, refused(422, "errors.invalidJWTToken", "Invalid JWT token."));
}

async fn invalid_utf_8_is_rejected(row: &'static Row) {
    if row.good_body().is_none()
        || leaves_out(&[Kind::Watch, Kind::Gateway], "invalid UTF-8, which it replaces or rejects")
    {
        return;
    }
    let world = World::furnished_once().await;
    let call = world.call(row.method, row.path).by(&Caller::root());
    let body = b"{\"name\":\"\xff\"}".to_vec();
    let answer = call.header("content-type", "application/json").text(body).send().await;
    assert_eq!(answer, broken());
}
