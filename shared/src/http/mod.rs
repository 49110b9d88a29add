//! HTTP request and response types, independent of the host.

pub mod body;
pub mod cors;
pub mod event;
pub mod json;
pub mod page;
pub mod query;
mod request;
mod response;

pub use lambda_http::http::{Method, StatusCode};

pub use self::request::{
    BASE_PATH, Header, MAX_BYTES, PRINCIPAL_BASE_PATH, RawRequest, Request, Target, encoded_segment,
};
pub use self::response::{CREATED_ID, ETAG, Response};
