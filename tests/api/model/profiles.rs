//! The operations on profiles.

use serde_json::{Map, Value, json};

use super::authorisation::Admission;
use super::bodies::{Kind, changes, fields, merge, naming};
use super::deletions::archived;
use super::operations::{missing, page, shown, text, version};
use super::reference::{Reference, extend};
use super::steps::Body;
use super::units::covering;
use crate::support::answer::invalid_fields;
use crate::support::{Answer, created, no_content, ok_at, refused};

/// The fields of a profile that can change and that the model knows.
const FIELDS: [(&str, Kind); 4] = [
    ("profileState", Kind::Name),
    ("name", Kind::Name),
    ("isDefaultProfile", Kind::Flag),
    ("remarks", Kind::Remark),
];

/// The visible attributes of a profile that the model knows.
const PROFILE: [&str; 8] =
    ["extId", "clientExtId", "userExtId", "unitExtId", "profileState", "name", "isDefaultProfile", "remarks"];

/// Returns the unit of a profile and all units above it.
fn units_of(profile: &Value) -> Vec<String> {
    profile["unitsWithAncestors"].as_array().into_iter().flatten().map(text).collect()
}

/// Checks the state of a profile, if there is one.
fn known_state(profile: &Map<String, Value>) -> Result<(), Answer> {
    match profile.get("profileState").and_then(Value::as_str) {
        Some(state) if !["active", "disabled", "archived"].contains(&state) => {
            Err(refused(422, "errors.invalidParameter", &format!("Invalid ProfileState name '{state}'")))
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks that a unit can have a profile.
fn admits_profiles(unit: &Value) -> Result<(), Answer> {
    let ext_id = text(&unit["extId"]);
    if unit["state"] == "disabled" {
        return Err(refused(422, "errors.assignDisabledUnit", &format!("Unit is disabled: {ext_id}")));
    }
    if unit["profileless"] == true {
        return Err(refused(422, "errors.assignProfilelessUnit", &format!("Unit is profileless: {ext_id}")));
    }
    Ok(())
}

/// Returns the places of a profile: its own and that in the list of the user.
pub(super) fn places(client: &str, user: &str, profile: &str) -> [String; 2] {
    [format!("PROFILE#{client}#{profile} | PROFILE"), format!("USER#{client}#{user} | PROFILE#{profile}")]
}

/// Returns the places of a user: their own and that in the list of the client's users.
fn places_of_user(client: &str, user: &str) -> [String; 2] {
    [format!("USER#{client}#{user} | USER"), format!("CLIENT#{client}#USERS | USER#{user}")]
}

impl Reference {
    /// Returns whether a profile is of the caller, who is active.
    fn is_own(admission: &Admission<'_>, profile: &Value) -> bool {
        let caller = admission.caller;
        profile["userState"] == "active"
            && profile["clientExtId"] == *caller.client
            && profile["userExtId"] == *caller.subject
    }

    /// Returns a profile, if the caller may act on it.
    fn profile(&self, admission: &Admission<'_>, client: &str, profile: &str) -> Result<Value, Answer> {
        self.client(client)?;
        let item = self.items.get(&format!("PROFILE#{client}#{profile} | PROFILE"));
        let (units, is_own) =
            item.map_or_else(Default::default, |item| (units_of(item), Self::is_own(admission, item)));
        admission.check_user(&units, is_own)?;
        item.cloned().ok_or_else(|| missing(&format!("Profile doesn't exist with extId '{profile}'")))
    }

    pub(super) fn get_profile(
        &self,
        admission: &Admission<'_>,
        client: &str,
        profile: &str,
    ) -> Result<Answer, Answer> {
        let item = self.profile(admission, client, profile)?;
        Ok(ok_at(version(&item), shown(&item, &PROFILE)))
    }

    pub(super) fn list_profiles(
        &self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
    ) -> Result<Answer, Answer> {
        self.user(admission, client, user, "")?;
        let start = format!("USER#{client}#{user} | PROFILE#");
        let profiles = self.beginning_with(&start).map(|(_, item)| item);
        let is_covered =
            |item: &&Value| admission.check_user(&units_of(item), Self::is_own(admission, item)).is_ok();
        Ok(page(profiles.filter(is_covered).map(|item| shown(item, &PROFILE))))
    }

    pub(super) fn create_profile(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let [_, others @ ..] = FIELDS;
        let of_creation = [("extId", Kind::Name), ("unitExtId", Kind::Name), ("profileState", Kind::State)];
        let mut profile = fields(body, &[&of_creation, &others[..]].concat())?;
        known_state(&profile)?;
        let given = profile.get("extId").map(text);
        naming(&[(given.as_deref(), true)], &[])?;
        let number = self.created + 1;
        let ext_id = given.unwrap_or_else(|| format!("<profile-{number}>"));
        self.user(admission, client, user, "")?;
        let holder = self.items[&places_of_user(client, user)[0]].clone();
        let default = text(&self.client(client)?["defaultUnitExtId"]);
        let unit = profile.get("unitExtId").map_or(default, text);
        let is_given = profile.contains_key("unitExtId");
        if !is_given {
            self.require_open(client, user)?;
        }
        let unit_item = self.items[&self.unit(admission, client, &unit)?].clone();
        if is_given {
            self.require_open(client, user)?;
            admits_profiles(&unit_item)?;
        }
        let profiles = holder["memberships"].as_object().expect("a map").len();
        if holder["isTechnicalUser"] == true && profiles > 0 {
            let message = format!("Technical user can only have one profile: {user}");
            return Err(refused(422, "errors.techUser.oneProfile", &message));
        }
        if profiles >= 20 {
            let message = format!("User has the maximum of 20 profiles: {user}");
            return Err(refused(422, "errors.invalidData", &message));
        }
        let [place, entry] = places(client, user, &ext_id);
        if self.items.contains_key(&place) {
            let message = format!("Profile already exists with extId '{ext_id}'");
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        if !is_given {
            admits_profiles(&unit_item)?;
        }
        self.created = number;
        let mut units = covering(&unit_item);
        units.sort_unstable();
        let is_default = profiles == 0 || profile.get("isDefaultProfile") == Some(&json!(true));
        if is_default {
            self.unmark_default(admission, client, user);
        }
        self.change_user(client, user, |item| {
            item["memberships"][&ext_id] = json!(units.join("#"));
            if is_default {
                item["defaultProfileExtId"] = json!(ext_id);
            }
        });
        for (name, value) in [
            ("clientExtId", json!(client)),
            ("userExtId", json!(user)),
            ("extId", json!(ext_id)),
            ("unitExtId", json!(unit)),
            ("isDefaultProfile", json!(is_default)),
            ("userState", holder["userState"].clone()),
            ("unitsWithAncestors", json!(units)),
        ] {
            profile.insert(name.to_owned(), value);
        }
        profile.entry("profileState").or_insert(json!("active"));
        let profile: Value = profile.into();
        let member = format!("UNIT#{client}#{unit} | PROFILE#{ext_id}");
        self.put(admission.caller, &place, "Profile", profile.clone());
        self.put(admission.caller, &entry, "ProfileEntry", profile);
        self.put(admission.caller, &member, "ProfileOfUnit", json!({"clientExtId": client}));
        Ok(created(&format!("/{client}/profiles/{ext_id}"), Value::Null))
    }

    /// Changes a user and the entry in the list of users, without a visible change.
    fn change_user(&mut self, client: &str, user: &str, change: impl Fn(&mut Value)) {
        for place in places_of_user(client, user) {
            change(self.items.get_mut(&place).expect("a user"));
            self.change_internally(&place);
        }
    }

    /// Makes the default profile of a user, if there is one, another one.
    fn unmark_default(&mut self, admission: &Admission<'_>, client: &str, user: &str) {
        let default = self.items[&places_of_user(client, user)[0]]["defaultProfileExtId"].clone();
        if let Some(default) = default.as_str() {
            self.set_default(admission, client, (user, default), false);
        }
    }

    /// Changes whether a profile is the default one.
    fn set_default(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        (user, profile): (&str, &str),
        is_default: bool,
    ) {
        for place in places(client, user, profile) {
            self.change(admission.caller, &place, json!({"isDefaultProfile": is_default}));
        }
    }

    pub(super) fn update_profile(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        profile: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let changes = changes(body, &FIELDS)?;
        known_state(&changes)?;
        let present = self.profile(admission, client, profile)?;
        Self::changeable(&present)?;
        let user = text(&present["userExtId"]);
        let mut next = present.clone();
        merge(&mut next, changes, &FIELDS);
        for (name, default) in [("profileState", json!("active")), ("isDefaultProfile", json!(false))] {
            if next[name].is_null() {
                next[name] = default;
            }
        }
        match (present["isDefaultProfile"] == true, next["isDefaultProfile"] == true) {
            (true, false) => return Err(invalid_fields("isDefaultProfile")),
            (false, true) => {
                self.unmark_default(admission, client, &user);
                self.change_user(client, &user, |item| {
                    item["defaultProfileExtId"] = json!(profile);
                });
            }
            (true, true) | (false, false) => {}
        }
        let [place, entry] = places(client, &user, profile);
        // A change of the user's state changes the item only, so that the two differ in more than their keys.
        for place in [&place, &entry] {
            let mut own = self.items[place].clone();
            for (name, _) in FIELDS {
                own[name] = next[name].clone();
            }
            extend(&mut own, json!({}));
            self.replace(admission.caller, place, own);
        }
        let item = &self.items[&place];
        Ok(ok_at(version(item), shown(item, &PROFILE)))
    }

    /// Checks that a profile and its user can be changed.
    fn changeable(profile: &Value) -> Result<(), Answer> {
        if profile["userState"] == "archived" {
            return Err(archived(&text(&profile["userExtId"])));
        }
        if profile["profileState"] == "archived" {
            let message = format!("Profile is archived: {}", text(&profile["extId"]));
            return Err(refused(422, "errors.modifyArchivedProfile", &message));
        }
        Ok(())
    }

    pub(super) fn set_profile_unit(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        profile: &str,
        unit: &str,
    ) -> Result<Answer, Answer> {
        let present = self.profile(admission, client, profile)?;
        let unit_item = self.items[&self.unit(admission, client, unit)?].clone();
        Self::changeable(&present)?;
        if present["unitExtId"] == unit {
            return Ok(no_content());
        }
        admits_profiles(&unit_item)?;
        let user = text(&present["userExtId"]);
        let mut units = covering(&unit_item);
        units.sort_unstable();
        for place in places(client, &user, profile) {
            let moved = json!({"unitExtId": unit, "unitsWithAncestors": units});
            self.change(admission.caller, &place, moved);
        }
        self.items.remove(&format!("UNIT#{client}#{} | PROFILE#{profile}", text(&present["unitExtId"])));
        let member = format!("UNIT#{client}#{unit} | PROFILE#{profile}");
        self.put(admission.caller, &member, "ProfileOfUnit", json!({"clientExtId": client}));
        self.change_user(client, &user, |item| {
            item["memberships"][profile] = json!(units.join("#"));
        });
        Ok(no_content())
    }

    pub(super) fn delete_profile(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        profile: &str,
    ) -> Result<Answer, Answer> {
        let present = self.profile(admission, client, profile)?;
        let user = text(&present["userExtId"]);
        for place in places(client, &user, profile) {
            self.items.remove(&place);
        }
        self.items.remove(&format!("UNIT#{client}#{} | PROFILE#{profile}", text(&present["unitExtId"])));
        let memberships = &self.items[&places_of_user(client, &user)[0]]["memberships"];
        let others = memberships.as_object().expect("a map").keys().filter(|other| *other != profile);
        let next = others.min().cloned();
        let was_default = present["isDefaultProfile"] == true;
        self.change_user(client, &user, |item| {
            item["memberships"].as_object_mut().expect("a map").remove(profile);
            if was_default {
                let members = item.as_object_mut().expect("an item");
                match &next {
                    Some(next) => drop(members.insert("defaultProfileExtId".to_owned(), json!(next))),
                    None => drop(members.remove("defaultProfileExtId")),
                }
            }
        });
        if let Some(next) = next.filter(|_| was_default) {
            self.set_default(admission, client, (&user, &next), true);
        }
        Ok(no_content())
    }

    /// Gives the profiles of a user the state of the user.
    pub(super) fn change_state_of_profiles(&mut self, client: &str, user: &str) {
        let user_item = self.items[&places_of_user(client, user)[0]].clone();
        for profile in user_item["memberships"].as_object().expect("a map").keys() {
            let [place, _] = places(client, user, profile);
            let item = self.items.get_mut(&place).expect("a profile");
            if item["userState"] != user_item["userState"] {
                item["userState"] = user_item["userState"].clone();
                self.change_internally(&place);
            }
        }
    }
}
