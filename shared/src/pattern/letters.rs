//! Letters of the world in a pattern: `\p{Lu}`, `\p{Greek}` and their like, which the engine knows no
//! names of, are spelled out for it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, PropertyParser};

use super::MAX_SIZE;

/// The pattern with its classes of letters spelled out. None when one is unknown or stands where it
/// would come to mean something else, and when it all is too long.
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
                // The engine turns round all that is in brackets, upper and lower case considered; and
                // the ends of a range are single characters.
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

/// The name of a class, which begins a text, and what follows it.
fn name(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('{') {
        Some(name) => name.split_once('}'),
        None => text.split_at_checked(text.chars().next()?.len_utf8()),
    }
}

/// How long the beginning of a group is. None for flags that make comments of what follows: there is no
/// telling them from the pattern.
fn group(text: &str) -> Option<usize> {
    if text.starts_with("(?<") || text.starts_with("(?P<") {
        return text.find('>').map(|end| end + 1);
    }
    let flags = text.strip_prefix("(?").unwrap_or_default();
    let flags = flags.split(|flag: char| !flag.is_ascii_alphabetic() && flag != '-').next()?;
    (!flags.contains('x')).then_some(1)
}

/// How long the beginning of brackets is, with what is plain text only there.
fn opening(text: &str) -> usize {
    let start = if text.starts_with("[^") { 2 } else { 1 };
    let content = &text[start..];
    let dashes = content.len() - content.trim_start_matches('-').len();
    start + if content.starts_with(']') { 1 } else { dashes }
}

/// How long a class like `[:alpha:]` is. None for other brackets in brackets.
fn named_class(text: &str) -> Option<usize> {
    let (name, _) = text.strip_prefix("[:")?.split_once(":]")?;
    let is_name = name.trim_start_matches('^').chars().all(|character| character.is_ascii_lowercase());
    is_name.then_some(name.len() + 4)
}

/// What stands between the brackets of a class of all characters of a category or a script. None when
/// Unicode names neither so, or when there are none.
fn ranges(name: &str) -> Option<String> {
    // As Java writes it.
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
        // Half a pair of UTF-16 is no character; only the category of all halves begins or ends with one.
        if let (Some(first), Some(last)) = (char::from_u32(*range.start()), char::from_u32(*range.end())) {
            spell(&mut spelled, first);
            spelled.push('-');
            spell(&mut spelled, last);
        }
    }
    (!spelled.is_empty()).then_some(spelled)
}

/// A character as it is, or by its number where it could mean something.
fn spell(spelled: &mut String, character: char) {
    if character.is_ascii() && !character.is_ascii_alphanumeric() {
        // Nothing can go wrong with a text.
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
    fn a_class_of_letters_is_spelled_out_where_it_stands() {
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
    fn what_is_no_class_of_letters_is_refused() {
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

    /// What the years between two editions of Unicode have added or moved is left out.
    #[test]
    fn names_mean_what_they_mean_to_others() {
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
