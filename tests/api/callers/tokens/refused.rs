//! No operation accepts a forged token, and another library agrees on every signature.

use serde_json::Value;

use super::forge::{Forge, Forgeries, Forgery};
use super::second_opinion::verifies;
use super::signatures::twin;
use super::{Trusting, claims, forgeries};
use crate::operations::all_rows;
use crate::operations::rows::Row;
use crate::support::answer::invalid_authorization;
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, refused};

/// Minimum number of forgeries for each operation and header.
const AT_LEAST: usize = 150;

fn left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "keys of every algorithm")
}

/// Asserts that the other library accepts exactly the valid signatures.
fn assert_same_signatures_are_valid(list: &Forgeries, jwks: &Value) {
    let differing: Vec<&str> = list
        .0
        .iter()
        .filter(|forgery| verifies(&forgery.token, jwks) != forgery.well_signed)
        .map(|forgery| &*forgery.what)
        .collect();
    assert_eq!(differing, [""; 0], "the libraries disagree");
}

/// Sends the forgeries to the operations in the header that `send` sets: all of them to the first
/// operation, and a share to each of the others. Returns their number.
async fn refuse_all<'a, Sent>(
    rows: impl Iterator<Item = &'static Row>,
    list: &'a [Forgery],
    refusal: impl Fn(&str) -> Answer,
    send: impl Fn(&'static Row, &'a str) -> Sent,
) -> usize
where
    Sent: Future<Output = Answer>,
{
    let mut tried = 0;
    for (number, row) in rows.enumerate() {
        let shares = if number == 0 { 1 } else { list.len() / AT_LEAST };
        let share: Vec<_> = list.iter().skip(number % shares).step_by(shares).collect();
        assert!(share.len() >= AT_LEAST, "{} forgeries for {}", share.len(), row.id);
        for forgery in &share {
            let expected = refusal(&forgery.token);
            assert_eq!(send(row, &forgery.token).await, expected, "{}: {}", row.id, forgery.what);
        }
        tried += share.len();
    }
    tried
}

