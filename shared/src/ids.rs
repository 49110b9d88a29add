//! External identifiers (`extId`).
//!
//! Each noun has its own type, so that a user's identifier cannot be used in place of a client's.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use sha2::{Digest, Sha256};

/// The maximum length of an external identifier, in bytes.
///
/// Two identifiers, their prefix and the separators fit into the 1024 bytes of a sort key.
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

/// The external identifier of a client, unique across all clients.
pub type ClientExtId = ExtId<Client>;
/// The external identifier of a user, unique within the client.
pub type UserExtId = ExtId<User>;
/// The external identifier of a unit, unique within the client.
pub type UnitExtId = ExtId<Unit>;

/// An external identifier of a `Kind` of object.
///
/// Keys of the table contain identifiers only as [`ExtId::key_part`], in which a valid identifier has
/// no `#`. Therefore no identifier can produce the key of another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtId<Kind> {
    text: String,
    kind: PhantomData<fn() -> Kind>,
}

/// An error that a text is not a valid external identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl<Kind> ExtId<Kind> {
    /// Parses an external identifier.
    ///
    /// # Errors
    /// Returns [`Malformed`] if the text is empty, longer than [`MAX_BYTES`] or contains `#` or a
    /// control character. The texts `*` (which stands for "all"), `.` and `..` (which no URL can
    /// contain as a segment) are rejected too.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if is_well_formed(text) { Ok(Self::unchecked(text)) } else { Err(Malformed) }
    }

    /// Returns the identifier of an object to look up, without validation.
    ///
    /// A malformed identifier is looked up like any other and never found. It therefore costs and
    /// reveals the same as an unknown one.
    #[must_use]
    pub fn unchecked(text: &str) -> Self {
        Self { text: text.to_owned(), kind: PhantomData }
    }

    /// Returns the identifier as the caller sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the identifier as part of a key.
    ///
    /// A malformed identifier becomes a hash after an extra `#`, which no valid identifier contains.
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

/// Returns the SHA-256 hash of a text.
#[must_use]
pub fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Returns the SHA-256 hash of a text as 64 lower-case hexadecimal digits.
///
/// Values of any length and content become parts of a key this way.
#[must_use]
pub fn sha256_hex(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_that_could_break_a_key_are_rejected() {
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
    fn malformed_identifiers_have_keys_that_no_valid_one_has() {
        let key = UserExtId::unchecked("a#b").key_part().into_owned();
        assert_eq!(key, format!("#{}", sha256_hex("a#b")));
        assert_eq!(UserExtId::parse(&key), Err(Malformed));
        assert_eq!(UserExtId::unchecked("a/b").key_part(), "a/b");
    }
}
