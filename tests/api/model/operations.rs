//! The response and the changes of each operation for an admitted caller.

use serde_json::{Map, Value, json};

use super::authorisation::Admission;
use super::bodies::{Kind, changes, fields, merge, naming};
use super::reference::{Reference, extend, sha256};
use super::steps::{Body, Operation};
use crate::support::{Answer, Caller, created, ok, ok_at, refused};

/// The visible attributes of a personal question.
const QUESTION: [&str; 5] = ["extId", "stateName", "displayName", "content", "description"];

/// The visible attributes of a policy.
const POLICY: [&str; 6] = ["extId", "clientExtId", "policyType", "name", "parameters", "defaultPolicy"];

/// The fields of a client that can change.
const CLIENT_FIELDS: [(&str, Kind); 3] =
    [("name", Kind::RequiredText), ("displayName", Kind::Texts), ("remarks", Kind::Remark)];

/// The fields of terms that can change.
const TERMS_FIELDS: [(&str, Kind); 4] = [
    ("name", Kind::RequiredText),
    ("active", Kind::RequiredFlag),
    ("termsVersion", Kind::RequiredText),
    ("urls", Kind::Urls),
];

/// The visible attributes of terms.
const TERMS: [&str; 6] = ["extId", "name", "active", "silentAcceptance", "termsVersion", "urls"];

/// The fields of a personal question that can change.
const QUESTION_FIELDS: [(&str, Kind); 4] = [
    ("description", Kind::Remark),
    ("stateName", Kind::RequiredText),
    ("displayName", Kind::Texts),
    ("content", Kind::Texts),
];

/// The fields of a user that the model knows.
const USER_FIELDS: [(&str, Kind); 6] = [
    ("loginId", Kind::LoginId),
    ("userState", Kind::State),
    ("languageCode", Kind::Language),
    ("isTechnicalUser", Kind::Flag),
    ("contacts", Kind::Contacts),
    ("remarks", Kind::Remark),
];

/// The visible attributes of a user that the model knows.
const USER: [&str; 9] = [
    "extId",
    "clientExtId",
    "loginId",
    "userState",
    "languageCode",
    "isTechnicalUser",
    "name",
    "contacts",
    "remarks",
];

