//! The kinds of objects whose changes the history and events report.

use serde_json::{Map, Value};
use shared::entity::Entity;
use shared::entity::schema::{EXT_ID, Field, FieldKind, ObjectSchema};
use shared::table::item::ENTITY_TYPE;
use shared::table::{Item, TableError};

use super::change_type::ChangeType;
use crate::clients::{self, CLIENT_EXT_ID, Client, Defaults};
use crate::consents::{self, Consent};
use crate::dispatch_targets::{self, AppAttestation, DispatchTarget};
use crate::fido_authenticators::{self, FidoUafCredential, SIGN_COUNTER};
use crate::mobile_signature::{self, MobileSignature};
use crate::personal_questions::{self, PersonalQuestion};
use crate::policies::{self, Policy};
use crate::profiles::{self, Profile};
use crate::properties::values::Values;
use crate::properties::{self, Definition};
use crate::terms::{self, KnownVersion, Terms};
use crate::units::{self, Unit};
use crate::users::{self, USER_EXT_ID, User};

/// The attribute of a consent with the time of its withdrawal.
const WITHDRAWN: &str = "withdrawalDate";

/// An identifier of an object: its name in paths, and the attribute of the item with it.
pub type Identifier = (&'static str, &'static str);

const OF_CLIENT: Identifier = (CLIENT_EXT_ID, CLIENT_EXT_ID);
const OF_USER: Identifier = (USER_EXT_ID, USER_EXT_ID);

/// What the objects of a kind belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// To no client.
    None,
    /// To a client or to none.
    AnyClient,
    /// To a client.
    Client,
}

/// A kind of objects.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name in the path of the history, in the plural.
    pub name: &'static str,
    /// Its name in the type of an event, in the singular.
    pub noun: &'static str,
    /// The entity type of the item of such an object.
    pub entity_type: &'static str,
    /// The identifiers of such an object, the outermost first.
    pub identifiers: &'static [Identifier],
    /// The path of such an object in the API, with identifiers in braces.
    pub path: &'static str,
    /// The description of a row of the history.
    pub schema: &'static ObjectSchema,
    /// The fields whose values are shown.
    pub disclosed: &'static [&'static [Field]],
    /// What such an object belongs to.
    pub owner: Owner,
    /// Whether such an object exists with its owner, without an item until its first change.
    pub is_implicit: bool,
    /// Returns the fields of an item.
    members: fn(&Item) -> Result<Members, TableError>,
    /// Returns true if an item of the entity type is one of the kind.
    has: fn(&Item) -> bool,
}

/// The fields of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members {
    /// All fields with a value.
    pub all: Map<String, Value>,
    /// The fields whose values are shown.
    pub disclosed: Map<String, Value>,
}

impl Members {
    fn of<T: Entity>(item: &Item) -> Result<Self, TableError> {
        let entity = T::load(item)?;
        let map = |members: Vec<(&'static str, Value)>| {
            members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        };
        Ok(Self { all: map(entity.members()), disclosed: map(entity.disclosed_members()) })
    }

    fn and(mut self, other: Self) -> Self {
        self.all.extend(other.all);
        self.disclosed.extend(other.disclosed);
        self
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.all.insert(name.to_owned(), value.clone());
        self.disclosed.insert(name.to_owned(), value);
        self
    }
}

