//! What the table of operations says of each.

use serde_json::Value;

use super::table::ROWS;
use crate::support::call::Call;
use crate::support::{Answer, World, refused};

/// An operation, and a request to it that succeeds in the furnished world.
pub(crate) struct Row {
    /// Its name.
    pub(crate) id: &'static str,
    /// Its method.
    pub(crate) method: &'static str,
    /// Its path, as the contract writes it.
    pub(crate) template: &'static str,
    /// The rights that it needs, in the order in which a missing one is named.
    pub(crate) rights: &'static [&'static str],
    /// Whether one of the rights is enough, and users may act upon themselves.
    pub(crate) any_right: bool,
    /// The path of a good request.
    pub(crate) path: &'static str,
    /// The body of a good request; `null` for none.
    pub(crate) body: fn() -> Value,
    /// The fields of the body.
    pub(crate) fields: &'static [Field],
    /// The status of the answer to a good request.
    pub(crate) success: u16,
    /// What makes the request name something that is not there.
    pub(crate) missing: Option<Missing>,
    /// What breaks a rule on stored data.
    pub(crate) taken: Option<Taken>,
}

/// How the request to an operation comes to name something that is not there.
pub(crate) struct Missing {
    /// A text of its path or body.
    pub(crate) there: &'static str,
    /// What to put in its place.
    pub(crate) not_there: &'static str,
    /// The message that is answered.
    pub(crate) message: &'static str,
}

/// A body that breaks a rule on stored data.
pub(crate) struct Taken {
    /// The body.
    pub(crate) body: fn() -> Value,
    /// The code that is answered.
    pub(crate) code: &'static str,
    /// The message that is answered.
    pub(crate) message: &'static str,
}

/// A field of a body.
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether it has to be there.
    pub(crate) required: bool,
    /// What it is.
    pub(crate) kind: FieldKind,
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// A new name, for the naming policy.
    Name,
    /// The name of something that is there.
    Reference,
    /// The state of a personal question.
    State,
    /// A text of at most 1000 characters.
    Remark,
    /// Texts by language.
    LocalizedText,
    /// The value of a property, whose name the caller chooses.
    Property,
}

impl Row {
    /// A good request, of nobody.
    pub(crate) fn call<'a>(&self, world: &'a World) -> Call<'a> {
        world.call(self.method, self.path).json_if(self.good_body())
    }

    /// The body of a good request, where there is one.
    pub(crate) fn good_body(&self) -> Option<Value> {
        Some((self.body)()).filter(|body| !body.is_null())
    }

    /// Whether the operation acts on something of a client that is there.
    pub(crate) fn has_client(&self) -> bool {
        self.template.contains("{clientExtId}")
    }

    /// Whether the operation acts on something of a user.
    pub(crate) fn has_user(&self) -> bool {
        self.template.contains("{userExtId}")
    }

    /// The methods that its path has, in alphabetical order.
    pub(crate) fn methods_of_path(&self) -> Vec<&'static str> {
        let mut methods: Vec<&str> =
            ROWS.iter().filter(|row| row.template == self.template).map(|row| row.method).collect();
        methods.sort_unstable();
        methods
    }

    /// The answer to a request whose user is not there: with a full stop where it is about consents.
    pub(crate) fn user_missing(&self) -> Answer {
        let message = "A user with extId 'user-999' doesn't exist on client with name Default";
        let full_stop = if self.template.contains("/consents") { "." } else { "" };
        refused(404, "errors.noRecord", &format!("{message}{full_stop}"))
    }
}

/// The answer to a request whose client is not there.
pub(crate) fn client_missing() -> Answer {
    refused(404, "errors.noRecord", "Client doesn't exist with extId 'client-999'")
}
