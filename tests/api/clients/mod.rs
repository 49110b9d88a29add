//! `/clients`

mod configured;
mod create;
mod get;
