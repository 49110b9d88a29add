//! The operations on property definitions.

pub(crate) mod rows;

mod create;
mod get;
mod lists;
mod update;
