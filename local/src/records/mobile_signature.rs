//! `mobileSignature`: the mobile signature of a user, with its properties.

use functions::mobile_signature::{self, MobileSignature};
use functions::properties::{self, Definition, PropertyFailure, PropertyName, Scope};
use functions::users::UserPath;
use shared::entity::{Entity as _, Fields};
use shared::ids::ClientExtId;
use shared::pattern::Matcher;
use shared::table::{Item, Key, TableError};

use super::fields::{members_of, user_of_item, user_path};
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

/// The field that exists only in the table.
const UNIQUE_PROPERTIES: &str = "uniqueProperties";
/// The maximum number of properties with unique values. All values are reserved in the transaction that
/// creates the mobile signature, which is limited to 100 actions.
const MAX_UNIQUE: usize = 90;

/// A mobile signature. Its unique properties are derived from their definitions in the table.
pub(crate) struct MobileSignatureRecord {
    user: UserPath,
    signature: MobileSignature,
}

impl MobileSignatureRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let user = user_path(&mut fields);
        let ext_id = fields.required_ext_id("extId");
        if fields.has(UNIQUE_PROPERTIES) {
            fields.refuse(UNIQUE_PROPERTIES);
        }
        let signature = MobileSignature::read(&mut fields, (ext_id,));
        fields.finish()?;
        Ok(Self { user, signature })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self { user: user_of_item(item)?, signature: MobileSignature::load(item)? })
    }

    /// Returns the keys of the definitions of a property: the global one and that of the client.
    fn definition_keys(&self, name: &str) -> [Key; 2] {
        let name = PropertyName::unchecked(name);
        let key = |client| properties::key(Scope::MobileSignature, client, &name);
        [key(None), key(Some(&self.user.client))]
    }

    /// Checks the properties and returns the mobile signature with its unique properties.
    ///
    /// Ignores the access of definitions: values that callers cannot change can be imported.
    fn checked(&self, draft: &Draft<'_>) -> Result<MobileSignature, Stop> {
        let mut signature = self.signature.clone();
        let matcher = Matcher::unbounded();
        let mut failures = Vec::new();
        for (name, value) in self.signature.properties.iter() {
            let [of_all, of_client] = self.definition_keys(name);
            let Some(item) = draft.at(&of_client).or_else(|| draft.at(&of_all)) else {
                failures.push(PropertyFailure::Unknown { name: name.clone() });
                continue;
            };
            let definition = Definition::load(item)?.writable();
            failures.extend(definition.check(Some(value), &matcher).err());
            if definition.is_unique() {
                signature.unique_properties.insert(name.clone());
            }
        }
        if !failures.is_empty() {
            return Err(ImportRefusal::from(PropertyFailure::error(&failures)).into());
        }
        if signature.unique_properties.len() > MAX_UNIQUE {
            return Err(
                ImportRefusal::because(format!("More than {MAX_UNIQUE} properties are unique")).into()
            );
        }
        Ok(signature)
    }
}

impl RecordKind for MobileSignatureRecord {
    fn keys(&self) -> Vec<Key> {
        let definitions = self.signature.properties.keys().flat_map(|name| self.definition_keys(name));
        [mobile_signature::key(&self.user), self.user.key()].into_iter().chain(definitions).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("Mobile Signature credential", self.signature.ext_id.as_str());
        if let Some(item) = draft.at(&mobile_signature::key(&self.user)) {
            let unique_properties = self.signature.unique_properties.clone();
            let same = MobileSignature { unique_properties, ..MobileSignature::load(item)? };
            return Plan::unchanged_if(same == self.signature, exists());
        }
        draft.require_user(&self.user)?;
        let signature = self.checked(draft)?;
        let (created, reservations) = signature.create(&self.user, &mut draft.transaction);
        draft.refuse_at(created, exists());
        for reservation in reservations {
            draft.refuse_at(reservation.index, PropertyFailure::error(&[reservation.failure()]).into());
        }
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        let mut members = members_of(&self.user, &self.signature);
        members.retain(|(name, _)| *name != UNIQUE_PROPERTIES);
        members
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.user.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.user.client.to_string(), self.user.user.to_string()]
    }
}
