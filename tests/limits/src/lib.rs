//! Model of DynamoDB's limits in front of the embedded engine.
//!
//! The engine has no limits: it serves calls as fast as it can, and one transaction after the other. With
//! this model, callers also get the responses of a table that is too busy.
//!
//! | rule | value | source |
//! |---|---|---|
//! | capacity of a partition | 1,000 write and 3,000 read units a second | quotas |
//! | unused capacity that a partition keeps | that of 300 s | burst capacity |
//! | strongly consistent read | 1 unit per item and started 4 KB; a query adds up its items first | item sizes |
//! | action of a transaction | 2 units per started KB of its item, checks included | transactions; checks as measured by others |
//! | two transactions at one item | the later one is cancelled | published protocol |
//! | an item whose condition fails | is not held | published protocol |
//! | cancelled transaction | costs its units, except those of throttled actions | transactions |
//! | throttled query | `ThrottlingException` | API reference |
//! | throttled batch | `UnprocessedKeys`; `ProvisionedThroughputExceededException` if no key was read | API reference |
//! | throttled transaction | `TransactionCanceledException` with the reason `ThrottlingError` | API reference |
//!
//! The sources are linked in `docs/scale.md`. Where they contradict each other or state no number, the rule
//! is a parameter of [`Limits`]: whether checks conflict with checks, and how long a transaction takes.
//!
//! Not modelled: the limits of a table and an account, the time in which a partition splits (but the result
//! of the splits, [`Partition::Item`]), the growth of an item by an update, and failures.

mod bucket;
mod engine;
mod holds;
mod item_key;
mod limits;
mod model;

pub use engine::LimitedEngine;
pub use limits::{Conflicts, Limits, Partition};
pub use model::Counts;