pub(super) fn missing(message: &str) -> Answer {
    refused(404, "errors.noRecord", message)
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Reference {
    /// Performs an operation.
    pub(super) fn perform(
        &mut self,
        operation: &Operation,
        admission: &Admission<'_>,
        body: &Body,
    ) -> Result<Answer, Answer> {
        match operation {
            Operation::CreateClient => self.create_client(admission, body),
            Operation::GetClient { client } => {
                let item = self.client(client)?;
                Ok(ok_at(version(item), shown(item, &["extId", "name", "displayName"])))
            }
            Operation::GetPermissions => Ok(ok(json!({"elementaryPermissions": admission.permissions()}))),
            Operation::CreateTerms => self.create_terms(admission, body),
            Operation::GetTerms { terms } => {
                let item = self.terms(terms)?;
                Ok(ok_at(version(item), shown(item, &TERMS)))
            }
            Operation::ListTerms => {
                Ok(page(self.beginning_with("TERMS | TERMS#").map(|(_, item)| shown(item, &TERMS))))
            }
            // The job that writes the history does not run.
            Operation::ListHistory => Ok(page(std::iter::empty())),
            Operation::ListPendingTerms { client, user } => self.list_pending_terms(admission, client, user),
            Operation::UpdateTerms { terms } => self.update_terms(admission, terms, body),
            Operation::ListClients => {
                let entries = self.beginning_with("CLIENTS | CLIENT#").map(|(_, item)| item);
                let covered = entries.filter(|item| admission.covers(&text(&item["extId"])));
                Ok(page(covered.map(|item| shown(item, &["extId", "name", "displayName"]))))
            }
            Operation::UpdateClient { client } => self.update_client(admission, client, body),
            Operation::UpdateQuestion { client, question } => {
                self.update_question(admission, client, question, body)
            }
            Operation::CreateQuestion { client } => self.create_question(admission, client, body),
            Operation::GetQuestion { client, question } => {
                let (_, item) = self.question(client, question)?;
                Ok(ok_at(version(item), shown(item, &QUESTION)))
            }
            Operation::ListQuestions { client } => {
                self.client(client)?;
                let start = format!("CLIENT#{client} | PERSONAL_QUESTION#");
                Ok(page(self.beginning_with(&start).map(|(_, item)| shown(item, &QUESTION))))
            }
            Operation::CreateUnit { client } => self.create_unit(admission, client, body),
            Operation::GetUnit { client, unit } => self.get_unit(admission, client, unit),
            Operation::UpdateUnit { client, unit } => self.update_unit(admission, client, unit, body),
            Operation::ListUnits { client } => self.list_units(admission, client),
            Operation::ListUnitChildren { client, unit } => self.list_children(admission, client, unit),
            Operation::DeleteUnit { client, unit } => self.delete_unit(admission, client, unit),
            Operation::CreateProfile { client, user } => self.create_profile(admission, client, user, body),
            Operation::ListProfiles { client, user } => self.list_profiles(admission, client, user),
            Operation::GetProfile { client, profile } => self.get_profile(admission, client, profile),
            Operation::UpdateProfile { client, profile } => {
                self.update_profile(admission, client, profile, body)
            }
            Operation::SetProfileUnit { client, profile, unit } => {
                self.set_profile_unit(admission, client, profile, unit)
            }
            Operation::DeleteProfile { client, profile } => self.delete_profile(admission, client, profile),
            Operation::GetPolicy { client, policy } => self.get_policy(client, policy),
            Operation::ListPolicies { client } => {
                self.client(client)?;
                let start = format!("CLIENT#{client} | POLICY#");
                Ok(page(self.beginning_with(&start).map(|(_, item)| shown(item, &POLICY))))
            }
            Operation::CreateUser { client } => self.create_user(admission, client, body),
            Operation::GetUser { client, user } => {
                self.user(admission, client, user, "")?;
                let item = &self.items[&format!("USER#{client}#{user} | USER")];
                Ok(ok_at(version(item), shown(item, &USER)))
            }
            Operation::ListUsers { client, query } => self.list_users(admission, client, query),
            Operation::UpdateUser { client, user } => self.update_user(admission, client, user, body),
            Operation::CreateConsent { client, user } => self.create_consent(admission, client, user, body),
            Operation::ListConsents { client, user, withdrawn } => {
                self.list_consents(admission, (client, user), *withdrawn)
            }
            Operation::DeleteConsent { client, user, terms, version } => {
                self.delete_consent(admission, (client, user), (terms, version))
            }
            Operation::GetConsent { client, user, terms, version } => {
                self.get_consent(admission, (client, user), (terms, version))
            }
            Operation::CreateProperty => self.create_property(admission, body),
            Operation::SearchProperties { query } => Ok(self.search_properties(admission, query)),
            Operation::ListProperties { client } => self.list_properties(client),
            Operation::GetProperty { id } => self.get_property(admission, id),
            Operation::UpdateProperty { id } => self.update_property(admission, id, body),
            Operation::UpdateProperties { client, user } => {
                self.update_properties(false, admission, (client, user), body)
            }
            Operation::GetUserProperties { client, user } => {
                self.get_user_properties(admission, client, user)
            }
            Operation::UpdateUserProperties { client, user } => {
                self.update_properties(true, admission, (client, user), body)
            }
            operation => self.perform_on_devices(operation, admission, body),
        }
    }

    /// Performs an operation on devices.
    fn perform_on_devices(
        &mut self,
        operation: &Operation,
        admission: &Admission<'_>,
        body: &Body,
    ) -> Result<Answer, Answer> {
        match operation {
            Operation::CreateSignature { client, user } => {
                self.create_signature(admission, (client, user), body)
            }
            Operation::GetSignature { client, user } => self.get_signature(admission, client, user),
            Operation::UpdateSignature { client, user } => {
                self.update_signature(admission, (client, user), body)
            }
            Operation::DeleteSignature { client, user } => self.delete_signature(admission, client, user),
            Operation::GetSignatureProperties { client, user } => {
                self.get_signature_properties(admission, client, user)
            }
            Operation::CreateTarget { client, user } => self.create_target(admission, (client, user), body),
            Operation::ListTargets { client, user } => self.list_targets(admission, (client, user)),
            Operation::DeleteTarget { client, user, target } => {
                self.delete_target(admission, (client, user), target)
            }
            Operation::GetTarget { client, user, target } => {
                self.get_target(admission, (client, user), target)
            }
            Operation::UpdateTarget { client, user, target } => {
                self.update_target(admission, (client, user), target, body)
            }
            Operation::CreateAttestation { client, user, target } => {
                self.create_attestation(admission, (client, user), target, body)
            }
            Operation::GetAttestation { client, user, target } => {
                self.get_attestation(admission, (client, user), target)
            }
            Operation::UpdateAttestation { client, user, target } => {
                self.update_attestation(admission, (client, user), target, body)
            }
            Operation::DeleteAttestation { client, user, target } => {
                self.delete_attestation(admission, (client, user), target)
            }
            operation => self.perform_on_authenticators(operation, admission, body),
        }
    }

    /// Performs an operation on FIDO UAF authenticators.
    fn perform_on_authenticators(
        &mut self,
        operation: &Operation,
        admission: &Admission<'_>,
        body: &Body,
    ) -> Result<Answer, Answer> {
        match operation {
            Operation::CreateAuthenticator { client, user } => {
                self.create_authenticator(admission, (client, user), body)
            }
            Operation::ListAuthenticators { client, user } => {
                self.list_authenticators(admission, (client, user))
            }
            Operation::ListCredentials { client, user } => self.list_credentials(admission, (client, user)),
            Operation::ListClientAuthenticators { client } => {
                self.list_client_authenticators(admission, client)
            }
            Operation::GetAuthenticator { client, user, authenticator } => {
                self.get_authenticator(admission, (client, user), authenticator)
            }
            Operation::UpdateAuthenticator { client, user, authenticator } => {
                self.update_authenticator(admission, (client, user), authenticator, body)
            }
            Operation::DeleteAuthenticator { client, user, authenticator } => {
                self.delete_authenticator(admission, (client, user), authenticator)
            }
            operation => self.perform_deletion(operation, admission),
        }
    }

    /// Performs an operation that deletes in several steps, or on deletions.
    fn perform_deletion(
        &mut self,
        operation: &Operation,
        admission: &Admission<'_>,
    ) -> Result<Answer, Answer> {
        match operation {
            Operation::ArchiveUser { client, user } => self.archive_user(admission, client, user),
            Operation::DeleteUser { client, user } => self.delete_user(admission, client, user),
            Operation::DeleteClient { client } => self.delete_client(admission, client),
            Operation::GetDeletion { deletion } => self.get_deletion(admission, deletion),
            other => unreachable!("{other:?} is not admitted"),
        }
    }

    fn get_policy(&self, client: &str, policy: &str) -> Result<Answer, Answer> {
        self.client(client)?;
        let item = self.items.get(&format!("CLIENT#{client} | POLICY#{policy}"));
        let message = format!("Policy doesn't exist with extId '{policy}'");
        let item = item.ok_or_else(|| missing(&message))?;
        Ok(ok_at(version(item), shown(item, &POLICY)))
    }

    /// Merges a change into an item. Returns the item.
    pub(super) fn merge_into(
        &mut self,
        admission: &Admission<'_>,
        place: &str,
        changes: &Map<String, Value>,
        kinds: &[(&str, Kind)],
    ) -> &Value {
        let mut next = self.items[place].clone();
        merge(&mut next, changes.clone(), kinds);
        self.replace(admission.caller, place, next)
    }

    pub(super) fn client(&self, client: &str) -> Result<&Value, Answer> {
        let item = self.items.get(&format!("CLIENT#{client} | CLIENT"));
        item.ok_or_else(|| missing(&format!("Client doesn't exist with extId '{client}'")))
    }

    /// Returns the key and the item of a personal question.
    fn question(&self, client: &str, question: &str) -> Result<(String, &Value), Answer> {
        self.client(client)?;
        let place = format!("CLIENT#{client} | PERSONAL_QUESTION#{question}");
        let message = format!("PersonalQuestion doesn't exist with extId '{question}'");
        let item = self.items.get(&place).ok_or_else(|| missing(&message))?;
        Ok((place, item))
    }

    /// Returns the name of the client and the units of the user, if the caller may act on the user.
    pub(super) fn user(
        &self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
        stop: &str,
    ) -> Result<(String, Vec<String>), Answer> {
        let name = text(&self.client(client)?["name"]);
        let message = format!("A user with extId '{user}' doesn't exist on client with name {name}{stop}");
        let item = self.items.get(&format!("USER#{client}#{user} | USER"));
        // A missing user is in no unit.
        let units = item.map(units_of).unwrap_or_default();
        admission.check_user(&units, item.is_none_or(|item| item["userState"] == "active"))?;
        if item.is_none() {
            return Err(missing(&message));
        }
        Ok((name, units))
    }

    fn create_client(&mut self, admission: &Admission<'_>, body: &Body) -> Result<Answer, Answer> {
        let mut client = fields(body, &[&[("extId", Kind::Name)], &CLIENT_FIELDS[..]].concat())?;
        let name = text(&client["name"]);
        let given = client.get("extId").map(text);
        naming(&[(given.as_deref(), true), (Some(&name), false)], &["clients", "properties", "terms"])?;
        let number = self.created + 1;
        let ext_id = given.unwrap_or_else(|| format!("<client-{number}>"));
        let (unit, policy) = (format!("<unit-{number}>"), format!("<policy-{number}>"));
        let name_place = format!("CLIENT_NAME#{} | CLIENT_NAME", sha256(&name));
        if self.client(&ext_id).is_ok() || self.items.contains_key(&name_place) {
            return Err(refused(422, "errors.duplicateValue", "Client already exists"));
        }
        self.created = number;
        client.insert("extId".to_owned(), json!(ext_id));
        client.entry("displayName").or_insert_with(|| json!({}));
        let entry = client.clone();
        client.insert("defaultUnitExtId".to_owned(), json!(unit));
        client.insert("defaultProfilePolicyExtId".to_owned(), json!(policy));
        let caller = admission.caller;
        self.put(caller, &format!("CLIENT#{ext_id} | CLIENT"), "Client", client.into());
        self.put(caller, &format!("CLIENTS | CLIENT#{ext_id}"), "ClientEntry", entry.into());
        self.put(caller, &name_place, "ClientName", json!({"clientExtId": ext_id, "name": name}));
        let collection = format!("default_for_-{name}");
        for (kind, entity_type, id) in [
            ("UNIT", "Unit", unit.as_str()),
            ("TEMPLATE_COLLECTION", "TemplateCollection", &collection),
            ("POLICY", "Policy", &policy),
            ("APPLICATION", "ApplicationAssignment", "nevisIdm"),
        ] {
            let mut part = json!({"clientExtId": ext_id, "extId": id});
            let more = match kind {
                "UNIT" => json!({
                    "name": "Default", "state": "active", "displayName": {}, "abbreviation": {},
                    "profileless": false, "hierarchicalName": format!("/{id}"),
                }),
                "POLICY" => json!({
                    "policyType": "ProfilePolicy", "name": "Default", "parameters": {"defaultUnit": unit},
                    "defaultPolicy": true,
                }),
                _ => json!({}),
            };
            extend(&mut part, more);
            self.put(caller, &format!("CLIENT#{ext_id} | {kind}#{id}"), entity_type, part);
        }
        let answer = json!({
            "defaultTemplateCollectionName": collection, "defaultUnitExtId": unit,
            "defaultProfilePolicyExtId": policy,
        });
        Ok(created(&format!("/clients/{ext_id}"), answer))
    }

    fn update_client(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let changes = changes(body, &CLIENT_FIELDS)?;
        naming(&[(changes.get("name").and_then(Value::as_str), false)], &[])?;
        let present = text(&self.client(client)?["name"]);
        if let Some(name) = changes.get("name").map(text).filter(|name| *name != present) {
            let [old, new] =
                [&present, &name].map(|name| format!("CLIENT_NAME#{} | CLIENT_NAME", sha256(name)));
            if self.items.contains_key(&new) {
                return Err(refused(422, "errors.duplicateValue", "Client already exists"));
            }
            self.items.remove(&old);
            let reservation = json!({"clientExtId": client, "name": name});
            self.put(admission.caller, &new, "ClientName", reservation);
        }
        self.merge_into(admission, &format!("CLIENTS | CLIENT#{client}"), &changes, &CLIENT_FIELDS);
        let item = self.merge_into(admission, &format!("CLIENT#{client} | CLIENT"), &changes, &CLIENT_FIELDS);
        Ok(ok_at(version(item), shown(item, &["extId", "name", "displayName"])))
    }

    pub(super) fn terms(&self, terms: &str) -> Result<&Value, Answer> {
        let item = self.items.get(&format!("TERMS#{terms} | TERMS"));
        item.ok_or_else(|| missing(&format!("Terms doesn't exist with extId '{terms}'")))
    }

    fn create_terms(&mut self, admission: &Admission<'_>, body: &Body) -> Result<Answer, Answer> {
        let of_creation = [("extId", Kind::Name), ("silentAcceptance", Kind::RequiredFlag)];
        let mut terms = fields(body, &[&of_creation, &TERMS_FIELDS[..]].concat())?;
        let given = terms.get("extId").map(text);
        let version = text(&terms["termsVersion"]);
        naming(&[(given.as_deref(), true), (Some(&version), true)], &[])?;
        let number = self.created + 1;
        let ext_id = given.unwrap_or_else(|| format!("<terms-{number}>"));
        if self.terms(&ext_id).is_ok() {
            let message = format!("Terms already exists with extId '{ext_id}'");
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        self.created = number;
        terms.insert("extId".to_owned(), json!(ext_id));
        terms.entry("urls").or_insert_with(|| json!({}));
        let caller = admission.caller;
        self.put(caller, &format!("TERMS | TERMS#{ext_id}"), "TermsEntry", terms.clone().into());
        self.put(caller, &format!("TERMS#{ext_id} | TERMS"), "Terms", terms.into());
        self.put_version(caller, &ext_id, &version);
        Ok(created(&format!("/terms/{ext_id}"), Value::Null))
    }

    fn list_pending_terms(
        &self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
    ) -> Result<Answer, Answer> {
        self.user(admission, client, user, "")?;
        let is_pending = |terms: &Value| {
            let of_terms = format!("USER#{client}#{user} | CONSENT#{}#", text(&terms["extId"]));
            let current = format!("{of_terms}{}", text(&terms["termsVersion"]));
            let is_silent = terms["silentAcceptance"] == true;
            let suffices = |place: &String| is_silent || *place == current;
            let has_consented = self.beginning_with(&of_terms).any(|(place, _)| suffices(place));
            terms["active"] == true && !has_consented
        };
        let entries = self.beginning_with("TERMS | TERMS#").map(|(_, item)| item);
        Ok(page(entries.filter(|item| is_pending(item)).map(|item| shown(item, &TERMS))))
    }

    fn put_version(&mut self, caller: &Caller, terms: &str, version: &str) {
        let attributes = json!({"termsExtId": terms, "termsVersion": version});
        self.put(caller, &format!("TERMS#{terms} | VERSION#{version}"), "TermsVersion", attributes);
    }

    fn update_terms(
        &mut self,
        admission: &Admission<'_>,
        terms: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let changes = changes(body, &TERMS_FIELDS)?;
        let next_version = changes.get("termsVersion").map(text);
        naming(&[(next_version.as_deref(), true)], &[])?;
        let present = self.terms(terms)?;
        if let Some(version) = next_version.filter(|version| *version != text(&present["termsVersion"])) {
            if self.items.contains_key(&format!("TERMS#{terms} | VERSION#{version}")) {
                let message = format!("Terms with extId '{terms}' had the version '{version}' before");
                return Err(refused(422, "errors.invalidData", &message));
            }
            self.put_version(admission.caller, terms, &version);
        }
        self.merge_into(admission, &format!("TERMS | TERMS#{terms}"), &changes, &TERMS_FIELDS);
        let item = self.merge_into(admission, &format!("TERMS#{terms} | TERMS"), &changes, &TERMS_FIELDS);
        Ok(ok_at(version(item), shown(item, &TERMS)))
    }

    fn update_question(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        question: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let changes = changes(body, &QUESTION_FIELDS)?;
        if let Some(state) = changes.get("stateName") {
            known_state(&text(state))?;
        }
        let (place, _) = self.question(client, question)?;
        let item = self.merge_into(admission, &place, &changes, &QUESTION_FIELDS);
        Ok(ok_at(version(item), shown(item, &QUESTION)))
    }

    fn create_question(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let mut question = fields(body, &[&[("extId", Kind::Name)], &QUESTION_FIELDS[..]].concat())?;
        known_state(&text(&question["stateName"]))?;
        let given = question.get("extId").map(text);
        naming(&[(given.as_deref(), true)], &[])?;
        self.client(client)?;
        let number = self.created + 1;
        let ext_id = given.unwrap_or_else(|| format!("<question-{number}>"));
        let place = format!("CLIENT#{client} | PERSONAL_QUESTION#{ext_id}");
        if self.items.contains_key(&place) {
            let message = format!("PersonalQuestion already exists with extId '{ext_id}'");
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        self.created = number;
        question.insert("clientExtId".to_owned(), json!(client));
        question.insert("extId".to_owned(), json!(ext_id));
        for name in ["displayName", "content"] {
            question.entry(name).or_insert_with(|| json!({}));
        }
        self.put(admission.caller, &place, "PersonalQuestion", question.into());
        Ok(created(&format!("/{client}/personal-questions/{ext_id}"), Value::Null))
    }

    fn create_user(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let mut user = fields(body, &[&[("extId", Kind::Name)], &USER_FIELDS[..]].concat())?;
        known_user_state(&user)?;
        let given = user.get("extId").map(text);
        naming(&[(given.as_deref(), true)], &[])?;
        if user.get("isTechnicalUser") == Some(&json!(true)) {
            admission.check_over_body("UserCreateTechUser", None)?;
        }
        self.client(client)?;
        let number = self.created + 1;
        let ext_id = given.unwrap_or_else(|| format!("<user-{number}>"));
        let place = format!("USER#{client}#{ext_id} | USER");
        let login_id = user.get("loginId").map_or_else(|| ext_id.clone(), text);
        if self.items.contains_key(&place) {
            let message = format!("User already exists with extId '{ext_id}'");
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        self.is_free(client, &login_id)?;
        self.created = number;
        for (name, value) in
            [("clientExtId", json!(client)), ("extId", json!(ext_id)), ("loginId", json!(login_id))]
        {
            user.insert(name.to_owned(), value);
        }
        user.entry("userState").or_insert(json!("active"));
        user.entry("isTechnicalUser").or_insert(json!(false));
        user.retain(|_, value| *value != json!({}));
        user.insert("memberships".to_owned(), json!({}));
        let user: Value = user.into();
        for (place, entity_type) in copies(&user) {
            let mut copy = user.clone();
            if entity_type != "UserEntry" {
                copy.as_object_mut().expect("an item").remove("memberships");
            }
            self.put(admission.caller, &place, entity_type, copy);
        }
        self.put(admission.caller, &place, "User", user);
        Ok(created(&format!("/{client}/users/{ext_id}"), Value::Null))
    }

    /// Checks that no user has a login ID.
    fn is_free(&self, client: &str, login_id: &str) -> Result<(), Answer> {
        if self.items.contains_key(&format!("CLIENT#{client}#LOGINS | LOGIN#{}", login_id.to_lowercase())) {
            let message = format!("User already exists with loginId '{login_id}'");
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        Ok(())
    }

    fn list_users(
        &self,
        admission: &Admission<'_>,
        client: &str,
        query: &[(&str, &str)],
    ) -> Result<Answer, Answer> {
        let of_whole = query.iter().any(|(name, value)| {
            ["returnTotalResultCount", "loginId_SW", "contacts.email_SW"].contains(name)
                || *name == "sortBy" && !value.starts_with("extId")
        });
        if of_whole {
            admission.check_user(&[], true)?;
        }
        self.client(client)?;
        let is_shown = |item: &Value| {
            let has_email = item["contacts"]["email"].is_string();
            let matches = |(name, wanted): &(&str, &str)| {
                let (member, comparison) = name.split_once('_').unwrap_or((name, ""));
                let value =
                    if member == "contacts.email" { &item["contacts"]["email"] } else { &item[member] };
                let value = value.as_str();
                let lower = value.map(str::to_lowercase);
                match (*name, comparison) {
                    ("returnTotalResultCount", _) => true,
                    ("sortBy", _) => has_email || !wanted.starts_with("contacts.email"),
                    ("extId_SW", _) => value.is_some_and(|value| value.starts_with(wanted)),
                    (_, "SW") => lower.is_some_and(|value| value.starts_with(&wanted.to_lowercase())),
                    (_, "IEQ") => lower == Some(wanted.to_lowercase()),
                    _ => value == Some(wanted),
                }
            };
            query.iter().all(matches)
        };
        let start = format!("CLIENT#{client}#USERS | USER#");
        let entries = self.beginning_with(&start).map(|(_, item)| item).filter(|item| is_shown(item));
        let covered = entries.filter(|item| admission.check_user(&units_of(item), true).is_ok());
        let mut answer = page(covered.map(|item| shown(item, &USER)));
        if query.iter().any(|(name, _)| *name == "returnTotalResultCount") {
            answer.body["_pagination"]["totalResult"] = answer.body["items"].as_array().map(Vec::len).into();
        }
        Ok(answer)
    }

    fn update_user(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let changes = changes(body, &USER_FIELDS)?;
        known_user_state(&changes)?;
        let own = ["languageCode", "contacts"];
        let is_own = changes.keys().all(|name| own.contains(&name.as_str()));
        let mut rights = if is_own { Vec::new() } else { vec!["UserView", "UserModify"] };
        if changes.get("isTechnicalUser") == Some(&json!(true)) {
            rights.push("UserCreateTechUser");
        }
        rights.iter().try_for_each(|right| admission.check_over_body(right, None))?;
        let (_, units) = self.user(admission, client, user, "")?;
        rights.iter().try_for_each(|right| admission.check_over_body(right, Some(&units)))?;
        self.require_open(client, user)?;
        let place = format!("USER#{client}#{user} | USER");
        let present = self.items[&place].clone();
        let mut next = present.clone();
        merge(&mut next, changes, &USER_FIELDS);
        for (name, value) in
            [("loginId", json!(user)), ("userState", json!("active")), ("isTechnicalUser", json!(false))]
        {
            if next[name].is_null() {
                next[name] = value;
            }
        }
        if next["isTechnicalUser"] == true && next["memberships"].as_object().is_some_and(|all| all.len() > 1)
        {
            let message = format!("Technical user can only have one profile: {user}");
            return Err(refused(422, "errors.techUser.oneProfile", &message));
        }
        let [old, new] = [&present, &next].map(|item| text(&item["loginId"]));
        if old.to_lowercase() != new.to_lowercase() {
            self.is_free(client, &new)?;
        }
        let item = self.replace(admission.caller, &place, next).clone();
        if item != present {
            self.replace_copies(&present, &item);
        }
        self.change_state_of_profiles(client, user);
        Ok(ok_at(version(&item), shown(&item, &USER)))
    }

    /// Replaces the copies of a user. The one by extId has the profiles too.
    pub(super) fn replace_copies(&mut self, present: &Value, item: &Value) {
        let removed = copies(present).into_iter();
        let removed: Vec<_> =
            removed.filter_map(|(place, _)| Some((self.items.remove(&place)?, place))).collect();
        for (place, entity_type) in copies(item) {
            let (pk, sk) = place.split_once(" | ").expect("a key");
            let mut copy = item.clone();
            extend(&mut copy, json!({"PK": pk, "SK": sk, "entityType": entity_type}));
            if let Some((before, _)) = removed.iter().find(|(_, before)| *before == place) {
                let revision: u64 = text(&before["revision"]).parse().expect("a number");
                copy["revision"] = json!((revision + 1).to_string());
            }
            if entity_type != "UserEntry" {
                let members = copy.as_object_mut().expect("an item");
                members.retain(|name, _| !["memberships", "defaultProfileExtId"].contains(&name.as_str()));
            }
            self.items.insert(place, copy);
        }
    }
}

/// Returns the first page of a list.
pub(super) fn page(items: impl Iterator<Item = Value>) -> Answer {
    let items: Vec<Value> = items.collect();
    ok(json!({"items": items, "_pagination": {"limit": 100}, "_classifications": {}}))
}

/// Checks the state of a personal question.
fn known_state(state: &str) -> Result<(), Answer> {
    if ["active", "disabled", "revoked"].contains(&state) {
        return Ok(());
    }
    Err(refused(422, "errors.invalidParameter", &format!("Invalid PersonalQuestionState name '{state}'")))
}

/// Checks the state of a user, if there is one.
fn known_user_state(user: &Map<String, Value>) -> Result<(), Answer> {
    match user.get("userState").and_then(Value::as_str) {
        Some(state) if !["active", "disabled"].contains(&state) => {
            Err(refused(422, "errors.invalidParameter", &format!("Invalid UserState name '{state}'")))
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns the places and types of the copies of a user's item.
pub(super) fn copies(user: &Value) -> Vec<(String, &'static str)> {
    let [client, ext_id, login_id] = ["clientExtId", "extId", "loginId"].map(|name| text(&user[name]));
    let mut copies = vec![
        (format!("CLIENT#{client}#USERS | USER#{ext_id}"), "UserEntry"),
        (format!("CLIENT#{client}#LOGINS | LOGIN#{}", login_id.to_lowercase()), "LoginId"),
    ];
    if let Some(email) = user["contacts"]["email"].as_str() {
        let email = email.to_lowercase().replace('#', "%23");
        copies.push((format!("CLIENT#{client}#EMAILS | EMAIL#{email}#{ext_id}"), "UserEmail"));
    }
    copies
}

/// Returns the units of a user and their ancestors.
fn units_of(user: &Value) -> Vec<String> {
    let memberships = user["memberships"].as_object().into_iter().flatten();
    memberships.flat_map(|(_, units)| text(units).split('#').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Returns the visible attributes of an item with its audit data.
pub(super) fn shown(item: &Value, names: &[&str]) -> Value {
    let names = names.iter().chain(&["created", "lastModified"]);
    let shown = names.filter(|name| !item[**name].is_null());
    let mut shown: Map<String, Value> = shown.map(|name| ((*name).to_owned(), item[*name].clone())).collect();
    shown.insert("version".to_owned(), json!(version(item)));
    shown.into()
}

/// Returns the version of an item.
pub(super) fn version(item: &Value) -> u64 {
    text(&item["version"]).parse().expect("a version")
}
