//! Idempotency keys: repeating a request with the same `Idempotency-Key` returns the original response.
//!
//! The response is stored in the same transaction as the change, so that neither exists without the
//! other. Failed requests change nothing and are not stored.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::error::ApiError;
use crate::http::{CREATED_ID, ETAG, Header, Method, Request, Response, StatusCode};
use crate::ids::sha256_hex;
use crate::table::item::EXPIRES;
use crate::table::{Condition, Item, Key, NewItem, TableError};

/// The time for which a response is stored, in seconds.
pub const RETENTION_SECONDS: i64 = 24 * 60 * 60;
/// The name of the header, as reported if it is invalid.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// The maximum length of a key, in characters.
pub const MAX_KEY: usize = 255;
/// The attribute with the hash of the request.
const REQUEST_HASH: &str = "requestHash";
/// The kind of a stored response's item.
pub const ENTITY_TYPE: &str = "IdempotentAnswer";

/// The idempotency key of a request.
#[derive(Clone, Debug)]
pub struct Idempotency {
    key: Key,
    request_hash: String,
    now: Timestamp,
}

impl Idempotency {
    /// Reads the idempotency key of a request that may change data, if it has one.
    ///
    /// The key is scoped to the caller and the operation.
    ///
    /// # Errors
    /// Returns the name of the header if it is repeated, empty, longer than [`MAX_KEY`], or contains a
    /// comma or characters other than visible ASCII.
    pub fn of(
        request: &Request,
        operation: &str,
        caller: &str,
        now: Timestamp,
    ) -> Result<Option<Self>, &'static str> {
        if !applies_to(request.method()) {
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

    /// Returns the key of the stored response's item.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Returns the condition for storing a response: none exists, or it has expired but has not been
    /// deleted yet.
    #[must_use]
    pub fn condition(&self) -> Condition {
        Condition::AbsentOrNumberUpTo(EXPIRES, seconds(self.now))
    }

    /// Returns the condition for replacing the response to the same request: no other request has stored one.
    #[must_use]
    pub fn own(&self) -> Condition {
        Condition::AbsentOrText(REQUEST_HASH, self.request_hash.clone())
    }

    /// Returns the item that stores a response.
    #[must_use]
    pub fn item(&self, response: &Response) -> NewItem {
        NewItem::new(&self.key, ENTITY_TYPE)
            .with_text(REQUEST_HASH, &self.request_hash)
            .with_number("status", response.status.as_u16().into())
            .with_optional_text("location", response.location())
            .with_optional_text("createdId", response.header(CREATED_ID))
            .with_optional_text("etag", response.header(ETAG))
            .with_optional_text("body", response.body.as_ref().map(ToString::to_string).as_deref())
            .with_number(EXPIRES, seconds(self.now) + RETENTION_SECONDS.unsigned_abs())
    }

    /// Returns the response that an item stores, unless it has expired.
    ///
    /// # Errors
    /// Returns [`ApiError::IdempotencyKeyReused`] if the response belongs to another request, and
    /// [`ApiError::Internal`] if the item is corrupt.
    pub fn response(&self, item: &Item) -> Result<Option<Response>, ApiError> {
        if item.number(EXPIRES)? <= seconds(self.now) {
            return Ok(None);
        }
        if item.text(REQUEST_HASH)? != self.request_hash {
            return Err(ApiError::IdempotencyKeyReused);
        }
        let status = u16::try_from(item.number("status")?).ok();
        let status =
            status.and_then(|status| StatusCode::from_u16(status).ok()).ok_or(TableError::Corrupt)?;
        let body: Option<Result<Value, _>> = item.optional_text("body")?.map(serde_json::from_str);
        let body = body.transpose().map_err(|_| TableError::Corrupt)?;
        let mut response = Response::of(status, item.optional_text("location")?.map(str::to_owned), body);
        for (header, attribute) in [(CREATED_ID, "createdId"), (ETAG, "etag")] {
            response.headers.extend(item.optional_text(attribute)?.map(|value| (header, value.to_owned())));
        }
        Ok(Some(response))
    }
}

/// Returns true if requests of this method may change data, and can have an `Idempotency-Key`: all but `GET`.
pub(crate) fn applies_to(method: &Method) -> bool {
    *method != Method::GET
}

/// Returns true if a value is one key. An HTTP API joins the values of a repeated header with a comma.
fn is_key(key: &str) -> bool {
    (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

/// Returns a hash of the request: its path parameters, its query parameters and its body.
///
/// Each part follows its length, so that no two requests have the same input.
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
