//! The history and the events: what the job that follows the stream of the table makes of it.

mod authors;
mod delivery;
mod events;
mod follower;
mod listed;
mod rebuilt;
pub(crate) mod rows;

use serde_json::{Value, json};

use self::follower::Follower;
use crate::operations::all_rows;
use crate::operations::rows::Row;
use crate::support::{Answer, Caller};

/// A caller of a client with all rights.
fn caller(name: &str) -> Caller {
    Caller::new("{client-123}", name).with("nevisIdm.Root", Some(&["*"]), None)
}

/// Sends a request that succeeds.
async fn send(follower: &Follower, by: &str, (method, path): (&str, &str), body: Value) -> Answer {
    let body = Some(body).filter(|body| !body.is_null());
    let answer = follower.world.call(method, path).by(&caller(by)).json_if(body).send().await;
    assert!(answer.status < 300, "{method} {path}: {answer:?}");
    answer
}

/// Sends the good request of a row, with an X-Token if it needs one.
async fn good_request(follower: &Follower, row: &Row) -> Answer {
    let world = &follower.world;
    let request = world.call(row.method, row.path).by(&Caller::root()).json_if(row.good_body());
    let request = if row.takes_x_token() {
        request.x_token(&world.x_token("{client-123}", row.user()))
    } else {
        request
    };
    request.send().await
}

/// Sends the good requests of all operations that change something, those that delete users and clients last, and calls
/// `after` after each of them.
async fn every_operation(follower: &Follower, mut after: impl AsyncFnMut()) {
    let mut rows: Vec<&Row> = all_rows().filter(|row| row.writes()).collect();
    rows.sort_by_key(|row| (row.is_deletion(), row.method == "DELETE"));
    for row in rows {
        good_request(follower, row).await;
        after().await;
    }
}

/// The path of a user of the furnished world.
const USER: &str = "/{client-123}/users/{user-123}";

/// The body of a new dispatch target with secrets.
fn new_target() -> Value {
    json!({"extId": "dt-new", "deviceId": "device-9", "target": "secret-target", "signingKey": "secret-key",
           "appId": "app-9", "name": "Tablet", "identification": "secret-identification"})
}

/// Returns the members of events that a test compares: type, subject and author.
fn summary(events: &[Value]) -> Vec<[String; 3]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let summary =
        |event: &Value| [text(&event["type"]), text(&event["subject"]), text(&event["data"]["modifiedBy"])];
    events.iter().map(summary).collect()
}

/// Returns expected members of events.
fn expected(events: &[[&str; 3]]) -> Vec<[String; 3]> {
    events.iter().map(|event| event.map(str::to_owned)).collect()
}
