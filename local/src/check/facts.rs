//! What one item says about itself, and what it expects of other items.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use functions::clients;
use functions::users::UserPath;
use serde_json::Value;
use shared::entity::Entity;
use shared::ids::{ClientExtId, sha256_hex};
use shared::table::item::VERSION;
use shared::table::{Item, Key, TableError};

/// The number of hexadecimal digits of the hash of a member.
const HASH: usize = 16;
/// The attributes with the history that a copy shares with its original, besides the version.
const HISTORY: [&str; 4] = ["created", "createdBy", "lastModified", "modifiedBy"];

/// A rule of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// What belongs to something exists only with it.
    Orphan,
    /// What an item refers to exists.
    Reference,
    /// A unique value is reserved for its owner, and nothing else is reserved.
    Reservation,
    /// A copy exists with its original, and shows the same.
    Copy,
    /// An entry of a list exists with the thing that it names.
    Entry,
    /// A user has the memberships of their profiles.
    Membership,
    /// Exactly one profile of a user who has profiles is the default one.
    DefaultProfile,
    /// A dispatch target counts the authenticators that refer to it.
    Count,
    /// A client has its initial objects.
    Initial,
    /// A value of a property has a definition.
    Definition,
    /// A deletion, its entry, and the marks of what it deletes belong together.
    Deletion,
    /// The key of an item follows from its identifiers.
    Key,
    /// An item has the attributes of its type.
    Corrupt,
    /// The type of an item is known.
    UnknownType,
}

impl Rule {
    /// Returns the name that a finding begins with.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Orphan => "orphan",
            Self::Reference => "reference",
            Self::Reservation => "reservation",
            Self::Copy => "copy",
            Self::Entry => "entry",
            Self::Membership => "membership",
            Self::DefaultProfile => "default-profile",
            Self::Count => "count",
            Self::Initial => "initial",
            Self::Definition => "definition",
            Self::Deletion => "deletion",
            Self::Key => "key",
            Self::Corrupt => "corrupt",
            Self::UnknownType => "unknown-type",
        }
    }
}

/// The deletions during which an expectation may not be met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tolerance {
    /// None.
    #[default]
    Never,
    /// That of the client.
    Client,
    /// That of the user or of the client.
    User,
}

/// The members of an item that another item can compare, each as a line with its name and a hash of its value.
///
/// Equal texts are equal members. The values are hashed because a temporary file should not contain them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Members(String);

impl Members {
    /// Returns the identifiers and fields of an entity.
    pub(super) fn of(entity: &impl Entity) -> Self {
        entity.key_members().into_iter().chain(entity.members()).collect()
    }

    /// Returns these texts of an item, as far as it has them.
    pub(super) fn of_texts(item: &Item, names: &[&'static str]) -> Result<Self, TableError> {
        let texts = names.iter().map(|name| Ok((*name, item.optional_text(name)?.map(Value::from))));
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        Ok(texts.into_iter().filter_map(|(name, text)| Some((name, text?))).collect())
    }

    /// Adds the history that a copy shares with its original.
    pub(super) fn with_history_of(self, item: &Item) -> Result<Self, TableError> {
        let version = (VERSION, item.number(VERSION)?.into());
        let texts = Self::of_texts(item, &HISTORY)?;
        Ok(Self(self.0 + &texts.0 + &Self::from_iter([version]).0))
    }

    /// Adds the members of another entity.
    pub(super) fn and(self, entity: &impl Entity) -> Self {
        Self(self.0 + &Self::of(entity).0)
    }

    /// Returns the members as a text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the names of the members that differ between two texts.
    pub(super) fn difference(one: &str, other: &str) -> String {
        let one: BTreeSet<&str> = one.lines().collect();
        let other: BTreeSet<&str> = other.lines().collect();
        let names = one.symmetric_difference(&other).filter_map(|line| line.split_once(' '));
        let names: BTreeSet<&str> = names.map(|(name, _)| name).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    }
}

impl<Name: fmt::Display> FromIterator<(Name, Value)> for Members {
    fn from_iter<T: IntoIterator<Item = (Name, Value)>>(members: T) -> Self {
        let mut text = String::new();
        for (name, value) in members {
            let hash = sha256_hex(&value.to_string());
            // Writing to a text does not fail.
            let _ = writeln!(text, "{name} {}", hash.get(..HASH).unwrap_or(&hash));
        }
        Self(text)
    }
}

/// What is expected of an item at a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Requirement {
    /// It exists.
    Exists,
    /// It exists with these members.
    Members(Members),
    /// If it exists, it carries the mark of this deletion, or none.
    Mark(Option<String>),
}

/// What an item expects of another item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expectation {
    /// The rule.
    pub(super) rule: Rule,
    /// The key of the other item.
    pub(super) key: Key,
    /// Its entity type.
    pub(super) kind: &'static str,
    /// What is expected.
    pub(super) requirement: Requirement,
    /// Whether the other item exists because of this one.
    pub(super) owns: bool,
    /// Whether the other item counts this one.
    pub(super) counts: bool,
    /// When it may not be met.
    pub(super) tolerance: Tolerance,
}

