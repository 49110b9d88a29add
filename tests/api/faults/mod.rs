//! What becomes of a request when the table fails: every call of every operation, with every fault,
//! at the first, the second and every attempt; and pairs of faults.
//!
//! A [`proxy`] between the SDK and the engine makes the faults, on real connections. After each
//! request the whole table is compared with what the same request does when nothing fails.

mod calls;
mod enumerated;
pub(crate) mod fault;
mod forge;
mod older;
mod proxy;
mod random;
pub(crate) mod rig;
mod scenes;
mod snapshot;
mod standstill;
mod throttled;
mod trial;
mod wire;
