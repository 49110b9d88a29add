//! The health of the service.

pub mod get;
