//! Transactions.

use std::collections::{HashMap, HashSet};

use dynoxide::Result;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::transact_write_items::{
    TransactConditionCheck, TransactWriteItem, TransactWriteItemsRequest,
};
use dynoxide::errors::DynoxideError;
use dynoxide::types::{Item, item_size};
use serde_json::{Value, json};
use shared::table::key::{PK, SK};

use super::{State, error, invalid, key_of, read, written};
use crate::model::{Action, Verdict};

/// The code of an action that caused no cancellation.
const NONE: &str = "None";

impl State {
    /// Applies a transaction if no action is throttled or conflicts.
    ///
    /// All items are held for which nothing speaks against the transaction, also if it is cancelled for
    /// another item: they are released like those of an applied one, by a second call of the protocol.
    pub(super) fn transact(&self, body: &[u8]) -> Result<Value> {
        // The model loses no response, so that no applied transaction is sent again. The tokens that the
        // engine would keep make each transaction slower than the one before.
        let request = TransactWriteItemsRequest { client_request_token: None, ..read(body)? };
        let actions = request.transact_items.iter().map(|item| self.action(item));
        let actions = actions.collect::<Result<Vec<_>>>()?;
        let (now, mut model) = (self.now(), self.model());
        let verdicts = model.prepare(now, &actions);
        let is_accepted = verdicts.iter().all(|verdict| *verdict == Verdict::Accepted);
        let (reasons, response) = if is_accepted {
            match self.database.transact_write_items(request) {
                Ok(response) => (vec![json!({"Code": NONE}); actions.len()], Some(written(&response)?)),
                Err(DynoxideError::TransactionCanceledException(_, reasons)) => {
                    (reasons.iter().map(written).collect::<Result<_>>()?, None)
                }
                Err(other) => return Err(other),
            }
        } else {
            (self.reasons(&request, &verdicts)?, None)
        };
        let held = actions.iter().zip(&reasons).filter(|(_, reason)| reason["Code"] == NONE);
        model.hold(now, held.map(|(action, _)| action));
        Ok(response.unwrap_or_else(|| {
            let mut cancelled = error("TransactionCanceledException");
            cancelled["CancellationReasons"] = json!(reasons);
            cancelled
        }))
    }

    /// Returns the reasons why a transaction is cancelled before it reaches the engine, including the
    /// conditions that fail at the same time.
    fn reasons(&self, request: &TransactWriteItemsRequest, verdicts: &[Verdict]) -> Result<Vec<Value>> {
        let mut reasons = Vec::with_capacity(verdicts.len());
        let (mut places, mut checks) = (Vec::new(), Vec::new());
        for (place, (item, verdict)) in request.transact_items.iter().zip(verdicts).enumerate() {
            reasons.push(json!({"Code": match verdict {
                Verdict::Accepted => NONE,
                Verdict::Throttled => "ThrottlingError",
                Verdict::Conflict => "TransactionConflict",
            }}));
            if let Some(check) = check_of(item).filter(|_| *verdict == Verdict::Accepted) {
                places.push(place);
                checks.push(TransactWriteItem { condition_check: Some(check), ..Default::default() });
            }
        }
        if checks.is_empty() {
            return Ok(reasons);
        }
        let checks = TransactWriteItemsRequest { transact_items: checks, ..Default::default() };
        match self.database.transact_write_items(checks) {
            Ok(_) => Ok(reasons),
            Err(DynoxideError::TransactionCanceledException(_, failed)) => {
                for (place, reason) in places.into_iter().zip(&failed) {
                    reasons[place] = written(reason)?;
                }
                Ok(reasons)
            }
            Err(other) => Err(other),
        }
    }

    /// Returns what the model has to know of an action. The size is that of the present item or of the one
    /// that replaces it, whichever is larger.
    fn action(&self, item: &TransactWriteItem) -> Result<Action> {
        let (table, key, is_change, new) = match item {
            TransactWriteItem { put: Some(put), .. } => {
                (&put.table_name, &put.item, true, item_size(&put.item))
            }
            TransactWriteItem { update: Some(update), .. } => (&update.table_name, &update.key, true, 0),
            TransactWriteItem { delete: Some(delete), .. } => (&delete.table_name, &delete.key, true, 0),
            TransactWriteItem { condition_check: Some(check), .. } => {
                (&check.table_name, &check.key, false, 0)
            }
            _ => return Err(invalid("a transaction with an empty action")),
        };
        let present = self.database.get_item(GetItemRequest {
            table_name: table.clone(),
            key: key_attributes(key),
            ..GetItemRequest::default()
        })?;
        let size = present.item.as_ref().map_or(0, item_size).max(new);
        Ok(Action { key: key_of(key)?, is_change, size })
    }
}

/// Returns only the key of an item.
fn key_attributes(item: &Item) -> Item {
    let parts = item.iter().filter(|(name, _)| [PK, SK].contains(&name.as_str()));
    parts.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Returns the condition of an action as a check, if it has one.
fn check_of(item: &TransactWriteItem) -> Option<TransactConditionCheck> {
    macro_rules! check {
        ($action:expr, $key:expr, $condition:expr) => {{
            let condition = $condition.clone()?;
            TransactConditionCheck {
                table_name: $action.table_name.clone(),
                key: key_attributes(&$key),
                expression_attribute_names: used(&condition, $action.expression_attribute_names.as_ref()),
                expression_attribute_values: used(&condition, $action.expression_attribute_values.as_ref()),
                condition_expression: condition,
                return_values_on_condition_check_failure: $action
                    .return_values_on_condition_check_failure
                    .clone(),
            }
        }};
    }
    Some(match item {
        TransactWriteItem { put: Some(put), .. } => check!(put, put.item, put.condition_expression),
        TransactWriteItem { update: Some(update), .. } => {
            check!(update, update.key, update.condition_expression)
        }
        TransactWriteItem { delete: Some(delete), .. } => {
            check!(delete, delete.key, delete.condition_expression)
        }
        TransactWriteItem { condition_check, .. } => condition_check.clone()?,
    })
}

/// Returns the names or values that a condition refers to. The engine rejects others.
fn used<T: Clone>(condition: &str, all: Option<&HashMap<String, T>>) -> Option<HashMap<String, T>> {
    let is_part = |character: char| character.is_alphanumeric() || "#:_".contains(character);
    let words: HashSet<&str> = condition.split(|character| !is_part(character)).collect();
    let used = all?.iter().filter(|(name, _)| words.contains(name.as_str()));
    let used: HashMap<_, _> = used.map(|(name, of)| (name.clone(), of.clone())).collect();
    (!used.is_empty()).then_some(used)
}
