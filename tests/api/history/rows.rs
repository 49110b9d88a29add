//! The row of the operation on the history.

use crate::operations::rows::{Covers, Row, rows};

rows!(history: list_history);

pub(crate) const fn list_history() -> Row {
    Row {
        id: "list-history",
        method: "GET",
        template: "/history/{kind}",
        rights: &["HistoryView"],
        covers: Covers::AnyClient,
        path: "/history/terms",
        success: 200,
        ..Row::DEFAULT
    }
}
