//! The rights of the caller, an operation of the Principal API.

pub mod get;
