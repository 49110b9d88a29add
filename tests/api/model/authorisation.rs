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
    /// One of these rights.
    Any(&'static [&'static str]),
    /// One of each of these groups of rights, or acting upon oneself with an X-Token.
    EachOrSelf(&'static [&'static [&'static str]]),
    /// One of these rights, or acting upon oneself with an X-Token.
    AnyOrSelf(&'static [&'static str]),
    /// All of these rights, or acting upon oneself.
    AllOrSelf(&'static [&'static str]),
    /// All of these rights, or acting upon oneself with an X-Token.
    AllOrSelfWithXToken(&'static [&'static str]),
}

impl Needs {
    /// Returns true if a user who acts upon themselves needs an X-Token.
    pub(super) fn x_token(self) -> bool {
        matches!(self, Self::AnyOrSelf(_) | Self::EachOrSelf(_) | Self::AllOrSelfWithXToken(_))
    }
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

fn of_client_admins(right: &str) -> bool {
    let rights = [
        "PersonalQuestionCreate",
        "PersonalQuestionModify",
        "PropertyAttributeAccessOverride",
        "PropertyCreate",
        "PropertyModify",
        "UnitCreateTopUnit",
        "UserArchiveTechUser",
        "UserCreateTechUser",
        "TermsCreate",
        "TermsModify",
    ];
    rights.contains(&right)
}

fn of_unit_admins(right: &str) -> bool {
    ["UnitCreate", "UnitDelete", "UnitModify"].contains(&right)
}

fn of_helpdesk(right: &str) -> bool {
    right.ends_with("View")
        || ["PropertyValue", "Credential", "DispatchTarget"].iter().any(|kind| right.starts_with(kind))
}

fn grants(role: &str, right: &str) -> bool {
    let not_of_clients = !["ClientCreate", "ClientModify", "ClientDelete"].contains(&right);
    match role {
        ROOT => true,
        _ if right == "HistoryView" => false,
        _ if right == "SelfAdmin" => role == SELF_ADMIN,
        "nevisIdm.ClientRoot" => not_of_clients,
        "nevisIdm.UserAdmin" => not_of_clients && !of_client_admins(right) && !of_unit_admins(right),
        "nevisIdm.UserAndUnitAdmin" => not_of_clients && !of_client_admins(right),
        "nevisIdm.Helpdesk" => of_helpdesk(right),
        _ => false,
    }
}

impl Admission<'_> {
    /// Returns the alternatives of each requirement with the right that an error response reports.
    fn requirements(&self) -> Vec<(&'static str, &'static [&'static str])> {
        match self.needs {
            Needs::All(rights) | Needs::AllOrSelf(rights) | Needs::AllOrSelfWithXToken(rights) => {
                rights.chunks(1).map(|right| (right[0], right)).collect()
            }
            Needs::Any(rights) | Needs::AnyOrSelf(rights) => vec![(rights[0], rights)],
            Needs::EachOrSelf(groups) => groups.iter().map(|rights| (rights[0], *rights)).collect(),
        }
    }

    /// Returns true if an authorization grants one of the rights, if requested over the client and
    /// the units.
    fn has(&self, rights: &[&str], over_client: bool, units: Option<&[String]>, is_active: bool) -> bool {
        let own = [self.caller.client.clone()];
        self.caller.authorizations.iter().any(|authorization| {
            let role = authorization.role.as_str();
            let admits_self = is_active
                && self.is_self
                && role == SELF_ADMIN
                && !matches!(self.needs, Needs::All(_) | Needs::Any(_));
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
        self.check_over(None, true)
    }

    /// Returns the rights of the caller's roles in alphabetical order.
    pub(super) fn permissions(&self) -> BTreeSet<&'static str> {
        let short = |right: &Right| right.name().trim_start_matches("AccessControl.");
        let granted = |right: &Right| {
            let mut roles = self.caller.authorizations.iter().map(|one| one.role.as_str());
            roles.any(|role| grants(role, short(right)))
        };
        Right::ALL.iter().filter(|right| granted(right)).map(|right| right.name()).collect()
    }

    /// Returns true if the rights cover a client.
    pub(super) fn covers(&self, client: &str) -> bool {
        let over = Admission { client: Some(client), any_client: false, needs: self.needs, ..*self };
        over.check().is_ok()
    }

    /// Checks the rights over a user in these units, who can act upon themselves if active.
    pub(super) fn check_user(&self, units: &[String], is_active: bool) -> Result<(), Answer> {
        let over_client = |right: &[&str]| self.has(right, true, None, is_active);
        match self.requirements().iter().find(|(_, rights)| !over_client(rights)) {
            Some((right, _)) => Err(missing_right(right)),
            None => self.check_over(Some(units), is_active),
        }
    }

    fn check_over(&self, units: Option<&[String]>, is_active: bool) -> Result<(), Answer> {
        let requirements = self.requirements();
        let lacks = |over_client, units| {
            let mut requirements = requirements.iter();
            requirements.find(|(_, rights)| !self.has(rights, over_client, units, is_active))
        };
        if let Some((right, _)) = lacks(false, None) {
            return Err(missing_right(right));
        }
        lacks(true, units).map_or(Ok(()), |(right, _)| Err(outside_data_room(right)))
    }

    /// Checks a right that depends on the body, over the client and these units.
    pub(super) fn check_over_body(&self, right: &str, units: Option<&[String]>) -> Result<(), Answer> {
        if !self.has(&[right], false, None, false) {
            Err(missing_right(right))
        } else if !self.has(&[right], true, units, false) {
            Err(outside_data_room(right))
        } else {
            Ok(())
        }
    }

    /// Returns true if the caller may change read-only and off properties.
    pub(super) fn overrides(&self, units: &[String]) -> bool {
        self.check_over_body("PropertyAttributeAccessOverride", Some(units)).is_ok()
    }
}
