//! The rules of `docs/authorisation.md`, once more and by themselves: what is decided of a request
//! before the table is asked, and of the user's units after it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::OnceLock;

use local::keys::Authorization;
use shared::auth::roles::RoleTable;
use shared::rights::{Right, Role};

use crate::agreement::root;
use crate::operations::rows::Row;
use crate::support::Caller;
use crate::support::caller::SELF_ADMIN;

/// A request, as far as the rules look at it.
pub(crate) struct Asked<'a> {
    /// The operation and its rights.
    pub(crate) row: &'a Row,
    /// Whom the Bearer token names; nobody where it does not hold.
    pub(crate) caller: Option<&'a Caller>,
    /// Whether the X-Token holds.
    pub(crate) x_token: bool,
    /// Client and user of the path.
    pub(crate) path: (&'a str, &'a str),
    /// The units of the user and all above them; not looked at where no user is concerned.
    pub(crate) units: &'a [&'a str],
    /// Whether a role carries a right.
    pub(crate) carries: &'a dyn Fn(&str, &str) -> bool,
    /// Whether clients can be created at all.
    pub(crate) multi_client: bool,
}

/// What the rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    NoBearerToken,
    NoXToken,
    MissingRight(&'static str),
    SingleClientMode,
    OutsideDataRoom(&'static str),
    Admitted,
}

/// The roles and rights of the table in `docs/authorisation.md`: each right with the roles that carry it.
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

/// The cells of a row, without code quotes.
fn cells(row: &str) -> Vec<String> {
    let cells = row.trim().trim_matches('|').split('|');
    cells.map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
}

/// Returns true if the documentation's table says that the built-in role carries the right.
pub(crate) fn built_in(role: &str, right: &str) -> bool {
    documented_roles().get(right).unwrap_or_else(|| panic!("{right} is not documented")).contains(role)
}

/// Every right is in the documentation's table, and every role carries there what it carries in the code.
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

impl Asked<'_> {
    /// What the rules say of the request.
    pub(crate) fn verdict(&self) -> Verdict {
        let Some(caller) = self.caller else { return Verdict::NoBearerToken };
        let is_self = self.row.any_right && (&*caller.client, &*caller.subject) == self.path;
        if is_self && !self.x_token {
            return Verdict::NoXToken;
        }
        // Each right is demanded; of an "or" pair one, and the first stands for it.
        let demands: Vec<&'static [&'static str]> =
            if self.row.any_right { vec![self.row.rights] } else { self.row.rights.chunks(1).collect() };
        let unmet = |covers: &dyn Fn(&Authorization) -> bool| {
            let gives = |authorization: &Authorization, demand: &[&str]| {
                let role = &*authorization.role;
                (demand.iter().any(|right| (self.carries)(role, right)) || is_self && role == SELF_ADMIN)
                    && covers(authorization)
            };
            let met = |demand: &[&str]| caller.authorizations.iter().any(|one| gives(one, demand));
            demands.iter().find(|demand| !met(demand)).map(|demand| demand[0])
        };
        if let Some(right) = unmet(&|_| true) {
            Verdict::MissingRight(right)
        } else if !self.row.has_client() && !self.multi_client {
            Verdict::SingleClientMode
        } else if let Some(right) = unmet(&|one| self.covers_client(caller, one)) {
            Verdict::OutsideDataRoom(right)
        } else if let Some(right) = unmet(&|one| self.covers_client(caller, one) && self.covers_units(one)) {
            Verdict::OutsideDataRoom(right)
        } else {
            Verdict::Admitted
        }
    }

    /// Whether the caller has a right besides, over the client and the user of the path.
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
        named("*") || self.row.has_client() && (own || named(self.path.0))
    }

    fn covers_units(&self, authorization: &Authorization) -> bool {
        let Some(allowed) = &authorization.units else { return true };
        !self.row.has_user() || allowed.iter().any(|unit| self.units.contains(&&**unit))
    }
}
