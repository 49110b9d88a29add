//! The consents of users, also those that were withdrawn.

use serde_json::{Value, json};

use super::authorisation::Admission;
use super::bodies::{Kind, fields};
use super::operations::{missing, text};
use super::reference::Reference;
use super::steps::Body;
use crate::support::{Answer, created, no_content, ok, refused};

/// A user by client and extId.
type User<'a> = (&'a str, &'a str);
/// Terms and their version.
type Version<'a> = (&'a str, &'a str);

fn title((_, user): User<'_>, (terms, version): Version<'_>) -> String {
    format!("A consent for userExtId: '{user}', termsExtId: '{terms}' and termsVersion: '{version}'")
}

fn place_of((client, user): User<'_>, (terms, version): Version<'_>) -> String {
    format!("USER#{client}#{user} | CONSENT#{terms}#{version}")
}

fn shown(item: &Value) -> Value {
    let names = ["termsExtId", "termsVersion", "acceptanceDate", "withdrawalDate"];
    let members = names.iter().filter(|name| !item[**name].is_null());
    Value::Object(members.map(|name| ((*name).to_owned(), item[*name].clone())).collect())
}

impl Reference {
    /// Returns the time of a consent.
    fn accepted_at(&self, place: &str, item: &Value) -> String {
        self.accepted.get(place).cloned().unwrap_or_else(|| text(&item["acceptanceDate"]))
    }

    pub(super) fn create_consent(
        &mut self,
        admission: &Admission<'_>,
        client: &str,
        user: &str,
        body: &Body,
    ) -> Result<Answer, Answer> {
        let terms = text(&fields(body, &[("termsExtId", Kind::RequiredText)])?["termsExtId"]);
        self.user(admission, client, user, ".")?;
        let version = text(&self.terms(&terms)?["termsVersion"]);
        self.require_open(client, user)?;
        let consent = (terms.as_str(), version.as_str());
        let place = place_of((client, user), consent);
        if self.items.contains_key(&place) {
            let message = format!("{} already exists.", title((client, user), consent));
            return Err(refused(422, "errors.duplicateValue", &message));
        }
        let item = json!({
            "clientExtId": client, "userExtId": user, "termsExtId": terms, "termsVersion": version,
            "acceptanceDate": "<now>",
        });
        self.put(admission.caller, &place, "Consent", item);
        self.accepted.insert(place, self.time());
        Ok(created(&format!("/{client}/users/{user}/consents/{terms}/{version}"), Value::Null))
    }

    pub(super) fn list_consents(
        &self,
        admission: &Admission<'_>,
        user: User<'_>,
        withdrawn: bool,
    ) -> Result<Answer, Answer> {
        self.user(admission, user.0, user.1, ".")?;
        let start = format!("USER#{}#{} | CONSENT{}", user.0, user.1, if withdrawn { "" } else { "#" });
        let mut consents: Vec<_> = self.beginning_with(&start).collect();
        consents.sort_by_cached_key(|(place, item)| {
            (text(&item["termsExtId"]), text(&item["termsVersion"]), self.accepted_at(place, item))
        });
        Ok(ok(consents.into_iter().map(|(_, item)| shown(item)).collect()))
    }

    pub(super) fn get_consent(
        &self,
        admission: &Admission<'_>,
        user: User<'_>,
        consent: Version<'_>,
    ) -> Result<Answer, Answer> {
        self.user(admission, user.0, user.1, ".")?;
        let withdrawn =
            format!("USER#{}#{} | CONSENT_WITHDRAWN#{}#{}#", user.0, user.1, consent.0, consent.1);
        let last = || self.beginning_with(&withdrawn).last().map(|(_, item)| item);
        let item = self.items.get(&place_of(user, consent)).or_else(last);
        let message = format!("{} doesn't exist.", title(user, consent));
        Ok(ok(shown(item.ok_or_else(|| missing(&message))?)))
    }

    pub(super) fn delete_consent(
        &mut self,
        admission: &Admission<'_>,
        user: User<'_>,
        consent: Version<'_>,
    ) -> Result<Answer, Answer> {
        self.user(admission, user.0, user.1, ".")?;
        let place = place_of(user, consent);
        let message = format!("{} doesn't exist.", title(user, consent));
        let item = self.items.remove(&place).ok_or_else(|| missing(&message))?;
        let accepted = self.accepted_at(&place, &item);
        self.accepted.remove(&place);
        let sk = format!("CONSENT_WITHDRAWN#{}#{}#{}#{accepted}", consent.0, consent.1, self.time());
        let kept = format!("USER#{}#{} | {sk}", user.0, user.1);
        self.items.insert(kept.clone(), item);
        self.change(admission.caller, &kept, json!({"SK": sk, "withdrawalDate": "<now>"}));
        self.accepted.insert(kept, accepted);
        Ok(no_content())
    }
}
