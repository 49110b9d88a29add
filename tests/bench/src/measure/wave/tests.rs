use super::*;
use crate::moment::simulated_now;

/// Returns a response, with its begin and its end in milliseconds.
fn called(base: Instant, (begin, end): (u64, u64), status: u16, version: Option<&str>) -> Called {
    Called {
        status,
        location: version.map(|version| format!("/client-0/users/u-0/consents/{TERMS}/{version}")),
        begin: base + Duration::from_millis(begin),
        end: base + Duration::from_millis(end),
    }
}

fn item(user: usize, version: &str) -> String {
    let [pk, sk] = [format!("USER#client-0#u-{user}"), format!("CONSENT#{TERMS}#{version}")];
    serde_json::json!({"PK": {"S": pk}, "SK": {"S": sk}}).to_string()
}

/// Verifies a wave of one consent, during which the terms change between 10 and 20 ms.
fn broken(times: (u64, u64), status: u16, version: Option<&str>, stored: &[&str]) -> Vec<String> {
    let base = simulated_now();
    let made = vec![(0, called(base, times, status, version))];
    let texts: Vec<String> = stored.iter().map(|version| item(0, version)).collect();
    let change = called(base, (10, 20), 200, None);
    verify(made, &change, &texts).expect("JSON").broken
}

#[test]
fn a_consent_is_to_a_version_of_its_moment() {
    for (times, version, is_broken) in [
        ((0, 9), "1", false),
        ((0, 9), "2", true),
        ((0, 11), "2", false),
        ((12, 15), "1", false),
        ((12, 15), "2", false),
        ((21, 30), "2", false),
        ((21, 30), "1", true),
    ] {
        let broken = broken(times, 201, Some(version), &[version]);
        assert_eq!(broken.len(), usize::from(is_broken), "{times:?} {version}: {broken:?}");
    }
}

#[test]
fn nobody_accepts_the_first_version_after_somebody_accepted_the_second() {
    let base = simulated_now();
    let second = (0, called(base, (11, 13), 201, Some("2")));
    let change = called(base, (10, 20), 200, None);
    for (begin, is_broken) in [(12, false), (14, true)] {
        let first = (1, called(base, (begin, 18), 201, Some("1")));
        let wave = verify(vec![second.clone(), first], &change, &[item(0, "2"), item(1, "1")]).expect("JSON");
        assert_eq!(wave.broken.len(), usize::from(is_broken), "{begin}: {:?}", wave.broken);
    }
}

#[test]
fn a_consent_that_is_lost_doubled_or_different_is_reported() {
    assert_eq!(broken((0, 9), 201, Some("1"), &["1"]), Vec::<String>::new());
    for stored in [&[][..], &["1", "2"], &["2"], &["3"]] {
        assert!(!broken((0, 9), 201, Some("1"), stored).is_empty(), "{stored:?}");
    }
}

#[test]
fn a_consent_without_a_known_result_may_be_stored_or_not() {
    for stored in [&[][..], &["1"]] {
        assert_eq!(broken((0, 9), 503, None, stored), Vec::<String>::new(), "{stored:?}");
    }
    assert!(!broken((0, 9), 409, None, &["1"]).is_empty());
}
