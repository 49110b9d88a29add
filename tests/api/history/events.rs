//! The content of events.

use std::collections::BTreeSet;

use functions::history::kinds::{KINDS, Kind};
use local::export::export_lines;
use serde_json::{Value, json};

use super::{Follower, USER, every_operation, expected, good_request, new_target, send, summary};
use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::{World, jobs, target};

/// Returns an event without what differs between runs.
fn still(mut event: Value) -> Value {
    assert!(event["id"].as_str().is_some_and(|id| !id.is_empty()), "{event}");
    assert!(event["data"]["requestId"].as_str().is_some_and(|id| !id.is_empty()), "{event}");
    event["id"] = "<id>".into();
    event["data"]["requestId"] = "<request>".into();
    event
}

#[tokio::test]
async fn each_change_has_its_members_before_and_after_and_its_author() {
    let follower = Follower::furnished().await;
    let targets = format!("{USER}/dispatch-targets");
    let target = format!("{targets}/dt-new");
    send(&follower, "a", ("POST", &targets), new_target()).await;
    send(&follower, "b", ("PATCH", &target), json!({"name": "Pad", "signingKey": "other-secret"})).await;
    send(&follower, "c", ("DELETE", &target), Value::Null).await;
    let events: Vec<Value> = follower.publish().await.into_iter().map(still).collect();
    let event = |kind: &str, data: Value| {
        json!({"specversion": "1.0", "id": "<id>", "source": "/nevisidm/api/core/v1",
               "type": format!("com.example.dispatch-target.{kind}"),
               "subject": "/client-123/users/user-123/dispatch-targets/dt-new", "time": "2026-03-01T12:00:00Z",
               "datacontenttype": "application/json", "data": data})
    };
    let data = |operation: &str, by: &str, version: u64, changes: Value, hidden: Value| {
        json!({"operation": operation, "version": version,
               "identifiers": {"clientExtId": "client-123", "userExtId": "user-123",
                               "dispatchTargetExtId": "dt-new"},
               "modifiedBy": format!("client-123/{by}"), "modifiedAt": "2026-03-01T12:00:00Z",
               "requestId": "<request>", "createdBy": "client-123/a", "createdAt": "2026-03-01T12:00:00Z",
               "changes": changes, "hidden": hidden})
    };
    let all = |side: &str, name: &str| {
        let members = json!({"type": "fido-uaf", "deviceId": "device-9", "appId": "app-9", "name": name,
                             "stateName": "active"});
        let members = members.as_object().expect("an object").iter();
        Value::Object(members.map(|(name, value)| (name.clone(), json!({side: value}))).collect())
    };
    let secrets = json!(["identification", "signingKey", "target"]);
    let created = event("created", data("created", "a", 0, all("after", "Tablet"), secrets.clone()));
    let names = json!({"name": {"before": "Tablet", "after": "Pad"}});
    let changed = event("changed", data("changed", "b", 1, names, json!(["signingKey"])));
    let deleted = event("deleted", data("deleted", "c", 1, all("before", "Pad"), secrets));
    assert_eq!(events, [created, changed, deleted]);
}

for_each_operation!(changes_are_published_with_their_request_and_caller);

/// What reads makes no event.
async fn changes_are_published_with_their_request_and_caller(row: &'static Row) {
    if target::url().is_some() {
        return;
    }
    let follower = Follower::furnished().await;
    let answer = good_request(&follower, row).await;
    assert_eq!(answer.status, row.success, "{answer:?}");
    jobs::sweep(follower.world.table()).await;
    let events = follower.publish().await;
    assert_eq!(events.is_empty(), !row.writes(), "{events:#?}");
    let first = events.first().map(|event| event["data"]["requestId"].clone());
    for event in &events {
        let data = &event["data"];
        assert_eq!(data["modifiedBy"], "operators/root", "{event:#}");
        assert_eq!(Some(&data["requestId"]), first.as_ref(), "{event:#}");
        assert_eq!(event["time"], data["modifiedAt"]);
    }
}

/// Returns the values of the hidden fields of all objects of a world.
async fn secrets(world: &World) -> Vec<String> {
    let mut secrets = Vec::new();
    for item in world.stored().await {
        let Some(kind) = Kind::of(&item).expect("an entity type") else { continue };
        let members = kind.members(&item).expect("members");
        let hidden = members.all.iter().filter(|(name, _)| !members.disclosed.contains_key(*name));
        // A value that is as short as a word, or equal to the name, cannot be told from what is shown.
        let hidden = hidden.filter_map(|(name, value)| Some((name, value.as_str()?)));
        secrets.extend(
            hidden
                .filter(|(name, value)| name != value && value.len() > 3)
                .map(|(_, value)| value.to_owned()),
        );
    }
    secrets
}

