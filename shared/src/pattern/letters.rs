//! Unicode classes in patterns: `\p{Lu}`, `\p{Greek}` and similar ones.
//!
//! The engine does not support them by name, so they are replaced by their ranges.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, PropertyParser};

use super::MAX_SIZE;

/// Replaces the Unicode classes of a pattern by their ranges.
///
/// Returns `None` if a class is unknown, if its position would change the meaning of its ranges, or if
/// the result is too long.
pub(super) fn spell_out(pattern: &str) -> Option<Cow<'_, str>> {
    if !pattern.contains(r"\p") && !pattern.contains(r"\P") {
        return Some(Cow::Borrowed(pattern));
    }
    let mut spelled = String::new();
    let mut known = HashMap::new();
    let (mut rest, mut in_brackets, mut behind_dash) = (pattern, false, false);
    while let Some(first) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix(r"\p").or_else(|| rest.strip_prefix(r"\P")) {
            let turned_round = rest.starts_with(r"\P");
            let (name, behind) = name(behind)?;
            let letters = known.entry(name).or_insert_with(|| ranges(name)).as_deref()?;
            if !in_brackets {
                spelled.extend([if turned_round { "[^" } else { "[" }, letters, "]"]);
            } else if turned_round || behind_dash || behind.starts_with('-') && !behind.starts_with("-]") {
                // The engine negates everything in brackets, including both cases of letters, and the
                // ends of a range must be single characters.
                return None;
            } else {
                spelled.push_str(letters);
            }
            rest = behind;
        } else {
            let length = match (first, in_brackets) {
                ('\\', _) => 1 + rest.chars().nth(1)?.len_utf8(),
                ('(', false) => group(rest)?,
                ('[', false) => opening(rest),
                ('[', true) => named_class(rest)?,
                _ => first.len_utf8(),
            };
            in_brackets = first == '[' || in_brackets && first != ']';
            behind_dash = first == '-';
            spelled.push_str(rest.get(..length)?);
            rest = rest.get(length..)?;
        }
        if spelled.len() > MAX_SIZE {
            return None;
        }
    }
    Some(Cow::Owned(spelled))
}

/// Splits a text into the class name at its start and the rest.
fn name(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('{') {
        Some(name) => name.split_once('}'),
        None => text.split_at_checked(text.chars().next()?.len_utf8()),
    }
}

/// Returns the length of a group's opening.
///
/// Returns `None` for flags that allow comments, because comments cannot be distinguished from the
/// pattern.
fn group(text: &str) -> Option<usize> {
    if text.starts_with("(?<") || text.starts_with("(?P<") {
        return text.find('>').map(|end| end + 1);
    }
    let flags = text.strip_prefix("(?").unwrap_or_default();
    let flags = flags.split(|flag: char| !flag.is_ascii_alphabetic() && flag != '-').next()?;
    (!flags.contains('x')).then_some(1)
}

/// Returns the length of a bracket's opening, including characters that are literal only there.
fn opening(text: &str) -> usize {
    let start = if text.starts_with("[^") { 2 } else { 1 };
    let content = &text[start..];
    let dashes = content.len() - content.trim_start_matches('-').len();
    start + if content.starts_with(']') { 1 } else { dashes }
}

/// Returns the length of a class like `[:alpha:]`; `None` for other nested brackets.
fn named_class(text: &str) -> Option<usize> {
    let (name, _) = text.strip_prefix("[:")?.split_once(":]")?;
    let is_name = name.trim_start_matches('^').chars().all(|character| character.is_ascii_lowercase());
    is_name.then_some(name.len() + 4)
}

/// Returns the ranges of a Unicode category or script, as they appear in brackets.
///
/// Returns `None` if the name is unknown or the class is empty.
fn ranges(name: &str) -> Option<String> {
    // Java allows this prefix.
    let name = name.strip_prefix("Is").unwrap_or(name);
    let ranges: Vec<RangeInclusive<u32>> =
        if let Some(category) = PropertyParser::<GeneralCategoryGroup>::new().get_strict(name) {
            CodePointMapData::<GeneralCategory>::new().iter_ranges_for_group(category).collect()
        } else {
            let script = PropertyParser::<Script>::new().get_strict(name)?;
            CodePointMapData::<Script>::new().iter_ranges_for_value(script).collect()
        };
    let mut spelled = String::new();
    for range in ranges {
        // A surrogate is not a character. Only the category of all surrogates has ranges that begin or
        // end with one.
        if let (Some(first), Some(last)) = (char::from_u32(*range.start()), char::from_u32(*range.end())) {
            spell(&mut spelled, first);
            spelled.push('-');
            spell(&mut spelled, last);
        }
    }
    (!spelled.is_empty()).then_some(spelled)
}

