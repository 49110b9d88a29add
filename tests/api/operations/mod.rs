//! What is the same for all operations: one table of them, and tests that go over it.

pub(crate) mod bodies;
pub(crate) mod fields;
pub(crate) mod rows;
pub(crate) mod table;

mod bearer_token;
mod calls;
mod concurrency;
mod configured;
mod data_rooms;
mod events;
mod failures;
mod figures;
mod order;
mod rights;
mod routes;
mod x_token;
