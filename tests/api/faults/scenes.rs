//! The requests that are tried with every fault: to each operation a good one, and those that are
//! refused for what is stored.

use serde_json::json;

use crate::operations::rows::Row;
use crate::operations::table::ROWS;
use crate::support::call::{Call, Sent};
use crate::support::{Caller, World};

/// A request, by what it is about.
pub(crate) struct Scene {
    /// What it is about.
    pub(crate) name: String,
    /// The request.
    pub(crate) sent: Sent,
    /// Whether it carries an `Idempotency-Key`.
    pub(crate) has_key: bool,
}

const PROPERTIES: &str = "/{client-123}/users/{user-123}/mobile-signature/properties";

/// The good request to each operation, and where it writes, once more with an `Idempotency-Key`.
pub(crate) fn good(world: &World) -> Vec<Scene> {
    let mut scenes = vec![scene("get-health".to_owned(), world.get("/health"))];
    for row in &ROWS {
        scenes.push(scene(row.id.to_owned(), row.call(world)));
        if row.method != "GET" {
            scenes.push(scene(format!("{} once", row.id), once(row.call(world))));
        }
    }
    let move_value = || world.patch(PROPERTIES).json(json!({"{employee_id}": "2", "{nickname}": null}));
    scenes.push(scene("a unique value moves".to_owned(), move_value()));
    scenes.push(scene("a unique value moves once".to_owned(), once(move_value())));
    scenes
}

/// Requests that are refused for what is stored, with an `Idempotency-Key` and without.
pub(crate) fn refused(world: &World) -> Vec<Scene> {
    let mut scenes = Vec::new();
    for row in &ROWS {
        let taken = |row: &'static Row| {
            let taken = row.taken.as_ref()?;
            Some(world.call(row.method, row.path).json((taken.body)()))
        };
        let missing = |row: &'static Row| {
            let missing = row.missing.as_ref()?;
            let replaced = |text: &str| text.replace(missing.there, missing.not_there);
            let body = row.good_body().map(|body| replaced(&body.to_string()));
            let body = body.map(|body| serde_json::from_str(&body).expect("JSON"));
            Some(world.call(row.method, &replaced(row.path)).json_if(body))
        };
        scenes.extend(taken(row).map(|call| scene(format!("{}, taken", row.id), call)));
        scenes.extend(taken(row).map(|call| scene(format!("{} once, taken", row.id), once(call))));
        scenes.extend(missing(row).map(|call| scene(format!("{}, missing", row.id), call)));
    }
    let client = world.get("/clients/{client-999}");
    scenes.push(scene("get-client, missing".to_owned(), client));
    let question = world.post("/{client-999}/personal-questions").json(json!({"stateName": "active"}));
    scenes.push(scene("create-personal-question, missing".to_owned(), question));
    let value = || world.patch(PROPERTIES).json(json!({"{employee_id}": "7"}));
    scenes.push(scene("a unique value is taken".to_owned(), value()));
    scenes.push(scene("a unique value is taken once".to_owned(), once(value())));
    scenes
}

fn scene(name: String, call: Call<'_>) -> Scene {
    let sent = call.by(&Caller::root()).sent();
    let has_key = sent.headers.iter().any(|(name, _)| name == "idempotency-key");
    Scene { name, sent, has_key }
}

fn once(call: Call<'_>) -> Call<'_> {
    call.header("idempotency-key", "key")
}
