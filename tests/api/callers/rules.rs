//! A second implementation of the rules in `docs/authorisation.md`: the decision before the table
//! is read, and the decision on the units of the user after it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::OnceLock;

use local::keys::Authorization;
use shared::auth::SelfService;
use shared::auth::roles::RoleTable;
use shared::rights::{Right, Role};

use crate::agreement::root;
use crate::operations::rows::{Covers, Row};
use crate::support::Caller;

/// The parts of a request that matter to the rules.
pub(crate) struct Case<'a> {
    /// Operation with its required rights.
    pub(crate) row: &'a Row,
    /// Caller of the Bearer token; `None` if the token is invalid.
    pub(crate) caller: Option<&'a Caller>,
    /// Whether the X-Token is valid.
    pub(crate) x_token: bool,
    /// Client and user of the path.
    pub(crate) path: (&'a str, &'a str),
    /// Units of the user with all ancestors; ignored if the operation does not act on a user.
    pub(crate) units: &'a [&'a str],
    /// Returns true if a role grants a right.
    pub(crate) carries: &'a dyn Fn(&str, &str) -> bool,
    /// Whether the service is in multi-client mode.
    pub(crate) multi_client: bool,
}

/// The decision of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    NoBearerToken,
    NoXToken,
    MissingRight(&'static str),
    SingleClientMode,
    OutsideDataRoom(&'static str),
    Admitted,
}

/// Returns the roles that grant each right, from the table in `docs/authorisation.md`.
fn documented_roles() -> &'static BTreeMap<String, BTreeSet<String>> {
    static TABLE: OnceLock<BTreeMap<String, BTreeSet<String>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let page = fs::read_to_string(root().join("docs/authorisation.md")).expect("the page");
        let (_, table) = page.split_once("| right |").expect("the table of rights");
        let mut rows = table.lines().take_while(|line| line.contains('|')).map(cells);
        let roles = rows.next().expect("the roles");
        let rights = rows.skip(1).map(|row| {
            let (right, marks) = row.split_first().expect("a right");
            let carrying = roles.iter().zip(marks).filter(|(_, mark)| *mark == "yes");
            (right.clone(), carrying.map(|(role, _)| format!("nevisIdm.{role}")).collect())
        });
        rights.collect()
    })
}

/// Returns the cells of a row without code quotes.
fn cells(row: &str) -> Vec<String> {
    let cells = row.trim().trim_matches('|').split('|');
    cells.map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
}

/// Returns true if the built-in role grants the right according to the documentation.
pub(crate) fn built_in(role: &str, right: &str) -> bool {
    documented_roles().get(right).unwrap_or_else(|| panic!("{right} is not documented")).contains(role)
}

/// Every right is in the table of the documentation, and the roles grant the same rights there as
/// in the code.
#[test]
fn the_built_in_roles_are_documented() {
    let table = RoleTable::built_in();
    let code: BTreeMap<String, BTreeSet<String>> = Right::ALL
        .iter()
        .map(|right| {
            let roles = Role::ALL.iter().map(|role| role.name());
            let carrying = roles.filter(|role| table.carries(role, *right)).map(str::to_owned);
            (right.name().replace("AccessControl.", ""), carrying.collect())
        })
        .collect();
    assert_eq!(&code, documented_roles());
}

impl Case<'_> {
    /// Returns the decision on the request.
    pub(crate) fn verdict(&self) -> Verdict {
        let Some(caller) = self.caller else { return Verdict::NoBearerToken };
        let has_self_service = self.row.self_service != SelfService::None;
        let is_self = has_self_service && (&*caller.client, &*caller.subject) == self.path;
        // Before the object is read, every user of the client may be the one to whom it belongs.
        let may_be_self =
            if self.row.has_owner() { has_self_service && caller.client == self.path.0 } else { is_self };
        if is_self && self.row.takes_x_token() && !self.x_token {
            return Verdict::NoXToken;
        }
        // Of each group one right suffices, and the first one is reported.
        let requirements = self.row.groups();
        let unmet = |is_self: bool, covers: &dyn Fn(&Authorization) -> bool| {
            let grants = |authorization: &Authorization, rights: &[&str]| {
                let role = &*authorization.role;
                (rights.iter().any(|right| (self.carries)(role, right))
                    || is_self && (self.carries)(role, "SelfAdmin"))
                    && covers(authorization)
            };
            let met = |rights: &[&str]| caller.authorizations.iter().any(|one| grants(one, rights));
            requirements.iter().find(|rights| !met(rights)).map(|rights| rights[0])
        };
        let covers_client = |one: &Authorization| self.covers_client(caller, one);
        if let Some(right) = unmet(may_be_self, &|_| true) {
            Verdict::MissingRight(right)
        } else if self.row.covers == Covers::NewClient && !self.multi_client {
            Verdict::SingleClientMode
        } else if let Some(right) = unmet(may_be_self, &covers_client) {
            Verdict::OutsideDataRoom(right)
        } else if let Some(right) = unmet(is_self, &covers_client) {
            Verdict::MissingRight(right)
        } else if let Some(right) = unmet(is_self, &|one| covers_client(one) && self.covers_units(one)) {
            Verdict::OutsideDataRoom(right)
        } else {
            Verdict::Admitted
        }
    }

    /// Returns true if the caller has another right over the client and the user of the path.
    pub(crate) fn has(&self, right: &str) -> bool {
        self.caller.is_some_and(|caller| {
            caller.authorizations.iter().any(|one| {
                (self.carries)(&one.role, right) && self.covers_client(caller, one) && self.covers_units(one)
            })
        })
    }

    fn covers_client(&self, caller: &Caller, authorization: &Authorization) -> bool {
        let named = |name: &str| authorization.clients.iter().flatten().any(|client| client == name);
        let own = authorization.clients.is_none() && caller.client == self.path.0;
        match self.row.covers {
            Covers::Client | Covers::Unit => named("*") || own || named(self.path.0),
            Covers::NewClient | Covers::AllClients | Covers::AllClientsOrAuthor => named("*"),
            // The client of the body or the object is checked after admission.
            Covers::AnyClient | Covers::ClientOfBody | Covers::ClientOfObject => {
                authorization.clients.as_ref().is_none_or(|clients| !clients.is_empty())
            }
        }
    }

    fn covers_units(&self, authorization: &Authorization) -> bool {
        let Some(allowed) = &authorization.units else { return true };
        !self.row.has_units() || allowed.iter().any(|unit| self.units.contains(&&**unit))
    }
}
