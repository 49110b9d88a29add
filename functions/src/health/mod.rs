//! Health: whether the service can do its work.

pub mod get;
