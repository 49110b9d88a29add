//! Entities: what a noun's fields are and how they are read.

pub mod naming;
pub mod schema;
