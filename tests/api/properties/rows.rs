//! The rows of the operations on property definitions.

use crate::operations::rows::{Covers, MissingObject, Row, rows};

rows!(properties: get_property);

pub(crate) const fn get_property() -> Row {
    Row {
        id: "get-property",
        method: "GET",
        template: "/properties/{propertyId}",
        rights: &["PropertyView"],
        covers: Covers::AnyClient,
        path: "/properties/{propertyId:employee_id}",
        success: 200,
        missing: Some(MissingObject {
            present: "{propertyId:employee_id}",
            absent: "1",
            message: "Property doesn't exist with propertyId '1'",
        }),
        ..Row::DEFAULT
    }
}
