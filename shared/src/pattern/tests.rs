//! Holds what a pattern matches, and what one may cost.

use super::*;

/// What a pattern comes to with values of every kind that were dear to some engine; none where it is
/// refused. An engine that tries one way after the other would not come back from here.
fn matched(pattern: &str) -> Option<Vec<bool>> {
    let values = ["a", "x", "\u{c4}", "\u{1f4a9}", "ab", "ba", "abbabaab", "kK\u{212a}"];
    let longest = values.map(|value| value.chars().cycle().take(4000).collect::<String>());
    let of_each = |pattern: Arc<Pattern>| longest.iter().map(|value| pattern.is_match(value)).collect();
    whole_match(pattern).ok().map(of_each)
}

#[test]
fn a_pattern_has_to_match_the_whole_value() {
    let pattern = whole_match("a|b").expect("a pattern");
    assert!(pattern.is_match("a") && !pattern.is_match("ab") && !pattern.is_match("a\n"));
}

/// Words are told apart by the quick engine only among the letters of ASCII: it hands others on.
#[test]
fn the_ends_of_words_are_those_of_all_letters() {
    let pattern = whole_match(r"\w+\b \b\w+").expect("a pattern");
    for value in ["ab cd", "\u{e4}b \u{e4}", "a \u{3b1}"] {
        assert!(pattern.is_match(value), "{value}");
    }
    for value in ["ab  cd", "\u{e4} -", "a \u{2713}"] {
        assert!(!pattern.is_match(value), "{value}");
    }
}

#[test]
fn the_patterns_used_last_are_kept_and_no_more_of_them() {
    let is_kept = |pattern: &str| {
        COMPILED.lock().expect("not poisoned").iter().filter(|(known, _)| known == pattern).count()
    };
    for number in 0..=KEPT {
        let pattern = format!("kept{number}");
        for _ in 0..2 {
            assert!(whole_match(&pattern).expect("a pattern").is_match(&pattern));
        }
        assert!(is_kept(&pattern) <= 1);
        assert!(COMPILED.lock().expect("not poisoned").len() <= KEPT);
    }
    assert_eq!(is_kept("kept0"), 0);
    assert!(whole_match("kept(").is_err() && is_kept("kept(") == 0);
}

#[test]
fn what_the_engine_does_not_support_is_refused() {
    for pattern in [
        "(",
        "a)(b",
        "[",
        "*",
        "a{2,1}",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?<!a)",
        "(?>a)",
        r"(a)\1",
        r"(?<n>a)\k<n>",
        r"\Aa\Z",
        r"\p{Unheard}",
        r"(?-u:\xff)",
        "(?(1)a|b)",
        "(?#a)",
    ] {
        assert_eq!(matched(pattern), None, "{pattern}");
    }
}

#[test]
fn a_pattern_has_at_most_500_bytes() {
    assert!(matched(&"a".repeat(500)).is_some());
    assert_eq!(matched(&"a".repeat(501)), None);
    assert_eq!(matched(&"\u{e4}".repeat(251)), None);
    // What says nothing counts as well.
    assert_eq!(matched(&format!("(?x)a{}", " ".repeat(500))), None);
}

#[test]
fn a_pattern_takes_at_most_200_kib_when_compiled() {
    for pattern in [r"\w+@\w+\.\w+", r"[\w.]+@[\w.]+\.\w{2,}", r"[\pL ']+", r"\pL{10}", "[ab]*a[ab]{2800}"] {
        assert!(matched(pattern).is_some(), "{pattern}");
    }
    for pattern in [
        r"(?i)\pL{1000}",
        r"\pL{30}",
        r"[\s\S]{100}\w{100}",
        "((a{0,30}){0,30}){0,30}",
        "((((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}){9})",
        "(((a{1,1000}){1,1000}){1,1000}){1,1000}",
        "[0-9]{1000000}",
        "(?:[ab]*a[ab]{4000}|[ab]*b[ab]{4000})*",
        &r"(?i)\pL".repeat(71),
        &format!("(?i){}", r"[^\pL]".repeat(82)),
    ] {
        assert_eq!(matched(pattern), None, "{pattern}");
    }
}

#[test]
fn a_pattern_is_nested_32_deep_at_most() {
    for (open, close) in [("(", ")"), ("(?:", ")"), ("(?i:", ")")] {
        let nested = |depth| format!("{}a{}", open.repeat(depth), close.repeat(depth));
        assert!(matched(&nested(32)).is_some(), "{open}");
        assert_eq!(matched(&nested(33)), None, "{open}");
    }
    // A class has a level of its own for its members.
    let classes = |depth| format!("{}a{}", "[".repeat(depth), "]".repeat(depth));
    assert!(matched(&classes(16)).is_some());
    assert_eq!(matched(&classes(33)), None);
    let repeated = |depth| format!("{}a{}", "(".repeat(depth), "?)".repeat(depth));
    assert!(matched(&repeated(16)).is_some());
    assert_eq!(matched(&repeated(17)), None);
    assert_eq!(matched(&"(".repeat(500)), None);
    assert_eq!(matched(&"[".repeat(500)), None);
}

/// What hangs an engine that tries one way after the other, and what is dear to one that remembers
/// all ways at once.
#[test]
fn whatever_is_supported_is_matched() {
    let many = "a?".repeat(200) + &"a".repeat(100);
    let groups = "()".repeat(150) + "[ab]*a[ab]{1000}";
    let classes = format!("(?i)[{}]", r"\pL".repeat(160));
    for (pattern, expected) in [
        ("(a+)+b", [false; 8]),
        ("(a|a)*b", [false; 8]),
        ("(x+x+)+y", [false; 8]),
        ("([a-z]+)*!", [false; 8]),
        ("(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)!", [false; 8]),
        (r"(\w+\s?)*!", [false; 8]),
        ("(?:){4294967295}a*", [true, false, false, false, false, false, false, false]),
        ("(?i)k*", [false, false, false, false, false, false, false, true]),
        (".*a.{100}", [true, false, false, false, false, true, true, false]),
        ("[ab]*a[ab]{1000}", [true, false, false, false, false, true, false, false]),
        ("([ab]*a[ab]{400}|[ab]*b[ab]{300})*", [true, false, false, false, true, true, false, false]),
        (&many, [false; 8]),
        (&groups, [true, false, false, false, false, true, false, false]),
        (&classes, [false; 8]),
    ] {
        assert_eq!(matched(pattern), Some(expected.to_vec()), "{pattern}");
    }
}
