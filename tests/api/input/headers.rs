//! Special characters in every header that an operation reads, and in other headers.

use super::{Trial, characters};
use crate::operations::for_each_operation;
use crate::operations::rows::{FieldKind, Row};
use crate::support::answer::{invalid_authorization, invalid_fields};
use crate::support::call::Call;
use crate::support::items::Changes;
use crate::support::{Answer, Caller, refused};

for_each_operation!(
    bearer_tokens_with_any_other_character_are_rejected,
    x_tokens_with_any_other_character_are_rejected,
    media_types_with_any_other_character_are_rejected,
    idempotency_keys_with_any_other_character_are_rejected,
    other_headers_are_ignored,
);

/// Returns values with a character at the start, in the middle, at the end, and in all three
/// places.
fn values(good: &str, character: char) -> [String; 4] {
    let (start, end) = good.split_at(good.len() / 2);
    [
        format!("{character}{good}"),
        format!("{start}{character}{end}"),
        format!("{good}{character}"),
        format!("{character}{start}{character}{end}{character}"),
    ]
}

/// Asserts that valid calls are rejected if the header contains a special character. White space
/// around the value is not part of it.
async fn assert_rejected<'a>(
    trial: &'a Trial,
    row: &Row,
    (name, good): (&str, &str),
    call: impl Fn() -> Call<'a>,
    refusal: impl Fn(&str) -> Answer,
) {
    let before = trial.items().await;
    for character in characters() {
        let values = values(good, character);
        for value in values.iter().filter(|value| value.trim_matches([' ', '\t']) != good) {
            let answer = trial.send(row, call().header(name, value), format!("{name}: {value:?}")).await;
            assert_eq!(answer, refusal(value), "{} with {name}: {value:?}", row.id);
        }
    }
    assert_eq!(trial.items().await.since(&before), Changes::none(), "{}", row.id);
}

async fn bearer_tokens_with_any_other_character_are_rejected(row: &'static Row) {
    let Some(trial) = Trial::start().await else { return };
    let good = format!("Bearer {}", trial.world.bearer(&Caller::root()));
    let call = || row.call(&trial.world);
    assert_rejected(&trial, row, ("authorization", &good), call, |value| invalid_authorization(&[value]))
        .await;
}

async fn x_tokens_with_any_other_character_are_rejected(row: &'static Row) {
    if !row.takes_x_token() {
        return;
    }
    let Some(trial) = Trial::start().await else { return };
    let good = trial.world.x_token("{client-123}", "{user-123}");
    let refusal = refused(422, "errors.invalidJWTToken", "Invalid JWT token.");
    let call = || row.call(&trial.world).by(&Caller::the_user());
    assert_rejected(&trial, row, ("x-token", &good), call, |_| refusal.clone()).await;
}

async fn media_types_with_any_other_character_are_rejected(row: &'static Row) {
    let Some(body) = row.good_body() else { return };
    let Some(trial) = Trial::start().await else { return };
    let refusal = refused(415, "errors.unsupportedMediaType", "Content-Type must be application/json");
    let body = trial.world.names().fill_json(body).to_string();
    let call = || trial.call(row).text(body.clone());
    assert_rejected(&trial, row, ("content-type", "application/json"), call, |_| refusal.clone()).await;
}

async fn idempotency_keys_with_any_other_character_are_rejected(row: &'static Row) {
    if !row.writes() {
        return;
    }
    let Some(trial) = Trial::start().await else { return };
    let call = || row.call(&trial.world).by(&Caller::root());
    let refusal = invalid_fields("Idempotency-Key");
    assert_rejected(&trial, row, ("idempotency-key", "4711"), call, |_| refusal.clone()).await;
}

/// A header that no operation reads does not affect the response or `Location`.
async fn other_headers_are_ignored(row: &'static Row) {
    const NAMES: [&str; 9] = [
        "host",
        "forwarded",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-prefix",
        "x-amzn-trace-id",
        "x-http-method-override",
        "cookie",
        "x-unheard-of",
    ];
    // A second consent would be a duplicate, because the request contains no new name.
    let is_repeatable =
        row.is_repeatable && row.fields.iter().all(|field| field.kind != FieldKind::Reference);
    if !is_repeatable || !(row.success == 200 || row.success == 201) {
        return;
    }
    let Some(mut trial) = Trial::start().await else { return };
    let expected = trial.call(row).json_if(row.good_body()).send().await;
    trial.world.lines();
    trial.make_room(row, &expected).await;
    for (index, character) in characters().enumerate() {
        let name = NAMES[index % NAMES.len()];
        let body = if row.success == 201 { Some(trial.body(row)) } else { row.good_body() };
        let mut call = trial.call(row).json_if(body);
        for value in values("evil.example", character) {
            call = call.header(name, &value).header(&value, "a");
        }
        let answer = trial.send(row, call, format!("{name} with {character:?}")).await;
        if row.success == 201 {
            let location = answer.headers.get("location").and_then(|values| values.first());
            assert!(location.is_some_and(|url| url.starts_with("<api>/")), "{answer:?}");
            trial.make_room(row, &answer).await;
        } else {
            assert_eq!(answer, expected, "{name} with {character:?}");
        }
    }
}
