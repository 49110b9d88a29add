//! The keys of the copies of a user's item, of which the lists of the users of a client consist.
//!
//! Only the copy by external identifier has the profiles too.

use shared::ids::ClientExtId;
use shared::table::Key;

/// The maximum number of bytes of an e-mail address in a sort key, which has at most 1,024 bytes and also
/// contains an external identifier of up to 480.
const MAX_EMAIL_PART: usize = 512;

/// A member by which the users of a client are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Index {
    /// The external identifier.
    ExtId,
    /// The login ID, in lower case.
    LoginId,
    /// The e-mail address, in lower case. Users without one are not in the list.
    Email,
}

impl Index {
    /// Returns the partition of the copies in the list of a client.
    pub(super) fn partition(self, client: &ClientExtId) -> String {
        let list = match self {
            Self::ExtId => "USERS",
            Self::LoginId => "LOGINS",
            Self::Email => "EMAILS",
        };
        format!("CLIENT#{}#{list}", client.key_part())
    }

    /// Returns the beginning of the sort keys in the list.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::ExtId => "USER#",
            Self::LoginId => "LOGIN#",
            Self::Email => "EMAIL#",
        }
    }

    /// Returns the key of the copy whose sort key continues with `rest`.
    pub(super) fn key(self, client: &ClientExtId, rest: &str) -> Key {
        Key::new(&[&self.partition(client)], &[&format!("{}{rest}", self.prefix())])
    }
}

/// Returns the characters of an e-mail address or of its beginning in lower case.
///
/// Each character is converted on its own, so that an address begins with its beginning in lower case, too.
pub(super) fn lower_case(email: &str) -> impl Iterator<Item = char> {
    email.chars().flat_map(char::to_lowercase)
}

/// Returns the part of a key for an e-mail address or for its beginning, which may be cut.
pub(super) fn email_part(email: &str) -> String {
    let mut part = String::new();
    for character in lower_case(email) {
        let length = part.len();
        match character {
            // Would separate the parts of the key.
            '#' => part.push_str("%23"),
            '%' => part.push_str("%25"),
            other => part.push(other),
        }
        if part.len() > MAX_EMAIL_PART {
            part.truncate(length);
            break;
        }
    }
    part
}

/// Returns true if the part of a key for this address may be shorter than the address.
pub(super) fn is_cut(email: &str) -> bool {
    // A character has at most 4 bytes.
    email_part(email).len() > MAX_EMAIL_PART - 4
}

#[cfg(test)]
mod tests {
    use super::{MAX_EMAIL_PART, email_part};

    #[test]
    fn the_key_of_an_address_begins_with_the_key_of_each_beginning() {
        for (address, part) in [
            ("Jane.Doe@Example.com", "jane.doe@example.com"),
            ("a#b%c@x", "a%23b%25c@x"),
            ("ΟΔΟΣ@x", "οδοσ@x"),
            ("İ@x", "i\u{307}@x"),
        ] {
            assert_eq!(email_part(address), part);
            for (index, _) in address.char_indices() {
                assert!(part.starts_with(&email_part(&address[..index])), "{address} at {index}");
            }
        }
    }

    #[test]
    fn the_key_of_a_long_address_is_cut_at_a_character() {
        for unit in ["a", "ä", "€", "💩", "#"] {
            let address = unit.repeat(600);
            let part = email_part(&address);
            assert!((MAX_EMAIL_PART - 4..=MAX_EMAIL_PART).contains(&part.len()), "{unit}: {}", part.len());
            assert_eq!(part, email_part(&format!("{address}b")));
            assert!(!part.ends_with('%') && !part.ends_with("%2"));
        }
    }
}
