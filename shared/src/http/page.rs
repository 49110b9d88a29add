//! Pages of lists: size, position and response.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::query::Query;
use super::response::Response;
use crate::error::ApiError;
use crate::ids::sha256;

/// The query parameter with the maximum number of items.
pub const LIMIT: &str = "limit";
/// The query parameter with the position of the page.
pub const CONTINUATION_TOKEN: &str = "continuationToken";
/// The member of a response with the number of all items of the list.
pub const TOTAL: &str = "totalResult";
/// The default number of items of a page.
pub const DEFAULT_LIMIT: usize = 100;
/// The maximum number of items of a page.
pub const MAX_LIMIT: usize = 1000;
/// The number of bytes of a continuation token that bind it to its list.
const BINDING: usize = 8;

/// The page that a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The maximum number of items.
    pub limit: usize,
    /// The position of the last item of the previous page; `None` for the first page.
    pub after: Option<String>,
}

impl PageRequest {
    /// Reads the requested page of a list from the query.
    ///
    /// The list's name is internal to the service. A continuation token is valid only for its own list.
    pub fn read(query: &mut Query, list: &str) -> Self {
        // Unlike `parse`, this accepts no sign.
        let number =
            |text: &String| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        let limit = query.take(LIMIT).map(|text| match number(&text) {
            Some(0) => Some(DEFAULT_LIMIT),
            Some(limit @ 1..=MAX_LIMIT) => Some(limit),
            Some(_) | None => None,
        });
        let token = query.take(CONTINUATION_TOKEN).map(|token| position(&token, list));
        if limit == Some(None) {
            query.refuse(LIMIT);
        }
        if token == Some(None) {
            query.refuse(CONTINUATION_TOKEN);
        }
        Self { limit: limit.flatten().unwrap_or(DEFAULT_LIMIT), after: token.flatten() }
    }

    /// Reads the requested page of a list from a query string without other parameters.
    ///
    /// # Errors
    /// [`ApiError::InvalidFields`] for an invalid parameter.
    pub fn alone(mut query: Query, list: &str) -> Result<Self, ApiError> {
        let page = Self::read(&mut query, list);
        query.finish()?;
        Ok(page)
    }

    /// Returns 200 with the items of this page.
    ///
    /// `next` is the position of the last item if more items follow. `total` is the number of all items of the
    /// list, if it was counted.
    #[must_use]
    pub fn respond(&self, items: &[Value], list: &str, next: Option<&str>, total: Option<usize>) -> Response {
        let mut pagination = json!({"limit": self.limit});
        if let Some(total) = total {
            pagination[TOTAL] = total.into();
        }
        if let Some(next) = next {
            pagination[CONTINUATION_TOKEN] = token(next, list).into();
        }
        Response::ok(json!({"items": items, "_pagination": pagination, "_classifications": {}}))
    }
}

/// Returns the continuation token of a position in a list.
fn token(position: &str, list: &str) -> String {
    URL_SAFE_NO_PAD.encode([&binding(position, list), position.as_bytes()].concat())
}

/// Returns the position of a continuation token; `None` if the token is not one of the list.
fn position(token: &str, list: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (bound, position) = bytes.split_at_checked(BINDING)?;
    let position = str::from_utf8(position).ok()?;
    (bound == binding(position, list)).then(|| position.to_owned())
}

/// Returns the bytes that bind a position to its list.
///
/// The binding only prevents mistakes: a position is not confidential, and a forged one leads to
/// another position in the same list.
fn binding(position: &str, list: &str) -> [u8; BINDING] {
    let hash = sha256(&format!("{}\n{list}{position}", list.len()));
    std::array::from_fn(|index| hash[index])
}

#[cfg(test)]
mod tests {
    use super::super::query::decode;
    use super::*;

    fn read(text: &str) -> Result<PageRequest, ApiError> {
        let mut query = Query::new(&decode(text));
        let page = PageRequest::read(&mut query, "list");
        query.finish().map(|()| page)
    }

    #[test]
    fn limits_are_1_to_1000_and_default_to_100() {
        for (text, limit) in
            [("", 100), ("limit=0", 100), ("limit=1", 1), ("limit=1000", 1000), ("limit=007", 7)]
        {
            assert_eq!(read(text), Ok(PageRequest { limit, after: None }), "{text}");
        }
        let rejected = Err(ApiError::InvalidFields(vec!["limit".to_owned()]));
        for text in ["1001", "-1", "+1", "1.0", "", "x", "99999999999999999999", "1 ", "1&limit=1"] {
            assert_eq!(read(&format!("limit={text}").replace('+', "%2B")), rejected, "{text}");
        }
    }

    #[test]
    fn tokens_are_valid_only_for_their_list() {
        for place in ["a", "", "ä#b/c", &"x".repeat(1000)] {
            let good = token(place, "list");
            assert_eq!(position(&good, "list").as_deref(), Some(place));
            assert_eq!(position(&good, "another"), None);
            assert_eq!(position(&good[..good.len() - 1], "list"), None, "cut");
            for (at, _) in good.char_indices().take(40) {
                let mut mutated = good.clone();
                let other = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
                mutated.replace_range(at..=at, other);
                assert_eq!(position(&mutated, "list"), None, "{at}");
            }
        }
        // The boundary between list and position cannot be moved.
        assert_eq!(position(&token("bc", "a"), "ab"), None);
        for broken in ["", "A", "!", "AAAAAAAAAAA", "=", "\u{e4}"] {
            assert_eq!(position(broken, "list"), None, "{broken}");
        }
    }

    #[test]
    fn the_last_page_has_no_token() {
        let page = PageRequest { limit: 2, after: None };
        let body = |next| page.respond(&[json!({"extId": "1"})], "list", next, None).body.expect("a body");
        let last = json!({"items": [{"extId": "1"}], "_pagination": {"limit": 2}, "_classifications": {}});
        assert_eq!(body(None), last);
        let next = body(Some("1"));
        assert_eq!(next["_pagination"]["continuationToken"], token("1", "list"));
        let query = format!("continuationToken={}", token("1", "list"));
        assert_eq!(read(&query), Ok(PageRequest { limit: 100, after: Some("1".to_owned()) }));
    }
}
