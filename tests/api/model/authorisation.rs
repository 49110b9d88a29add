//! Who may do what, as docs/authorisation.md says.

use crate::support::answer::{missing_right, outside_data_room};
use crate::support::caller::{ROOT, SELF_ADMIN};
use crate::support::{Answer, Caller};

/// What an operation needs.
pub(super) enum Needs {
    /// Each of these rights.
    All(&'static [&'static str]),
    /// One of these, or to be the user of the path.
    AnyOrSelf(&'static [&'static str]),
}

/// A caller before an operation on a client, or on all of them.
pub(super) struct Admission<'a> {
    pub(super) caller: &'a Caller,
    pub(super) needs: Needs,
    pub(super) client: Option<&'a str>,
    /// Whether the caller is the user of the path.
    pub(super) is_self: bool,
}

fn carries(role: &str, right: &str) -> bool {
    let not_of_clients = !["ClientCreate", "ClientModify", "ClientDelete"].contains(&right);
    match role {
        ROOT => true,
        "nevisIdm.ClientRoot" => not_of_clients,
        "nevisIdm.UserAdmin" => {
            not_of_clients && !["PersonalQuestionCreate", "PropertyAttributeAccessOverride"].contains(&right)
        }
        "nevisIdm.Helpdesk" => right.ends_with("View"),
        _ => false,
    }
}

impl Admission<'_> {
    /// What is needed, each with the right that a refusal names.
    fn demands(&self) -> Vec<(&'static str, &'static [&'static str])> {
        match self.needs {
            Needs::All(rights) => rights.chunks(1).map(|right| (right[0], right)).collect(),
            Needs::AnyOrSelf(rights) => vec![(rights[0], rights)],
        }
    }

    /// Whether one authorization carries one of the rights, over the client and the units if asked.
    fn has(&self, rights: &[&str], over_client: bool, units: Option<&[String]>) -> bool {
        let own = [self.caller.client.clone()];
        self.caller.authorizations.iter().any(|authorization| {
            let role = authorization.role.as_str();
            let admits_self = self.is_self && matches!(self.needs, Needs::AnyOrSelf(_)) && role == SELF_ADMIN;
            let clients = authorization.clients.as_deref().unwrap_or(&own);
            let covers = |client: &str| clients.iter().any(|covered| covered == "*" || covered == client);
            let allowed = authorization.units.as_ref();
            let in_units = |units: &[String]| {
                allowed.is_none_or(|allowed| allowed.iter().any(|unit| units.contains(unit)))
            };
            (admits_self || rights.iter().any(|right| carries(role, right)))
                && (!over_client || covers(self.client.unwrap_or("*")))
                && units.is_none_or(in_units)
        })
    }

    /// Right, then data room of the client.
    pub(super) fn check(&self) -> Result<(), Answer> {
        let demands = self.demands();
        if let Some((right, _)) = demands.iter().find(|(_, rights)| !self.has(rights, false, None)) {
            return Err(missing_right(right));
        }
        match demands.iter().find(|(_, rights)| !self.has(rights, true, None)) {
            Some((right, _)) => Err(outside_data_room(right)),
            None => Ok(()),
        }
    }

    /// The data room of a user who is in these units.
    pub(super) fn check_units(&self, units: &[String]) -> Result<(), Answer> {
        match self.demands().iter().find(|(_, rights)| !self.has(rights, true, Some(units))) {
            Some((right, _)) => Err(outside_data_room(right)),
            None => Ok(()),
        }
    }

    /// Whether the caller may change what is read-only or off.
    pub(super) fn overrides(&self, units: &[String]) -> bool {
        self.has(&["PropertyAttributeAccessOverride"], true, Some(units))
    }
}
