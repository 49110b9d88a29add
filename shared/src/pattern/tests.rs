//! Tests what patterns match and what they may cost.

use super::*;

/// Matches long values that are expensive for some engines; `None` if the pattern is rejected.
///
/// A backtracking engine would not return.
fn matched(pattern: &str) -> Option<Vec<bool>> {
    let values = ["a", "x", "\u{c4}", "\u{1f4a9}", "ab", "ba", "abbabaab", "kK\u{212a}"];
    let longest = values.map(|value| value.chars().cycle().take(4000).collect::<String>());
    let of_each = |pattern: Arc<Regex>| longest.iter().map(|value| pattern.is_match(value)).collect();
    whole_match(pattern).ok().map(of_each)
}

#[test]
fn patterns_must_match_the_whole_value() {
    let pattern = whole_match("a|b").expect("a pattern");
    assert!(pattern.is_match("a") && !pattern.is_match("ab") && !pattern.is_match("a\n"));
}

/// The patterns of this API follow Java.
#[test]
fn character_classes_and_case_are_ascii() {
    for (pattern, value) in
        [(r"\w+", "a_9"), (r"\d+", "09"), (r"\s+", " \t\n"), (r"\w+\b \b\w+", "a b"), ("(?i)k", "K")]
    {
        assert!(whole_match(pattern).expect("a pattern").is_match(value), "{pattern}");
    }
    for (pattern, value) in [
        (r"\w", "\u{e4}"),
        (r"\d", "\u{663}"),
        (r"\s", "\u{a0}"),
        (r".\b.", "\u{e4} "),
        ("(?i)k", "\u{212a}"),
        ("(?i)\u{e4}", "\u{c4}"),
    ] {
        assert!(!whole_match(pattern).expect("a pattern").is_match(value), "{pattern}");
    }
}

#[test]
fn unicode_letters_match_by_class_or_literally() {
    for (pattern, good, bad) in [
        (r"[\p{L} '-]+", "Zo\u{eb} O'Hara-\u{d8}", "R2"),
        (r"\p{Lu}\p{Ll}*", "\u{d6}l", "\u{f6}l"),
        (r"(?i)\p{Lu}+", "aA", "1"),
        (r"\P{L}+", "12", "1a"),
        (r"(?i)\P{Lu}", "1", "a"),
        (r"\p{IsGreek}+", "\u{3b1}\u{3b2}", "ab"),
        (r"[^\p{Greek}]+", "ab", "a\u{3b1}"),
        (r"\pN{2}", "\u{663}4", "ab"),
        ("[\u{c0}-\u{f6}.]+", "\u{e4}.", "a"),
    ] {
        let pattern = whole_match(pattern).expect("a pattern");
        assert!(pattern.is_match(good) && !pattern.is_match(bad), "{pattern}");
    }
}

#[test]
fn the_cache_keeps_only_the_most_recent_patterns() {
    let count_cached = |pattern: &str| {
        COMPILED.lock().expect("not poisoned").iter().filter(|(known, _)| known == pattern).count()
    };
    for number in 0..=MAX_COMPILED_PATTERNS {
        let pattern = format!("kept{number}");
        for _ in 0..2 {
            assert!(whole_match(&pattern).expect("a pattern").is_match(&pattern));
        }
        assert!(count_cached(&pattern) <= 1);
        assert!(COMPILED.lock().expect("not poisoned").len() <= MAX_COMPILED_PATTERNS);
    }
    assert_eq!(count_cached("kept0"), 0);
    // An invalid pattern is not compiled for each value. Concurrent tests may evict it in the meantime.
    assert!((0..100).any(|_| whole_match("kept(").is_err() && count_cached("kept(") == 1));
    assert!(whole_match("kept(").is_err() && count_cached("kept(") <= 1);
}

#[test]
fn unsupported_patterns_are_rejected() {
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
        r"\p",
        r"\p{Unheard}",
        "[a[b]]",
        "[a-z&&[^b]]",
        "(?x)a #",
        "(?(1)a|b)",
        "(?#a)",
    ] {
        assert_eq!(matched(pattern), None, "{pattern}");
    }
}

#[test]
fn patterns_have_at_most_500_bytes() {
    assert!(matched(&"a".repeat(500)).is_some());
    assert_eq!(matched(&"a".repeat(501)), None);
    assert_eq!(matched(&"\u{e4}".repeat(251)), None);
    // White space in verbose mode counts too.
    assert_eq!(matched(&format!("(?x)a{}", " ".repeat(500))), None);
}

#[test]
fn compiled_patterns_have_at_most_64_kib() {
    for pattern in [r"\w+@\w+\.\w+", r"[\w.]+@[\w.]+\.\w{2,}", r"[\pL ']+", r"\pL{10}", "[ab]*a[ab]{1500}"] {
        assert!(matched(pattern).is_some(), "{pattern}");
    }
    for pattern in [
        r"(?i)\pL{1000}",
        r"\pL{13}",
        "[ab]*a[ab]{1700}",
        "((a{0,30}){0,30}){0,30}",
        "((((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}){9})",
        "(((a{1,1000}){1,1000}){1,1000}){1,1000}",
        "[0-9]{1000000}",
        "(?:){4294967295}a*",
        "(?:[ab]*a[ab]{900}|[ab]*b[ab]{900})*",
        &r"(?i)\pL".repeat(71),
        &format!("(?i){}", r"[^\pL]".repeat(82)),
    ] {
        assert_eq!(matched(pattern), None, "{pattern}");
    }
}

#[test]
fn patterns_are_nested_at_most_32_levels_deep() {
    for (open, close) in [("(?:", ")"), ("(?i:", ")")] {
        let nested = |depth| format!("{}a{}", open.repeat(depth), close.repeat(depth));
        assert!(matched(&nested(32)).is_some(), "{open}");
        assert_eq!(matched(&nested(33)), None, "{open}");
        assert_eq!(matched(&open.repeat(33)), None, "{open}");
    }
    let repeated = |depth| format!("{}a{}", "(?:".repeat(depth), "?)".repeat(depth));
    assert!(matched(&repeated(32)).is_some());
    assert_eq!(matched(&repeated(33)), None);
    assert_eq!(matched(&"(".repeat(500)), None);
    assert_eq!(matched(&"[".repeat(500)), None);
}

#[test]
fn patterns_have_at_most_16_capturing_groups() {
    assert!(matched(&"(a)".repeat(16)).is_some());
    assert_eq!(matched(&"(a)".repeat(17)), None);
    assert!(matched(&"(?:a)".repeat(17)).is_some());
}

/// Patterns that hang backtracking engines, and patterns that are expensive for state-tracking engines.
#[test]
fn supported_patterns_are_matched_in_linear_time() {
    let many = "a?".repeat(200) + &"a".repeat(100);
    let groups = "()".repeat(16) + "[ab]*a[ab]{1000}";
    let classes = format!("(?i)[{}]", r"\pL".repeat(9));
    for (pattern, expected) in [
        ("(a+)+b", [false; 8]),
        ("(a|a)*b", [false; 8]),
        ("(x+x+)+y", [false; 8]),
        ("([a-z]+)*!", [false; 8]),
        ("(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)!", [false; 8]),
        (r"(\w+\s?)*!", [false; 8]),
        ("(?i)k*\u{212a}?k*", [false; 8]),
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
