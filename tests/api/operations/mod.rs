//! What is the same for all operations: one table of them, and tests that go over it.

pub(crate) mod rows;

mod bearer_token;
mod bodies;
mod calls;
mod data_rooms;
mod events;
mod fields;
mod order;
mod rights;
mod routes;
mod x_token;