#[tokio::test]
async fn no_event_and_no_row_shows_a_hidden_field() {
    let follower = Follower::furnished().await;
    let mut known = secrets(&follower.world).await;
    every_operation(&follower, async || known.extend(secrets(&follower.world).await)).await;
    known.sort();
    known.dedup();
    assert!(known.len() >= 3, "{known:?}");
    let published = Value::from(follower.publish().await).to_string();
    let mut rows = String::new();
    for item in follower.world.stored().await {
        rows.extend(functions::history::row::row_of(&item).map(|row| row.to_string()));
    }
    assert!(!rows.is_empty());
    for secret in &known {
        // Compared as whole JSON strings, because some are as short as a word.
        let quoted = Value::from(secret.as_str()).to_string();
        assert!(!published.contains(&quoted) && !rows.contains(&quoted), "{secret}");
    }
}

/// Fields of these names are secret, wherever they are.
const SECRETS: [&str; 7] =
    ["target", "signingKey", "encryptionKey", "receipt", "publicKey", "signerCert", "identification"];

/// Members of an export that have another name in the history, because `type` is that of the line.
const RENAMED: [(&str, &str); 2] = [("dispatchTarget", "targetType"), ("property", "valueType")];

/// Returns the types of the lines of an export, each with the names of its members.
async fn exported(world: &World) -> BTreeSet<(String, String)> {
    let (client, table) = world.table();
    let mut lines = Vec::new();
    export_lines(client.clone(), table, None, &mut lines).await.expect("an export");
    let mut members = BTreeSet::new();
    for line in String::from_utf8(lines).expect("UTF-8").lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let of = line["type"].as_str().expect("a type");
        let names = line.as_object().expect("an object").keys().filter(|name| *name != "type");
        members.extend(names.map(|name| (of.to_owned(), name.clone())));
    }
    members
}

/// Returns the kinds of objects that exports call so, either by the noun or by the entity type.
fn kinds_of(name: &str) -> impl Iterator<Item = &'static Kind> {
    let is_called = move |kind: &&Kind| {
        let noun = kind.noun.replace('-', "");
        [noun.as_str(), kind.entity_type].iter().any(|own| own.eq_ignore_ascii_case(name))
    };
    KINDS.iter().filter(is_called)
}

/// Whatever an export has of an object, its history and its events show or name.
#[tokio::test]
async fn every_member_of_an_export_is_shown_or_secret() {
    let follower = Follower::furnished().await;
    let mut members = exported(&follower.world).await;
    every_operation(&follower, async || members.extend(exported(&follower.world).await)).await;
    let types: BTreeSet<&String> = members.iter().map(|(of, _)| of).collect();
    assert!(types.len() >= 12, "{types:?}");
    for (of, name) in &members {
        let mut kinds = kinds_of(of).peekable();
        assert!(kinds.peek().is_some(), "{of} has a history");
        let is_shown = kinds.any(|kind| kind.schema.fields().any(|field| field.name == name));
        let is_known = SECRETS.contains(&name.as_str()) || RENAMED.contains(&(of, name));
        // The app attestation of a dispatch target has a kind of its own.
        assert!(is_shown || is_known || kinds_of(name).next().is_some(), "{name} of {of}");
    }
}

#[test]
fn secrets_are_not_shown_fields_of_any_kind() {
    for kind in KINDS {
        let shown = kind.schema.fields().find(|field| SECRETS.contains(&field.name));
        assert!(shown.is_none(), "{}: {shown:?}", kind.name);
    }
}

#[tokio::test]
async fn values_of_properties_begin_with_a_change() {
    let follower = Follower::furnished().await;
    send(&follower, "a", ("POST", "/{client-123}/users"), json!({"extId": "jane"})).await;
    let path = "/{client-123}/users/jane/properties";
    send(&follower, "b", ("PATCH", path), json!({"{floor}": "1"})).await;
    send(&follower, "c", ("DELETE", "/{client-123}/users/jane"), Value::Null).await;
    let events = follower.publish().await;
    let subject = "/client-123/users/jane";
    let of_properties = "/client-123/users/jane/properties";
    assert_eq!(
        summary(&events),
        expected(&[
            ["com.example.user.created", subject, "client-123/a"],
            ["com.example.user-properties.changed", of_properties, "client-123/b"],
            ["com.example.user.deleted", subject, "client-123/c"],
            ["com.example.user-properties.deleted", of_properties, "client-123/c"],
        ])
    );
    assert_eq!(events[1]["data"]["changes"], json!({"properties": {"after": {"floor": "1"}}}));
}
