//! The history as callers read it.

use functions::history::kinds::KINDS;
use serde_json::{Value, json};
use shared::service::config::Publishing;

use super::{Follower, USER, caller, every_operation, new_target, send};
use crate::support::{Caller, refused};

const OF_CLIENT: &str = "dispatch-targets?clientExtId=client-123";

async fn with_history() -> Follower {
    let follower = Follower::furnished().await;
    let targets = format!("{USER}/dispatch-targets");
    let target = format!("{targets}/dt-new");
    send(&follower, "a", ("POST", &targets), new_target()).await;
    follower.world.wait(1);
    send(&follower, "b", ("PATCH", &target), json!({"name": "Pad", "stateName": "disabled"})).await;
    follower.world.wait(1);
    send(&follower, "c", ("DELETE", &target), Value::Null).await;
    send(&follower, "d", ("DELETE", &format!("{targets}/{{dt-123}}")), Value::Null).await;
    follower.publish().await;
    follower
}

#[tokio::test]
async fn rows_have_the_state_after_each_change_also_when_the_object_is_gone() {
    let follower = with_history().await;
    let mut rows = follower.rows(&format!("{OF_CLIENT}&dispatchTargetExtId=dt-new")).await;
    let origin = rows[0]["origId"].clone();
    for row in &mut rows {
        assert_eq!(row["origId"], origin);
        assert!(row["transactionId"].as_str().is_some_and(|id| !id.is_empty()) && row["userId"].is_u64());
        for name in ["origId", "transactionId", "userId"] {
            row[name] = "<any>".into();
        }
    }
    let row = |operation: &str, by: &str, version: u64, name: &str, state: &str, changed: Value| {
        json!({"kind": "dispatch-targets", "origId": "<any>", "versionDate": "<now>", "versionNumber": version,
               "transactionId": "<any>", "operation": operation, "modifiedBy": format!("client-123/{by}"),
               "modifiedAt": "<now>", "createdBy": "client-123/a", "createdAt": "<now>",
               "clientExtId": "client-123", "userExtId": "user-123", "userId": "<any>",
               "dispatchTargetExtId": "dt-new", "extId": "dt-new", "type": "fido-uaf", "deviceId": "device-9",
               "appId": "app-9", "name": name, "stateName": state, "changed": changed})
    };
    let all =
        json!(["appId", "deviceId", "identification", "name", "signingKey", "stateName", "target", "type"]);
    assert_eq!(
        rows,
        [
            row("i", "a", 0, "Tablet", "active", all.clone()),
            row("u", "b", 1, "Pad", "disabled", json!(["name", "stateName"])),
            row("d", "c", 1, "Pad", "disabled", all),
        ]
    );
}

#[tokio::test]
async fn parameters_select_rows() {
    let follower = with_history().await;
    let all = follower.rows(OF_CLIENT).await;
    let [target, user] = ["origId", "userId"].map(|name| all[0][name].to_string());
    for (query, count) in [
        ("", 4),
        ("&userExtId=user-123", 4),
        ("&userExtId=user-456", 0),
        ("&userExtId=user-123&dispatchTargetExtId=dt-new", 3),
        ("&dispatchTargetExtId=dt-new", 3),
        ("&dispatchTargetExtId=dt", 0),
        ("&operation=d", 2),
        ("&operation=i", 1),
        ("&stateName=active", 2),
        ("&stateName=disabled&operation=u", 1),
        (&format!("&origId={target}"), if all[0]["extId"] == "dt-new" { 3 } else { 1 }),
        (&format!("&userId={user}"), 4),
        ("&userId=1", 0),
    ] {
        assert_eq!(follower.rows(&format!("{OF_CLIENT}{query}")).await.len(), count, "{query}");
    }
    let attestations = follower.rows("app-attestation?clientExtId=client-123&operation=d").await;
    assert_eq!(attestations.len(), 1);
    let id = attestations[0]["dispatchTargetId"].to_string();
    let path = format!("app-attestation?clientExtId=client-123&dispatchTargetId={id}");
    assert_eq!(follower.rows(&path).await, attestations);
}

#[tokio::test]
async fn parameters_that_a_kind_does_not_have_are_invalid() {
    let follower = Follower::furnished().await;
    for (path, name) in [
        ("dispatch-targets?operation=x", "operation"),
        ("dispatch-targets?origId=x", "origId"),
        ("dispatch-targets?unitExtId=x", "unitExtId"),
        ("units?stateName=active", "stateName"),
        ("terms?clientExtId=client-123", "clientExtId"),
        ("terms?userExtId=user-123", "userExtId"),
        ("consents?x=y", "x"),
        ("consents?limit=1001", "limit"),
    ] {
        let answer = follower.world.get(&format!("/history/{path}")).by(&caller("a")).send().await;
        let message = format!("The following fields are not valid: {name}");
        assert_eq!(answer, refused(422, "errors.invalidParameter", &message), "{path}");
    }
}

