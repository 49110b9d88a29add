//! Who deleted an object.

use serde_json::{Value, json};
use shared::service::config::DEFAULT_RETENTION_DAYS;
use shared::table::{Condition, Item, Transaction, tombstone};

use super::{Follower, USER, expected, new_target, send, summary};
use crate::support::jobs;

/// The tombstone of an object is that of its incarnation, however late the job is.
#[tokio::test]
async fn an_object_that_is_created_again_keeps_its_authors_apart() {
    let follower = Follower::furnished().await;
    let targets = format!("{USER}/dispatch-targets");
    let target = format!("{targets}/dt-new");
    for [creator, deleter] in [["a", "b"], ["c", "d"], ["e", "f"]] {
        send(&follower, creator, ("POST", &targets), new_target()).await;
        send(&follower, deleter, ("DELETE", &target), Value::Null).await;
    }
    let authors: Vec<String> = summary(&follower.publish().await).into_iter().map(|[.., by]| by).collect();
    assert_eq!(authors, ["a", "b", "c", "d", "e", "f"].map(|by| format!("client-123/{by}")));
}

/// A dispatch target and its app attestation are deleted by one request, each with a tombstone.
#[tokio::test]
async fn an_app_attestation_is_deleted_by_whoever_deletes_its_dispatch_target() {
    let follower = Follower::furnished().await;
    send(&follower, "b", ("DELETE", &format!("{USER}/dispatch-targets/{{dt-123}}")), Value::Null).await;
    let events = follower.publish().await;
    let deleted: Vec<_> =
        summary(&events).into_iter().filter(|[kind, ..]| kind.ends_with("deleted")).collect();
    let path = "/client-123/users/user-123/dispatch-targets/dt-123";
    assert_eq!(
        deleted,
        expected(&[
            ["com.example.dispatch-target.deleted", path, "client-123/b"],
            ["com.example.app-attestation.deleted", &format!("{path}/app-attestation"), "client-123/b"],
        ])
    );
}

/// What a later run of the job deletes is deleted by the caller who began the deletion, at that time.
#[tokio::test]
async fn everything_below_a_client_is_deleted_by_whoever_deleted_the_client() {
    let follower = Follower::furnished().await;
    send(&follower, "a", ("DELETE", "/clients/{client-123}"), Value::Null).await;
    follower.world.wait(60);
    jobs::sweep(follower.world.table()).await;
    let events = follower.publish().await;
    assert!(events.len() > 20, "{}", events.len());
    for event in &events {
        assert!(event["type"].as_str().is_some_and(|kind| kind.ends_with(".deleted")), "{event:#}");
        assert_eq!(event["data"]["modifiedBy"], "client-123/a", "{event:#}");
        assert_eq!(event["data"]["modifiedAt"], "2026-03-01T12:00:00Z", "{event:#}");
    }
    // No object is deleted twice, although users and profiles are marked first and deleted later.
    let mut subjects: Vec<(Value, Value)> =
        events.iter().map(|event| (event["type"].clone(), event["data"]["identifiers"].clone())).collect();
    let count = subjects.len();
    subjects.sort_by_cached_key(|subject| format!("{subject:?}"));
    subjects.dedup();
    assert_eq!(subjects.len(), count);
}

/// A user who was deleted, created and deleted again before the job ran: what belonged to each of both is deleted by the
/// right caller.
#[tokio::test]
async fn a_user_who_is_created_again_keeps_deletions_apart() {
    let follower = Follower::furnished().await;
    for [creator, deleter] in [["a", "b"], ["c", "d"]] {
        send(&follower, creator, ("POST", "/{client-123}/users"), json!({"extId": "jane"})).await;
        let consents = "/{client-123}/users/jane/consents";
        send(&follower, creator, ("POST", consents), json!({"termsExtId": "{terms-123}"})).await;
        follower.world.wait(1);
        send(&follower, deleter, ("DELETE", "/{client-123}/users/jane"), Value::Null).await;
        follower.world.wait(1);
    }
    let events = follower.publish().await;
    let consents = summary(&events).into_iter().filter(|[kind, ..]| kind.contains(".consent."));
    let consents: Vec<[String; 2]> = consents.map(|[kind, _, by]| [kind, by]).collect();
    let events = [["created", "a"], ["deleted", "b"], ["created", "c"], ["deleted", "d"]];
    let events = events.map(|[kind, by]| [format!("com.example.consent.{kind}"), format!("client-123/{by}")]);
    assert_eq!(consents, events);
}

/// An archived user loses the credentials by the caller who archived the user.
#[tokio::test]
async fn credentials_are_deleted_by_whoever_archives_their_user() {
    let follower = Follower::furnished().await;
    send(&follower, "a", ("POST", &format!("{USER}/archive")), Value::Null).await;
    jobs::sweep(follower.world.table()).await;
    let events = follower.publish().await;
    let deleted: Vec<[String; 3]> =
        summary(&events).into_iter().filter(|[kind, ..]| kind.ends_with(".deleted")).collect();
    assert!(deleted.len() >= 2, "{deleted:?}");
    assert!(deleted.iter().all(|[.., by]| by == "client-123/a"), "{deleted:?}");
}

