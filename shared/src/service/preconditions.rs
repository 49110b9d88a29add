//! Preconditions: `If-Match`, and the version in a body.

use crate::error::ApiError;
use crate::http::{Header, Method, Request};

/// The name of the header, as reported if it is invalid.
pub const IF_MATCH: &str = "If-Match";

/// The versions that a request expects of the thing that it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Preconditions {
    /// The entity tags of `If-Match`; `None` if every version matches.
    tags: Option<Vec<String>>,
}

impl Preconditions {
    /// Reads the preconditions of a request, if its method supports any.
    ///
    /// # Errors
    /// The name of the header if it occurs twice, holds a weak tag, or is not a list of entity tags
    /// (RFC 9110, section 8.8.3).
    pub(super) fn of(request: &Request) -> Result<Self, &'static str> {
        if !apply_to(request.method()) {
            return Ok(Self::default());
        }
        match request.header("if-match") {
            Header::Missing | Header::One("*") => Ok(Self::default()),
            Header::One(list) => Ok(Self { tags: Some(tags(list).ok_or(IF_MATCH)?) }),
            Header::Repeated => Err(IF_MATCH),
        }
    }

    /// Checks the present version of a thing against `If-Match` and against the version in the body.
    ///
    /// # Errors
    /// [`ApiError::OptimisticLocking`] if either is stale.
    pub(super) fn check(&self, present: u64, in_body: Option<u64>) -> Result<(), ApiError> {
        let matches = |tags: &Vec<String>| tags.contains(&present.to_string());
        let holds =
            self.tags.as_ref().is_none_or(matches) && in_body.is_none_or(|version| version == present);
        if holds { Ok(()) } else { Err(ApiError::OptimisticLocking) }
    }
}

/// Returns true if requests of this method can have preconditions: `PATCH`, `PUT` and `DELETE`.
pub(crate) fn apply_to(method: &Method) -> bool {
    [Method::PATCH, Method::PUT, Method::DELETE].contains(method)
}

/// Returns the opaque parts of a list of strong entity tags; `None` if it is not one.
fn tags(list: &str) -> Option<Vec<String>> {
    let mut tags = Vec::new();
    let mut rest = list;
    loop {
        let (tag, behind) = rest.trim_start_matches([' ', '\t']).strip_prefix('"')?.split_once('"')?;
        // Visible characters of ASCII, and bytes above it.
        if tag.chars().any(|character| character <= ' ' || character == '\u{7f}') {
            return None;
        }
        tags.push(tag.to_owned());
        let behind = behind.trim_start_matches([' ', '\t']);
        if behind.is_empty() {
            return Some(tags);
        }
        rest = behind.strip_prefix(',')?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_strong_tags_is_read() {
        for (list, expected) in [
            (r#""0""#, Some(&["0"][..])),
            (r#""0", "17","x y""#, None),
            (r#""0" ,	"17""#, Some(&["0", "17"])),
            (r#""""#, Some(&[""])),
            (r#"W/"0""#, None),
            ("0", None),
            ("", None),
            (r#""0"#, None),
            (r#""0","#, None),
            (r#""0" "1""#, None),
            (r#"*, "0""#, None),
        ] {
            let expected = expected.map(|tags| tags.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(tags(list), expected, "{list}");
        }
    }

    #[test]
    fn either_stale_version_is_a_conflict() {
        let of = |tags: &[&str]| Preconditions { tags: Some(tags.iter().map(ToString::to_string).collect()) };
        let stale = Err(ApiError::OptimisticLocking);
        assert_eq!(Preconditions::default().check(3, None), Ok(()));
        assert_eq!(Preconditions::default().check(3, Some(3)), Ok(()));
        assert_eq!(Preconditions::default().check(3, Some(2)), stale);
        assert_eq!(of(&["1", "3"]).check(3, None), Ok(()));
        assert_eq!(of(&["1", "03"]).check(3, None), stale);
        assert_eq!(of(&["3"]).check(3, Some(2)), stale);
        assert_eq!(of(&["2"]).check(3, Some(3)), stale);
        assert_eq!(of(&[]).check(3, None), stale);
    }
}