#[tokio::test]
async fn unknown_kinds_have_no_history() {
    let follower = Follower::furnished().await;
    for kind in ["deletions", "dispatch-target", "Terms", "%20"] {
        let answer = follower.world.get(&format!("/history/{kind}")).by(&caller("a")).send().await;
        let name = if kind == "%20" { " " } else { kind };
        let message = format!("History doesn't exist for kind '{name}'");
        assert_eq!(answer, refused(404, "errors.noRecord", &message), "{kind}");
    }
}

#[tokio::test]
async fn the_client_is_that_of_the_caller_by_default() {
    let follower = with_history().await;
    let own = follower.world.get("/history/dispatch-targets").by(&caller("a")).send().await;
    assert_eq!(own.body["items"].as_array().map(Vec::len), Some(4));
    let other = follower.world.get("/history/dispatch-targets").by(&Caller::root()).send().await;
    assert_eq!(other.body["items"], json!([]));
}

/// A history has the units of no object, so rights over some units are not enough.
#[tokio::test]
async fn rights_must_cover_the_client_and_all_of_its_units() {
    let follower = with_history().await;
    let denied =
        |answer: &crate::support::Answer| answer.body["errors"][0]["code"] == "errors.combinedDataroomDenied";
    for (clients, units, path, is_shown) in [
        (["client-123"], None, OF_CLIENT, true),
        (["client-456"], None, OF_CLIENT, false),
        (["client-456"], None, "dispatch-targets", false),
        (["client-123"], Some(["sales"]), OF_CLIENT, false),
        (["client-456"], Some(["sales"]), "terms", true),
        (["client-456"], None, "properties", true),
        (["client-456"], None, "properties?clientExtId=client-123", false),
    ] {
        let by = Caller::new("{client-123}", "x").with(
            "nevisIdm.Root",
            Some(&clients),
            units.as_ref().map(<[&str; 1]>::as_slice),
        );
        let answer = follower.world.get(&format!("/history/{path}")).by(&by).send().await;
        assert_eq!(
            (answer.status == 200, denied(&answer)),
            (is_shown, !is_shown),
            "{path} {clients:?}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn pages_have_all_rows_once() {
    let follower = with_history().await;
    let whole = follower.rows(OF_CLIENT).await;
    let (mut rows, mut token) = (Vec::new(), String::new());
    loop {
        let path = format!("/history/{OF_CLIENT}&limit=1{token}");
        let answer = follower.world.get(&path).by(&caller("a")).send().await;
        rows.extend(answer.body["items"].as_array().expect("items").iter().cloned());
        match answer.body["_pagination"]["continuationToken"].as_str() {
            Some(next) => token = format!("&continuationToken={next}"),
            None => break,
        }
    }
    assert_eq!(rows, whole);
}

#[tokio::test]
async fn rows_expire_after_the_configured_days_or_never() {
    for (days, expires) in [(Some("0"), None), (None, Some(400)), (Some("7"), Some(7))] {
        let read = |name: &str| (name == "HISTORY_RETENTION_DAYS").then(|| days.map(str::to_owned))?;
        let publishing = Publishing::read(read).expect("valid");
        let follower = Follower::furnished().await.publishing(publishing);
        send(&follower, "a", ("POST", &format!("{USER}/dispatch-targets")), new_target()).await;
        follower.publish().await;
        let is_row = |item: &&shared::table::Item| item.text("entityType") == Ok("HistoryRow");
        let stored = follower.world.stored().await;
        let row = stored.iter().find(is_row).expect("a row");
        let expected = expires.map(|days: u64| follower.world.now().unsigned_abs() + days * 86_400);
        assert_eq!(row.optional_number("expires"), Ok(expected), "{days:?}");
    }
}

/// Rows of every kind fit the described fields.
#[tokio::test]
async fn rows_have_the_described_fields() {
    let follower = Follower::furnished().await;
    every_operation(&follower, async || {}).await;
    follower.publish().await;
    let mut without = Vec::new();
    for kind in KINDS {
        let is_of_client = kind.schema.fields().any(|field| field.name == "clientExtId" && field.required);
        let clients: &[&str] =
            if is_of_client { &["?clientExtId=client-123", "?clientExtId=new"] } else { &[""] };
        let mut rows = Vec::new();
        for client in clients {
            rows.extend(follower.rows(&format!("{}{client}", kind.name)).await);
        }
        if rows.is_empty() {
            without.push(kind.name);
        }
        for row in rows {
            let row = row.as_object().expect("an object");
            for field in kind.schema.fields().filter(|field| field.required) {
                assert!(row.contains_key(field.name), "{} of {}: {row:?}", field.name, kind.name);
            }
            for name in row.keys() {
                assert!(kind.schema.fields().any(|field| field.name == name), "{name} of {}", kind.name);
            }
        }
    }
    assert_eq!(without, [""; 0], "kinds without a row");
}
