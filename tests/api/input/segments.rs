//! Special characters and broken encodings in every segment of every path.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Trial, characters};
use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::events::{GATEWAYS, Gateway};
use crate::support::items::Changes;
use crate::support::{Answer, refused};

for_each_operation!(
    no_character_in_a_segment_matches_an_object,
    no_character_in_a_segment_matches_an_object_behind_a_gateway,
    responses_to_broken_percent_encodings_are_documented,
    segments_of_any_length_match_no_object,
);

/// Returns the paths of a valid request with one of its parameters replaced.
fn paths(row: &Row, segment: &str) -> Vec<String> {
    let parameters = row.template.split('/').enumerate().filter(|(_, word)| word.starts_with('{'));
    let path = |place| {
        let replaced = |(index, word)| if index == place { segment } else { word };
        row.path.split('/').enumerate().map(replaced).collect::<Vec<_>>().join("/")
    };
    parameters.map(|(place, _)| path(place)).collect()
}

fn is_missing(answer: &Answer, text: &str) -> bool {
    let message = answer.body["errors"][0]["message"].as_str().unwrap_or_default();
    answer.status == 404 && answer.body["errors"][0]["code"] == "errors.noRecord" && message.contains(text)
}

/// Asserts that no object is found if any parameter is this text, and that the text is reported as
/// it was sent.
async fn assert_missing(trial: &Trial, row: &Row, text: &str, segment: &str) {
    for path in paths(row, segment) {
        let call = trial.call_at(row, &path).json_if(row.good_body());
        let answer = trial.send(row, call, format!("{path:?}")).await;
        assert!(is_missing(&answer, text), "{path:?}: {answer:?}");
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// It makes no difference whether the character is encoded, which one operation shows.
async fn no_character_in_a_segment_matches_an_object(row: &'static Row) {
    if !row.has_client() {
        return;
    }
    let Some(trial) = Trial::start().await else { return };
    let before = trial.items().await;
    for character in characters() {
        let text = format!("{character}a{character}b{character}");
        assert_missing(&trial, row, &text, &encoded(&text)).await;
        if row.id == "get-client" {
            assert_missing(&trial, row, &text, &text).await;
        }
    }
    assert_eq!(trial.items().await.since(&before), Changes::none());
}

/// Some gateways decode segments. One operation tries each character separately, the others all
/// together.
async fn no_character_in_a_segment_matches_an_object_behind_a_gateway(row: &'static Row) {
    if !row.has_client() {
        return;
    }
    for gateway in GATEWAYS {
        let Some(trial) = Trial::behind(gateway).await else { return };
        if row.id == "get-client" {
            for character in characters() {
                let text = format!("{character}a{character}b{character}");
                assert_missing(&trial, row, &text, &encoded(&text)).await;
            }
        }
        let all: String = characters().collect();
        assert_missing(&trial, row, &all, &encoded(&all)).await;
    }
}

/// A segment that does not decode to UTF-8 matches no route. A `%` that encodes nothing is a
/// literal character.
async fn responses_to_broken_percent_encodings_are_documented(row: &'static Row) {
    if !row.has_client() {
        return;
    }
    let no_route = refused(404, "errors.invalidUri", "No resource exists at this address");
    for gateway in [None, Some(Gateway::RestApi), Some(Gateway::Watch)] {
        let trial = match gateway {
            None => Trial::start().await,
            Some(gateway) => Trial::behind(gateway).await,
        };
        let Some(trial) = trial else { return };
        let before = trial.items().await;
        for segment in ["%", "%2", "%zz", "a%", "%%", "%2%", "%u0041", "%0", "%%30%30"] {
            for path in paths(row, segment) {
                let call = trial.call_at(row, &path).json_if(row.good_body());
                let answer = trial.send(row, call, format!("{path} behind {gateway:?}")).await;
                assert_eq!(answer.body["errors"][0]["code"], "errors.noRecord", "{path}");
            }
        }
        let no_text = ["%ff", "%c0%80", "%c3", "%ed%a0%80", "%f5%80%80%80", "%fe%ff", "%e2%28%a1", "a%80"];
        for path in no_text.iter().flat_map(|segment| paths(row, segment)) {
            let call = trial.call_at(row, &path).json_if(row.good_body());
            let answer = trial.send(row, call, format!("{path} behind {gateway:?}")).await;
            assert_eq!(answer, no_route, "{path} behind {gateway:?}");
        }
        assert_eq!(trial.items().await.since(&before), Changes::none());
    }
}

async fn segments_of_any_length_match_no_object(row: &'static Row) {
    if !row.has_client() {
        return;
    }
    let Some(trial) = Trial::start().await else { return };
    let before = trial.items().await;
    for length in [479, 480, 481, 1023, 1024, 2047, 2048, 8192, 60_000] {
        for segment in
            ["a", "%61", "%C3%A4", "%00", "%F0%9F%92%A9"].map(|unit| unit.repeat(length / unit.len()))
        {
            for path in paths(row, &segment) {
                let call = trial.call_at(row, &path).json_if(row.good_body());
                let answer = trial.send(row, call, format!("{length} bytes")).await;
                assert_eq!(answer.body["errors"][0]["code"], "errors.noRecord", "{length}");
            }
        }
    }
    assert_eq!(trial.items().await.since(&before), Changes::none());
}
