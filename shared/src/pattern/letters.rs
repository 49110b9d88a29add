//! Letters of the world in a pattern: `\p{Lu}`, `\p{Greek}` and their like, which the engine knows no
//! names of, are spelled out for it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, PropertyParser};
use regex_lite::Regex;

use super::MAX_SIZE;

/// What has to be told apart to find such a class, and whether it stands between brackets: the class
/// itself, what else is escaped, a named class of ASCII, the beginning of brackets with what is plain
/// text only there, their end, and a flag that would make a comment of what follows.
const TOKENS: &str =
    r"(?s)(-?)\\([pP])(?:\{([^}]*)\}|(.))|\\.|\[:\^?[a-z]+:\]|\[\^?(?:\]|-*)|\]|\(\?[a-zA-Z-]*x";

/// The pattern with its classes of letters spelled out. None when one is unknown or is an end of a
/// range, when it all is too long, and when there are comments in it, which only the engine could tell
/// from the pattern.
pub(super) fn spell_out(pattern: &str) -> Option<Cow<'_, str>> {
    if !pattern.contains(r"\p") && !pattern.contains(r"\P") {
        return Some(Cow::Borrowed(pattern));
    }
    let mut spelled = String::new();
    let mut end = 0;
    let mut in_brackets = false;
    for token in Regex::new(TOKENS).ok()?.captures_iter(pattern) {
        let whole = token.get(0)?;
        spelled.push_str(pattern.get(end..whole.start())?);
        end = whole.end();
        let rest = pattern.get(end..)?;
        match (whole.as_str(), token.get(3).or_else(|| token.get(4))) {
            (_, Some(name)) => {
                let is_range = &token[1] == "-" || rest.starts_with('-') && !rest.starts_with("-]");
                let others = &token[2] == "P";
                if in_brackets && is_range {
                    return None;
                }
                if in_brackets {
                    spelled.push_str(&ranges(name.as_str(), others)?);
                } else {
                    // Brackets of their own are turned round by the engine, upper and lower case considered.
                    let open = if others { "[^" } else { "[" };
                    spelled.extend([&token[1], open, &ranges(name.as_str(), false)?, "]"]);
                }
            }
            (flag, _) if flag.starts_with("(?") && !in_brackets => return None,
            (other, _) => {
                in_brackets = match other {
                    "]" => false,
                    other => in_brackets || other.starts_with('[') && !other.starts_with("[:"),
                };
                spelled.push_str(other);
            }
        }
        if spelled.len() > MAX_SIZE {
            return None;
        }
    }
    spelled.push_str(pattern.get(end..)?);
    Some(Cow::Owned(spelled))
}

/// What stands between the brackets of a class of all characters of a category or a script, or of all
/// others. None when Unicode names neither so, or when there are none.
fn ranges(name: &str, others: bool) -> Option<String> {
    // As Java writes it.
    let name = name.strip_prefix("Is").unwrap_or(name);
    let ranges: Vec<RangeInclusive<u32>> =
        if let Some(category) = PropertyParser::<GeneralCategoryGroup>::new().get_strict(name) {
            let category = if others { category.complement() } else { category };
            CodePointMapData::<GeneralCategory>::new().iter_ranges_for_group(category).collect()
        } else {
            let script = PropertyParser::<Script>::new().get_strict(name)?;
            let scripts = CodePointMapData::<Script>::new();
            if others {
                scripts.iter_ranges_for_value_complemented(script).collect()
            } else {
                scripts.iter_ranges_for_value(script).collect()
            }
        };
    let mut spelled = String::new();
    for range in ranges {
        // Half a pair of UTF-16 is no character.
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
            (r"[\P{Zl}]", "[\\x00-\u{2027}\u{2029}-\u{10ffff}]"),
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
            r"[a-\pL]",
            r"[\pL-z]",
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
            for class in [format!(r"\p{{{name}}}"), format!(r"\P{{{name}}}"), format!(r"[\P{{{name}}}]")] {
                let ours = super::super::whole_match(&class).expect("a pattern");
                let theirs = regex::Regex::new(&format!("^{class}$")).expect("a pattern");
                for character in characters.iter().filter(|character| known.is_match(character)) {
                    assert_eq!(ours.is_match(character), theirs.is_match(character), "{class} {character:?}");
                }
            }
        }
    }
}
