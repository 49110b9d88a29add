//! Cost of user-supplied patterns, including the worst cases of several pattern engines.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use shared::pattern::{Matcher, whole_match};

use crate::Result;
use crate::moment::{median_millis, millis, now};

/// Number of matches per median.
const ROUNDS: usize = 9;
/// Maximum length of a property value, in characters.
const MAX_LENGTH: usize = 4_000;
/// Texts that are repeated to form the values, chosen so that some pattern must read a value to its end.
const VALUES: [&str; 8] = ["a", "x", "\u{c4}", "\u{1f4a9}", "ab", "ba", "abbabaab", "kK\u{212a}"];

/// Number of generated requests.
const REQUESTS: usize = 250;
/// Number of values of a generated request. A body of 64 KiB has room for no more of the maximum length.
const VALUES_OF_REQUEST: usize = 16;

/// Cost of requests with generated patterns.
#[derive(Clone, Debug)]
pub(crate) struct RequestCost {
    /// What the patterns of the requests are.
    pub(crate) name: &'static str,
    /// Number of patterns.
    pub(crate) patterns: usize,
    /// Number of patterns that are not supported or exceed a limit.
    pub(crate) rejected: usize,
    /// Number of requests with a value that exceeds the cost of a request.
    pub(crate) exceeding: usize,
    /// Median time to compile and match all patterns of a request, in milliseconds.
    pub(crate) median: f64,
    /// Longest time of a request.
    pub(crate) longest: f64,
}

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

/// Measures requests that set the most and longest values, each property with a pattern of its own.
pub(crate) fn measure_requests() -> Vec<RequestCost> {
    let mut draw = Draw(1);
    let mut expensive: Vec<String> = patterns().into_iter().map(|(_, pattern)| pattern).collect();
    expensive.push("(?:(?:a|a)*){371}".to_owned());
    let of_people = (0..REQUESTS).map(|_| (0..VALUES_OF_REQUEST).map(|_| draw.pattern(0)).collect());
    let of_people: Vec<Vec<String>> = of_people.collect();
    let expensive: Vec<Vec<String>> = expensive
        .iter()
        .map(|pattern| (0..VALUES_OF_REQUEST).map(|number| format!("{pattern}|{number}")).collect())
        .collect();
    [
        ("generated from the parts of common patterns", of_people),
        ("16 times the most expensive ones", expensive),
    ]
    .into_iter()
    .map(|(name, requests)| request_cost(name, &requests))
    .collect()
}

/// Measures requests with every pattern in the JSON files of a directory, in alphabetical order.
pub(crate) fn measure_schemas(directory: &Path) -> Result<RequestCost> {
    let mut patterns = BTreeSet::new();
    read_patterns(directory, &mut patterns)?;
    let patterns: Vec<String> = patterns.into_iter().collect();
    let requests: Vec<Vec<String>> = patterns.chunks(VALUES_OF_REQUEST).map(<[_]>::to_vec).collect();
    Ok(request_cost("of the JSON schemas", &requests))
}

/// Adds the patterns in the JSON files of a directory and of those below it.
fn read_patterns(directory: &Path, patterns: &mut BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            read_patterns(&path, patterns)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            add_patterns(&serde_json::from_slice(&fs::read(path)?)?, patterns);
        }
    }
    Ok(())
}

/// Adds the members `pattern` of a value.
fn add_patterns(value: &Value, patterns: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            patterns.extend(members.get("pattern").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| add_patterns(member, patterns));
        }
        Value::Array(values) => values.iter().for_each(|value| add_patterns(value, patterns)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn request_cost(name: &'static str, requests: &[Vec<String>]) -> RequestCost {
    let mut cost = RequestCost { name, patterns: 0, rejected: 0, exceeding: 0, median: 0.0, longest: 0.0 };
    let mut times = Vec::new();
    for (number, patterns) in requests.iter().enumerate() {
        let text = VALUES[number % VALUES.len()];
        let value: String = text.chars().cycle().take(MAX_LENGTH).collect();
        let (bounded, unbounded) = (Matcher::of_request(), Matcher::unbounded());
        let begin = now();
        let matches: Vec<bool> = patterns.iter().map(|pattern| bounded.is_match(pattern, &value)).collect();
        times.push(millis(begin.elapsed()));
        cost.patterns += patterns.len();
        cost.rejected += patterns.iter().filter(|pattern| whole_match(pattern).is_err()).count();
        let all: Vec<bool> = patterns.iter().map(|pattern| unbounded.is_match(pattern, &value)).collect();
        cost.exceeding += usize::from(bounded.cost() < unbounded.cost());
        assert!(bounded.cost() < unbounded.cost() || matches == all, "{patterns:?}");
    }
    cost.longest = times.iter().copied().fold(0.0, f64::max);
    cost.median = median_millis(times);
    cost
}

/// A reproducible source of patterns.
struct Draw(u64);

impl Draw {
    /// Draws a number below `count`.
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % count
    }

    /// Draws a pattern of parts that people use, in groups, alternatives and repetitions.
    fn pattern(&mut self, depth: usize) -> String {
        const PARTS: [&str; 20] = [
            "a",
            "x",
            "ab",
            "-",
            r"\.",
            "@",
            ".",
            "[0-9]",
            "[a-z]",
            "[A-Za-z0-9]",
            r"[\w.-]",
            r"\d",
            r"\w",
            r"\s",
            r"\S",
            "[^@ ]",
            r"\p{L}",
            r"\p{Lu}",
            "[\u{c0}-\u{ff}]",
            r"\p{Alnum}",
        ];
        const REPETITIONS: [&str; 12] =
            ["", "", "", "*", "+", "?", "+?", "{2}", "{1,3}", "{2,}", "{8}", "{1,64}"];
        let mut pattern = String::new();
        for _ in 0..=self.below(5) {
            if depth < 3 && self.below(4) == 0 {
                let open = ["(", "(?:", "(?i:"][self.below(3)];
                pattern.extend([open, &self.pattern(depth + 1), ")"]);
            } else {
                pattern.push_str(PARTS[self.below(PARTS.len())]);
            }
            pattern.push_str(REPETITIONS[self.below(REPETITIONS.len())]);
        }
        if self.below(5) == 0 { format!("{pattern}|{}", self.pattern(depth + 1)) } else { pattern }
    }
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
