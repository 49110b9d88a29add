//! The vocabulary of the tests: worlds, callers, calls and answers.

pub(crate) mod answer;
pub(crate) mod breaks;
pub(crate) mod call;
pub(crate) mod caller;
pub(crate) mod careless;
pub(crate) mod documented;
pub(crate) mod early;
pub(crate) mod events;
pub(crate) mod gate;
pub(crate) mod house;
pub(crate) mod http;
pub(crate) mod intercept;
pub(crate) mod items;
pub(crate) mod jobs;
pub(crate) mod members;
pub(crate) mod names;
pub(crate) mod older;
pub(crate) mod pages;
pub(crate) mod properties;
pub(crate) mod recorder;
pub(crate) mod stale;
pub(crate) mod target;
pub(crate) mod whole;
pub(crate) mod world;

pub(crate) use answer::{Answer, created, created_as, no_content, ok, ok_at, ok_like, refused};
pub(crate) use caller::Caller;
pub(crate) use world::World;
