//! The deletions of users and clients, and of the credentials of archived users.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::authorisation::Admission;
use super::dispatch_targets::name_place;
use super::fido_authenticators::key_place;
use super::mobile_signature::SCOPE;
use super::operations::{copies, missing, shown, text, version};
use super::profiles::places;
use super::reference::{Reference, extend, name, sha256};
use crate::support::{Answer, Caller, no_content, ok_at, refused};

/// The maximum number of items that one step deletes. The progress takes two of the 100 actions of a transaction.
const MAX_DELETED: usize = 98;
/// The maximum number of users whose items are read together.
const MAX_USERS: usize = 50;
/// The time for which an ended deletion can be read, in seconds.
const RETENTION: i64 = 30 * 24 * 3600;
/// The beginnings of the sort keys of what an archived user loses.
const CREDENTIALS: [&str; 3] = ["CREDENTIAL#", "DISPATCH_TARGET#", "APP_ATTESTATION"];

/// The visible attributes of a deletion that are texts.
const DELETION: [&str; 6] = ["kind", "clientExtId", "userExtId", "state", "begun", "ended"];

/// The places of what is deleted together. Some may have no item.
type Part = Vec<String>;

/// What has been deleted, and in how many steps.
#[derive(Clone, Copy, Default)]
struct Progress {
    steps: usize,
    deleted: usize,
}

/// Returns the response to a change of an archived user.
pub(super) fn archived(user: &str) -> Answer {
    refused(422, "errors.modifyArchivedUser", &format!("User is archived: {user}"))
}

impl Reference {
    /// Checks that a user, who exists, is not archived.
    pub(super) fn require_open(&self, client: &str, user: &str) -> Result<(), Answer> {
        let item = &self.items[&format!("USER#{client}#{user} | USER")];
        if item["userState"] == "archived" { Err(archived(user)) } else { Ok(()) }
    }

    pub(super) fn get_deletion(&self, admission: &Admission<'_>, deletion: &str) -> Result<Answer, Answer> {
        let item = self.items.get(&format!("DELETION#{deletion} | DELETION"));
        let by = name(admission.caller);
        if item.is_none_or(|item| item["createdBy"] != by) {
            let over_all = Admission { client: Some("*"), any_client: false, ..*admission };
            over_all.check_over_body("ClientDelete", None)?;
        }
        let message = format!("Deletion doesn't exist with id '{deletion}'");
        let item = item.ok_or_else(|| missing(&message))?;
        let mut answer = shown(item, &DELETION);
        let deleted: u64 = text(&item["deleted"]).parse().expect("a number");
        extend(&mut answer, json!({"deletionId": deletion, "deleted": deleted}));
        Ok(ok_at(version(item), answer))
    }

    pub(super) fn archive_user(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
    ) -> Result<Answer, Answer> {
        let (_, units) = self.user(admission, client, user, "")?;
        self.require_open(client, user)?;
        let place = format!("USER#{client}#{user} | USER");
        let present = self.items[&place].clone();
        if present["isTechnicalUser"] == true {
            admission.check_over_body("UserArchiveTechUser", Some(&units))?;
        }
        let caller = admission.caller;
        self.change(caller, &place, json!({"userState": "archived"}));
        let item = self.items[&place].clone();
        self.replace_copies(&present, &item);
        for profile in present["memberships"].as_object().expect("a map").keys() {
            for place in places(client, user, profile) {
                let state = json!({"userState": "archived", "profileState": "archived"});
                self.change(caller, &place, state);
            }
        }
        let parts = CREDENTIALS.iter().flat_map(|prefix| self.parts_of_user((client, user), prefix));
        let parts = parts.collect();
        let mut progress = self.delete(parts);
        // The last step removes the identifier of the deletion from the user.
        self.change_internally(&place);
        progress.steps += 1;
        self.end_deletion(caller, "credentials", (client, Some(user)), progress);
        Ok(no_content())
    }

    pub(super) fn delete_user(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
    ) -> Result<Answer, Answer> {
        self.user(admission, client, user, "")?;
        let parts = self.parts_of_whole_user((client, user));
        let progress = self.delete(parts);
        self.end_deletion(admission.caller, "user", (client, Some(user)), progress);
        Ok(no_content())
    }

