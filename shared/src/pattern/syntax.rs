//! Translation of patterns from Java's syntax to that of the engine.
//!
//! Administrators write patterns for `java.util.regex`. What the engine reads differently is translated
//! if it can be expressed, and rejected otherwise. A pattern is never accepted with another meaning.

use std::collections::HashMap;

use super::MAX_SIZE;
use super::letters::{ranges, spell, spell_range};

/// `.` without the flag `s`: no line terminator of Java.
const NO_LINE_TERMINATOR: &str = r"[^\n\r\x{85}\x{2028}\x{2029}]";
/// `.` with the flag `s`.
const ANY: &str = r"[\s\S]";

/// Translates a pattern. Returns `None` if it is not supported or becomes too long.
pub(super) fn translate(pattern: &str) -> Option<String> {
    let root = Group { flags: Flags::default(), ends: false, other_ends: false };
    let mut translation = Translation {
        rest: pattern,
        output: String::new(),
        group: root,
        outer: Vec::new(),
        last: Last::None,
        known: HashMap::new(),
    };
    while let Some(next) = translation.take() {
        translation.element(next)?;
        if translation.output.len() > MAX_SIZE {
            return None;
        }
    }
    translation.outer.is_empty().then_some(translation.output)
}

/// The flags that have the same meaning in Java and in the engine.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    /// `i`: the case of ASCII letters is ignored.
    ignore_case: bool,
    /// `s`: `.` matches line terminators too.
    dot_all: bool,
}

/// An open group.
#[derive(Clone, Copy, Debug)]
struct Group {
    flags: Flags,
    /// Whether the current alternative has reached a `$`.
    ends: bool,
    /// Whether an earlier alternative has reached a `$`.
    other_ends: bool,
}

/// The previous element, to which a quantifier would apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// Nothing that a quantifier can apply to.
    None,
    /// A character, a class or a group.
    Element,
    /// A group that contains `$`.
    EndGroup,
}

/// What follows a backslash.
enum Escape {
    /// A sequence for a single character.
    Character(char),
    /// The first character of another sequence.
    Other(char),
}

/// A member of a bracketed class.
enum Member {
    Character(char),
    /// A class, as it appears in brackets.
    Class(String),
}

struct Translation<'a> {
    rest: &'a str,
    output: String,
    group: Group,
    outer: Vec<Group>,
    last: Last,
    /// The ranges of named classes, whose computation takes longer than all else.
    known: HashMap<(&'a str, bool), Option<String>>,
}

impl<'a> Translation<'a> {
    /// Takes the next character.
    fn take(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    /// Takes a prefix, if the rest begins with it.
    fn take_if(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes the text before `end`, and `end`.
    fn take_until(&mut self, end: char) -> Option<&'a str> {
        let (text, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(text)
    }

    /// Takes the longest prefix of characters that `belongs` accepts.
    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|next| !belongs(next)).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        text
    }

    fn element(&mut self, next: char) -> Option<()> {
        match next {
            '(' => self.open()?,
            ')' => self.close()?,
            '|' => {
                self.group.other_ends |= self.group.ends;
                self.group.ends = false;
                self.anchor("|");
            }
            '^' => self.anchor(r"\A"),
            // Java's `$` also matches before a line terminator at the end of the value. This makes no
            // difference if nothing follows that could match the terminator.
            '$' => {
                self.group.ends = true;
                self.anchor(r"\z");
            }
            '?' | '*' | '+' | '{' => self.quantifier(next)?,
            '.' => self.consuming(if self.group.flags.dot_all { ANY } else { NO_LINE_TERMINATOR })?,
            '[' => {
                let class = self.brackets()?;
                self.consuming(&class)?;
            }
            '\\' => self.escape()?,
            literal => self.character(literal)?,
        }
        Some(())
    }

    /// Appends an element that matches no characters. A quantifier cannot follow.
    fn anchor(&mut self, element: &str) {
        self.output.push_str(element);
        self.last = Last::None;
    }

    /// Appends an element that matches characters. It must not follow a `$`.
    fn consuming(&mut self, element: &str) -> Option<()> {
        if self.group.ends {
            return None;
        }
        self.output.push_str(element);
        self.last = Last::Element;
        Some(())
    }

    fn character(&mut self, character: char) -> Option<()> {
        let mut spelled = String::new();
        spell(&mut spelled, character);
        self.consuming(&spelled)
    }

    /// Opens a group. No group captures, because captures are not used.
    fn open(&mut self) -> Option<()> {
        if self.group.ends {
            return None;
        }
        let (mut opening, mut flags) = ("(?:", self.group.flags);
        if self.take_if("?<") {
            let name = self.take_until('>')?;
            let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.chars().all(|character| character.is_ascii_alphanumeric());
            if !is_name {
                return None;
            }
        } else if self.take_if("?") && !self.take_if(":") {
            flags = self.flags()?;
            let ignores_case = flags.ignore_case;
            match self.take()? {
                ':' => opening = if ignores_case { "(?i:" } else { "(?-i:" },
                ')' => {
                    self.group.flags = flags;
                    self.anchor(if ignores_case { "(?i)" } else { "(?-i)" });
                    return Some(());
                }
                _ => return None,
            }
        }
        self.outer.push(self.group);
        self.group = Group { flags, ends: false, other_ends: false };
        self.anchor(opening);
        Some(())
    }

    /// Reads the changes of flags, at least one.
    fn flags(&mut self) -> Option<Flags> {
        let mut flags = self.group.flags;
        let changes = self.take_while(|next| matches!(next, 'i' | 's' | '-'));
        if changes.is_empty() || changes.ends_with('-') {
            return None;
        }
        let mut value = true;
        for change in changes.chars() {
            match change {
                'i' => flags.ignore_case = value,
                's' => flags.dot_all = value,
                // Flags after the first `-` are removed.
                _ if value => value = false,
                _ => return None,
            }
        }
        Some(flags)
    }

