//! The model: the table as described in `docs/table.md`, and the effect of each request.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use proptest::strategy::{BoxedStrategy, Just, Strategy as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::authorisation::Admission;
use super::steps::{HALF_A_DAY, Operation, Step};
use crate::support::answer::{health_answer, invalid_fields, unauthorized};
use crate::support::{Answer, Caller, ok, refused};
use shared::clock::Timestamp;

/// The table before the first request, and the time.
pub(super) static HOUSE: OnceLock<House> = OnceLock::new();

pub(super) struct House {
    pub(super) now: i64,
    pub(super) items: BTreeMap<String, Value>,
}

/// The state of the model.
#[derive(Clone)]
pub(super) struct Reference {
    /// Items by `PK | SK`.
    pub(super) items: BTreeMap<String, Value>,
    /// Response to the last request; `None` if the last step was not a request.
    pub(super) answer: Option<Answer>,
    /// Requests with stored responses, by the key of the response.
    asked: BTreeMap<String, String>,
    /// Times of the consents that were created, by place, which items have as `<now>`.
    pub(super) accepted: BTreeMap<String, String>,
    /// Time in seconds since 1970.
    pub(super) now: i64,
    /// Number of created objects, used to name those for which the caller sets no extId.
    pub(super) created: u32,
}

/// All sequences start with the same state, so a failure prints its name only.
impl fmt::Debug for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the furnished house")
    }
}

pub(super) fn initial() -> BoxedStrategy<Reference> {
    let house = HOUSE.get().expect("a house");
    let (items, now) = (house.items.clone(), house.now);
    let (asked, accepted) = (BTreeMap::new(), BTreeMap::new());
    Just(Reference { items, answer: None, asked, accepted, now, created: 0 }).boxed()
}

/// Returns the SHA-256 hash of a text in hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

/// Returns the caller in the form in which items store it.
pub(super) fn name(caller: &Caller) -> String {
    let [client, subject] =
        [&caller.client, &caller.subject].map(|it| it.replace('%', "%25").replace('/', "%2F"));
    format!("{client}/{subject}")
}

impl Reference {
    /// Performs a step and returns the response.
    pub(super) fn answer_to(&mut self, step: &Step) -> Option<Answer> {
        match &step.operation {
            Operation::Wait => {
                self.now += HALF_A_DAY;
                None
            }
            Operation::GetHealth => Some(health_answer(true, &[true], true)),
            operation => Some(self.refuse_or_answer(step, operation).unwrap_or_else(|refusal| refusal)),
        }
    }

    fn refuse_or_answer(&mut self, step: &Step, operation: &Operation) -> Result<Answer, Answer> {
        let caller = step.caller.as_ref().ok_or_else(unauthorized)?;
        let needs = operation.needs();
        let client = operation.client().map(String::as_str);
        let is_user = operation.has_owner() || operation.user() == Some(&caller.subject);
        let is_self = client == Some(&*caller.client) && is_user;
        if is_self && needs.x_token() && !step.has_x_token {
            return Err(refused(422, "errors.invalidJWTToken", "Invalid JWT token."));
        }
        let any_client = operation.is_over_any_client();
        let admission = Admission { caller, needs, client, any_client, is_self };
        admission.check()?;
        let Some(key) = step.key.filter(|_| operation.is_change()) else {
            return self.perform(operation, &admission, &step.body);
        };
        if key.is_empty() || key.contains(' ') {
            return Err(invalid_fields("Idempotency-Key"));
        }
        let owner = [operation.id(), &caller.client, &caller.subject, key].join("\n");
        let place = format!("IDEMPOTENCY#{} | IDEMPOTENCY", sha256(&owner));
        let asks = format!("{} {:?}", operation.path(), step.body);
        let kept = self.items.get(&place).filter(|item| number(&item["expires"]) > self.now);
        if let Some(kept) = kept {
            if self.asked.get(&place) != Some(&asks) {
                return Err(refused(
                    422,
                    "errors.invalidData",
                    "The Idempotency-Key was used for another request",
                ));
            }
            return Ok(response_of(kept));
        }
        let answer = self.perform(operation, &admission, &step.body)?;
        let mut item = json!({
            "requestHash": "<hash>", "status": answer.status.to_string(),
            "expires": (self.now + 24 * 3600).to_string(),
        });
        if let Some(location) = answer.headers.get("location") {
            item["location"] = json!(location[0]);
        }
        for (name, attribute) in [("created-id", "createdId"), ("etag", "etag")] {
            if let Some(values) = answer.headers.get(name) {
                item[attribute] = json!(values[0]);
            }
        }
        if !answer.body.is_null() {
            item["body"] = json!(answer.body.to_string());
        }
        self.put(caller, &place, "IdempotentAnswer", item);
        self.asked.insert(place, asks);
        Ok(answer)
    }

