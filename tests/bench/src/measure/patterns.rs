//! What patterns cost that somebody may write: those that are dear to one engine or another.

use shared::pattern::whole_match;

use crate::Result;
use crate::moment::{median_millis, millis, now};

/// How often a value is matched for a median.
const ROUNDS: usize = 9;
/// The longest value of a property, in characters.
const LONGEST: usize = 4_000;
/// What values repeat, so that some pattern cannot decide before their end.
const VALUES: [&str; 8] = ["a", "x", "\u{c4}", "\u{1f4a9}", "ab", "ba", "abbabaab", "kK\u{212a}"];

/// What a pattern costs, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct PatternCost {
    /// What the pattern is.
    pub(crate) name: &'static str,
    /// To read and compile it, once.
    pub(crate) compile: f64,
    /// To match the dearest value for the first time.
    pub(crate) first: f64,
    /// To match the dearest value again.
    pub(crate) again: f64,
}

/// Measures each pattern with each value.
pub(crate) fn measure() -> Result<Vec<PatternCost>> {
    patterns().into_iter().map(|(name, pattern)| cost(name, &pattern)).collect()
}

fn patterns() -> [(&'static str, String); 11] {
    [
        ("`[0-9]{5}`", r"[0-9]{5}".to_owned()),
        (r"`[\w.]+@[\w.]+\.\w{2,}`", r"[\w.]+@[\w.]+\.\w{2,}".to_owned()),
        (r"`\w+\b \b\w+`", r"\w+\b \b\w+".to_owned()),
        (r"`\pL{10}`", r"\pL{10}".to_owned()),
        ("`(a+)+b`", "(a+)+b".to_owned()),
        ("`a?` 200 times, `a` 100 times", "a?".repeat(200) + &"a".repeat(100)),
        ("`[ab]*a[ab]{1000}`", "[ab]*a[ab]{1000}".to_owned()),
        ("`a*a{2030}`", "a*a{2030}".to_owned()),
        ("`(?:a*){850}`", "(?:a*){850}".to_owned()),
        (r"`(?i)[\pL…]`, nine times `\pL`", format!("(?i)[{}]", r"\pL".repeat(9))),
        (r"`\pZ`, 160 times", r"\pZ".repeat(160)),
    ]
}

fn cost(name: &'static str, pattern: &str) -> Result<PatternCost> {
    let begin = now();
    let compiled = whole_match(pattern).map_err(|reason| format!("{name} {reason}"))?;
    let compile = millis(begin.elapsed());
    let (mut first, mut again) = (0.0, 0.0);
    for value in VALUES {
        let value: String = value.chars().cycle().take(LONGEST).collect();
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let begin = now();
            // What it says is not what is measured; it must be said all the same.
            std::hint::black_box(compiled.is_match(&value));
            times.push(millis(begin.elapsed()));
        }
        first = times[0].max(first);
        again = median_millis(times).max(again);
    }
    Ok(PatternCost { name, compile, first, again })
}
