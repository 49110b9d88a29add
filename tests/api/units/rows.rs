//! The rows of the operations on units.

use serde_json::{Value, json};

use crate::operations::rows::{
    Conflict, Covers, EntityPatch, Field, FieldKind, MissingObject, Row, field, listed, not_null, rows,
};

rows!(units: create_unit, get_unit, update_unit, list_units, list_unit_children, delete_unit);

/// The fields of a change.
const FIELDS: [Field; 8] = [
    not_null("name", FieldKind::Name),
    field("state", false, FieldKind::Own),
    field("location", false, FieldKind::Own),
    field("description", false, FieldKind::Remark),
    field("displayName", false, FieldKind::LocalizedText),
    field("abbreviation", false, FieldKind::LocalizedText),
    field("validity", false, FieldKind::Own),
    field("modificationComment", false, FieldKind::Remark),
];

/// The fields of a creation.
const NEW_FIELDS: [Field; 11] = {
    let [_, a, b, c, d, e, f, g] = FIELDS;
    [
        field("extId", false, FieldKind::Name),
        field("parentUnitExtId", false, FieldKind::Own),
        field("name", true, FieldKind::Name),
        field("profileless", false, FieldKind::Own),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
    ]
};

/// Returns the hierarchical name of a unit below these units.
pub(super) fn hierarchical_name(above: &[&str], ext_id: &str) -> String {
    format!("/{}", [above, &[ext_id]].concat().join("/"))
}

/// A unit of `{client-123}` below these units as responses show it.
pub(super) fn shown(ext_id: &str, name: &str, above: &[&str]) -> Value {
    let mut unit = json!({
        "extId": ext_id, "clientExtId": "client-123", "hierarchicalName": hierarchical_name(above, ext_id),
        "name": name,
        "state": "active", "displayName": {}, "abbreviation": {}, "profileless": false,
        "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
    });
    if let Some(parent) = above.last() {
        unit["parentUnitExtId"] = json!(parent);
    }
    unit
}

fn page(items: &[Value]) -> Value {
    json!({"items": items, "_pagination": {"limit": 100}, "_classifications": {}})
}

const ABSENT: Option<MissingObject> = Some(MissingObject {
    present: "sales",
    absent: "absent",
    message: "Unit doesn't exist with extId 'absent'",
});

pub(crate) const fn create_unit() -> Row {
    Row {
        id: "create-unit",
        method: "POST",
        template: "/{clientExtId}/units",
        rights: &["UnitCreate"],
        covers: Covers::Unit,
        path: "/{client-123}/units",
        body: || {
            json!({
                "extId": "{unit-new}", "parentUnitExtId": "sales", "name": "Marketing", "profileless": true,
                "state": "active", "displayName": {"EN": "Marketing"}, "abbreviation": {"EN": "Mkt"},
            })
        },
        fields: const { &NEW_FIELDS },
        success: 201,
        missing: ABSENT,
        conflict: Some(Conflict {
            body: || json!({"extId": "legal", "parentUnitExtId": "sales", "name": "Marketing"}),
            code: "errors.duplicateValue",
            message: "Unit already exists with extId 'legal'",
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_unit() -> Row {
    Row {
        id: "get-unit",
        method: "GET",
        template: "/{clientExtId}/units/{unitExtId}",
        rights: &["UnitView"],
        covers: Covers::Unit,
        path: "/{client-123}/units/sales",
        success: 200,
        answer: || shown("sales", "sales", &["root"]),
        missing: ABSENT,
        ..Row::DEFAULT
    }
}

pub(crate) const fn update_unit() -> Row {
    Row {
        id: "update-unit",
        method: "PATCH",
        rights: &["UnitView", "UnitModify"],
        body: || {
            json!({
                "name": "Sales-and-service", "location": "Bern", "displayName": {"EN": "Sales", "DE": null},
                "abbreviation": {"EN": "S"}, "modificationComment": "Moved",
            })
        },
        fields: const { &FIELDS },
        conflict: Some(Conflict {
            body: || json!({"name": "legal"}),
            code: "errors.duplicateValue",
            message: "Unit already exists with name 'legal'",
        }),
        patch: Some(EntityPatch { ext_id: "sales", has_version: true }),
        answer: || Value::Null,
        two_changes: Some([
            |round| json!({"name": format!("name-{round}"), "displayName": {"DE": round.to_string()}}),
            |round| json!({"displayName": {"EN": round.to_string()}}),
        ]),
        ..get_unit()
    }
}

pub(crate) const fn list_units() -> Row {
    Row {
        id: "list-units",
        method: "GET",
        template: "/clients/{clientExtId}/units",
        rights: &["ClientView", "UnitView"],
        path: "/clients/{client-123}/units",
        success: 200,
        answer: || {
            page(&[
                shown("legal", "legal", &["root"]),
                shown("north", "north", &["root", "sales"]),
                shown("root", "Default", &[]),
                shown("sales", "sales", &["root"]),
                shown("south", "south", &["root", "sales"]),
            ])
        },
        list: Some(listed("CLIENT#{client-123}", "UNIT#", "legal")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn list_unit_children() -> Row {
    Row {
        id: "list-unit-children",
        method: "GET",
        template: "/{clientExtId}/units/{unitExtId}/children",
        rights: &["UnitView"],
        covers: Covers::Unit,
        path: "/{client-123}/units/sales/children",
        success: 200,
        answer: || {
            page(&[shown("north", "north", &["root", "sales"]), shown("south", "south", &["root", "sales"])])
        },
        missing: ABSENT,
        list: Some(listed("UNIT#{client-123}#sales", "UNIT#", "north")),
        ..Row::DEFAULT
    }
}

/// `south` has neither children nor profiles.
pub(crate) const fn delete_unit() -> Row {
    Row {
        id: "delete-unit",
        method: "DELETE",
        rights: &["UnitDelete"],
        path: "/{client-123}/units/south",
        success: 204,
        answer: || Value::Null,
        missing: Some(MissingObject {
            present: "south",
            absent: "absent",
            message: "Unit doesn't exist with extId 'absent'",
        }),
        ..get_unit()
    }
}
