//! Cost of user-supplied patterns, including the worst cases of several pattern engines.

use shared::pattern::whole_match;

use crate::Result;
use crate::moment::{median_millis, millis, now};

/// Number of matches per median.
const ROUNDS: usize = 9;
/// Maximum length of a property value, in characters.
const MAX_LENGTH: usize = 4_000;
/// Texts that are repeated to form the values, chosen so that some pattern must read a value to its end.
const VALUES: [&str; 8] = ["a", "x", "\u{c4}", "\u{1f4a9}", "ab", "ba", "abbabaab", "kK\u{212a}"];

/// Cost of a pattern, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct PatternCost {
    /// The pattern, as shown in the table.
    pub(crate) name: &'static str,
    /// Time to parse and compile the pattern.
    pub(crate) compile: f64,
    /// Time of the first match with the most expensive value.
    pub(crate) first: f64,
    /// Median time of a match with the most expensive value.
    pub(crate) median: f64,
}

/// Measures every pattern with every value.
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
    let (mut first, mut median) = (0.0, 0.0);
    for value in VALUES {
        let value: String = value.chars().cycle().take(MAX_LENGTH).collect();
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let begin = now();
            // Keeps the compiler from removing the match.
            std::hint::black_box(compiled.is_match(&value));
            times.push(millis(begin.elapsed()));
        }
        first = times[0].max(first);
        median = median_millis(times).max(median);
    }
    Ok(PatternCost { name, compile, first, median })
}
