//! Services with other settings for tokens.

use serde_json::{Value, json};
use signing::{SigningKey, jwks};

use super::for_each_operation;
use super::rows::Row;
use crate::support::answer::{invalid_token, outside_data_room};
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, refused};

for_each_operation!(requests_without_an_available_key_set_respond_with_503);

/// Returns a furnished world with these variables set.
async fn configured(variables: &[(&str, &str)]) -> Option<World> {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "another configuration") {
        return None;
    }
    let world = World::in_process(variables, |client| client).await;
    world.furnish("{Default}").await;
    Some(world)
}

async fn client_with(world: &World, token: &str) -> Answer {
    world.get("/clients/{client-123}").bearer(token).send().await
}

#[tokio::test]
async fn the_claim_of_short_form_roles_is_configurable() {
    let Some(world) = configured(&[("BEARER_ROLES_CLAIM", "cognito:groups")]).await else { return };
    for (claim, status) in [("cognito:groups", 200), ("roles", 403)] {
        let mut claims = world.claims(&Caller::new("{client-123}", "somebody"));
        claims[claim] = json!(["nevisIdm.Helpdesk"]);
        let token = world.keys().bearer.sign("at+jwt", &claims).expect("a token");
        assert_eq!(client_with(&world, &token).await.status, status, "{claim}");
        let other = world.get("/clients/{client-456}").bearer(&token).send().await;
        if status == 200 {
            assert_eq!(other, outside_data_room("ClientView"));
        }
    }
}

#[tokio::test]
async fn types_of_access_tokens_are_configurable() {
    let Some(world) = configured(&[("BEARER_TYP", "JWT,access")]).await else { return };
    let claims = world.claims(&Caller::root());
    for (typ, status) in [("JWT", 200), ("jwt", 200), ("ACCESS", 200), ("at+jwt", 401), ("", 401)] {
        let token = world.keys().bearer.sign(typ, &claims).expect("a token");
        assert_eq!(client_with(&world, &token).await.status, status, "{typ}");
    }
}

#[tokio::test]
async fn issuer_and_audience_are_configurable() {
    let variables = [("BEARER_ISSUER", "https://issuer.example"), ("BEARER_AUDIENCE", "idm")];
    let Some(world) = configured(&variables).await else { return };
    let mut claims = world.claims(&Caller::root());
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("https://issuer.example"), &json!("idm")));
    let sign = |claims: &Value| world.keys().bearer.sign("at+jwt", claims).expect("a token");
    assert_eq!(client_with(&world, &sign(&claims)).await.status, 200);
    claims["aud"] = json!("urn:local:nevisidm");
    assert_eq!(client_with(&world, &sign(&claims)).await, invalid_token());
}

/// The X-Token of a user of this client, with one claim as it should be or not.
#[tokio::test]
async fn x_token_issuer_and_audience_are_verified_if_configured() {
    let variables = [("X_TOKEN_ISSUER", "https://authenticator.example"), ("X_TOKEN_AUDIENCE", "self")];
    let Some(world) = configured(&variables).await else { return };
    let good = world.x_claims("{client-123}", "{user-123}");
    assert_eq!((&good["iss"], &good["aud"]), (&json!("https://authenticator.example"), &json!("self")));
    let path = "/{client-123}/users/{user-123}/dispatch-targets/{dt-123}";
    for (claim, value) in
        [("iss", json!("https://elsewhere.example")), ("iss", json!(null)), ("aud", json!("other"))]
    {
        let mut claims = good.clone();
        claims[claim] = value;
        let token = world.keys().x_token.sign("JWT", &claims).expect("a token");
        let answer = world.delete(path).by(&Caller::the_user()).x_token(&token).send().await;
        assert_eq!(answer, refused(422, "errors.invalidJWTToken", "Invalid JWT token."), "{claim}");
    }
    let token = world.keys().x_token.sign("JWT", &good).expect("a token");
    assert_eq!(world.delete(path).by(&Caller::the_user()).x_token(&token).send().await.status, 204);
}

