//! Authorisation as described in `docs/authorisation.md`.

use std::collections::BTreeSet;

use shared::rights::Right;

use crate::support::answer::{missing_right, outside_data_room};
use crate::support::caller::{ROOT, SELF_ADMIN};
use crate::support::{Answer, Caller};

/// The required rights of an operation.
#[derive(Clone, Copy)]
pub(super) enum Needs {
    /// All of these rights.
    All(&'static [&'static str]),
    /// One of these rights, or acting upon oneself.
    AnyOrSelf(&'static [&'static str]),
}

/// A request to be admitted.
pub(super) struct Admission<'a> {
    pub(super) caller: &'a Caller,
    pub(super) needs: Needs,
    pub(super) client: Option<&'a str>,
    /// Whether rights over any client suffice.
    pub(super) any_client: bool,
    /// Whether the caller is the user of the path.
    pub(super) is_self: bool,
}

fn grants(role: &str, right: &str) -> bool {
    let not_of_clients = !["ClientCreate", "ClientModify", "ClientDelete"].contains(&right);
    match role {
        ROOT => true,
        "nevisIdm.ClientRoot" => not_of_clients,
        "nevisIdm.UserAdmin" => {
            let of_client_admins =
                ["PersonalQuestionCreate", "PersonalQuestionModify", "PropertyAttributeAccessOverride"];
            not_of_clients && !of_client_admins.contains(&right)
        }
        "nevisIdm.Helpdesk" => right.ends_with("View"),
        _ => false,
    }
}

impl Admission<'_> {
    /// Returns the alternatives of each requirement with the right that an error response reports.
    fn requirements(&self) -> Vec<(&'static str, &'static [&'static str])> {
        match self.needs {
            Needs::All(rights) => rights.chunks(1).map(|right| (right[0], right)).collect(),
            Needs::AnyOrSelf(rights) => vec![(rights[0], rights)],
        }
    }

    /// Returns true if an authorization grants one of the rights, if requested over the client and
    /// the units.
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
            (admits_self || rights.iter().any(|right| grants(role, right)))
                && (!over_client || self.any_client || covers(self.client.unwrap_or("*")))
                && units.is_none_or(in_units)
        })
    }

    /// Checks the rights, then the data room of the client.
    pub(super) fn check(&self) -> Result<(), Answer> {
        let requirements = self.requirements();
        if let Some((right, _)) = requirements.iter().find(|(_, rights)| !self.has(rights, false, None)) {
            return Err(missing_right(right));
        }
        match requirements.iter().find(|(_, rights)| !self.has(rights, true, None)) {
            Some((right, _)) => Err(outside_data_room(right)),
            None => Ok(()),
        }
    }

    /// Returns the rights of the caller's roles in alphabetical order.
    pub(super) fn permissions(&self) -> BTreeSet<&'static str> {
        let short = |right: &Right| right.name().trim_start_matches("AccessControl.");
        let granted = |right: &Right| {
            let mut roles = self.caller.authorizations.iter().map(|one| one.role.as_str());
            roles.any(|role| grants(role, short(right)) || role == SELF_ADMIN && *right == Right::SelfAdmin)
        };
        Right::ALL.iter().filter(|right| granted(right)).map(|right| right.name()).collect()
    }

    /// Returns true if the rights cover a client.
    pub(super) fn covers(&self, client: &str) -> bool {
        let over = Admission { client: Some(client), any_client: false, needs: self.needs, ..*self };
        over.check().is_ok()
    }

    /// Checks the data room of a user in these units.
    pub(super) fn check_units(&self, units: &[String]) -> Result<(), Answer> {
        match self.requirements().iter().find(|(_, rights)| !self.has(rights, true, Some(units))) {
            Some((right, _)) => Err(outside_data_room(right)),
            None => Ok(()),
        }
    }

    /// Returns true if the caller may change read-only and off properties.
    pub(super) fn overrides(&self, units: &[String]) -> bool {
        self.has(&["PropertyAttributeAccessOverride"], true, Some(units))
    }
}