/// The fields of a kind with one entity.
const fn plain<T: Entity>(
    names: (&'static str, &'static str),
    entity_type: &'static str,
    identifiers: &'static [Identifier],
    path: &'static str,
    (schema, disclosed): (&'static ObjectSchema, &'static [&'static [Field]]),
) -> Kind {
    Kind {
        name: names.0,
        noun: names.1,
        entity_type,
        identifiers,
        path,
        schema,
        disclosed,
        owner: Owner::Client,
        is_implicit: false,
        members: Members::of::<T>,
        has: |_| true,
    }
}

/// The kind of a text that is not empty.
pub(super) const TEXT: FieldKind = FieldKind::Text { min: 1, max: usize::MAX };
/// The member of a row with the number of the dispatch target of an app attestation.
pub(super) const TARGET_ID: &str = "dispatchTargetId";
/// The client of an object in a row.
const CLIENT: Field = id(CLIENT_EXT_ID);
/// The client and the user of an object in a row.
const OF: &[Field] = &[CLIENT, id(USER_EXT_ID)];

/// The fields of all rows.
const ROW: &[Field] = &[
    Field::required(
        "origId",
        FieldKind::UnsignedInteger,
        "Number of the object, the same in all of its rows.",
    ),
    Field::optional("versionDate", FieldKind::DateTime, "Time of the change."),
    Field::required("versionNumber", FieldKind::UnsignedInteger, "Version of the object after the change."),
    Field::optional("transactionId", TEXT, "ID of the request that made the change."),
    Field::required(
        "operation",
        FieldKind::Enum(ChangeType::LETTERS),
        "What happened: `i` for created, `u` for changed, `d` for deleted.",
    ),
    Field::optional("modifiedBy", TEXT, "Who made the change: client and subject, separated by `/`."),
    Field::optional("modifiedAt", FieldKind::DateTime, "Time of the change."),
    Field::required("createdBy", TEXT, "Who created the object."),
    Field::required("createdAt", FieldKind::DateTime, "Time of the creation."),
    Field::optional("userId", FieldKind::UnsignedInteger, "Number of the user, the same in all rows."),
    Field::required("changed", FieldKind::TextSet, "Names of the fields that changed."),
    Field { required: false, ..EXT_ID },
];

/// Returns the field of a row with an identifier.
const fn id(name: &'static str) -> Field {
    Field::required(name, TEXT, "Identifier of the object, or of its owner.")
}

/// Describes the rows of a kind, from its identifiers and its shown fields. Also returns the latter.
macro_rules! row {
    ($name:literal, $kind:literal, [$($identifiers:expr),*], [$($disclosed:expr),+]) => {
        (
            &ObjectSchema {
                name: $name,
                description: "The state of an object after a change.",
                parts: &[
                    &[Field::required("kind", FieldKind::Constant($kind), "Kind.")],
                    ROW,
                    $($identifiers,)*
                    $($disclosed),+
                ],
            },
            &[$($disclosed),+],
        )
    };
}

/// All kinds.
pub const KINDS: &[Kind] = &[
    Kind {
        members: |item| Ok(Members::of::<Client>(item)?.and(Members::of::<Defaults>(item)?)),
        ..plain::<Client>(
            ("clients", "client"),
            clients::ENTITY_TYPE,
            &[(CLIENT_EXT_ID, "extId")],
            "/clients/{clientExtId}",
            row!("ClientRow", "clients", [&[id(CLIENT_EXT_ID)]], [Client::DISCLOSED, Defaults::DISCLOSED]),
        )
    },
    plain::<Unit>(
        ("units", "unit"),
        units::ENTITY_TYPE,
        &[OF_CLIENT, ("unitExtId", "extId")],
        "/{clientExtId}/units/{unitExtId}",
        row!("UnitRow", "units", [&[CLIENT, id("unitExtId")]], [Unit::DISCLOSED]),
    ),
    plain::<Policy>(
        ("policies", "policy"),
        policies::ENTITY_TYPE,
        &[OF_CLIENT, ("policyExtId", "extId")],
        "/{clientExtId}/policies/{policyExtId}",
        row!("PolicyRow", "policies", [&[CLIENT, id("policyExtId")]], [Policy::DISCLOSED]),
    ),
    plain::<User>(
        ("users", "user"),
        users::ENTITY_TYPE,
        &[OF_CLIENT, (USER_EXT_ID, "extId")],
        "/{clientExtId}/users/{userExtId}",
        row!("UserRow", "users", [OF], [User::DISCLOSED]),
    ),
    plain::<Profile>(
        ("profiles", "profile"),
        profiles::ENTITY_TYPE,
        &[OF_CLIENT, OF_USER, ("profileExtId", "extId")],
        "/{clientExtId}/profiles/{profileExtId}",
        row!("ProfileRow", "profiles", [OF, &[id("profileExtId")]], [Profile::DISCLOSED]),
    ),
    Kind {
        is_implicit: true,
        members: values,
        ..plain::<Values>(
            ("user-properties", "user-properties"),
            users::properties::ENTITY_TYPE,
            &[OF_CLIENT, OF_USER],
            "/{clientExtId}/users/{userExtId}/properties",
            row!("UserPropertiesRow", "user-properties", [OF], [Values::DISCLOSED]),
        )
    },
    Kind {
        owner: Owner::None,
        ..plain::<Terms>(
            ("terms", "terms"),
            terms::ENTITY_TYPE,
            &[("termsExtId", "extId")],
            "/terms/{termsExtId}",
            row!("TermsRow", "terms", [&[id("termsExtId")]], [Terms::DISCLOSED]),
        )
    },
    Kind {
        owner: Owner::None,
        ..plain::<KnownVersion>(
            ("terms-versions", "terms-version"),
            terms::VERSION_ENTITY_TYPE,
            &[("termsExtId", "termsExtId"), (terms::VERSION, terms::VERSION)],
            "/terms/{termsExtId}",
            row!("TermsVersionRow", "terms-versions", [], [KnownVersion::DISCLOSED]),
        )
    },
    plain::<PersonalQuestion>(
        ("personal-questions", "personal-question"),
        personal_questions::ENTITY_TYPE,
        &[OF_CLIENT, ("personalQuestionExtId", "extId")],
        "/{clientExtId}/personal-questions/{personalQuestionExtId}",
        row!(
            "PersonalQuestionRow",
            "personal-questions",
            [&[CLIENT, id("personalQuestionExtId")]],
            [PersonalQuestion::DISCLOSED]
        ),
    ),
    Kind {
        owner: Owner::AnyClient,
        ..plain::<Definition>(
            ("properties", "property"),
            properties::ENTITY_TYPE,
            &[OF_CLIENT, ("propertyId", "propertyId"), ("scope", "scope"), ("name", "name")],
            "/properties/{propertyId}",
            row!(
                "PropertyRow",
                "properties",
                [&[
                    Field { required: false, ..CLIENT },
                    Field { kind: FieldKind::UnsignedInteger, ..id("propertyId") },
                    id("scope"),
                    id("name")
                ]],
                [Definition::DISCLOSED]
            ),
        )
    },
    Kind {
        has: |item| !item.has(WITHDRAWN),
        ..plain::<Consent>(
            ("consents", "consent"),
            consents::ENTITY_TYPE,
            &[OF_CLIENT, OF_USER, ("termsExtId", "termsExtId"), (terms::VERSION, terms::VERSION)],
            "/{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}",
            row!("ConsentRow", "consents", [OF], [Consent::DISCLOSED]),
        )
    },
    Kind {
        has: |item| item.has(WITHDRAWN),
        ..plain::<Consent>(
            ("withdrawn-consents", "withdrawn-consent"),
            consents::ENTITY_TYPE,
            &[
                OF_CLIENT,
                OF_USER,
                ("termsExtId", "termsExtId"),
                (terms::VERSION, terms::VERSION),
                (WITHDRAWN, WITHDRAWN),
                ("acceptanceDate", "acceptanceDate"),
            ],
            "/{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}",
            row!("WithdrawnConsentRow", "withdrawn-consents", [OF], [Consent::DISCLOSED]),
        )
    },
    Kind {
        members: |item| Ok(Members::of::<MobileSignature>(item)?.and(values(item)?)),
        ..plain::<MobileSignature>(
            ("mobile-signature", "mobile-signature"),
            mobile_signature::ENTITY_TYPE,
            &[OF_CLIENT, OF_USER, ("mobileSignatureExtId", "extId")],
            "/{clientExtId}/users/{userExtId}/mobile-signature",
            row!(
                "MobileSignatureRow",
                "mobile-signature",
                [OF, &[id("mobileSignatureExtId")]],
                [MobileSignature::DISCLOSED, Values::DISCLOSED]
            ),
        )
    },
    plain::<DispatchTarget>(
        ("dispatch-targets", "dispatch-target"),
        dispatch_targets::ENTITY_TYPE,
        &[OF_CLIENT, OF_USER, ("dispatchTargetExtId", "extId")],
        "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}",
        row!(
            "DispatchTargetRow",
            "dispatch-targets",
            [OF, &[id("dispatchTargetExtId")]],
            [DispatchTarget::DISCLOSED]
        ),
    ),
    plain::<AppAttestation>(
        ("app-attestation", "app-attestation"),
        AppAttestation::ENTITY_TYPE,
        &[OF_CLIENT, OF_USER, ("dispatchTargetExtId", "extId")],
        "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation",
        row!(
            "AppAttestationRow",
            "app-attestation",
            [
                OF,
                &[
                    id("dispatchTargetExtId"),
                    Field::optional(TARGET_ID, FieldKind::UnsignedInteger, "Number of the dispatch target.")
                ]
            ],
            [AppAttestation::DISCLOSED]
        ),
    ),
    Kind {
        members: |item| {
            let members = Members::of::<FidoUafCredential>(item)?;
            Ok(members.with(SIGN_COUNTER, item.number(SIGN_COUNTER)?.into()))
        },
        ..plain::<FidoUafCredential>(
            ("fido-authenticators", "fido-authenticator"),
            fido_authenticators::ENTITY_TYPE,
            &[OF_CLIENT, OF_USER, ("fidoAuthenticatorExtId", "extId")],
            "/{clientExtId}/users/{userExtId}/fido-authenticators/{fidoAuthenticatorExtId}",
            row!(
                "FidoAuthenticatorRow",
                "fido-authenticators",
                [OF, &[id("fidoAuthenticatorExtId")]],
                [
                    FidoUafCredential::DISCLOSED,
                    &[Field::required(SIGN_COUNTER, FieldKind::UnsignedInteger, "Number of signatures.")]
                ]
            ),
        )
    },
];

/// Returns the values of properties as a field, without what the service notes about them.
fn values(item: &Item) -> Result<Members, TableError> {
    let disclosed = Members::of::<Values>(item)?.disclosed;
    Ok(Members { all: disclosed.clone(), disclosed })
}

impl Kind {
    /// Returns the kind of this name in the path of the history.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// Returns the kind of the object of an item. Copies, entries of lists, reservations and whatever else callers do not
    /// know are of none.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no entity type or no key.
    pub fn of(item: &Item) -> Result<Option<&'static Self>, TableError> {
        let entity_type = item.text(ENTITY_TYPE)?;
        let kind = KINDS.iter().find(|kind| kind.entity_type == entity_type && (kind.has)(item));
        Ok(if item.copy_number()? == 0 { kind } else { None })
    }

    /// Returns the fields of the object of an item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item is not one of the kind.
    pub fn members(&self, item: &Item) -> Result<Members, TableError> {
        (self.members)(item)
    }

    /// Returns the identifiers of the object of an item, by name. What belongs to no client has no client.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if an identifier is missing.
    pub fn identifiers_of(&self, item: &Item) -> Result<Map<String, Value>, TableError> {
        let mut identifiers = Map::new();
        for (name, attribute) in self.identifiers {
            let value = match *attribute {
                CLIENT_EXT_ID if self.owner == Owner::AnyClient => {
                    item.optional_text(CLIENT_EXT_ID)?.map(Value::from)
                }
                "propertyId" => Some(item.number(attribute)?.into()),
                attribute => Some(item.text(attribute)?.into()),
            };
            identifiers.extend(value.map(|value| ((*name).to_owned(), value)));
        }
        Ok(identifiers)
    }

    /// Returns the names of the identifiers after the client.
    pub fn own_identifiers(&self) -> impl Iterator<Item = &'static str> {
        self.identifiers.iter().map(|(name, _)| *name).filter(|name| *name != CLIENT_EXT_ID)
    }

    /// Returns the path of an object with these identifiers. `encode` encodes an identifier as a segment.
    pub fn path_of(&self, identifiers: &Map<String, Value>, encode: impl Fn(&str) -> String) -> String {
        let segment = |segment: &str| {
            let name = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            match name.and_then(|name| identifiers.get(name)) {
                Some(Value::String(text)) => encode(text),
                Some(other) => encode(&other.to_string()),
                None => segment.to_owned(),
            }
        };
        self.path.split('/').skip(1).fold(String::new(), |path, text| path + "/" + &segment(text))
    }
}
