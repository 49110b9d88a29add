//! Tests what patterns match and what they may cost.

use super::*;

/// Matches long values that are expensive for some engines; `None` if the pattern is rejected.
///
/// A backtracking engine would not return.
fn matched(pattern: &str) -> Option<Vec<bool>> {
    let values = ["a", "x", "\u{c4}", "\u{1f4a9}", "ab", "ba", "abbabaab", "kK\u{212a}"];
    let longest = values.map(|value| value.chars().cycle().take(4000).collect::<String>());
    let of_each = |pattern: Arc<Pattern>| longest.iter().map(|value| pattern.is_match(value)).collect();
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
        (r"\P{L}+", "12", "1a"),
        (r"(?i)\p{L}+", "aA", "1"),
        (r"\p{Alnum}+", "a1", "\u{e4}"),
        (r"\p{IsGreek}+", "\u{3b1}\u{3b2}", "ab"),
        (r"[^\p{Greek}]+", "ab", "a\u{3b1}"),
        (r"\pN{2}", "\u{663}4", "ab"),
        ("[\u{c0}-\u{f6}.]+", "\u{e4}.", "a"),
    ] {
        let compiled = whole_match(pattern).expect("a pattern");
        assert!(compiled.is_match(good) && !compiled.is_match(bad), "{pattern}");
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

/// The rows of a table of `docs/contract.md`, with the text of each cell without its marks.
fn rows(head: &str) -> Vec<Vec<String>> {
    let page = include_str!("../../../docs/contract.md");
    let (_, table) = page.split_once(head).expect("the table");
    let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cell = |cell: &str| cell.trim().replace(r"\|", "|");
    lines.map(|line| line.trim_matches('|').split(" | ").map(cell).collect()).collect()
}

/// The codes in a cell. `<LF>` and similar ones stand for control characters.
fn codes(cell: &str) -> Vec<String> {
    let codes = cell.split('`').skip(1).step_by(2);
    let named = [
        ("<LF>", "\n"),
        ("<CR>", "\r"),
        ("<VT>", "\u{b}"),
        ("<ESC>", "\u{1b}"),
        ("<TAB>", "\t"),
        ("<NEL>", "\u{85}"),
        ("<FF>", "\u{c}"),
        ("<BEL>", "\u{7}"),
    ];
    codes.map(|code| named.iter().fold(code.to_owned(), |code, (name, it)| code.replace(name, it))).collect()
}

#[test]
fn each_documented_construct_is_supported() {
    let rows = rows("| construct | pattern | matches | does not match |\n");
    assert!(rows.len() >= 20, "{rows:?}");
    for row in rows {
        let [_, pattern, good, bad] = row.as_slice() else { panic!("{row:?}") };
        let pattern = codes(pattern).concat();
        let compiled = whole_match(&pattern).expect(&pattern);
        let (good, bad) = (codes(good), codes(bad));
        assert!(!good.is_empty() && !bad.is_empty(), "{pattern}");
        assert!(good.iter().all(|value| compiled.is_match(value)), "{pattern}: {good:?}");
        assert!(!bad.iter().any(|value| compiled.is_match(value)), "{pattern}: {bad:?}");
    }
}

#[test]
fn each_documented_other_construct_is_rejected() {
    let rows = rows("| rejected | patterns |\n");
    assert!(rows.len() >= 10, "{rows:?}");
    for row in rows {
        let [_, patterns] = row.as_slice() else { panic!("{row:?}") };
        for pattern in codes(patterns) {
            assert_eq!(matched(&pattern), None, "{pattern}");
        }
    }
}

#[test]
fn malformed_patterns_are_rejected() {
    for pattern in [
        "(",
        ")",
        "a)(b",
        "[",
        "[]",
        "[^]",
        "[z-a]",
        "*",
        "(*)",
        "|*",
        "^*",
        "(?i)*",
        "a{2,1}",
        "a{",
        "a{x}",
        "a{,2}",
        "a{ 2}",
        "a{2,x}",
        "(?)",
        "(?-)",
        "(?i-)",
        "(?i-i-s)",
        "(?<",
        "(?<n",
        "(?<>a)",
        "(?<1>a)",
        r"\",
        r"\x4",
        r"\x{}",
        r"\x{110000}",
        r"\u006",
        r"\ud800",
        r"\p",
        r"\p{",
        r"\p{}",
        r"\p{l}",
        r"\p{Cs}",
        r"[a-\d]",
    ] {
        assert_eq!(matched(pattern), None, "{pattern}");
    }
}

/// The engine adds the other case to only one of two ranges that touch.
#[test]
fn ranges_of_both_cases_match_the_other_case_of_each_letter() {
    for (pattern, good, bad) in [
        ("(?i)[X-c]+", "abcABCxyzXYZ_", "w"),
        ("(?i)[YZ[\\]^_`ab]+".replace("Z[", r"Z\[").as_str(), "yzab", "x"),
        ("(?i)[^X-c]", "w", "z"),
        ("(?i:[X-c])[X-c]", "zb", "bz"),
    ] {
        let compiled = whole_match(pattern).expect(pattern);
        assert!(compiled.is_match(good) && !compiled.is_match(bad), "{pattern}");
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

/// Patterns that hang backtracking engines, and patterns that are expensive for state-tracking engines.
#[test]
fn supported_patterns_are_matched_in_linear_time() {
    let many = "a?".repeat(200) + &"a".repeat(100);
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
        (&classes, [false; 8]),
    ] {
        assert_eq!(matched(pattern), Some(expected.to_vec()), "{pattern}");
    }
}
