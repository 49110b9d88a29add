//! Tests that run the program from the command line.

mod commands;
mod failures;
mod imports;
mod malformed;
mod proxies;
mod run;
mod serving;
