//! The program as a person starts it.

mod commands;
mod failures;
mod run;
mod serving;