impl Expectation {
    /// Returns the expectation that the other item exists.
    pub(super) fn exists(rule: Rule, key: Key, kind: &'static str) -> Self {
        Self {
            rule,
            key,
            kind,
            requirement: Requirement::Exists,
            owns: false,
            counts: false,
            tolerance: Tolerance::Never,
        }
    }

    /// Returns the expectation that the other item, if it exists, carries this mark.
    pub(super) fn mark(key: Key, kind: &'static str, mark: Option<&str>) -> Self {
        let requirement = Requirement::Mark(mark.map(str::to_owned));
        Self { requirement, ..Self::exists(Rule::Deletion, key, kind) }
    }

    /// Expects these members, too.
    pub(super) fn with(self, members: Members) -> Self {
        Self { requirement: Requirement::Members(members), ..self }
    }

    /// The other item exists because of this one.
    pub(super) fn owned(self) -> Self {
        Self { owns: true, ..self }
    }

    /// The other item counts this one.
    pub(super) fn counted(self) -> Self {
        Self { counts: true, ..self }
    }

    /// It may not be met during these deletions.
    pub(super) fn unless_deleting(self, tolerance: Tolerance) -> Self {
        Self { tolerance, ..self }
    }
}

/// An inconsistency that an item shows by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The rule.
    pub(super) rule: Rule,
    /// What is wrong.
    pub(super) text: String,
    /// When it is not one.
    pub(super) tolerance: Tolerance,
}

/// The thing because of which an item exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    /// The rule that an item without it breaks.
    pub(super) rule: Rule,
    /// Its entity type, as findings name it.
    pub(super) kind: &'static str,
    /// When it may be missing.
    pub(super) tolerance: Tolerance,
}

/// An entity with values of properties, whose definitions are in other items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Valued {
    /// The partition of the entity.
    pub(super) owner: String,
    /// For each property, its name and the keys of the definition for all clients and that of the client.
    pub(super) properties: Vec<(String, [Key; 2])>,
}

/// What an item says about itself and expects of other items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// The client to which the item belongs.
    pub(super) client: Option<ClientExtId>,
    /// The user to whom it belongs.
    pub(super) user: Option<UserPath>,
    /// The members that other items compare.
    pub(super) members: Members,
    /// The deletion whose mark it carries.
    pub(super) mark: Option<String>,
    /// The partition of what is being deleted, according to this item.
    pub(super) deleting: Option<String>,
    /// How many items refer to it, as it says.
    pub(super) count: Option<u64>,
    /// The identifier of the property that it defines.
    pub(super) property: Option<u64>,
    /// The thing because of which it exists, if there must be one.
    pub(super) owner: Option<Owner>,
    /// The entity types of which there must be an item in its partition.
    pub(super) parts: &'static [&'static str],
    /// What it expects of other items.
    pub(super) expected: Vec<Expectation>,
    /// Its values of properties.
    pub(super) valued: Option<Valued>,
    /// What is wrong with it alone.
    pub(super) faults: Vec<Fault>,
}

impl Facts {
    /// Returns those of an item that belongs to a client.
    pub(super) fn of_client(client: &ClientExtId) -> Self {
        Self { client: Some(client.clone()), ..Self::default() }
    }

    /// Returns those of an item that belongs to a user.
    pub(super) fn of_user(user: &UserPath) -> Self {
        Self { user: Some(user.clone()), ..Self::of_client(&user.client) }
    }

    /// Sets the thing because of which the item exists.
    pub(super) fn owned_by(self, rule: Rule, kind: &'static str, tolerance: Tolerance) -> Self {
        Self { owner: Some(Owner { rule, kind, tolerance }), ..self }
    }

    /// Expects that the client exists, below which the item is.
    pub(super) fn below_client(mut self) -> Self {
        let key = self.client.as_ref().map(clients::key);
        let parent = key.map(|key| Expectation::exists(Rule::Orphan, key, clients::ENTITY_TYPE));
        self.expected.extend(parent);
        self
    }

    /// Expects that the user exists, below whom the item is.
    pub(super) fn below_user(mut self) -> Self {
        let key = self.user.as_ref().map(UserPath::key);
        let kind = functions::users::ENTITY_TYPE;
        self.expected.extend(key.map(|key| Expectation::exists(Rule::Orphan, key, kind)));
        self
    }

    /// Adds expectations.
    pub(super) fn expecting(mut self, expected: impl IntoIterator<Item = Expectation>) -> Self {
        self.expected.extend(expected);
        self
    }

    /// Sets the members that other items compare.
    pub(super) fn with(self, members: Members) -> Self {
        Self { members, ..self }
    }

    /// Adds an inconsistency.
    pub(super) fn with_fault(mut self, rule: Rule, text: &str, tolerance: Tolerance) -> Self {
        self.faults.push(Fault { rule, text: text.to_owned(), tolerance });
        self
    }

    /// Returns the partitions whose deletion excuses a finding with this tolerance: that of the client and that of the
    /// user.
    pub(super) fn scopes(&self, tolerance: Tolerance) -> [Option<String>; 2] {
        let client = || self.client.as_ref().map(|client| clients::key(client).pk().to_owned());
        let user = || self.user.as_ref().map(UserPath::partition);
        match tolerance {
            Tolerance::Never => [None, None],
            Tolerance::Client => [client(), None],
            Tolerance::User => [client(), user()],
        }
    }
}
