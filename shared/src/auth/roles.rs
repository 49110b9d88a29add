//! The role table: which rights each role carries.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::http::json::parse_object;
use crate::rights::{Right, Role};

/// The common prefix of all right names.
const PREFIX: &str = "AccessControl.";

/// The rights of each role. A role that is not in the table has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleTable(BTreeMap<String, BTreeSet<Right>>);

impl RoleTable {
    /// Returns the default table, which a deployment may replace.
    #[must_use]
    pub fn built_in() -> Self {
        Self(Role::ALL.iter().map(|role| (role.name().to_owned(), built_in(*role))).collect())
    }

    /// Parses a table from JSON: an object of role to array of entries, applied in order.
    ///
    /// Entries have short forms because a function's environment variables share 4 KB:
    ///
    /// | entry | meaning |
    /// |---|---|
    /// | `"AccessControl.ClientView"`, `"ClientView"` | the right |
    /// | `"AccessControl.*"`, `"*"` | every right |
    /// | `"nevisIdm.Helpdesk"` | every right of that built-in role |
    /// | any of these after `-` | removes these rights |
    ///
    /// # Errors
    /// Returns the reason in one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let roles = parse_object(text.as_bytes())
            .map_err(|_| "is not a JSON object, or has duplicate member names".to_owned())?;
        roles
            .into_iter()
            .map(|(role, entries)| Ok((role.clone(), rights_of(&role, &entries)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Returns the names of all roles in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns true if the role carries the right.
    #[must_use]
    pub fn carries(&self, role: &str, right: Right) -> bool {
        self.0.get(role).is_some_and(|rights| rights.contains(&right))
    }
}

/// Returns the rights of a built-in role.
fn built_in(role: Role) -> BTreeSet<Right> {
    Right::ALL.iter().copied().filter(|right| right.roles().contains(&role)).collect()
}

fn rights_of(role: &str, entries: &Value) -> Result<BTreeSet<Right>, String> {
    let mut rights = BTreeSet::new();
    for entry in entries.as_array().ok_or_else(|| format!("has no array of rights for role {role:?}"))? {
        let unknown = || format!("has the unknown right {entry} for role {role:?}");
        let name = entry.as_str().ok_or_else(unknown)?;
        match name.strip_prefix('-') {
            None => rights.extend(named(name).ok_or_else(unknown)?),
            Some(name) => {
                let removed = named(name).ok_or_else(unknown)?;
                rights.retain(|right| !removed.contains(right));
            }
        }
    }
    Ok(rights)
}

/// Returns the rights that an entry names.
fn named(entry: &str) -> Option<BTreeSet<Right>> {
    if let Some(role) = Role::ALL.iter().find(|role| role.name() == entry) {
        return Some(built_in(*role));
    }
    let name = entry.strip_prefix(PREFIX).unwrap_or(entry);
    if name == "*" {
        return Some(Right::ALL.iter().copied().collect());
    }
    let right = Right::ALL.iter().find(|right| right.name().strip_prefix(PREFIX) == Some(name))?;
    Some(BTreeSet::from([*right]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Vec<&'static str> {
        let table = RoleTable::parse(text).expect("a table");
        Right::ALL.iter().filter(|right| table.carries("r", **right)).map(|right| right.name()).collect()
    }

    #[test]
    fn a_configured_table_replaces_the_built_in_one() {
        let table = RoleTable::parse(r#"{"a":["AccessControl.ClientView"],"b":["AccessControl.*"],"c":[]}"#);
        let table = table.expect("a table");
        assert!(table.carries("a", Right::ClientView) && !table.carries("a", Right::ClientCreate));
        assert!(table.carries("b", Right::ClientCreate) && !table.carries("c", Right::ClientView));
        assert!(!table.carries("nevisIdm.Root", Right::ClientView));
    }

    #[test]
    fn entries_have_short_forms_and_apply_in_order() {
        assert_eq!(table(r#"{"r":["ClientView"]}"#), ["AccessControl.ClientView"]);
        assert_eq!(table(r#"{"r":["*"]}"#).len(), Right::ALL.len());
        assert_eq!(table(r#"{"r":["*","-nevisIdm.Root","ClientView"]}"#), ["AccessControl.ClientView"]);
        assert_eq!(table(r#"{"r":["ClientView","-AccessControl.ClientView"]}"#), [""; 0]);
        let helpdesk: Vec<&str> = built_in(Role::Helpdesk).into_iter().map(Right::name).collect();
        assert_eq!(table(r#"{"r":["nevisIdm.Helpdesk"]}"#), helpdesk);
    }

    #[test]
    fn malformed_tables_are_rejected() {
        for malformed in [
            "",
            "[]",
            r#"{"a":1}"#,
            r#"{"a":["ClientViews"]}"#,
            r#"{"a":["nevisIdm.Unknown"]}"#,
            r#"{"a":["--ClientView"]}"#,
            r#"{"a":["-"]}"#,
            r#"{"a":[1]}"#,
            r#"{"a":[],"a":[]}"#,
        ] {
            assert!(RoleTable::parse(malformed).is_err(), "{malformed}");
        }
    }
}
