//! The rows of the operations on terms.

use serde_json::json;

use crate::operations::rows::{
    Conflict, Covers, EntityPatch, FieldKind, MissingObject, Row, field, listed, not_null, rows,
};

rows!(terms: create_terms, get_terms, list_terms, update_terms, list_pending_terms);

pub(crate) const fn create_terms() -> Row {
    Row {
        id: "create-terms",
        method: "POST",
        template: "/terms",
        rights: &["TermsCreate"],
        covers: Covers::AllClients,
        path: "/terms",
        body: || {
            json!({"extId": "{terms-new}", "name": "Privacy", "active": true, "silentAcceptance": false,
                   "termsVersion": "1", "urls": {"en": "https://example.com/privacy"}})
        },
        fields: const {
            &[
                field("extId", false, FieldKind::Name),
                field("name", true, FieldKind::Own),
                field("active", true, FieldKind::Own),
                field("silentAcceptance", true, FieldKind::Own),
                field("termsVersion", true, FieldKind::Name),
                field("urls", false, FieldKind::Own),
            ]
        },
        success: 201,
        conflict: Some(Conflict {
            body: || {
                json!({"extId": "{terms-123}", "name": "Privacy", "active": true, "silentAcceptance": false,
                       "termsVersion": "1"})
            },
            code: "errors.duplicateValue",
            message: "Terms already exists with extId 'terms-123'",
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_terms() -> Row {
    Row {
        id: "get-terms",
        method: "GET",
        template: "/terms/{termsExtId}",
        rights: &["TermsView"],
        covers: Covers::AnyClient,
        path: "/terms/{terms-123}",
        success: 200,
        missing: Some(MissingObject {
            present: "{terms-123}",
            absent: "{terms-999}",
            message: "Terms doesn't exist with extId 'terms-999'",
        }),
        ..Row::DEFAULT
    }
}

pub(crate) const fn list_terms() -> Row {
    Row {
        id: "list-terms",
        method: "GET",
        template: "/terms",
        rights: &["TermsView"],
        covers: Covers::AnyClient,
        path: "/terms",
        success: 200,
        list: Some(listed("TERMS", "TERMS#", "{terms-123}")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn list_pending_terms() -> Row {
    Row {
        id: "list-pending-terms",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/terms-pending",
        rights: &["ConsentView", "TermsView"],
        path: "/{client-123}/users/{user-123}/terms-pending",
        success: 200,
        list: Some(listed("TERMS", "TERMS#", "{terms-123}")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn update_terms() -> Row {
    Row {
        id: "update-terms",
        method: "PATCH",
        rights: &["TermsView", "TermsModify"],
        covers: Covers::AllClients,
        body: || {
            json!({"name": "Privacy policy", "active": false, "termsVersion": "2",
                   "urls": {"en": "https://example.com/2", "de": null}})
        },
        fields: const {
            &[
                not_null("name", FieldKind::Own),
                not_null("active", FieldKind::Own),
                not_null("termsVersion", FieldKind::Name),
                field("urls", false, FieldKind::Own),
            ]
        },
        patch: Some(EntityPatch { ext_id: "{terms-123}", has_version: true }),
        two_changes: Some([
            |round| json!({"termsVersion": (100 + round).to_string()}),
            |round| json!({"name": round.to_string()}),
        ]),
        ..get_terms()
    }
}
