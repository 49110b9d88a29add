//! The rows of the operations: what the suite knows about each operation.
//!
//! The rows are in the module of their resource, for example `tests/api/clients/rows.rs`. A row is
//! a function with the name of its operation, and [`rows!`] lists those of a file. Every rule of
//! [`crate::operations`] then has a test for it.

use local::costs::Cost;
use serde_json::Value;
use shared::auth::SelfService;
use shared::operation::Operation;
use shared::operation::description::Success;

use super::all_rows;
use crate::support::call::Call;
use crate::support::{Answer, World, refused};

/// An operation and a request that succeeds in the furnished world.
pub(crate) struct Row {
    /// Operation id.
    pub(crate) id: &'static str,
    /// HTTP method.
    pub(crate) method: &'static str,
    /// Path template, as in the contract.
    pub(crate) template: &'static str,
    /// Required rights, in the order in which a missing one is named.
    pub(crate) rights: &'static [&'static str],
    /// Number of rights in a group, of each of which one suffices.
    pub(crate) alternatives: usize,
    /// Whether users may act upon themselves.
    pub(crate) self_service: SelfService,
    /// The clients that a right must cover.
    pub(crate) covers: Covers,
    /// Path of a good request.
    pub(crate) path: &'static str,
    /// Body of a good request; `null` if it has none.
    pub(crate) body: fn() -> Value,
    /// Fields of the body.
    pub(crate) fields: &'static [Field],
    /// Status of the response to a good request.
    pub(crate) success: u16,
    /// Body of the response to a good request to read something; `null` if another test compares it.
    pub(crate) answer: fn() -> Value,
    /// Whether the rights must cover all units of the client.
    pub(crate) covers_all_units: bool,
    /// The list that the operation returns page by page.
    pub(crate) list: Option<Listed>,
    /// An object that the request names and that may be missing, besides client and user.
    pub(crate) missing: Option<MissingObject>,
    /// A body that conflicts with stored data.
    pub(crate) conflict: Option<Conflict>,
    /// The entity that the operation changes, if its body is a merge patch of one.
    pub(crate) patch: Option<EntityPatch>,
    /// Two changes of different members, which are others in every round.
    pub(crate) two_changes: Option<[BodyOfRound; 2]>,
    /// Whether the request succeeds any number of times, with other identifiers.
    pub(crate) is_repeatable: bool,
    /// Whether what a request reads before it writes only has to exist still, so that its changes do not matter.
    pub(crate) only_needs_existence: bool,
    /// A body whose request needs more actions at the table than the good one.
    pub(crate) more_actions: Option<fn() -> Value>,
    /// A body whose request needs calls of other kinds than the good one, in more trips.
    pub(crate) more_calls: Option<fn() -> Value>,
}

/// The clients that a right must cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Covers {
    /// The client of the path.
    Client,
    /// The client of the path, and a unit of it.
    Unit,
    /// All clients, in multi-client mode.
    NewClient,
    /// All clients.
    AllClients,
    /// All clients, unless the caller has made what the operation reads, and needs no right.
    AllClientsOrAuthor,
    /// At least one client.
    AnyClient,
    /// The client that the body names, or all clients.
    ClientOfBody,
    /// The client of the object that is read first, or all clients. Any client suffices to read it.
    ClientOfObject,
}

/// Returns the body of a round.
pub(crate) type BodyOfRound = fn(usize) -> Value;

/// A list in the table: a furnished entry of it, whose sort key ends with its identifier.
pub(crate) struct Listed {
    /// Partition of the list.
    pub(crate) partition: &'static str,
    /// Sort key of the entry without its identifier.
    pub(crate) sort_key: &'static str,
    /// Identifier of the entry.
    pub(crate) id: &'static str,
}

/// How to make a request name an object that does not exist.
pub(crate) struct MissingObject {
    /// Name of the existing object, in the path or the body.
    pub(crate) present: &'static str,
    /// Name to replace it with.
    pub(crate) absent: &'static str,
    /// Message of the response.
    pub(crate) message: &'static str,
}

