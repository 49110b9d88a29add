//! `Idempotency-Key`: a change that was answered once is answered the same way again.
//!
//! The answer is stored in the transaction of the change: there is no moment at which one is
//! there and the other is not. What was refused changed nothing and is not stored.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::error::ApiError;
use crate::http::{ETAG, Header, Method, Request, Response, StatusCode};
use crate::ids::sha256_hex;
use crate::table::{Condition, Item, Key, NewItem, TableError};

/// How long an answer is kept, in seconds.
pub const RETENTION_SECONDS: i64 = 24 * 60 * 60;
/// The header field, as an invalid one is reported.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// The longest key, in characters.
pub const MAX_KEY: usize = 255;
/// The attribute by which the table forgets an answer: seconds since 1970.
pub const EXPIRES: &str = "expires";
/// The kind of the item of an answer.
pub const ENTITY_TYPE: &str = "IdempotentAnswer";

/// The key that a request carries, and what it was used for.
#[derive(Clone, Debug)]
pub struct Idempotency {
    key: Key,
    request_hash: String,
    now: Timestamp,
}

impl Idempotency {
    /// The key of a request that changes something, where it has one: it belongs to the caller and
    /// the operation.
    ///
    /// # Errors
    /// The name of the header if it occurs twice, is empty, longer than [`MAX_KEY`], or holds anything but
    /// visible ASCII characters.
    pub fn of(
        request: &Request,
        operation: &str,
        caller: &str,
        now: Timestamp,
    ) -> Result<Option<Self>, &'static str> {
        if *request.method() == Method::GET {
            return Ok(None);
        }
        let key = match request.header("idempotency-key") {
            Header::Missing => return Ok(None),
            Header::One(key) if is_key(key) => key,
            Header::One(_) | Header::Repeated => {
                return Err(IDEMPOTENCY_KEY);
            }
        };
        let owner = sha256_hex(&format!("{operation}\n{caller}\n{key}"));
        let key = Key::new(&["IDEMPOTENCY", &owner], &["IDEMPOTENCY"]);
        Ok(Some(Self { key, request_hash: hash(request), now }))
    }

    /// Where the answer is stored.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// On what condition the answer may be stored: there is none, or an old one that the table has
    /// not forgotten yet.
    #[must_use]
    pub fn condition(&self) -> Condition {
        Condition::AbsentOrNumberUpTo(EXPIRES, seconds(self.now))
    }

    /// The item that stores an answer.
    #[must_use]
    pub fn item(&self, response: &Response) -> NewItem {
        NewItem::new(&self.key, ENTITY_TYPE)
            .with_text("requestHash", &self.request_hash)
            .with_number("status", response.status.as_u16().into())
            .with_optional_text("location", response.location())
            .with_optional_text("etag", response.header(ETAG))
            .with_optional_text("body", response.body.as_ref().map(ToString::to_string).as_deref())
            .with_number(EXPIRES, seconds(self.now) + RETENTION_SECONDS.unsigned_abs())
    }

    /// The answer that an item stores, unless it is too old.
    ///
    /// # Errors
    /// [`ApiError::IdempotencyKeyReused`] when it is the answer to another request;
    /// [`ApiError::Internal`] when the item stores none.
    pub fn response(&self, item: &Item) -> Result<Option<Response>, ApiError> {
        if item.number(EXPIRES)? <= seconds(self.now) {
            return Ok(None);
        }
        if item.text("requestHash")? != self.request_hash {
            return Err(ApiError::IdempotencyKeyReused);
        }
        let status = u16::try_from(item.number("status")?).ok();
        let status =
            status.and_then(|status| StatusCode::from_u16(status).ok()).ok_or(TableError::Corrupt)?;
        let body: Option<Result<Value, _>> = item.optional_text("body")?.map(serde_json::from_str);
        let body = body.transpose().map_err(|_| TableError::Corrupt)?;
        let mut response = Response::of(status, item.optional_text("location")?.map(str::to_owned), body);
        response.headers.extend(item.optional_text("etag")?.map(|etag| (ETAG, etag.to_owned())));
        Ok(Some(response))
    }
}

fn is_key(key: &str) -> bool {
    (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns a hash of the request: the parameters of its path and of its query, and its body, each behind
/// its length, so that no two requests have the same bytes.
fn hash(request: &Request) -> String {
    let parameters = request.parameters().values().map(String::as_bytes);
    let mut hash = Sha256::new();
    let query =
        request.query_parameters().iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
    for part in parameters.chain(query).chain([request.body().unwrap_or_default()]) {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    format!("{:x}", hash.finalize())
}

fn seconds(moment: Timestamp) -> u64 {
    moment.unix_seconds().unsigned_abs()
}

#[cfg(test)]
mod tests;
