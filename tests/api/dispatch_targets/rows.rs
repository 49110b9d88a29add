//! The rows of the operations on dispatch targets.

use crate::operations::rows::{MissingObject, Row, rows};

rows!(dispatch_targets: delete_dispatch_target);

pub(crate) const fn delete_dispatch_target() -> Row {
    Row {
        id: "delete-dispatch-target",
        method: "DELETE",
        template: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}",
        rights: &["CredentialDelete", "DispatchTargetDelete"],
        any_right: true,
        path: "/{client-123}/users/{user-123}/dispatch-targets/{dt-123}",
        success: 204,
        missing: Some(MissingObject {
            present: "{dt-123}",
            absent: "{dt-999}",
            message: "No DispatchTarget found with extId 'dt-999' for user with extId 'user-123' on client with name 'Default'",
        }),
        ..Row::DEFAULT
    }
}
