//! Requests while the table fails: every fault at every call of every operation, at the first, the
//! second and every attempt, and pairs of faults.
//!
//! A [`proxy`] between the SDK and the engine injects the faults into real connections. After each
//! request the whole table is compared with the result of the same request without faults.

mod calls;
mod enumerated;
pub(crate) mod fault;
mod forge;
mod older;
pub(crate) mod proxy;
mod random;
pub(crate) mod rig;
pub(crate) mod scenes;
pub(crate) mod snapshot;
mod standstill;
mod throttled;
mod trial;
pub(crate) mod wire;
