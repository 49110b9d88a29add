//! `/clients`

mod create;
