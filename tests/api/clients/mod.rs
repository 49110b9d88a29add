//! `/clients`

pub(crate) mod rows;

mod configured;
mod create;
mod get;
mod list;
mod update;
