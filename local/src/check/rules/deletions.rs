//! The records of deletions and their entries.

use functions::users::UserPath;
use serde_json::Value;
use shared::entity::{Entity as _, FieldValue as _};
use shared::ids::ClientExtId;
use shared::table::{Item, TableError};

use super::super::facts::{Expectation, Facts, Members, Rule, Tolerance};
use super::CLIENT;
use super::records::{self, Deletion, DeletionKind, DeletionState, entry_key, key};

/// A running deletion has its entry, and what it deletes carries its mark.
pub(super) fn record(item: &Item) -> Result<Facts, TableError> {
    let deletion = Deletion::load(item)?;
    let (id, user) = (deletion.id.as_str(), deletion.owner());
    let mut facts = user.as_ref().map_or_else(|| Facts::of_client(&deletion.client), Facts::of_user);
    facts.members = members(deletion.state, &deletion.client);
    if deletion.state == DeletionState::Running {
        let entry = Expectation::exists(Rule::Deletion, entry_key(id), records::ENTRY_TYPE).owned();
        facts = facts.expecting([entry]);
        if let Some((key, kind)) = deletion.subject() {
            // The deletion of the client may delete the user first.
            let is_user = deletion.kind == DeletionKind::User;
            let tolerance = if is_user { Tolerance::Client } else { Tolerance::Never };
            let marked = Expectation::mark(key.clone(), kind, Some(id));
            let subject = [Expectation::exists(Rule::Deletion, key, kind), marked];
            facts = facts.expecting(subject.map(|expected| expected.unless_deleting(tolerance)));
        }
        if deletion.kind == DeletionKind::Credentials {
            facts.deleting = user.as_ref().map(UserPath::partition);
        }
    }
    facts.at(item, &key(id))
}

/// Returns the expectation that the deletion of this mark is under way.
pub(super) fn running(mark: &str, client: &ClientExtId) -> Expectation {
    let record = Expectation::exists(Rule::Deletion, key(mark), records::ENTITY_TYPE);
    record.with(members(DeletionState::Running, client))
}

fn members(state: DeletionState, client: &ClientExtId) -> Members {
    let state = state.show().unwrap_or(Value::Null);
    Members::from_iter([("state", state), (CLIENT, client.as_str().into())])
}

pub(super) fn entry() -> Facts {
    Facts::default().owned_by(Rule::Deletion, "running deletion", Tolerance::Never)
}
