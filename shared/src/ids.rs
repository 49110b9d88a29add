//! External identifiers (`extId`): what a caller names a thing by. Each noun has a type of its
//! own, so that a user's id cannot stand where a client's belongs.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use sha2::{Digest, Sha256};

/// The longest identifier that a key of the table has room for, in bytes: two of them, their
/// prefix and the separators stay below the 1024 bytes of a sort key.
pub const MAX_BYTES: usize = 480;

/// Marks the identifiers of clients (tenants).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Client {}

/// Marks the identifiers of users.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum User {}

/// Marks the identifiers of units.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {}

/// What a client is named by, unique over all clients.
pub type ClientExtId = ExtId<Client>;
/// What a user is named by, unique within the client.
pub type UserExtId = ExtId<User>;
/// What a unit is named by, unique within the client.
pub type UnitExtId = ExtId<Unit>;

/// An external identifier of a `Kind` of thing.
///
/// The only way into a key of the table: [`ExtId::key_part`] cannot produce the separator `#`
/// inside an identifier, so that no identifier reaches another identifier's key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtId<Kind> {
    text: String,
    kind: PhantomData<fn() -> Kind>,
}

/// A text that can never be the identifier of anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl<Kind> ExtId<Kind> {
    /// The identifier of something that may be stored.
    ///
    /// # Errors
    /// [`Malformed`] when the text is empty, longer than [`MAX_BYTES`], holds `#` or a control
    /// character, is `*` (which stands for "all"), or is `.` or `..` (which no URL can name).
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if is_well_formed(text) { Ok(Self::unchecked(text)) } else { Err(Malformed) }
    }

    /// The identifier that a caller looks for. Every text is one: a malformed one is looked up
    /// like any other and found nowhere, so that it costs and tells the same as an unknown one.
    #[must_use]
    pub fn unchecked(text: &str) -> Self {
        Self { text: text.to_owned(), kind: PhantomData }
    }

    /// The identifier as the caller wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The identifier as a part of a key. A malformed one becomes a hash behind an extra `#`,
    /// which no well-formed one can be.
    #[must_use]
    pub fn key_part(&self) -> Cow<'_, str> {
        if is_well_formed(&self.text) {
            Cow::Borrowed(&self.text)
        } else {
            Cow::Owned(format!("#{}", sha256_hex(&self.text)))
        }
    }
}

impl<Kind> fmt::Display for ExtId<Kind> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn is_well_formed(text: &str) -> bool {
    !matches!(text, "" | "*" | "." | "..")
        && text.len() <= MAX_BYTES
        && !text.contains(|c: char| c == '#' || c.is_control())
}

/// SHA-256 of a text.
#[must_use]
pub fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// SHA-256 of a text, 64 lower-case hexadecimal digits: how values of any length and content
/// become parts of a key.
#[must_use]
pub fn sha256_hex(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_that_could_break_a_key_is_refused() {
        let too_long = "a".repeat(MAX_BYTES + 1);
        for text in ["", "*", ".", "..", "a#b", "#", "a\0", "a\nb", "\u{85}", &too_long] {
            assert_eq!(ClientExtId::parse(text), Err(Malformed), "{text:?}");
        }
        let longest = "a".repeat(MAX_BYTES);
        for text in ["100", "a/b", "%2F", "...", "**", "-@./_:()\\{}[]=!~+", &longest] {
            assert_eq!(ClientExtId::parse(text).map(|id| id.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_malformed_identifier_has_a_key_that_no_well_formed_one_has() {
        let key = UserExtId::unchecked("a#b").key_part().into_owned();
        assert_eq!(key, format!("#{}", sha256_hex("a#b")));
        assert_eq!(UserExtId::parse(&key), Err(Malformed));
        assert_eq!(UserExtId::unchecked("a/b").key_part(), "a/b");
    }
}
