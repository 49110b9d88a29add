//! Events: whatever gateway sends a request, it is answered the same.

use serde_json::{Value, json};

use super::rows::client_missing;
use super::table::ROWS;
use crate::support::answer::{invalid_fields, missing_right, unauthorized};
use crate::support::events::{GATEWAYS, Gateway};
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World, refused};

/// Whether events are somebody else's work here.
fn are_left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "events that are made by the tests")
}

/// The same value with what is made anew each time replaced.
fn without_ids(body: &Value) -> Value {
    let mut body = body.clone();
    for name in ["defaultUnitExtId", "defaultProfilePolicyExtId"] {
        if body.get(name).is_some() {
            body[name] = json!("<uuid>");
        }
    }
    body
}

#[tokio::test]
async fn a_good_request_is_answered_the_same() {
    if are_left_out() {
        return;
    }
    let world = World::furnished().await;
    let mut direct = Vec::new();
    for row in &ROWS {
        let answer = row.call(&world).by(&Caller::root()).send().await;
        assert_eq!(answer.status, row.success, "{}", row.id);
        direct.push(answer);
    }
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        for (row, direct) in ROWS.iter().zip(&direct) {
            let answer = row.call(&world).by(&Caller::root()).send().await;
            assert_eq!(answer.headers, direct.headers, "{} behind {gateway:?}", row.id);
            let bodies = (without_ids(&answer.body), without_ids(&direct.body));
            assert_eq!((answer.status, bodies.0), (direct.status, bodies.1), "{} behind {gateway:?}", row.id);
        }
    }
}

#[tokio::test]
async fn a_refusal_is_answered_the_same() {
    if are_left_out() {
        return;
    }
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        let before = world.items().await;
        for row in &ROWS {
            let what = format!("{} behind {gateway:?}", row.id);
            assert_eq!(row.call(&world).send().await, unauthorized(), "{what}");
            let nobody = Caller::new("{client-123}", "nobody");
            let answer = row.call(&world).by(&nobody).send().await;
            assert_eq!(answer, missing_right(row.rights[0]), "{what}");
            let call = world.call(row.method, row.path).by(&Caller::root());
            let too_large = refused(413, "errors.invalidData", "Request too large");
            assert_eq!(call.text(" ".repeat(64 * 1024 + 1)).send().await, too_large, "{what}");
            if let Some(mut body) = row.good_body() {
                body["unheardOf"] = json!(1);
                let answer = world.call(row.method, row.path).by(&Caller::root()).json(body).send().await;
                assert_eq!(answer, invalid_fields("unheardOf"), "{what}");
                let answer = world.call(row.method, row.path).by(&Caller::root()).send().await;
                assert_eq!(answer.body["errors"][0]["code"], "errors.nullRequestBody", "{what}");
            }
            if row.has_client() {
                let path = row.path.replace("{client-123}", "{client-999}");
                let call = world.call(row.method, &path).by(&Caller::root()).json_if(row.good_body());
                assert_eq!(call.send().await, client_missing(), "{what}");
            }
        }
        assert_eq!(world.items().await.since(&before), Changes::none());
    }
}

/// A REST API delivers both values of a header, an HTTP API joins them with a comma.
#[tokio::test]
async fn a_header_that_is_there_twice_is_refused() {
    if are_left_out() {
        return;
    }
    for gateway in GATEWAYS.into_iter().filter(|gateway| *gateway != Gateway::Watch) {
        let world = World::behind(gateway).await;
        let token = world.bearer(&Caller::root());
        for row in &ROWS {
            let answer = row.call(&world).bearer(&token).bearer(&token).send().await;
            assert_eq!(answer, unauthorized(), "{} behind {gateway:?}", row.id);
        }
        let x_token = world.x_token("{client-123}", "{user-123}");
        let call = world.delete("/{client-123}/users/{user-123}/dispatch-targets/{dt-123}");
        let answer = call.by(&Caller::the_user()).x_token(&x_token).x_token(&x_token).send().await;
        assert_eq!(answer, refused(422, "errors.invalidJWTToken", "Invalid JWT token."), "{gateway:?}");
    }
}

/// What is in a path is decoded once, wherever the decoding happens.
#[tokio::test]
async fn a_parameter_is_decoded_once() {
    if are_left_out() {
        return;
    }
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        for (sent, shown) in
            [("a%20b", "a b"), ("%252F", "%2F"), ("%25", "%"), ("a+b", "a+b"), ("%C3%A4", "ä")]
        {
            let answer = world.get(&format!("/clients/{sent}")).by(&Caller::root()).send().await;
            let message = format!("Client doesn't exist with extId '{shown}'");
            assert_eq!(answer, refused(404, "errors.noRecord", &message), "{sent} behind {gateway:?}");
        }
        // With a route for everything an HTTP API does not tell a slash in a segment from another.
        if gateway != Gateway::HttpApiDefaultRoute {
            let answer = world.get("/clients/a%2Fb").by(&Caller::root()).send().await;
            let message = "Client doesn't exist with extId 'a/b'";
            assert_eq!(answer, refused(404, "errors.noRecord", message), "behind {gateway:?}");
        }
    }
}

/// A function answers its own operation, whatever it is sent.
#[tokio::test]
async fn an_address_of_no_operation_is_not_found() {
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
