//! The rows of the operations on profiles.

use serde_json::{Value, json};
use shared::auth::SelfService;

use crate::operations::rows::{
    Conflict, Covers, EntityPatch, Field, FieldKind, MissingObject, Row, field, listed, rows,
};

rows!(profiles: create_profile, list_profiles, get_profile, update_profile, set_profile_unit, delete_profile);

/// The fields of a change.
const FIELDS: [Field; 6] = [
    field("profileState", false, FieldKind::Own),
    field("name", false, FieldKind::Own),
    field("isDefaultProfile", false, FieldKind::Own),
    field("validity", false, FieldKind::Own),
    field("remarks", false, FieldKind::Own),
    field("modificationComment", false, FieldKind::Remark),
];

/// The fields of a creation.
const NEW_FIELDS: [Field; 8] = {
    let [a, b, c, d, e, f] = FIELDS;
    [field("extId", false, FieldKind::Name), field("unitExtId", false, FieldKind::Own), a, b, c, d, e, f]
};

/// A profile of `{user-123}` in `sales` as responses show it.
pub(super) fn shown(ext_id: &str, is_default: bool) -> Value {
    json!({
        "extId": ext_id, "clientExtId": "client-123", "userExtId": "user-123", "unitExtId": "sales",
        "profileState": "active", "isDefaultProfile": is_default,
        "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
    })
}

pub(crate) const fn create_profile() -> Row {
    Row {
        id: "create-profile",
        method: "POST",
        template: "/{clientExtId}/users/{userExtId}/profiles",
        rights: &["ProfileCreate", "AuthorizationCreate"],
        path: "/{client-123}/users/{user-123}/profiles",
        body: || json!({"extId": "{profile-new}", "unitExtId": "sales", "name": "Sales representative"}),
        fields: const { &NEW_FIELDS },
        success: 201,
        missing: Some(MissingObject {
            present: "sales",
            absent: "absent",
            message: "Unit doesn't exist with extId 'absent'",
        }),
        conflict: Some(Conflict {
            body: || json!({"extId": "{p-user-456}", "unitExtId": "sales"}),
            code: "errors.duplicateValue",
            message: "Profile already exists with extId 'p-user-456'",
        }),
        more_actions: Some(|| json!({"unitExtId": "sales", "isDefaultProfile": true})),
        ..Row::DEFAULT
    }
}

pub(crate) const fn list_profiles() -> Row {
    Row {
        id: "list-profiles",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/profiles",
        rights: &["UserView", "ProfileView"],
        self_service: SelfService::Allowed,
        path: "/{client-123}/users/{user-123}/profiles",
        success: 200,
        answer: || {
            let items = [shown("p-user-123", true), shown("q-user-123", false)];
            json!({"items": items, "_pagination": {"limit": 100}, "_classifications": {}})
        },
        list: Some(listed("USER#{client-123}#{user-123}", "PROFILE#", "{q-user-123}")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_profile() -> Row {
    Row {
        id: "get-profile",
        method: "GET",
        template: "/{clientExtId}/profiles/{profileExtId}",
        rights: &["ProfileView"],
        self_service: SelfService::Allowed,
        covers: Covers::Unit,
        path: "/{client-123}/profiles/{q-user-123}",
        success: 200,
        answer: || shown("q-user-123", false),
        missing: Some(MissingObject {
            present: "{q-user-123}",
            absent: "{absent}",
            message: "Profile doesn't exist with extId 'absent'",
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn update_profile() -> Row {
    Row {
        id: "update-profile",
        method: "PATCH",
        rights: &["ProfileView", "ProfileModify"],
        self_service: SelfService::None,
        body: || json!({"profileState": "disabled", "name": "Deputy", "validity": {"to": null}}),
        fields: const { &FIELDS },
        patch: Some(EntityPatch { ext_id: "{q-user-123}", has_version: true }),
        more_actions: Some(|| json!({"isDefaultProfile": true})),
        answer: || Value::Null,
        two_changes: Some([
            |round| json!({"remarks": round.to_string()}),
            |round| json!({"name": round.to_string()}),
        ]),
        ..get_profile()
    }
}

pub(crate) const fn set_profile_unit() -> Row {
    Row {
        id: "set-profile-unit",
        method: "PUT",
        template: "/{clientExtId}/profiles/{profileExtId}/unit/{unitExtId}",
        rights: &["ProfileModify"],
        self_service: SelfService::None,
        path: "/{client-123}/profiles/{q-user-123}/unit/north",
        success: 204,
        answer: || Value::Null,
        missing: Some(MissingObject {
            present: "north",
            absent: "absent",
            message: "Unit doesn't exist with extId 'absent'",
        }),
        ..get_profile()
    }
}

pub(crate) const fn delete_profile() -> Row {
    Row {
        id: "delete-profile",
        method: "DELETE",
        rights: &["ProfileDelete"],
        self_service: SelfService::None,
        success: 204,
        answer: || Value::Null,
        ..get_profile()
    }
}
