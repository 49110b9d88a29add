//! The row of the operation on permissions.

use crate::operations::rows::{Covers, Row, rows};

rows!(permissions: get_permissions);

pub(crate) const fn get_permissions() -> Row {
    Row {
        id: "get-permissions",
        method: "GET",
        template: "/nevisidm/api/principal/v1/permissions",
        rights: &[],
        covers: Covers::AnyClient,
        path: "/nevisidm/api/principal/v1/permissions",
        success: 200,
        ..Row::DEFAULT
    }
}
