//! Time and randomness as values.
//!
//! Tests can hold them still, and a request sees a single point in time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;

/// A point in time in UTC with millisecond precision, formatted as ISO 8601 with `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(OffsetDateTime::UNIX_EPOCH);

    /// Returns the time this many milliseconds after 1970-01-01T00:00:00Z; `None` beyond the year 9999.
    #[must_use]
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok().map(Self)
    }

    /// Parses a date and time of RFC 3339 in any offset, truncated to milliseconds.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        Self::from_unix_millis(i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000_000)).ok()?)
    }

    /// Returns the seconds since 1970-01-01T00:00:00Z, without the fraction.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_millis(self) -> i128 {
        self.0.unix_timestamp_nanos().div_euclid(1_000_000)
    }

    /// Returns the seconds since 1970-01-01T00:00:00Z with their fraction, as in the claims of tokens.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "53 bits hold the milliseconds of 285,000 years")]
    pub fn numeric_date(self) -> f64 {
        (self.0.unix_timestamp_nanos() / 1_000_000) as f64 / 1000.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.format(&Rfc3339).map_err(|_| fmt::Error)?;
        formatter.write_str(&text)
    }
}

impl Timestamp {
    /// Returns the time that has passed since another moment; none if the other one is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.unix_millis().saturating_sub(earlier.unix_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }
}

/// A source of the current time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// Returns the clock of the machine.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn system() -> Self {
        Self::from_fn(|| {
            let nanos = OffsetDateTime::now_utc().unix_timestamp_nanos();
            i64::try_from(nanos.div_euclid(1_000_000))
                .ok()
                .and_then(Timestamp::from_unix_millis)
                .unwrap_or(Timestamp::UNIX_EPOCH)
        })
    }

    /// Creates a clock that calls `now`.
    #[must_use]
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

/// The time by which a request must be completed.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// Creates a deadline this long from now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "a deadline is about waiting, not about the time of day")]
    pub fn after(duration: Duration) -> Self {
        Self(Instant::now() + duration)
    }

    /// Returns true if the deadline has passed.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "a deadline is about waiting, not about the time of day")]
    pub fn is_over(self) -> bool {
        Instant::now() >= self.0
    }

    /// Returns true if at most this time is left until the deadline.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "a deadline is about waiting, not about the time of day")]
    pub fn is_within(self, duration: Duration) -> bool {
        Instant::now() + duration >= self.0
    }

    /// Returns the time that is left until the deadline.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "a deadline is about waiting, not about the time of day")]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Returns the deadline as an instant.
    #[must_use]
    pub fn instant(self) -> Instant {
        self.0
    }
}

/// A source of 16 random bytes.
#[derive(Clone)]
pub struct Random(Arc<dyn Fn() -> [u8; 16] + Send + Sync>);

impl Random {
    /// Returns the random source of the operating system.
    ///
    /// # Panics
    /// The returned source panics if the operating system provides no randomness, because no identifier
    /// would be safe then.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's randomness")]
    pub fn system() -> Self {
        Self::from_fn(|| {
            let mut bytes = [0; 16];
            getrandom::fill(&mut bytes).expect("the operating system gives randomness");
            bytes
        })
    }

    /// Creates a source that calls `fill`.
    #[must_use]
    pub fn from_fn(fill: impl Fn() -> [u8; 16] + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// Returns a new UUID (version 4), in lower case with hyphens.
    #[must_use]
    pub fn uuid(&self) -> String {
        uuid::Builder::from_random_bytes((self.0)()).into_uuid().hyphenated().to_string()
    }

    /// Returns a random number from 0 to `limit`, inclusive.
    #[must_use]
    pub fn up_to(&self, limit: u64) -> u64 {
        let bytes = (self.0)();
        let number = u128::from_le_bytes(bytes) % (u128::from(limit) + 1);
        u64::try_from(number).unwrap_or(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_formatted_in_utc_and_parsed_in_any_offset() {
        for (read, written) in [
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z"),
            ("2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.123Z"),
        ] {
            assert_eq!(Timestamp::parse(read).map(|t| t.to_string()), Some(written.to_owned()));
        }
        for text in ["", "2026-01-01", "2026-13-01T00:00:00Z", "yesterday"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_time_has_passed_since_a_later_moment() {
        let at = |millis| Timestamp::from_unix_millis(millis).expect("a moment");
        for (now, earlier, expected) in [(90_001, 1, 90_000), (-1, -3, 2), (5, 5, 0), (1, 90_001, 0)] {
            let passed = at(now).since(at(earlier));
            assert_eq!(passed, Duration::from_millis(expected), "{now} {earlier}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_is_within_the_time_that_is_left_and_any_longer_one() {
        let deadline = Deadline::after(Duration::from_secs(4));
        let is_within =
            || [3_999, 4_000, 4_001].map(|millis| deadline.is_within(Duration::from_millis(millis)));
        assert_eq!(is_within(), [false, true, true]);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(is_within(), [true; 3]);
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(deadline.is_within(Duration::ZERO));
    }

    #[test]
    fn uuids_have_version_4() {
        let random = Random::from_fn(|| [0xff; 16]);
        assert_eq!(random.uuid(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert!(Random::from_fn(|| [7; 16]).up_to(10) <= 10);
    }
}
