//! `GET /{clientExtId}/users/{userExtId}/terms-pending`

use functions::consents::Consent;
use functions::terms::{TermsExtId, TermsVersion};
use serde_json::{Value, json};
use shared::clock::Timestamp;

use crate::support::pages::{ext_ids, page, walk};
use crate::support::target::{Kind, engine, leaves_out};
use crate::support::{Answer, Caller, World, ok};

const PENDING: &str = "/{client-123}/users/{user-123}/terms-pending";

/// Returns a world without terms. Its table has no items of other tests.
async fn world() -> Option<World> {
    let left_out = "a list of all terms of the table";
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], left_out) || engine().is_some() {
        return None;
    }
    let world = World::new().await;
    world.put_client("{client-123}", "{Default}").await;
    world.put_user("{client-123}", "{user-123}", &["root"]).await;
    Some(world)
}

async fn pending(world: &World) -> Vec<String> {
    ext_ids(&page(world, PENDING, "").await)
}

async fn create(world: &World, ext_id: &str, active: bool, silent: bool) {
    let body = json!({"extId": ext_id, "name": "Terms", "active": active, "silentAcceptance": silent,
                      "termsVersion": "1"});
    assert_eq!(world.post("/terms").by(&Caller::root()).json(body).send().await.status, 201);
}

async fn change(world: &World, ext_id: &str, body: Value) {
    let call = world.patch(&format!("/terms/{ext_id}")).by(&Caller::root());
    assert_eq!(call.json(body).send().await.status, 200);
}

async fn consent(world: &World, ext_id: &str) -> Answer {
    let call = world.post("/{client-123}/users/{user-123}/consents").by(&Caller::root());
    call.json(json!({"termsExtId": ext_id})).send().await
}

#[tokio::test]
async fn terms_are_pending_until_the_user_consents_to_their_current_version() {
    let Some(world) = world().await else { return };
    let nothing = json!({"items": [], "_pagination": {"limit": 100}, "_classifications": {}});
    assert_eq!(page(&world, PENDING, "").await, ok(nothing));
    create(&world, "t", true, false).await;
    let shown = world.get("/terms/t").by(&Caller::root()).send().await.body;
    assert_eq!(page(&world, PENDING, "").await.body["items"], json!([shown]));
    assert_eq!(consent(&world, "t").await.status, 201);
    assert_eq!(pending(&world).await, [""; 0]);
    change(&world, "t", json!({"name": "Other"})).await;
    assert_eq!(pending(&world).await, [""; 0]);
    change(&world, "t", json!({"termsVersion": "2"})).await;
    assert_eq!(pending(&world).await, ["t"]);
    assert_eq!(consent(&world, "t").await.status, 201);
    assert_eq!(pending(&world).await, [""; 0]);
}

#[tokio::test]
async fn a_consent_to_one_version_suffices_with_silent_acceptance() {
    let Some(world) = world().await else { return };
    create(&world, "t", true, true).await;
    assert_eq!(pending(&world).await, ["t"]);
    assert_eq!(consent(&world, "t").await.status, 201);
    change(&world, "t", json!({"termsVersion": "2"})).await;
    assert_eq!(pending(&world).await, [""; 0]);
}

#[tokio::test]
async fn inactive_terms_are_not_pending() {
    let Some(world) = world().await else { return };
    create(&world, "t", false, false).await;
    assert_eq!(pending(&world).await, [""; 0]);
    change(&world, "t", json!({"active": true})).await;
    assert_eq!(pending(&world).await, ["t"]);
}

/// Terms and consents are in another order where an identifier begins another one.
#[tokio::test]
async fn pages_show_what_is_pending_whatever_the_identifiers() {
    let Some(world) = world().await else { return };
    let all = ["a", "a!", "a!b", "a!b!", "a-", "a0", "ab", "b", "b!", "c"];
    for (number, ext_id) in all.iter().enumerate() {
        create(&world, ext_id, true, false).await;
        if number % 3 != 1 {
            assert_eq!(consent(&world, ext_id).await.status, 201);
        }
        if number % 3 == 2 {
            change(&world, ext_id, json!({"termsVersion": "2"})).await;
        }
    }
    // One in three has a consent to its current version.
    let expected = ["a!", "a!b", "a-", "a0", "b", "b!"];
    for limit in [1, 2, 3, 7, 10, 100] {
        let pages = walk(&world, &Caller::root(), (PENDING, limit), async |_| {}).await;
        assert_eq!(pages.concat(), expected, "{limit}");
        assert!(pages.iter().all(|page| page.len() <= limit), "{limit}");
    }
}

/// The consents to one document are more than one read has.
#[tokio::test]
async fn very_many_consents_are_all_read() {
    let Some(world) = world().await else { return };
    create(&world, "a", true, false).await;
    create(&world, "b", true, false).await;
    let user = world.user_path("{client-123}", "{user-123}");
    for first in (0..2_100).step_by(100) {
        world
            .put(|transaction| {
                for number in first..first + 100 {
                    let consent = Consent {
                        terms: TermsExtId::unchecked("a"),
                        version: TermsVersion::unchecked(&format!("v{number:04}")),
                        acceptance_date: Timestamp::UNIX_EPOCH,
                        withdrawal_date: None,
                    };
                    consent.create(&user, transaction);
                }
            })
            .await;
    }
    change(&world, "a", json!({"termsVersion": "w"})).await;
    assert_eq!(pending(&world).await, ["a", "b"]);
    change(&world, "b", json!({"termsVersion": "2"})).await;
    assert_eq!(consent(&world, "a").await.status, 201);
    for limit in [1, 100] {
        let pages = walk(&world, &Caller::root(), (PENDING, limit), async |_| {}).await;
        assert_eq!(pages.concat(), ["b"], "{limit}");
    }
}

#[tokio::test]
async fn a_token_of_another_user_is_rejected() {
    let Some(world) = world().await else { return };
    world.put_user("{client-123}", "{user-456}", &["root"]).await;
    for ext_id in ["a", "b"] {
        create(&world, ext_id, true, false).await;
    }
    let first = page(&world, PENDING, "limit=1").await;
    let token = crate::support::pages::token(&first).expect("a token");
    let of_another = PENDING.replace("user-123", "user-456");
    for path in [of_another.as_str(), "/terms"] {
        let answer = page(&world, path, &format!("continuationToken={token}")).await;
        assert_eq!(answer, crate::support::answer::invalid_fields("continuationToken"), "{path}");
    }
}