    pub(super) fn delete_client(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
    ) -> Result<Answer, Answer> {
        admission.check_user(&[], true)?;
        self.client(client)?;
        self.items.remove(&format!("CLIENTS | CLIENT#{client}"));
        let start = format!("CLIENT#{client}#USERS | USER#");
        let users: Vec<String> = self.beginning_with(&start).map(|(_, item)| text(&item["extId"])).collect();
        let mut passes: Vec<Vec<Part>> = Vec::new();
        for users in users.chunks(MAX_USERS) {
            passes.push(users.iter().flat_map(|user| self.parts_of_whole_user((client, user))).collect());
        }
        let start = format!("PROPERTIES#{client} | ");
        let definitions = self.beginning_with(&start).map(|(place, item)| {
            let [scope, name, id] = ["scope", "name", "propertyId"].map(|name| text(&item[name]));
            let entry = format!("PROPERTIES | PROPERTY#{scope}#{client}#{name}");
            vec![place.clone(), entry, format!("PROPERTY_ID#{id} | PROPERTY_ID")]
        });
        passes.push(definitions.collect());
        let start = format!("CLIENT#{client} | ");
        let mut parts: Vec<Part> = self
            .beginning_with(&start)
            .filter(|(_, item)| item["entityType"] != "Client")
            .map(|(place, item)| {
                let mut part = vec![place.clone()];
                if item["entityType"] == "Unit"
                    && let Some(parent) = item["parentUnitExtId"].as_str()
                {
                    let [unit, name] = ["extId", "name"].map(|name| text(&item[name]));
                    part.push(format!("UNIT#{client}#{parent} | UNIT#{unit}"));
                    part.push(format!("UNIT#{client}#{parent} | NAME#{}", sha256(&name)));
                }
                part
            })
            .collect();
        let place = format!("CLIENT#{client} | CLIENT");
        let name = text(&self.items[&place]["name"]);
        parts.push(vec![place, format!("CLIENT_NAME#{} | CLIENT_NAME", sha256(&name))]);
        passes.push(parts);
        let mut progress = Progress::default();
        for pass in passes {
            let Progress { steps, deleted } = self.delete(pass);
            progress = Progress { steps: progress.steps + steps, deleted: progress.deleted + deleted };
        }
        self.end_deletion(admission.caller, "client", (client, None), progress);
        Ok(no_content())
    }

    /// Returns the parts of the deletion of a user, the user last.
    fn parts_of_whole_user(&self, user: (&str, &str)) -> Vec<Part> {
        let mut parts = self.parts_of_user(user, "");
        let place = format!("USER#{}#{} | USER", user.0, user.1);
        let copies = copies(&self.items[&place]).into_iter().map(|(place, _)| place);
        parts.push([place].into_iter().chain(copies).collect());
        parts
    }

    /// Returns the parts of the deletion of what belongs to a user and has a sort key that begins with a text.
    fn parts_of_user(&self, user: (&str, &str), prefix: &str) -> Vec<Part> {
        let start = format!("USER#{}#{} | {prefix}", user.0, user.1);
        let mut planned: BTreeSet<String> = BTreeSet::new();
        let mut parts = Vec::new();
        for (place, item) in self.beginning_with(&start) {
            if item["entityType"] == "User" || planned.contains(place) {
                continue;
            }
            let mut part = vec![place.clone()];
            part.extend(self.depending_on(user, item));
            planned.extend(part.iter().cloned());
            parts.push(part);
        }
        parts
    }

    /// Returns the places of what depends on an item of a user and is deleted together with it.
    fn depending_on(&self, user: (&str, &str), item: &Value) -> Vec<String> {
        let member = |name: &str| text(&item[name]);
        match item["entityType"].as_str().expect("a type") {
            "ProfileEntry" => {
                let [place, _] = places(user.0, user.1, &member("extId"));
                vec![place, format!("UNIT#{}#{} | PROFILE#{}", user.0, member("unitExtId"), member("extId"))]
            }
            "DispatchTarget" => {
                vec![format!("DISPATCH_TARGET_ID#{}#{} | DISPATCH_TARGET_ID", user.0, member("extId"))]
            }
            "AppAttestation" => {
                item["name"].as_str().map(|name| name_place(user, name)).into_iter().collect()
            }
            "FidoUafCredential" => vec![key_place(user.0, &member("aaid"), &member("keyId"))],
            "MobileSignature" => self.places_of_values(user, SCOPE, item),
            "UserProperties" => self.places_of_values(user, "USER_GLOBAL", item),
            _ => Vec::new(),
        }
    }

    /// Deletes parts. Each step deletes as many of them as it has room for, in their order.
    fn delete(&mut self, parts: Vec<Part>) -> Progress {
        let mut progress = Progress::default();
        let mut room = 0;
        for part in parts {
            if part.len() > room {
                progress.steps += 1;
                room = MAX_DELETED;
            }
            room -= part.len();
            progress.deleted += part.len();
            for place in part {
                self.items.remove(&place);
                self.accepted.remove(&place);
            }
        }
        progress
    }

    /// Adds a deletion that has ended.
    fn end_deletion(
        &mut self,
        caller: &Caller,
        kind: &str,
        (client, user): (&str, Option<&str>),
        Progress { steps, deleted }: Progress,
    ) {
        self.created += 1;
        let id = format!("<deletion-{}>", self.created);
        let deletion = json!({
            "deletionId": id, "kind": kind, "clientExtId": client, "userExtId": user, "state": "ended",
            "begun": "<now>", "ended": "<now>", "deleted": deleted.to_string(),
            "version": steps.to_string(), "revision": steps.to_string(),
            "expires": (self.now + RETENTION).to_string(),
        });
        self.put(caller, &format!("DELETION#{id} | DELETION"), "Deletion", deletion);
    }
}
