//! `consent`: the consent of a user to a version of terms.

use functions::consents::Consent;
use functions::terms;
use functions::users::UserPath;
use shared::entity::{Entity as _, Fields};
use shared::ids::ClientExtId;
use shared::table::{Item, Key, TableError};

use super::fields::{check_version, members_of, user_of_item, user_path};
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

pub(crate) struct ConsentRecord {
    user: UserPath,
    consent: Consent,
}

impl ConsentRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let user = user_path(&mut fields);
        let consent = Consent::read(&mut fields, ());
        check_version(&mut fields, &consent.version);
        if consent.withdrawal_date.is_some_and(|withdrawn| withdrawn < consent.acceptance_date) {
            fields.refuse("withdrawalDate");
        }
        fields.finish()?;
        Ok(Self { user, consent })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self { user: user_of_item(item)?, consent: Consent::load(item)? })
    }

    fn key(&self) -> Key {
        self.consent.key(&self.user)
    }
}

impl RecordKind for ConsentRecord {
    fn keys(&self) -> Vec<Key> {
        let (terms, version) = (&self.consent.terms, &self.consent.version);
        vec![self.key(), self.user.key(), terms::key(terms), terms::version_key(terms, version)]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = ImportRefusal::from(self.consent.duplicate(&self.user));
        if let Some(item) = draft.at(&self.key()) {
            return draft.unchanged_if(Consent::load(item)? == self.consent, exists);
        }
        draft.require_user(&self.user)?;
        let terms = &self.consent.terms;
        draft.require(terms::key(terms), terms::missing(terms).into())?;
        let version = &self.consent.version;
        let no_version = format!("Terms with extId '{terms}' have no version '{version}'");
        draft.require(terms::version_key(terms, version), ImportRefusal::because(no_version))?;
        let now = draft.transaction.stamp().now;
        if self.consent.acceptance_date > now {
            return Err(ImportRefusal::because("acceptanceDate is in the future").into());
        }
        if self.consent.withdrawal_date.is_some_and(|withdrawn| withdrawn > now) {
            return Err(ImportRefusal::because("withdrawalDate is in the future").into());
        }
        let created = self.consent.create(&self.user, &mut draft.transaction);
        draft.refuse_at(created, exists);
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        members_of(&self.user, &self.consent)
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.user.client)
    }

    fn order(&self) -> Vec<String> {
        let Consent { terms, version, acceptance_date, withdrawal_date } = &self.consent;
        let (client, user) = (self.user.client.to_string(), self.user.user.to_string());
        let withdrawn = withdrawal_date.map(|withdrawn| withdrawn.to_string()).unwrap_or_default();
        vec![client, user, terms.to_string(), version.to_string(), acceptance_date.to_string(), withdrawn]
    }
}
