//! The rows of the operations on property definitions.

use serde_json::json;

use crate::operations::rows::{
    Conflict, Covers, FieldKind, MissingObject, Row, field, listed, not_null, rows,
};

rows!(
    properties: create_property,
    get_property,
    list_client_properties,
    search_properties,
    update_property,
);

pub(crate) const fn create_property() -> Row {
    Row {
        id: "create-property",
        method: "POST",
        template: "/properties",
        rights: &["PropertyCreate"],
        covers: Covers::ClientOfBody,
        path: "/properties",
        body: || {
            json!({"scope": "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL", "name": "{new}", "type": "STRING",
                   "description": "A property", "displayName": {"EN": "New"}, "stringRegex": "[0-9]+",
                   "stringMaxLen": 10,
                   "uniquenessScope": "ABSOLUTE", "accessCreate": "OFF", "accessModify": "READ_WRITE"})
        },
        fields: const {
            &[
                field("scope", true, FieldKind::Own),
                field("clientExtId", false, FieldKind::Own),
                field("name", true, FieldKind::Name),
                field("description", false, FieldKind::Remark),
                field("displayName", false, FieldKind::LocalizedText),
                field("type", true, FieldKind::Own),
                field("stringMaxLen", false, FieldKind::Number),
                field("stringRegex", false, FieldKind::Own),
                field("uniquenessScope", false, FieldKind::Own),
                field("accessCreate", false, FieldKind::Own),
                field("accessModify", false, FieldKind::Own),
                field("allowedValues", false, FieldKind::Own),
                field("encrypted", false, FieldKind::Own),
                field("propagated", false, FieldKind::Own),
                field("mandatoryOnGui", false, FieldKind::Own),
                field("guiPrecedence", false, FieldKind::Number),
            ]
        },
        success: 201,
        conflict: Some(Conflict {
            body: || json!({"scope": "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL", "name": "{employee_id}", "type": "STRING"}),
            code: "errors.duplicateValue",
            message: "Property already exists with name 'employee_id'",
        }),
        more_actions: Some(
            || json!({"scope": "USER_GLOBAL", "name": "{new}", "type": "STRING", "clientExtId": "{client-123}"}),
        ),
        ..Row::DEFAULT
    }
}

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

pub(crate) const fn list_client_properties() -> Row {
    Row {
        id: "list-client-properties",
        method: "GET",
        template: "/clients/{clientExtId}/properties",
        rights: &["PropertyView", "PropertyAllowedValueView"],
        path: "/clients/{client-123}/properties",
        success: 200,
        list: Some(listed(
            "PROPERTIES#{client-123}",
            "PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#",
            "{department}",
        )),
        ..Row::DEFAULT
    }
}

pub(crate) const fn search_properties() -> Row {
    Row {
        id: "search-properties",
        method: "GET",
        template: "/properties",
        rights: &["PropertyView"],
        covers: Covers::AnyClient,
        path: "/properties",
        success: 200,
        list: Some(listed("PROPERTIES", "PROPERTY#CREDENTIAL_MOBILE_SIGNATURE_GLOBAL#*#", "{nickname}")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn update_property() -> Row {
    Row {
        id: "update-property",
        method: "PATCH",
        rights: &["PropertyModify"],
        covers: Covers::ClientOfObject,
        path: "/properties/{propertyId:badge}",
        body: || json!({"description": "A badge", "displayName": {"EN": "Badge"}, "stringMaxLen": 4000}),
        fields: const {
            &[
                field("description", false, FieldKind::Remark),
                field("displayName", false, FieldKind::LocalizedText),
                not_null("type", FieldKind::Own),
                field("stringMaxLen", false, FieldKind::Number),
                field("stringRegex", false, FieldKind::Own),
                field("uniquenessScope", false, FieldKind::Own),
                field("accessCreate", false, FieldKind::Own),
                field("accessModify", false, FieldKind::Own),
                field("allowedValues", false, FieldKind::Own),
                field("encrypted", false, FieldKind::Own),
                field("propagated", false, FieldKind::Own),
                field("mandatoryOnGui", false, FieldKind::Own),
                field("guiPrecedence", false, FieldKind::Number),
            ]
        },
        missing: Some(MissingObject {
            present: "{propertyId:badge}",
            absent: "1",
            message: "Property doesn't exist with propertyId '1'",
        }),
        conflict: Some(Conflict {
            body: || json!({"allowedValues": ["a"]}),
            code: "errors.invalidParameter",
            message: "The following fields are not valid: allowedValues",
        }),
        more_calls: Some(|| json!({"uniquenessScope": "ABSOLUTE"})),
        two_changes: Some([
            |round| json!({"description": round.to_string()}),
            |round| json!({"displayName": {"EN": round.to_string()}}),
        ]),
        ..get_property()
    }
}