#[tokio::test]
async fn no_forged_bearer_token_is_accepted() {
    if left_out() {
        return;
    }
    let trusting = Trusting::new().await;
    let before = trusting.world.items().await;
    let forge = trusting.forge_bearer();
    let mut list = forgeries(&forge);
    claims::of_bearer(&forge, &mut list);
    assert_same_signatures_are_valid(&list, &trusting.bearer.jwks);
    let refusal = |token: &str| invalid_authorization(&[&format!("Bearer {token}")]);
    let tried =
        refuse_all(all_rows(), &list.0, refusal, |row, token| row.call(&trusting.world).bearer(token).send())
            .await;
    assert!(tried >= 2_500, "{tried} forgeries");
    assert_eq!(trusting.recorder.trips(), [[""; 0]; 0]);
    assert_eq!(trusting.world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn no_forged_x_token_is_accepted() {
    if left_out() {
        return;
    }
    let trusting = Trusting::new().await;
    let world = &trusting.world;
    let before = world.items().await;
    let forge = trusting.forge_x_token();
    let mut list = forgeries(&forge);
    claims::of_x_token(&forge, (&world.id("client-123"), &world.id("user-123")), &mut list);
    assert_same_signatures_are_valid(&list, &trusting.x_token.jwks);
    let bearer = trusting.bearer_of(&Caller::the_user());
    let refusal = refused(422, "errors.invalidJWTToken", "Invalid JWT token.");
    let rows = all_rows().filter(|row| row.takes_x_token());
    let tried = refuse_all(
        rows,
        &list.0,
        |_| refusal.clone(),
        |row, token| row.call(world).bearer(&bearer).x_token(token).send(),
    )
    .await;
    assert!(tried >= 1_500, "{tried} forgeries");
    assert_eq!(trusting.recorder.trips(), [[""; 0]; 0]);
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// Malformed `Authorization` headers with a valid token.
#[tokio::test]
async fn no_valid_token_is_accepted_in_a_malformed_header() {
    if left_out() {
        return;
    }
    let trusting = Trusting::new().await;
    let world = &trusting.world;
    let good = trusting.forge_bearer().good("EdDSA");
    let bad = trusting.stranger[0].token("{}", "{}");
    let bearer = |token: &str| format!("Bearer {token}");
    let mut shapes: Vec<Vec<(&str, String)>> = [
        "",
        "Bearer",
        "Bearer ",
        "bearer",
        &good,
        &format!("Basic {good}"),
        &format!("DPoP {good}"),
        &format!("Bearers {good}"),
        &format!("Bearer:{good}"),
        &format!("Bearer\t{good}"),
        &format!("Bearer{good}"),
        &format!("Bearer token={good}"),
        &format!("Bearer {good}, realm=x"),
        &format!("Bearer {good}; charset=utf-8"),
        &format!("{good} Bearer"),
        &format!("Bearer {bad} {good}"),
        &format!("Bearer {good} {bad}"),
        &format!("Basic x, Bearer {good}"),
        &format!("B\u{435}arer {good}"),
        &format!("Bearer\u{a0}{good}"),
        &format!("Bearer Bearer {good}"),
        &format!("Bearer '{good}'"),
    ]
    .map(|value| vec![("authorization", value.to_owned())])
    .to_vec();
    for (first, second) in [(&good, &good), (&good, &bad), (&bad, &good)] {
        shapes.push(vec![("authorization", bearer(first)), ("Authorization", bearer(second))]);
    }
    shapes.push(vec![("authorization", bearer(&good)), ("authorization", String::new())]);
    shapes.push(vec![("authorization", String::new()), ("authorization", bearer(&good))]);
    for elsewhere in
        ["proxy-authorization", "x-token", "x-authorization", "authorization ", "cookie", "x-amzn-oidc-data"]
    {
        shapes.push(vec![(elsewhere, bearer(&good))]);
    }
    for row in all_rows() {
        for shape in &shapes {
            let call = shape.iter().fold(row.call(world), |call, (name, value)| call.header(name, value));
            let values = shape.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
            let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
            assert_eq!(call.send().await, invalid_authorization(&values), "{}: {shape:?}", row.id);
        }
    }
    assert_eq!(trusting.recorder.trips(), [[""; 0]; 0]);
}

/// Both libraries accept tokens of every algorithm. A signature of ECDSA has two valid forms, and
/// both are accepted.
#[tokio::test]
async fn valid_tokens_of_every_algorithm_are_accepted() {
    if left_out() {
        return;
    }
    let trusting = Trusting::new().await;
    let world = &trusting.world;
    let bearer = trusting.bearer_of(&Caller::the_user());
    for (token, algorithm) in good_tokens(&trusting.forge_bearer()) {
        assert!(verifies(&token, &trusting.bearer.jwks), "{algorithm}");
        let answer = world.get("/clients/{client-123}").bearer(&token).send().await;
        assert_eq!(answer.status, 200, "{algorithm}");
    }
    for (token, algorithm) in good_tokens(&trusting.forge_x_token()) {
        assert!(verifies(&token, &trusting.x_token.jwks), "{algorithm}");
        let call = world.delete("/{client-123}/users/{user-123}/dispatch-targets/{dt-999}");
        assert_eq!(call.bearer(&bearer).x_token(&token).send().await.status, 404, "{algorithm}");
    }
}

fn good_tokens(forge: &Forge<'_>) -> Vec<(String, &'static str)> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut list = Vec::new();
    for key in forge.own {
        let token = forge.good(key.algorithm);
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        if let Some(twin) = twin(key.algorithm, &signature) {
            list.push((format!("{signed}.{}", URL_SAFE_NO_PAD.encode(twin)), key.algorithm));
        }
        list.push((token, key.algorithm));
    }
    list
}