/// Archiving a user deletes the credentials only. The deletion of the user or of the client deletes the rest.
#[tokio::test]
async fn what_an_archiving_leaves_is_deleted_by_whoever_deletes_the_user_or_the_client() {
    for victim in [USER, "/clients/{client-123}"] {
        let follower = Follower::furnished().await;
        send(&follower, "a", ("POST", &format!("{USER}/archive")), Value::Null).await;
        follower.world.wait(1);
        send(&follower, "b", ("DELETE", victim), Value::Null).await;
        jobs::sweep(follower.world.table()).await;
        let subject = "/client-123/users/user-123";
        let deleted = summary(&follower.publish().await).into_iter();
        let of_user =
            deleted.filter(|[kind, path, _]| kind.ends_with("deleted") && path.starts_with(subject));
        let (mut by_archiving, mut by_deletion) = (0, 0);
        for [kind, path, by] in of_user {
            let words = ["dispatch-target", "app-attestation", "mobile-signature", "fido-authenticator"];
            let is_of_credentials = words.iter().any(|word| kind.contains(word));
            assert_eq!(
                by,
                format!("client-123/{}", if is_of_credentials { "a" } else { "b" }),
                "{kind} {path}"
            );
            *if is_of_credentials { &mut by_archiving } else { &mut by_deletion } += 1;
        }
        assert!(by_archiving >= 7 && by_deletion >= 3, "{by_archiving} {by_deletion}");
    }
}

/// The deletion of an earlier user of the same name does not hide that of the client.
#[tokio::test]
async fn a_user_who_is_created_again_is_deleted_by_whoever_deletes_the_client() {
    let follower = Follower::furnished().await;
    send(&follower, "a", ("POST", "/{client-123}/users"), json!({"extId": "jane"})).await;
    send(&follower, "b", ("DELETE", "/{client-123}/users/jane"), Value::Null).await;
    follower.world.wait(1);
    send(&follower, "c", ("POST", "/{client-123}/users"), json!({"extId": "jane"})).await;
    let consents = "/{client-123}/users/jane/consents";
    send(&follower, "c", ("POST", consents), json!({"termsExtId": "{terms-123}"})).await;
    follower.world.wait(1);
    send(&follower, "d", ("DELETE", "/clients/{client-123}"), Value::Null).await;
    jobs::sweep(follower.world.table()).await;
    let events = summary(&follower.publish().await).into_iter();
    let consent: Vec<[String; 2]> = events
        .filter(|[kind, path, _]| kind.contains(".consent.") && path.contains("/jane/"))
        .map(|[kind, _, by]| [kind, by])
        .collect();
    let expected = [["created", "c"], ["deleted", "d"]];
    let expected =
        expected.map(|[kind, by]| [format!("com.example.consent.{kind}"), format!("client-123/{by}")]);
    assert_eq!(consent, expected);
}

/// The job may be later than a tombstone is kept.
#[tokio::test]
async fn a_deletion_without_a_tombstone_has_no_author_and_its_row_expires() {
    let follower = Follower::furnished().await;
    send(&follower, "b", ("DELETE", &format!("{USER}/dispatch-targets/{{dt-123}}")), Value::Null).await;
    let is_tombstone = |item: &&Item| item.text("entityType") == Ok(tombstone::ENTITY_TYPE);
    let stored = follower.world.stored().await;
    let keys = stored.iter().filter(is_tombstone).map(|item| item.key().expect("a key"));
    let delete = |transaction: &mut Transaction| {
        let deleted: Vec<_> = keys.map(|key| transaction.delete(key, Condition::Any)).collect();
        assert_eq!(deleted.len(), 2);
    };
    follower.world.put(delete).await;
    let events = follower.publish().await;
    let deleted = |event: &&Value| event["type"].as_str().is_some_and(|kind| kind.ends_with(".deleted"));
    assert_eq!(events.iter().filter(deleted).count(), 2);
    for event in events.iter().filter(deleted) {
        assert_eq!((event.get("time"), &event["data"]["modifiedBy"]), (None, &Value::Null), "{event:#}");
    }
    let stored = follower.world.stored().await;
    let rows: Vec<&Item> = stored.iter().filter(|item| item.text("entityType") == Ok("HistoryRow")).collect();
    assert_eq!(rows.len(), events.len());
    let expected = follower.world.now().unsigned_abs() + DEFAULT_RETENTION_DAYS * 86_400;
    for row in rows {
        assert_eq!(row.optional_number("expires"), Ok(Some(expected)), "{row:?}");
    }
}