/// A token is verified only with the keys of its issuer, and has the roles in the claim of its issuer.
#[tokio::test]
async fn several_issuers_have_their_own_keys_audiences_and_roles() {
    let (a, b) = (SigningKey::new("EdDSA", "key"), SigningKey::new("ES256", "key"));
    let issuers = json!([
        {"issuer": "https://a.example", "audience": "idm-a,idm", "jwks": jwks([&a]), "rolesClaim": "realm_access.roles"},
        {"issuer": "https://b.example", "audience": ["idm-b"], "jwks": jwks([&b]).to_string(), "typ": "JWT"},
    ]);
    let Some(world) = configured(&[("BEARER_ISSUERS", &issuers.to_string())]).await else { return };
    let sign = |key: &SigningKey, (typ, iss, aud): (&str, &str, &str)| {
        let mut claims = world.claims(&Caller::new("{client-123}", "somebody"));
        (claims["iss"], claims["aud"]) = (json!(iss), json!(aud));
        claims["realm_access"] = json!({"roles": ["nevisIdm.Helpdesk"]});
        claims["roles"] = json!("nevisIdm.Helpdesk");
        key.token_of(typ, &claims)
    };
    let (of_a, of_b) = (("at+jwt", "https://a.example", "idm"), ("JWT", "https://b.example", "idm-b"));
    assert_eq!(client_with(&world, &sign(&a, of_a)).await.status, 200);
    assert_eq!(client_with(&world, &sign(&b, of_b)).await.status, 200);
    for (key, token) in [
        (&b, of_a),
        (&a, of_b),
        (&a, ("at+jwt", "https://a.example", "idm-b")),
        (&b, ("JWT", "https://b.example", "idm")),
        (&b, ("at+jwt", "https://b.example", "idm-b")),
        (&a, ("at+jwt", "urn:local:issuer", "idm")),
    ] {
        assert_eq!(client_with(&world, &sign(key, token)).await, invalid_token(), "{token:?}");
    }
    let development = world.bearer(&Caller::root());
    assert_eq!(client_with(&world, &development).await, invalid_token());
}

#[tokio::test]
async fn the_clock_leeway_is_configurable() {
    let Some(world) = configured(&[("TOKEN_CLOCK_LEEWAY", "30")]).await else { return };
    for (claim, ahead, status) in [("iat", 30, 200), ("iat", 31, 401), ("nbf", 30, 200), ("nbf", 31, 401)] {
        let mut claims = world.claims(&Caller::root());
        claims[claim] = json!(world.now() + ahead);
        let token = world.keys().bearer.sign("at+jwt", &claims).expect("a token");
        assert_eq!(client_with(&world, &token).await.status, status, "{claim} {ahead}");
    }
}

#[tokio::test]
async fn the_age_and_the_client_of_x_tokens_are_configurable() {
    let optional = ("X_TOKEN_CLIENT_CLAIM", "optional");
    let single = ("MULTI_CLIENT_MODE", "false");
    let path = "/{client-123}/users/{user-123}/dispatch-targets/{dt-999}";
    for (variables, changes, status) in [
        (&[][..], json!({"exp": 3600}), 404),
        (&[], json!({"exp": 3601}), 422),
        (&[], json!({"clientExtId": null}), 422),
        (&[optional], json!({"clientExtId": null}), 404),
        (&[single], json!({"clientExtId": null}), 404),
        (&[("X_TOKEN_MAX_AGE", "60")], json!({"exp": 60}), 404),
        (&[("X_TOKEN_MAX_AGE", "60")], json!({"exp": 61}), 422),
        (&[("X_TOKEN_MAX_AGE", "60")], json!({"exp": 60, "iat": -61}), 422),
        (&[("X_TOKEN_MAX_AGE", "60")], json!({"exp": 60, "auth_time": -61}), 422),
        (&[("X_TOKEN_MAX_AGE", "86400")], json!({"exp": 86_400, "iat": -86_400}), 404),
    ] {
        let Some(world) = configured(variables).await else { return };
        let mut claims = world.x_claims("{client-123}", "{user-123}");
        for (name, seconds) in changes.as_object().expect("changes") {
            match seconds.as_i64() {
                Some(seconds) => claims[name] = json!(world.now() + seconds),
                None => drop(claims.as_object_mut().expect("claims").remove(name)),
            }
        }
        let token = world.keys().x_token.sign("JWT", &claims).expect("a token");
        let answer = world.delete(path).by(&Caller::the_user()).x_token(&token).send().await;
        assert_eq!(answer.status, status, "{variables:?} {changes}");
    }
}

/// A key set is fetched when it is needed; without it no token can be verified.
async fn requests_without_an_available_key_set_respond_with_503(row: &'static Row) {
    let Some(world) = configured(&[("BEARER_JWKS", "https://keys.example/jwks")]).await else { return };
    let expected =
        refused(503, "errors.fatalError", "Service unavailable, try again later").with("retry-after", "1");
    assert_eq!(row.call(&world).by(&Caller::root()).send().await, expected);
}
