//! The records of imports and exports. Each line is one JSON object and describes one entity.
//!
//! Each kind of record has a file here. It defines how a record is read, checked against the table, written
//! and exported. The entities, their items and their rules are those of the operations.

mod client;
mod consent;
mod dispatch_target;
mod fido_uaf_credential;
mod fields;
mod kind;
mod mobile_signature;
mod personal_question;
mod plan;
mod profile;
mod property;
mod terms;
mod terms_version;
mod unit;
mod user;
mod user_properties;
mod values;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use shared::entity::Fields;
use shared::error::ApiError;
use shared::http::json::parse_object;
use shared::policy::Settings;
use shared::table::{Item, Key, TableError};

pub(crate) use self::kind::RecordKind;
pub(crate) use self::plan::{Draft, Found, ImportRefusal, Plan, Search, Stop};

use self::kind::Members;

use self::client::ClientRecord;
use self::consent::ConsentRecord;
use self::dispatch_target::DispatchTargetRecord;
use self::fido_uaf_credential::FidoUafCredentialRecord;
use self::mobile_signature::MobileSignatureRecord;
use self::personal_question::PersonalQuestionRecord;
use self::profile::ProfileRecord;
use self::property::PropertyRecord;
use self::terms::TermsRecord;
use self::terms_version::TermsVersionRecord;
use self::unit::UnitRecord;
use self::user::UserRecord;
use self::user_properties::UserPropertiesRecord;

/// Members in the order in which they are written.
struct Ordered(Members);

impl Serialize for Ordered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Declares the kinds in the order of an export. A line can refer to entities of earlier lines.
macro_rules! kinds {
    ($($variant:ident($line:ty) = $name:literal, $entity_type:expr),+ $(,)?) => {
        /// A record of any kind.
        pub(crate) enum Record { $($variant($line)),+ }

        impl Record {
            /// Returns the record as its kind.
            pub(crate) fn kind(&self) -> &(dyn RecordKind + Send + Sync) {
                match self { $(Self::$variant(line) => line),+ }
            }

            /// Returns the name of the record's kind.
            fn type_name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name),+ }
            }

            /// Returns the position of the record's kind in an export.
            pub(crate) fn rank(&self) -> usize {
                [$($name),+].iter().position(|name| *name == self.type_name()).unwrap_or_default()
            }

            fn of_kind(kind: &str, fields: Fields<'_>) -> Result<Self, ImportRefusal> {
                match kind {
                    $($name => Ok(Self::$variant(<$line>::read(fields)?)),)+
                    _ => Err(ApiError::InvalidFields(vec!["type".to_owned()]).into()),
                }
            }

            /// Returns the record of an item, or `None` if the item is part of another record. `items`
            /// contain the one at the attached key.
            pub(crate) fn of_item(item: &Item, items: &Found) -> Result<Option<Self>, TableError> {
                let entity_type = item.text(shared::table::item::ENTITY_TYPE)?;
                $(if entity_type == $entity_type {
                    let line: Option<$line> = <$line>::of_item(item, items)?.into();
                    return Ok(line.map(Self::$variant));
                })+
                Ok(None)
            }
        }
    };
}

kinds! {
    Client(ClientRecord) = "client", functions::clients::ENTITY_TYPE,
    Unit(UnitRecord) = "unit", functions::units::ENTITY_TYPE,
    User(UserRecord) = "user", functions::users::ENTITY_TYPE,
    Profile(ProfileRecord) = "profile", functions::profiles::ENTITY_TYPE,
    Terms(TermsRecord) = "terms", functions::terms::ENTITY_TYPE,
    TermsVersion(TermsVersionRecord) = "termsVersion", functions::terms::VERSION_ENTITY_TYPE,
    Property(PropertyRecord) = "property", functions::properties::ENTITY_TYPE,
    UserProperties(UserPropertiesRecord) = "userProperties", functions::users::properties::ENTITY_TYPE,
    PersonalQuestion(PersonalQuestionRecord) = "personalQuestion", functions::personal_questions::ENTITY_TYPE,
    Consent(ConsentRecord) = "consent", functions::consents::ENTITY_TYPE,
    MobileSignature(MobileSignatureRecord) = "mobileSignature", functions::mobile_signature::ENTITY_TYPE,
    DispatchTarget(DispatchTargetRecord) = "dispatchTarget", functions::dispatch_targets::ENTITY_TYPE,
    FidoUafCredential(FidoUafCredentialRecord) = "fidoUafCredential",
        functions::fido_authenticators::ENTITY_TYPE,
}

impl Record {
    /// Returns the record as an export writes it, without a line break. Omits empty maps.
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        let is_empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
        let kind = [("type", self.type_name().into())];
        let members = self.kind().members().into_iter().filter(|(_, value)| !is_empty(value));
        serde_json::to_string(&Ordered(kind.into_iter().chain(members).collect()))
    }

    /// Returns the key of the item on which the record of `item` depends, if there is one.
    pub(crate) fn attached_key(item: &Item) -> Result<Option<Key>, TableError> {
        match item.text(shared::table::item::ENTITY_TYPE)? {
            functions::dispatch_targets::ENTITY_TYPE => DispatchTargetRecord::attached_key(item).map(Some),
            functions::units::ENTITY_TYPE => UnitRecord::attached_key(item).map(Some),
            functions::terms::VERSION_ENTITY_TYPE => TermsVersionRecord::attached_key(item).map(Some),
            _ => Ok(None),
        }
    }

    /// Reads a record and checks it without stored data.
    pub(crate) fn read(text: &[u8], settings: &Settings) -> Result<Self, ImportRefusal> {
        let mut members = parse_object(text).map_err(|_| ApiError::MalformedJson)?;
        let kind = members.remove("type");
        let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default();
        Self::of_kind(kind, Fields::new(members, settings))
    }
}