/// Appends a character, escaped if it could have a special meaning.
fn spell(spelled: &mut String, character: char) {
    if character.is_ascii() && !character.is_ascii_alphanumeric() {
        // Writing to a string cannot fail.
        let _ = write!(spelled, r"\x{:02x}", u32::from(character));
    } else {
        spelled.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(pattern: &str) -> Option<String> {
        spell_out(pattern).map(Cow::into_owned)
    }

    #[test]
    fn unicode_classes_are_replaced_by_their_ranges() {
        for (pattern, expected) in [
            ("a", "a"),
            (r"\p{Zl}", "[\u{2028}-\u{2028}]"),
            (r"\P{Zl}", "[^\u{2028}-\u{2028}]"),
            (r"a-\p{Zl}-b", "a-[\u{2028}-\u{2028}]-b"),
            (r"\\p{2}\p{Zl}", "\\\\p{2}[\u{2028}-\u{2028}]"),
            (r"\[\p{Zl}\]", "\\[[\u{2028}-\u{2028}]\\]"),
            (r"[\]\p{Zl}]", "[\\]\u{2028}-\u{2028}]"),
            (r"[]\p{Zl}]", "[]\u{2028}-\u{2028}]"),
            (r"[^]\p{Zl}]", "[^]\u{2028}-\u{2028}]"),
            (r"[^-\p{Zl}-]", "[^-\u{2028}-\u{2028}-]"),
            (r"[a\-\p{Zl}]", "[a\\-\u{2028}-\u{2028}]"),
            (r"[[:alpha:]\p{Zl}]\p{Zl}", "[[:alpha:]\u{2028}-\u{2028}][\u{2028}-\u{2028}]"),
            (r"[(?x]\p{Zl}", "[(?x][\u{2028}-\u{2028}]"),
            (r"(?<a[>\p{Zl})(?P<x>)", "(?<a[>[\u{2028}-\u{2028}])(?P<x>)"),
            (r"(?i:x\p{Zl})", "(?i:x[\u{2028}-\u{2028}])"),
            (r"(?<x>\p{Pc})", r"(?<x>[\x5f-\x5f‿-⁀⁔-⁔︳-︴﹍-﹏＿-＿])"),
        ] {
            assert_eq!(spelled(pattern).as_deref(), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn unknown_and_misplaced_classes_are_rejected() {
        for pattern in [
            r"\p{",
            r"\p{}",
            r"\pX",
            r"\p{l}",
            r"\p{Digit}",
            r"\p{Cs}",
            r"\p{Unheard}",
            r"\p{greek}",
            r"[\PL]",
            r"[a-\pL]",
            r"[\pL-z]",
            r"[A-[]\pL",
            r"[[a]\pL]",
            r"(?x)\pL",
            r"(?i-x:\pL)",
        ] {
            assert_eq!(spelled(pattern), None, "{pattern}");
        }
        assert!(spelled(&r"\pL".repeat(10)).is_some());
        assert_eq!(spelled(&r"\pL".repeat(20)), None);
    }

    /// Characters that newer editions of Unicode have added or moved are ignored.
    #[test]
    fn classes_match_the_same_characters_as_in_the_regex_crate() {
        let known = regex::Regex::new(r"^[^\p{Cn}\x{295}]$").expect("a pattern");
        let characters: Vec<String> = ('\0'..'\u{3400}').step_by(3).map(String::from).collect();
        for name in [
            "L",
            "LC",
            "Lu",
            "Ll",
            "Lt",
            "Lm",
            "Lo",
            "M",
            "Mn",
            "Mc",
            "Me",
            "N",
            "Nd",
            "Nl",
            "No",
            "P",
            "Pc",
            "Pd",
            "Ps",
            "Pe",
            "Pi",
            "Pf",
            "Po",
            "S",
            "Sm",
            "Sc",
            "Sk",
            "So",
            "Z",
            "Zs",
            "Zl",
            "Zp",
            "C",
            "Cc",
            "Cf",
            "Letter",
            "Uppercase_Letter",
            "Latin",
            "Greek",
            "Grek",
            "IsCyrillic",
            "Han",
            "Common",
        ] {
            for class in [format!(r"\p{{{name}}}"), format!(r"\P{{{name}}}"), format!(r"[^\p{{{name}}}]")] {
                let ours = super::super::whole_match(&class).expect("a pattern");
                let theirs = regex::Regex::new(&format!("^{class}$")).expect("a pattern");
                for character in characters.iter().filter(|character| known.is_match(character)) {
                    assert_eq!(ours.is_match(character), theirs.is_match(character), "{class} {character:?}");
                }
            }
        }
    }
}
