//! The client that `build.rs` generates.

include!(concat!(env!("OUT_DIR"), "/client.rs"));
