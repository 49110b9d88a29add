//! The history of objects: who changed what. A job follows the stream of the table, writes a row for each change, and
//! publishes an event.

mod authors;
pub mod change;
pub mod change_type;
pub mod kinds;
pub mod list;
pub mod publish;
pub mod row;