    /// Returns the present time as items have it.
    pub(super) fn time(&self) -> String {
        Timestamp::from_unix_millis(self.now * 1000).expect("a time").to_string()
    }

    /// Creates an item.
    pub(super) fn put(&mut self, caller: &Caller, place: &str, entity_type: &str, attributes: Value) {
        let (pk, sk) = place.split_once(" | ").expect("a key");
        let by = name(caller);
        let mut item = json!({
            "PK": pk, "SK": sk, "entityType": entity_type, "version": "0", "revision": "0", "created": "<now>", "createdBy": by,
            "lastModified": "<now>", "modifiedBy": by, "requestId": "<request>",
        });
        extend(&mut item, attributes);
        self.items.insert(place.to_owned(), item);
    }

    /// Counts a change of an item that readers do not see.
    pub(super) fn change_internally(&mut self, place: &str) {
        let item = self.items.get_mut(place).expect("an item");
        let revision = number(&item["revision"]) + 1;
        extend(item, json!({"revision": revision.to_string(), "requestId": "<request>"}));
    }

    /// Changes attributes of an item. `null` removes an attribute.
    pub(super) fn change(&mut self, caller: &Caller, place: &str, attributes: Value) {
        let item = self.items.get_mut(place).expect("an item");
        let [version, revision] = ["version", "revision"].map(|name| number(&item[name]) + 1);
        extend(item, attributes);
        extend(
            item,
            json!({
                "version": version.to_string(), "revision": revision.to_string(), "lastModified": "<now>", "modifiedBy": name(caller),
                "requestId": "<request>",
            }),
        );
    }

    /// Replaces an item by a changed one, unless nothing differs. Returns the item.
    pub(super) fn replace(&mut self, caller: &Caller, place: &str, next: Value) -> &Value {
        if self.items[place] != next {
            self.items.insert(place.to_owned(), next);
            self.change(caller, place, json!({}));
        }
        &self.items[place]
    }

    /// Returns the items whose keys start with a text.
    pub(super) fn beginning_with<'a>(
        &'a self,
        start: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.items.iter().filter(move |(place, _)| place.starts_with(start))
    }
}

/// Returns a number, which items store as text.
fn number(value: &Value) -> i64 {
    value.as_str().and_then(|digits| digits.parse().ok()).expect("a number")
}

pub(super) fn extend(item: &mut Value, attributes: Value) {
    let (Value::Object(item), Value::Object(attributes)) = (item, attributes) else { return };
    item.extend(attributes);
    item.retain(|_, value| !value.is_null());
}

/// Returns the response that an item stores.
fn response_of(item: &Value) -> Answer {
    let body = item["body"].as_str().map_or(Value::Null, |body| serde_json::from_str(body).expect("JSON"));
    let mut answer = ok(body);
    answer.status = item["status"].as_str().and_then(|status| status.parse().ok()).expect("a status");
    if answer.body.is_null() {
        answer.headers.remove("content-type");
    }
    for (name, attribute) in [("location", "location"), ("created-id", "createdId"), ("etag", "etag")] {
        if let Some(value) = item[attribute].as_str() {
            answer = answer.with(name, value);
        }
    }
    answer
}