/// An entity that is changed by a merge patch.
#[derive(Clone, Copy)]
pub(crate) struct EntityPatch {
    /// Its external identifier; empty if it has none.
    pub(crate) ext_id: &'static str,
    /// Whether the body may name the expected version.
    pub(crate) has_version: bool,
}

/// A body that conflicts with stored data, and the response.
pub(crate) struct Conflict {
    /// The body.
    pub(crate) body: fn() -> Value,
    /// Code of the response.
    pub(crate) code: &'static str,
    /// Message of the response.
    pub(crate) message: &'static str,
}

/// A field of a body.
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether the field may be omitted or `null`.
    pub(crate) presence: Presence,
    /// Its type.
    pub(crate) kind: FieldKind,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// A new name, subject to the naming policy.
    Name,
    /// The name of an existing object.
    Reference,
    /// The state of a personal question.
    State,
    /// A text of at most 1000 characters.
    Remark,
    /// A text of 1 to 4000 characters.
    Text,
    /// Texts by language.
    LocalizedText,
    /// The value of a property, whose name the caller chooses.
    Property,
    /// A number from 0.
    Number,
    /// A text that may not be empty, with an error code of its own.
    NotEmpty,
    /// A value with a format of its own, such as an object, which the tests of its resource cover.
    Own,
}

impl Field {
    /// Returns true if responses have the field.
    pub(crate) fn is_returned(&self) -> bool {
        self.name != "remarks"
    }
}

/// Whether a field may be omitted or `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Neither.
    Required,
    /// Both.
    Optional,
    /// It may be omitted from a change, but cannot be removed.
    NotNull,
}

/// Returns the list of a furnished entry, which is copied to make it longer.
pub(crate) const fn listed(partition: &'static str, sort_key: &'static str, id: &'static str) -> Listed {
    Listed { partition, sort_key, id }
}

/// Returns a field of a body.
pub(crate) const fn field(name: &'static str, required: bool, kind: FieldKind) -> Field {
    Field { name, presence: if required { Presence::Required } else { Presence::Optional }, kind }
}

/// Returns a field of a change that cannot be removed.
pub(crate) const fn not_null(name: &'static str, kind: FieldKind) -> Field {
    Field { name, presence: Presence::NotNull, kind }
}

impl Row {
    /// The defaults of a row: no body, all rights required. Everything else has to be set.
    pub(crate) const DEFAULT: Self = Self {
        id: "",
        method: "",
        template: "",
        rights: &[],
        alternatives: 1,
        self_service: SelfService::None,
        covers: Covers::Client,
        path: "",
        body: || Value::Null,
        fields: &[],
        success: 0,
        answer: || Value::Null,
        covers_all_units: false,
        list: None,
        missing: None,
        conflict: None,
        patch: None,
        two_changes: None,
        is_repeatable: true,
        only_needs_existence: false,
        more_actions: None,
        more_calls: None,
    };