    fn close(&mut self) -> Option<()> {
        let ends = self.group.ends || self.group.other_ends;
        self.group = self.outer.pop()?;
        self.group.ends |= ends;
        self.output.push(')');
        self.last = if ends { Last::EndGroup } else { Last::Element };
        Some(())
    }

    /// Appends a quantifier. A second one would be possessive in Java, or an error.
    fn quantifier(&mut self, quantifier: char) -> Option<()> {
        let repeats_end = self.last == Last::EndGroup && quantifier != '?';
        if self.last == Last::None || repeats_end {
            return None;
        }
        self.output.push(quantifier);
        if quantifier == '{' {
            let count = self.take_until('}')?;
            let (least, most) = count.split_once(',').unwrap_or((count, ""));
            let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            if least.is_empty() || !is_number(least) || !is_number(most) {
                return None;
            }
            self.output.extend([count, "}"]);
        }
        // The greed of a quantifier has no effect on a whole match, but the engine must not read what
        // follows as a part of it.
        if self.take_if("?") {
            self.output.push('?');
        }
        self.last = Last::None;
        Some(())
    }

    fn escape(&mut self) -> Option<()> {
        match self.escape_sequence()? {
            Escape::Character(character) => self.character(character),
            Escape::Other(class @ ('d' | 'D' | 's' | 'S' | 'w' | 'W')) => {
                self.consuming(&format!(r"\{class}"))
            }
            Escape::Other(class @ ('p' | 'P')) => {
                let ranges = self.named_class()?;
                self.consuming(&format!("[{}{ranges}]", if class == 'P' { "^" } else { "" }))
            }
            Escape::Other(anchor @ ('b' | 'B' | 'A' | 'z')) => {
                self.anchor(&format!(r"\{anchor}"));
                Some(())
            }
            Escape::Other(_) => None,
        }
    }

    /// Reads what follows a backslash.
    fn escape_sequence(&mut self) -> Option<Escape> {
        let character = match self.take()? {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'a' => '\u{7}',
            'e' => '\u{1b}',
            kind @ ('x' | 'u') => self.hexadecimal(kind)?,
            // Java takes any character but a letter or digit literally.
            other if other.is_ascii() && !other.is_ascii_alphanumeric() => other,
            other => return Some(Escape::Other(other)),
        };
        Some(Escape::Character(character))
    }

    /// Reads `hh` or `{h…h}` after `x`, or `hhhh` after `u`.
    fn hexadecimal(&mut self, kind: char) -> Option<char> {
        let digits = if kind == 'x' && self.take_if("{") {
            self.take_until('}')?
        } else {
            let (digits, rest) = self.rest.split_at_checked(if kind == 'x' { 2 } else { 4 })?;
            self.rest = rest;
            digits
        };
        let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
        char::from_u32(number)
    }

    /// Reads the name of a class, and returns its ranges.
    fn named_class(&mut self) -> Option<String> {
        let name = if self.take_if("{") {
            self.take_until('}')?
        } else {
            let length = self.rest.chars().next()?.len_utf8();
            let (name, rest) = self.rest.split_at_checked(length)?;
            self.rest = rest;
            name
        };
        let ignores_case = self.group.flags.ignore_case;
        self.known.entry((name, ignores_case)).or_insert_with(|| ranges(name, ignores_case)).clone()
    }

    /// Reads a class in brackets. Every character of it is spelled out, because the engine gives a
    /// meaning to some that Java takes literally.
    fn brackets(&mut self) -> Option<String> {
        let mut class = String::from("[");
        if self.take_if("^") {
            class.push('^');
        }
        let start = class.len();
        // As in Java, a `]` at the start is literal.
        while class.len() == start || !self.rest.starts_with(']') {
            let first = match self.member()? {
                Member::Character(first) => first,
                Member::Class(ranges) => {
                    class.push_str(&ranges);
                    continue;
                }
            };
            let behind = self.rest.strip_prefix('-').and_then(|rest| rest.chars().next());
            let last = if behind.is_none_or(|behind| behind == ']') {
                first
            } else {
                self.take()?;
                let Member::Character(last) = self.member()? else { return None };
                last
            };
            self.range(&mut class, first, last)?;
        }
        self.take()?;
        class.push(']');
        Some(class)
    }

    fn member(&mut self) -> Option<Member> {
        match self.take()? {
            // A union or an intersection.
            '[' => None,
            '&' if self.rest.starts_with('&') => None,
            '\\' => match self.escape_sequence()? {
                Escape::Character(character) => Some(Member::Character(character)),
                Escape::Other(class @ ('d' | 'D' | 's' | 'S' | 'w' | 'W')) => {
                    Some(Member::Class(format!(r"\{class}")))
                }
                // The engine cannot negate a part of a class.
                Escape::Other('p') => self.named_class().map(Member::Class),
                Escape::Other(_) => None,
            },
            character => Some(Member::Character(character)),
        }
    }

    /// Appends a range. If case is ignored, its letters are appended in the other case too, because the
    /// engine does this for one case only if ranges of a class touch.
    fn range(&self, class: &mut String, first: char, last: char) -> Option<()> {
        if first > last {
            return None;
        }
        spell_range(class, first, last);
        if self.group.flags.ignore_case {
            for (start, end) in [('A', 'Z'), ('a', 'z')] {
                let (start, end) = (start.max(first), end.min(last));
                if start <= end {
                    spell_range(class, other_case(start), other_case(end));
                }
            }
        }
        Some(())
    }
}

/// Returns an ASCII letter in the other case.
fn other_case(letter: char) -> char {
    if letter.is_ascii_uppercase() { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() }
}
