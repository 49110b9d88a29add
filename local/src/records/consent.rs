//! `consent`: that a user accepted terms in a version, be it the one of now or an earlier one.

use functions::consents::{self, Consent};
use functions::terms::{self, TermsExtId};
use functions::users::UserPath;
use serde::Serialize;
use shared::clock::Timestamp;
use shared::error::{ApiError, Duplicate};
use shared::http::body::Fields;
use shared::ids::ClientExtId;
use shared::policy::Settings;
use shared::table::{Item, Key, TableError};

use super::fields::{ext_id, user_of_item, user_path};
use super::{Draft, Found, ImportRefusal, Plan, RecordKind, Stop};

pub(crate) struct ConsentRecord {
    user: UserPath,
    consent: Consent,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "consent", rename_all = "camelCase")]
struct Form<'a> {
    client_ext_id: &'a str,
    user_ext_id: &'a str,
    terms_ext_id: &'a str,
    terms_version: &'a str,
    acceptance_date: String,
}

impl ConsentRecord {
    pub(super) fn read(mut fields: Fields, settings: &Settings) -> Result<Self, ImportRefusal> {
        let user = user_path(&mut fields);
        let terms = fields.required_text("termsExtId");
        let version = fields.required_text("termsVersion");
        let acceptance_date = Timestamp::parse(&fields.required_text("acceptanceDate"));
        fields.finish()?;
        let acceptance_date =
            acceptance_date.ok_or_else(|| ApiError::InvalidFields(vec!["acceptanceDate".to_owned()]))?;
        let terms = TermsExtId::unchecked(&terms);
        Ok(Self { user, consent: Consent { terms, version: ext_id(&version, settings)?, acceptance_date } })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self { user: user_of_item(item)?, consent: Consent::from_item(item)? })
    }

    fn key(&self) -> Key {
        consents::key(&self.user, &self.consent.terms, &self.consent.version)
    }
}

impl RecordKind for ConsentRecord {
    fn keys(&self) -> Vec<Key> {
        vec![self.key(), self.user.key(), terms::key(&self.consent.terms)]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = ImportRefusal::from(ApiError::Duplicate(Duplicate::Consent {
            user: self.user.user.to_string(),
            terms: self.consent.terms.to_string(),
            version: self.consent.version.to_string(),
        }));
        if let Some(item) = draft.at(&self.key()) {
            return Plan::unchanged_if(Consent::from_item(item)? == self.consent, exists);
        }
        draft.require_user(&self.user)?;
        let terms = &self.consent.terms;
        draft.require(terms::key(terms), terms::missing(terms).into())?;
        let created = self.consent.create(&self.user, &mut draft.transaction);
        draft.refuse_at(created, exists);
        Ok(Plan::Write)
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Form {
            client_ext_id: self.user.client.as_str(),
            user_ext_id: self.user.user.as_str(),
            terms_ext_id: self.consent.terms.as_str(),
            terms_version: self.consent.version.as_str(),
            acceptance_date: self.consent.acceptance_date.to_string(),
        })
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.user.client)
    }

    fn order(&self) -> Vec<String> {
        let (terms, version) = (&self.consent.terms, &self.consent.version);
        vec![self.user.client.to_string(), self.user.user.to_string(), terms.to_string(), version.to_string()]
    }
}
