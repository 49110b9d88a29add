//! The rows of the operations on clients.

use serde_json::json;

use crate::operations::rows::{Conflict, Covers, EntityPatch, FieldKind, Row, field, listed, not_null, rows};

rows!(clients: create_client, delete_client, get_client, list_clients, update_client);

pub(crate) const fn update_client() -> Row {
    Row {
        id: "update-client",
        method: "PATCH",
        rights: &["ClientModify"],
        body: || json!({"name": "{New}", "displayName": {"EN": "New"}, "remarks": "A remark"}),
        fields: const {
            &[
                not_null("name", FieldKind::Name),
                field("displayName", false, FieldKind::LocalizedText),
                field("remarks", false, FieldKind::Remark),
            ]
        },
        conflict: Some(Conflict {
            body: || json!({"name": "{Other}"}),
            code: "errors.duplicateValue",
            message: "Client already exists",
        }),
        patch: Some(EntityPatch { ext_id: "{client-123}", has_version: false }),
        two_changes: Some([
            |round| json!({"name": format!("{{new-{round}}}")}),
            |round| json!({"displayName": {"EN": round.to_string()}}),
        ]),
        ..get_client()
    }
}

pub(crate) const fn create_client() -> Row {
    Row {
        id: "create-client",
        method: "POST",
        template: "/clients",
        rights: &["ClientCreate"],
        covers: Covers::NewClient,
        path: "/clients",
        body: || json!({"extId": "{client-new}", "name": "{New}", "displayName": {"EN": "New"}, "remarks": "A remark"}),
        fields: const {
            &[
                field("extId", false, FieldKind::Name),
                field("name", true, FieldKind::Name),
                field("displayName", false, FieldKind::LocalizedText),
                field("remarks", false, FieldKind::Remark),
            ]
        },
        success: 201,
        conflict: Some(Conflict {
            body: || json!({"name": "{Other}"}),
            code: "errors.duplicateValue",
            message: "Client already exists",
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn list_clients() -> Row {
    Row {
        id: "list-clients",
        method: "GET",
        template: "/clients",
        rights: &["ClientView"],
        covers: Covers::AnyClient,
        path: "/clients",
        success: 200,
        list: Some(listed("CLIENTS", "CLIENT#", "{client-456}")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_client() -> Row {
    Row {
        id: "get-client",
        method: "GET",
        template: "/clients/{clientExtId}",
        rights: &["ClientView"],
        path: "/clients/{client-123}",
        success: 200,
        ..Row::DEFAULT
    }
}

pub(crate) const fn delete_client() -> Row {
    Row {
        id: "delete-client",
        method: "DELETE",
        rights: &["ClientDelete"],
        covers_all_units: true,
        success: 204,
        ..get_client()
    }
}
