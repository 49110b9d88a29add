//! The rows of the operations on policies.

use serde_json::{Value, json};

use crate::operations::rows::{MissingObject, Row, listed, rows};

rows!(policies: list_policies, get_policy);

/// Returns the default profile policy of the furnished client as responses show it.
pub(super) fn shown() -> Value {
    json!({
        "extId": "policy", "clientExtId": "client-123", "policyType": "ProfilePolicy", "name": "Default",
        "parameters": {"defaultUnit": "root"}, "defaultPolicy": true,
        "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "version": 0,
    })
}

pub(crate) const fn list_policies() -> Row {
    Row {
        id: "list-policies",
        method: "GET",
        template: "/clients/{clientExtId}/policies",
        rights: &["ClientView", "PolicyConfigurationView"],
        path: "/clients/{client-123}/policies",
        success: 200,
        answer: || json!({"items": [shown()], "_pagination": {"limit": 100}, "_classifications": {}}),
        list: Some(listed("CLIENT#{client-123}", "POLICY#", "policy")),
        ..Row::DEFAULT
    }
}

pub(crate) const fn get_policy() -> Row {
    Row {
        id: "get-policy",
        method: "GET",
        template: "/{clientExtId}/policies/{policyExtId}",
        rights: &["PolicyConfigurationView"],
        path: "/{client-123}/policies/policy",
        success: 200,
        answer: shown,
        missing: Some(MissingObject {
            present: "policies/policy",
            absent: "policies/absent",
            message: "Policy doesn't exist with extId 'absent'",
        }),
        ..Row::DEFAULT
    }
}
