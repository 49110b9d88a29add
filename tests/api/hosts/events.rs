//! Events: the response does not depend on the gateway that sends the request.

use serde_json::{Value, json};

use super::without_ids;
use crate::operations::for_each_operation;
use crate::operations::rows::{Row, client_missing};
use crate::support::answer::{invalid_fields, invalid_token, missing_right, unauthorized};
use crate::support::events::{GATEWAYS, Gateway, response_of};
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, refused};

for_each_operation!(
    every_gateway_gets_the_same_response,
    every_gateway_gets_the_same_refusals,
    repeated_headers_are_rejected,
    every_gateway_gets_the_headers_of_get_for_head,
    functions_accept_both_kinds_of_events,
    every_gateway_has_the_query_string_decoded_once,
);

/// Returns true if the host creates the events itself.
fn are_left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "events that the tests create")
}

async fn every_gateway_gets_the_same_response(row: &'static Row) {
    if are_left_out() {
        return;
    }
    let world = World::furnished().await;
    let direct = row.call(&world).by(&Caller::root()).send().await;
    assert_eq!(direct.status, row.success);
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        let answer = row.call(&world).by(&Caller::root()).send().await;
        assert_eq!(answer.headers, direct.headers, "{gateway:?}");
        let bodies = (without_ids(&answer.body), without_ids(&direct.body));
        assert_eq!((answer.status, bodies.0), (direct.status, bodies.1), "{gateway:?}");
    }
}

async fn every_gateway_gets_the_same_refusals(row: &'static Row) {
    if are_left_out() {
        return;
    }
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        let before = world.items().await;
        assert_eq!(row.call(&world).send().await, unauthorized(), "{gateway:?}");
        let nobody = Caller::new("{client-123}", "nobody");
        if let Some(right) = row.rights.first() {
            let answer = row.call(&world).by(&nobody).send().await;
            assert_eq!(answer, missing_right(right), "{gateway:?}");
        }
        let call = world.call(row.method, row.path).by(&Caller::root());
        let too_large = refused(413, "errors.invalidData", "Request too large");
        assert_eq!(call.text(" ".repeat(64 * 1024 + 1)).send().await, too_large, "{gateway:?}");
        if let Some(mut body) = row.good_body() {
            body["unheardOf"] = json!(1);
            let answer = world.call(row.method, row.path).by(&Caller::root()).json(body).send().await;
            assert_eq!(answer, invalid_fields("unheardOf"), "{gateway:?}");
            let answer = world.call(row.method, row.path).by(&Caller::root()).send().await;
            assert_eq!(answer.body["errors"][0]["code"], "errors.nullRequestBody", "{gateway:?}");
        }
        if row.has_client() {
            let path = row.path.replace("{client-123}", "{client-999}");
            let call = world.call(row.method, &path).by(&Caller::root()).json_if(row.good_body());
            assert_eq!(call.send().await, client_missing(), "{gateway:?}");
        }
        assert_eq!(world.items().await.since(&before), Changes::none());
    }
}

async fn every_gateway_gets_the_headers_of_get_for_head(row: &'static Row) {
    if row.method != "GET" || are_left_out() {
        return;
    }
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        let get = row.call(&world).by(&Caller::root()).send().await;
        let head = world.call("HEAD", row.path).by(&Caller::root()).send().await;
        assert_eq!(head, Answer { body: Value::Null, ..get }, "{gateway:?}");
    }
}

/// A REST API delivers both values of a header, an HTTP API joins them with a comma.
async fn repeated_headers_are_rejected(row: &'static Row) {
    if are_left_out() {
        return;
    }
    for gateway in GATEWAYS.into_iter().filter(|gateway| *gateway != Gateway::Watch) {
        let world = World::behind(gateway).await;
        let token = world.bearer(&Caller::root());
        let answer = row.call(&world).bearer(&token).bearer(&token).send().await;
        assert_eq!(answer, invalid_token(), "{gateway:?}");
        if row.takes_x_token() {
            let x_token = world.x_token("{client-123}", "{user-123}");
            let call = row.call(&world).by(&Caller::the_user());
            let answer = call.x_token(&x_token).x_token(&x_token).send().await;
            assert_eq!(answer, refused(422, "errors.invalidJWTToken", "Invalid JWT token."), "{gateway:?}");
        }
    }
}

/// Under `cargo lambda watch` the function of an operation can be invoked with any event: here those of
/// the two kinds of API.
async fn functions_accept_both_kinds_of_events(row: &'static Row) {
    if leaves_out(&[Kind::InProcess, Kind::Local, Kind::Gateway], "invocations of single functions") {
        return;
    }
    for gateway in [Gateway::RestApi, Gateway::HttpApi] {
        let world = World::furnished().await;
        let sent = row.call(&world).by(&Caller::root()).sent();
        let answer = response_of(&world.invoke(row.id, &gateway.event(&sent)).await);
        assert_eq!(answer.status, row.success, "{gateway:?}: {answer:?}");
    }
}

/// A path parameter is decoded exactly once.
#[tokio::test]
async fn every_gateway_has_path_parameters_decoded_once() {
    if are_left_out() {
        return;
    }
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        for (sent, shown) in [
            ("a%20b", "a b"),
            ("%39%39%39", "999"),
            ("%252F", "%2F"),
            ("%25", "%"),
            ("a+b", "a+b"),
            ("%C3%A4", "ä"),
        ] {
            let answer = world.get(&format!("/clients/{sent}")).by(&Caller::root()).send().await;
            let message = format!("Client doesn't exist with extId '{shown}'");
            assert_eq!(answer, refused(404, "errors.noRecord", &message), "{sent} behind {gateway:?}");
        }
        // With the default route only, an HTTP API does not distinguish an encoded slash in a
        // segment from a separator.
        if gateway != Gateway::HttpApiDefaultRoute {
            let answer = world.get("/clients/a%2Fb").by(&Caller::root()).send().await;
            let message = "Client doesn't exist with extId 'a/b'";
            assert_eq!(answer, refused(404, "errors.noRecord", message), "behind {gateway:?}");
        }
    }
}

/// A function responds to its own operation only.
#[tokio::test]
async fn every_gateway_gets_404_for_unknown_paths() {
    if are_left_out() {
        return;
    }
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        for path in ["/unheard-of", "/clients/a/b", ""] {
            let answer = world.call("GET", path).by(&Caller::root()).send().await;
            let expected = refused(404, "errors.invalidUri", "No resource exists at this address");
            assert_eq!(answer, expected, "{path} behind {gateway:?}");
        }
    }
}

/// An unknown parameter is reported in decoded form. Operations without parameters ignore it.
async fn every_gateway_has_the_query_string_decoded_once(row: &'static Row) {
    if are_left_out() {
        return;
    }
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        let path = format!("{}?a%2520b=1&c+d=2&a%2520b=3", row.path);
        let call = world.call(row.method, &path).json_if(row.good_body()).by(&Caller::root());
        let answer = call.send().await;
        if has_query(row) {
            assert_eq!(answer, invalid_fields("a%20b, c d"), "{gateway:?}");
        } else {
            assert_eq!(answer.status, row.success, "{gateway:?}");
        }
    }
}

/// Returns true if the operation has parameters in the query string.
fn has_query(row: &Row) -> bool {
    functions::OPERATIONS.iter().any(|it| it.id == row.id && !it.description.query.is_empty())
}
