//! `terms`: terms in the version that users consent to now.

use std::collections::BTreeMap;

use functions::terms::{self, Terms};
use serde::Serialize;
use shared::http::body::Fields;
use shared::ids::ClientExtId;
use shared::policy::Settings;
use shared::table::{Item, Key, TableError};

use super::fields::{ext_id, required_flag, required_text};
use super::{Draft, Found, ImportRefusal, Plan, RecordKind, Stop};

pub(crate) struct TermsRecord(Terms);

#[derive(Serialize)]
#[serde(tag = "type", rename = "terms", rename_all = "camelCase")]
struct Form<'a> {
    ext_id: &'a str,
    name: &'a str,
    active: bool,
    silent_acceptance: bool,
    terms_version: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    urls: &'a BTreeMap<String, String>,
}

impl TermsRecord {
    pub(super) fn read(mut fields: Fields, settings: &Settings) -> Result<Self, ImportRefusal> {
        // The languages of addresses are written in lower case.
        let languages: Vec<String> =
            settings.languages.iter().map(|language| language.to_ascii_lowercase()).collect();
        let terms = fields.required_text("extId");
        let name = required_text(&mut fields, "name");
        let active = required_flag(&mut fields, "active");
        let silent_acceptance = required_flag(&mut fields, "silentAcceptance");
        let version = fields.required_text("termsVersion");
        let urls = fields.texts("urls", &languages);
        fields.finish()?;
        let (ext_id, version) = (ext_id(&terms, settings)?, ext_id(&version, settings)?);
        Ok(Self(Terms { ext_id, name, active, silent_acceptance, version, urls }))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Terms::from_item(item).map(Self)
    }
}

impl RecordKind for TermsRecord {
    fn keys(&self) -> Vec<Key> {
        vec![terms::key(&self.0.ext_id)]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("Terms", self.0.ext_id.as_str());
        if let Some(item) = draft.at(&terms::key(&self.0.ext_id)) {
            return Plan::unchanged_if(Terms::from_item(item)? == self.0, exists());
        }
        let created = self.0.create(&mut draft.transaction);
        draft.refuse_at(created, exists());
        Ok(Plan::Write)
    }

    fn to_json(&self) -> serde_json::Result<String> {
        let Terms { ext_id, name, active, silent_acceptance, version, urls } = &self.0;
        serde_json::to_string(&Form {
            ext_id: ext_id.as_str(),
            name,
            active: *active,
            silent_acceptance: *silent_acceptance,
            terms_version: version.as_str(),
            urls,
        })
    }

    fn client(&self) -> Option<&ClientExtId> {
        None
    }

    fn order(&self) -> Vec<String> {
        vec![self.0.ext_id.to_string()]
    }
}
