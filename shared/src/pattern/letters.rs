//! Named classes in patterns: `\p{Lu}`, `\p{Greek}`, `\p{Alpha}` and similar ones.
//!
//! The engine does not support them by name, so they are replaced by their ranges.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, PropertyParser};

/// Returns the ranges of a named class, as they appear in brackets: an ASCII class of Java, a Unicode
/// category or a script.
///
/// Returns `None` if the name is unknown or the class is empty. Returns `None` too if the class contains
/// only one case of letters and case is ignored, because versions of Java disagree about the meaning.
pub(super) fn ranges(name: &str, ignores_case: bool) -> Option<String> {
    if let Some(ranges) = ascii(name) {
        return (!ignores_case || !matches!(name, "Lower" | "Upper")).then(|| ranges.to_owned());
    }
    // Java allows this prefix.
    let name = name.strip_prefix("Is").unwrap_or(name);
    let ranges: Vec<RangeInclusive<u32>> =
        if let Some(category) = PropertyParser::<GeneralCategoryGroup>::new().get_strict(name) {
            let of_one_case = [
                GeneralCategoryGroup::UppercaseLetter,
                GeneralCategoryGroup::LowercaseLetter,
                GeneralCategoryGroup::TitlecaseLetter,
            ];
            if ignores_case && of_one_case.contains(&category) {
                return None;
            }
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
            spell_range(&mut spelled, first, last);
        }
    }
    (!spelled.is_empty()).then_some(spelled)
}

/// Returns the ranges of the ASCII classes that Java names like POSIX.
fn ascii(name: &str) -> Option<&'static str> {
    Some(match name {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7f",
        "Alpha" => "A-Za-z",
        "Digit" => "0-9",
        "Alnum" => "0-9A-Za-z",
        "Punct" => r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
        "Graph" => r"\x21-\x7e",
        "Print" => r"\x20-\x7e",
        "Blank" => r"\x09\x20",
        "Cntrl" => r"\x00-\x1f\x7f",
        "XDigit" => "0-9A-Fa-f",
        "Space" => r"\x09-\x0d\x20",
        _ => return None,
    })
}

/// Appends a range of characters, as it appears in brackets.
pub(super) fn spell_range(spelled: &mut String, first: char, last: char) {
    spell(spelled, first);
    spelled.push('-');
    spell(spelled, last);
}

/// Appends a character, escaped if it could have a special meaning.
pub(super) fn spell(spelled: &mut String, character: char) {
    if character.is_ascii() && !character.is_ascii_alphanumeric() {
        // Writing to a string cannot fail.
        let _ = write!(spelled, r"\x{:02x}", u32::from(character));
    } else {
        spelled.push(character);
    }
}

#[cfg(test)]
mod tests {
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
