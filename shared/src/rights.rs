//! Elementary rights, and the roles that bundle them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// Declares the rights once.
macro_rules! rights {
    ($($right:ident),+ $(,)?) => {
        /// An elementary right; written `AccessControl.<name>`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each is named as in the API")]
        pub enum Right { $($right),+ }

        impl Right {
            /// All of them.
            pub const ALL: &'static [Right] = &[$(Right::$right),+];

            /// The name, as it stands in messages and in the table of roles.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Right::$right => concat!("AccessControl.", stringify!($right))),+ }
            }
        }
    };
}

rights! {
    ClientCreate, ClientModify, ClientDelete, ClientView,
    PersonalQuestionCreate, PersonalQuestionView,
    ConsentCreate, ConsentView,
    CredentialView, CredentialModify, CredentialDelete,
    DispatchTargetDelete,
    PropertyView, PropertyValueView, PropertyAllowedValueView,
    PropertyValueCreate, PropertyValueDelete, PropertyValueModify,
    PropertyAttributeAccessOverride,
}

impl fmt::Display for Right {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The role that lets users act upon themselves; it carries no elementary right.
pub const SELF_ADMIN: &str = "nevisIdm.SelfAdmin";

/// Which rights each role carries. A role that is not in it carries none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleTable(BTreeMap<String, BTreeSet<Right>>);

impl RoleTable {
    /// The table that is used unless a deployment brings its own.
    #[must_use]
    pub fn built_in() -> Self {
        let of = |rule: fn(&Right) -> bool| Right::ALL.iter().copied().filter(rule).collect::<BTreeSet<_>>();
        let roles = [
            ("nevisIdm.Root", of(|_| true)),
            (
                "nevisIdm.ClientRoot",
                of(|right| !matches!(right, Right::ClientCreate | Right::ClientModify | Right::ClientDelete)),
            ),
            (
                "nevisIdm.UserAdmin",
                of(|right| {
                    !matches!(
                        right,
                        Right::ClientCreate
                            | Right::ClientModify
                            | Right::ClientDelete
                            | Right::PersonalQuestionCreate
                            | Right::PropertyAttributeAccessOverride
                    )
                }),
            ),
            ("nevisIdm.Helpdesk", of(|right| right.name().ends_with("View"))),
            (SELF_ADMIN, BTreeSet::new()),
        ];
        Self(roles.into_iter().map(|(role, rights)| (role.to_owned(), rights)).collect())
    }

    /// A table given as JSON: an object of role to array of right names, `"AccessControl.*"` for
    /// every right.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let roles = crate::http::json::parse_object(text.as_bytes())
            .map_err(|_| "is not a JSON object without doubled names".to_owned())?;
        roles
            .into_iter()
            .map(|(role, rights)| Ok((role.clone(), rights_of(&role, &rights)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether the role carries the right.
    #[must_use]
    pub fn carries(&self, role: &str, right: Right) -> bool {
        self.0.get(role).is_some_and(|rights| rights.contains(&right))
    }
}

fn rights_of(role: &str, rights: &Value) -> Result<BTreeSet<Right>, String> {
    let mut found = BTreeSet::new();
    for name in rights.as_array().ok_or_else(|| format!("gives role {role:?} no array of rights"))? {
        let known = name.as_str().and_then(|name| Right::ALL.iter().find(|right| right.name() == name));
        match known {
            Some(right) => {
                found.insert(*right);
            }
            None if name == "AccessControl.*" => found.extend(Right::ALL),
            None => return Err(format!("gives role {role:?} the unknown right {name}")),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(role: &str) -> Vec<&'static str> {
        let table = RoleTable::built_in();
        Right::ALL.iter().filter(|right| table.carries(role, **right)).map(|right| right.name()).collect()
    }

    #[test]
    fn the_built_in_roles_carry_what_the_documentation_says() {
        assert_eq!(rights("nevisIdm.Root").len(), Right::ALL.len());
        assert_eq!(rights("nevisIdm.ClientRoot"), &rights("nevisIdm.Root")[3..]);
        assert_eq!(
            rights("nevisIdm.Helpdesk"),
            [
                "AccessControl.ClientView",
                "AccessControl.PersonalQuestionView",
                "AccessControl.ConsentView",
                "AccessControl.CredentialView",
                "AccessControl.PropertyView",
                "AccessControl.PropertyValueView",
                "AccessControl.PropertyAllowedValueView"
            ]
        );
        assert!(rights("nevisIdm.UserAdmin").contains(&"AccessControl.CredentialDelete"));
        for right in ["ClientCreate", "PersonalQuestionCreate", "PropertyAttributeAccessOverride"] {
            assert!(!rights("nevisIdm.UserAdmin").contains(&&*format!("AccessControl.{right}")), "{right}");
        }
        assert!(rights(SELF_ADMIN).is_empty() && rights("unheard.of").is_empty());
    }

    #[test]
    fn a_table_of_ones_own_replaces_the_built_in_one_and_must_be_right() {
        let table = RoleTable::parse(r#"{"a":["AccessControl.ClientView"],"b":["AccessControl.*"],"c":[]}"#);
        let table = table.expect("a table");
        assert!(table.carries("a", Right::ClientView) && !table.carries("a", Right::ClientCreate));
        assert!(table.carries("b", Right::ClientCreate) && !table.carries("c", Right::ClientView));
        assert!(!table.carries("nevisIdm.Root", Right::ClientView));
        for broken in
            ["", "[]", r#"{"a":1}"#, r#"{"a":["ClientView"]}"#, r#"{"a":[1]}"#, r#"{"a":[],"a":[]}"#]
        {
            assert!(RoleTable::parse(broken).is_err(), "{broken}");
        }
    }
}
