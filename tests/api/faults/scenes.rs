//! The requests that are sent with every fault: valid ones, and those that conflict with stored
//! data.

use serde_json::json;

use crate::operations::rows::Row;
use crate::support::call::{Call, Sent};
use crate::support::{Caller, World};

/// A request and its description.
pub(crate) struct Scene {
    /// Description.
    pub(crate) name: String,
    /// The request.
    pub(crate) sent: Sent,
    /// Whether it carries an `Idempotency-Key`.
    pub(crate) has_key: bool,
}

/// Returns the health check.
pub(crate) fn health(world: &World) -> Scene {
    scene("get-health", world.get("/health"))
}

/// Returns the good requests to an operation; if it writes, each also with an `Idempotency-Key`.
pub(crate) fn good(world: &World, row: &Row) -> Vec<Scene> {
    let mut scenes = vec![scene(row.id, row.call(world))];
    if row.writes() {
        scenes.push(scene("once", once(row.call(world))));
    }
    if let Some(body) = row.more_actions {
        let call = || world.call(row.method, row.path).json(body());
        scenes.extend([scene("more actions", call()), scene("more actions, once", once(call()))]);
    }
    scenes
}

/// Returns the requests to an operation that conflict with stored data. If a transaction decides,
/// each also has a variant with an `Idempotency-Key`.
pub(crate) fn refused(world: &World, row: &Row) -> Vec<Scene> {
    let mut scenes = Vec::new();
    if let Some(conflict) = &row.conflict {
        let call = || world.call(row.method, row.path).json((conflict.body)());
        scenes.extend([scene("conflict", call()), scene("conflict, once", once(call()))]);
    }
    if let Some(missing) = &row.missing {
        let replaced = |text: &str| text.replace(missing.present, missing.absent);
        let body = row.good_body().map(|body| replaced(&body.to_string()));
        let body = body.map(|body| serde_json::from_str(&body).expect("JSON"));
        scenes.push(scene("missing", world.call(row.method, &replaced(row.path)).json_if(body)));
    }
    if row.has_client() && !row.has_user() {
        let path = row.path.replace("{client-123}", "{client-999}");
        scenes.push(scene("missing client", world.call(row.method, &path).json_if(row.good_body())));
    }
    let unique = match row.id {
        "update-mobile-signature-properties" => Some("{employee_id}"),
        "update-user-properties" => Some("{staff_number}"),
        _ => None,
    };
    if let Some(name) = unique {
        let value = || world.patch(row.path).json(json!({name: "7"}));
        scenes.extend([scene("duplicate value", value()), scene("duplicate value, once", once(value()))]);
    }
    scenes
}

fn scene(name: &str, call: Call<'_>) -> Scene {
    let sent = call.by(&Caller::root()).sent();
    let has_key = sent.headers.iter().any(|(name, _)| name == "idempotency-key");
    Scene { name: name.to_owned(), sent, has_key }
}

fn once(call: Call<'_>) -> Call<'_> {
    call.header("idempotency-key", "key")
}