    /// Returns the operation.
    pub(crate) fn operation(&self) -> &'static Operation {
        functions::OPERATIONS.into_iter().find(|operation| operation.id == self.id).expect("it is listed")
    }

    /// Returns a good request without a token.
    pub(crate) fn call<'a>(&self, world: &'a World) -> Call<'a> {
        world.call(self.method, self.path).json_if(self.good_body())
    }

    /// Returns the body of a good request, if it has one.
    pub(crate) fn good_body(&self) -> Option<Value> {
        Some((self.body)()).filter(|body| !body.is_null())
    }

    /// Returns true if the operation acts on an existing client.
    pub(crate) fn has_client(&self) -> bool {
        self.template.contains("{clientExtId}")
    }

    /// Returns true if the rights must cover a certain client, or all, before anything is read.
    pub(crate) fn has_data_room(&self) -> bool {
        ![Covers::AnyClient, Covers::ClientOfObject].contains(&self.covers)
    }

    /// Returns true if a request reads the table.
    pub(crate) fn reads_table(&self) -> bool {
        let cost = Cost::of(self.id).expect("the costs of the operation");
        !cost.trips.is_empty()
    }

    /// Returns true if the operation acts on a user.
    pub(crate) fn has_user(&self) -> bool {
        self.template.contains("{userExtId}")
    }

    /// Returns the user of the path, or the one to whom what the path names belongs.
    pub(crate) fn user(&self) -> &'static str {
        let others = ["{user-456}", "{user-789}"];
        others.into_iter().find(|user| self.path.contains(user)).unwrap_or("{user-123}")
    }

    /// Returns true if the operation acts on a user or a unit, which the caller's units must cover.
    pub(crate) fn has_units(&self) -> bool {
        self.has_user() || self.covers == Covers::Unit
    }

    /// Returns true if the operation acts on an object of a user whom the path does not name.
    pub(crate) fn has_owner(&self) -> bool {
        self.template.contains("{profileExtId}")
    }

    /// Returns true if users may act upon themselves, with an X-Token.
    pub(crate) fn takes_x_token(&self) -> bool {
        self.self_service == SelfService::WithXToken
    }

    /// Returns the groups of rights, of each of which one is required.
    pub(crate) fn groups(&self) -> Vec<&'static [&'static str]> {
        self.rights.chunks(self.alternatives).collect()
    }

    /// Returns true if the caller who made what the operation reads needs no right.
    pub(crate) fn is_for_its_author(&self) -> bool {
        self.covers == Covers::AllClientsOrAuthor
    }

    /// Returns true if the operation deletes in several steps.
    pub(crate) fn is_deletion(&self) -> bool {
        matches!(self.operation().description.success, Success::Deletion)
    }

    /// Returns true if the operation changes the table.
    pub(crate) fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// Returns the methods of the operation's path in alphabetical order.
    pub(crate) fn methods_of_path(&self) -> Vec<&'static str> {
        let mut methods: Vec<&str> =
            all_rows().filter(|row| row.template == self.template).map(|row| row.method).collect();
        methods.push("OPTIONS");
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.sort_unstable();
        methods
    }

    /// Returns the response if the user does not exist. It ends with a full stop for consents.
    pub(crate) fn user_missing(&self) -> Answer {
        let message = "A user with extId 'user-999' doesn't exist on client with name Default";
        let full_stop = if self.template.contains("/consents") { "." } else { "" };
        refused(404, "errors.noRecord", &format!("{message}{full_stop}"))
    }
}

/// Returns the response if the client does not exist.
pub(crate) fn client_missing() -> Answer {
    refused(404, "errors.noRecord", "Client doesn't exist with extId 'client-999'")
}

/// Lists the rows of a resource: the module that has them as `rows`, and the function of each row.
///
/// Defines `ROWS`, and `each!`, which declares a test of a rule for each of the rows.
macro_rules! rows {
    ($module:ident: $($row:ident),+ $(,)?) => {
        $crate::operations::rows::rows!(@ ($) $module: $($row),+);
    };
    (@ ($d:tt) $module:ident: $($row:ident),+) => {
        /// The rows of this resource.
        pub(crate) static ROWS: &[$crate::operations::rows::Row] = &[$($row()),+];

        #[test]
        fn rows_are_named_like_their_operations() {
            $(assert_eq!($row().id.replace('-', "_"), stringify!($row));)+
        }

        macro_rules! each {
            ($d(#[$d attribute:meta])* $d rule:path) => {
                $(
                    #[test]
                    $d(#[$d attribute])*
                    fn $row() {
                        $crate::operations::run(
                            $d rule,
                            const { &$crate::$module::rows::$row() },
                        );
                    }
                )+
            };
        }
        pub(crate) use each;
    };
}
pub(crate) use rows;
