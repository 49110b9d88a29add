//! The rows of the operations on users.

use serde_json::{Value, json};
use shared::auth::SelfService;

use crate::operations::rows::{Conflict, EntityPatch, Field, FieldKind, Row, field, listed, rows};

rows!(
    users: archive_user,
    create_user,
    delete_user,
    get_user,
    get_user_properties,
    list_users,
    update_user,
    update_user_properties,
);

/// The fields of a change.
const FIELDS: [Field; 13] = [
    field("loginId", false, FieldKind::Own),
    field("userState", false, FieldKind::Own),
    field("languageCode", false, FieldKind::Own),
    field("isTechnicalUser", false, FieldKind::Own),
    field("name", false, FieldKind::Own),
    field("sex", false, FieldKind::Own),
    field("gender", false, FieldKind::Own),
    field("birthDate", false, FieldKind::Own),
    field("address", false, FieldKind::Own),
    field("contacts", false, FieldKind::Own),
    field("validity", false, FieldKind::Own),
    field("remarks", false, FieldKind::Own),
    field("modificationComment", false, FieldKind::Remark),
];

/// The fields of a creation.
const NEW_FIELDS: [Field; 14] = {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m] = FIELDS;
    [field("extId", false, FieldKind::Name), a, b, c, d, e, f, g, h, i, j, k, l, m]
};

/// `{user-123}` as responses show it.
pub(super) fn shown() -> Value {
    json!({
        "extId": "user-123", "clientExtId": "client-123", "loginId": "login-user-123", "userState": "active",
        "languageCode": "EN", "isTechnicalUser": false, "name": {"firstName": "Jane", "familyName": "Doe"},
        "contacts": {"email": "jane@example.com"},
        "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
    })
}

pub(crate) const fn create_user() -> Row {
    Row {
        id: "create-user",
        method: "POST",
        template: "/{clientExtId}/users",
        rights: &["UserCreate"],
        path: "/{client-123}/users",
        body: || json!({"extId": "{user-new}", "languageCode": "DE", "contacts": {"email": "new@example.com"}}),
        fields: const { &NEW_FIELDS },
        success: 201,
        conflict: Some(Conflict {
            body: || json!({"extId": "{user-123}"}),
            code: "errors.duplicateValue",
            message: "User already exists with extId 'user-123'",
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_user() -> Row {
    Row {
        id: "get-user",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}",
        rights: &["UserView", "PropertyView", "PropertyValueView", "PropertyAllowedValueView"],
        self_service: SelfService::Allowed,
        path: "/{client-123}/users/{user-123}",
        success: 200,
        answer: shown,
        ..Row::DEFAULT
    }
}

pub(crate) const fn list_users() -> Row {
    Row {
        id: "list-users",
        method: "GET",
        template: "/clients/{clientExtId}/users",
        rights: &["ClientView", "UserView", "PropertyView", "PropertyValueView", "PropertyAllowedValueView"],
        path: "/clients/{client-123}/users",
        success: 200,
        answer: || {
            let other = |ext_id: &str| {
                let mut other = shown();
                other["extId"] = json!(ext_id);
                other["loginId"] = json!(format!("login-{ext_id}"));
                other
            };
            let items = [shown(), other("user-456"), other("user-789")];
            json!({"items": items, "_pagination": {"limit": 100}, "_classifications": {}})
        },
        list: Some(listed("CLIENT#{client-123}#USERS", "USER#", "{user-456}")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn update_user() -> Row {
    Row {
        id: "update-user",
        method: "PATCH",
        rights: &["UserView", "UserModify"],
        self_service: SelfService::WithXToken,
        body: || json!({"languageCode": "DE", "contacts": {"mobile": "+41790000001"}, "name": {"firstName": null}}),
        fields: const { &FIELDS },
        conflict: Some(Conflict {
            body: || json!({"loginId": "LOGIN-{user-456}"}),
            code: "errors.duplicateValue",
            message: "User already exists with loginId 'LOGIN-user-456'",
        }),
        patch: Some(EntityPatch { ext_id: "{user-123}", has_version: true }),
        more_actions: Some(|| json!({"loginId": "{login-new}"})),
        answer: || Value::Null,
        two_changes: Some([
            |round| json!({"name": {"firstName": round.to_string()}}),
            |round| json!({"name": {"familyName": round.to_string()}}),
        ]),
        ..get_user()
    }
}

pub(crate) const fn get_user_properties() -> Row {
    Row {
        id: "get-user-properties",
        template: "/{clientExtId}/users/{userExtId}/properties",
        path: "/{client-123}/users/{user-123}/properties",
        answer: || Value::Null,
        ..get_user()
    }
}

pub(crate) const fn update_user_properties() -> Row {
    Row {
        id: "update-user-properties",
        method: "PATCH",
        rights: &[
            "UserView",
            "UserModify",
            "PropertyView",
            "PropertyValueView",
            "PropertyAllowedValueView",
            "PropertyValueCreate",
            "PropertyValueDelete",
            "PropertyValueModify",
        ],
        self_service: SelfService::None,
        body: || json!({"{floor}": "4"}),
        fields: const { &[field("{floor}", false, FieldKind::Property)] },
        conflict: Some(Conflict {
            body: || json!({"{nothing}": "1"}),
            code: "errors.invalidData",
            message: "No property exists with the name 'nothing' for the scope.",
        }),
        more_actions: Some(|| json!({"{staff_number}": "2", "{floor}": null})),
        two_changes: Some([
            |round| json!({"{staff_number}": (100 + round).to_string()}),
            |round| json!({"{floor}": (100 + round).to_string()}),
        ]),
        ..get_user_properties()
    }
}

pub(crate) const fn archive_user() -> Row {
    Row {
        id: "archive-user",
        method: "POST",
        template: "/{clientExtId}/users/{userExtId}/archive",
        rights: &["UserView", "UserArchive"],
        path: "/{client-123}/users/{user-789}/archive",
        success: 204,
        ..Row::DEFAULT
    }
}

pub(crate) const fn delete_user() -> Row {
    Row {
        id: "delete-user",
        method: "DELETE",
        rights: &["UserDelete"],
        self_service: SelfService::None,
        path: "/{client-123}/users/{user-789}",
        success: 204,
        answer: || Value::Null,
        ..get_user()
    }
}
