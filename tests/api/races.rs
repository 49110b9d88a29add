//! Concurrent requests: exactly one of many succeeds. The others are rejected as if they had been
//! sent later and leave nothing behind.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::answer::{busy, not_unique};
use crate::support::call::Call;
use crate::support::target::{Kind, kind, number};
use crate::support::whole::assert_complete;
use crate::support::{Answer, Caller, World, created, no_content, ok_like, refused};

/// The number of concurrent callers.
const CALLERS: usize = 64;

/// Returns the number of rounds: `RACE_ROUNDS`, or 10 by default. Hosts that start a process for
/// each call or serve calls one by one need only two rounds.
pub(crate) fn rounds() -> usize {
    let rounds = number("RACE_ROUNDS", 10);
    match kind() {
        Kind::InProcess | Kind::Local => rounds,
        Kind::Watch | Kind::Gateway => 2,
    }
}

/// Sends the calls concurrently and asserts that all but one are answered with `refusal`. Returns
/// the index and the response of that one.
async fn winner(calls: Vec<Call<'_>>, refusal: &Answer) -> (usize, Answer) {
    let answers = futures_util::future::join_all(calls.into_iter().map(Call::send)).await;
    let mut others = answers.into_iter().enumerate().filter(|(_, answer)| answer != refusal);
    let winner = others.next().expect("one succeeds");
    let more: Vec<_> = others.collect();
    assert!(more.is_empty(), "one succeeds, not {more:?} besides {winner:?}");
    winner
}

/// Returns the numbers of created, changed and deleted items.
async fn counts(world: &World, before: &crate::support::items::Items) -> [usize; 3] {
    world.items().await.since(before).counts()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_name_is_reserved_once() {
    let world = World::new().await;
    let refusal = refused(422, "errors.duplicateValue", "Client already exists");
    for round in 0..rounds() {
        let before = world.items().await;
        let body = json!({"name": format!("{{name-{round}}}")});
        let calls = (0..CALLERS).map(|_| world.post("/clients").by(&Caller::root()).json(body.clone()));
        let (_, answer) = winner(calls.collect(), &refusal).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(counts(&world, &before).await, [7, 0, 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_ext_id_is_reserved_once() {
    let world = World::new().await;
    let refusal = refused(422, "errors.duplicateValue", "Client already exists");
    for round in 0..rounds() {
        let before = world.items().await;
        let calls = (0..CALLERS).map(|caller| {
            let body =
                json!({"extId": format!("{{new-{round}}}"), "name": format!("{{name-{round}-{caller}}}")});
            world.post("/clients").by(&Caller::root()).json(body)
        });
        let (caller, answer) = winner(calls.collect(), &refusal).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let collection = format!("default_for_-name-{round}-{caller}");
        assert_eq!(answer.body["defaultTemplateCollectionName"], collection);
        assert_eq!(counts(&world, &before).await, [7, 0, 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_name_is_reserved_once_below_its_parent() {
    let world = World::furnished().await;
    for round in 0..rounds() {
        let message = format!("Unit already exists with name 'name-{round}'");
        let refusal = refused(422, "errors.duplicateValue", &message);
        let before = world.items().await;
        let calls = (0..CALLERS).map(|_| {
            let body = json!({"parentUnitExtId": "sales", "name": format!("name-{round}")});
            world.post("/{client-123}/units").by(&Caller::root()).json(body)
        });
        let (_, answer) = winner(calls.collect(), &refusal).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(counts(&world, &before).await, [3, 0, 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_id_is_reserved_once() {
    let world = World::furnished().await;
    for round in 0..rounds() {
        let message = format!("User already exists with loginId 'login-{round}'");
        let refusal = refused(422, "errors.duplicateValue", &message);
        let before = world.items().await;
        let calls = (0..CALLERS).map(|caller| {
            let body =
                json!({"extId": format!("{{u-{round}-{caller}}}"), "loginId": format!("{{login-{round}}}")});
            world.post("/{client-123}/users").by(&Caller::root()).json(body)
        });
        let (_, answer) = winner(calls.collect(), &refusal).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(counts(&world, &before).await, [3, 0, 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_email_address_is_reserved_once() {
    let Some(world) = World::configured(&[("UNIQUE_USER_FIELDS", "contacts.email")]).await else { return };
    world.furnish("{Default}").await;
    for round in 0..rounds() {
        let message = format!("User already exists with contacts.email '{round}@x'");
        let refusal = refused(422, "errors.duplicateEmail", &message);
        let before = world.items().await;
        let calls = (0..CALLERS).map(|caller| {
            let contacts = json!({"email": format!("{round}@x")});
            let body = json!({"extId": format!("{{u-{round}-{caller}}}"), "contacts": contacts});
            world.post("/{client-123}/users").by(&Caller::root()).json(body)
        });
        let (_, answer) = winner(calls.collect(), &refusal).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(counts(&world, &before).await, [5, 0, 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_ext_id_is_reserved_once() {
    let world = World::furnished().await;
    for round in 0..rounds() {
        let before = world.items().await;
        let body = json!({"extId": format!("{{race-{round}}}"), "stateName": "active"});
        let path = "/{client-123}/personal-questions";
        let calls = (0..CALLERS).map(|_| world.post(path).by(&Caller::root()).json(body.clone()));
        let message = format!("PersonalQuestion already exists with extId 'race-{round}'");
        let (_, answer) = winner(calls.collect(), &refused(422, "errors.duplicateValue", &message)).await;
        let location = format!("/client-123/personal-questions/race-{round}");
        assert_eq!(answer, created(&location, Value::Null));
        assert_eq!(counts(&world, &before).await, [1, 0, 0]);
    }
}

/// Different requests cannot share an `Idempotency-Key`.
#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_is_used_by_one_request() {
    let world = World::furnished().await;
    let refusal = refused(422, "errors.invalidData", "The Idempotency-Key was used for another request");
    for round in 0..rounds() {
        let before = world.items().await;
        let calls = (0..CALLERS).map(|caller| {
            let body = json!({"extId": format!("{{keyed-{round}-{caller}}}"), "stateName": "active"});
            let call = world.post("/{client-123}/personal-questions").by(&Caller::root());
            call.header("idempotency-key", &format!("key-{round}")).json(body)
        });
        let (caller, answer) = winner(calls.collect(), &refusal).await;
        let location = format!("/client-123/personal-questions/keyed-{round}-{caller}");
        assert_eq!(answer, created(&location, Value::Null));
        assert_eq!(counts(&world, &before).await, [2, 0, 0], "the question and the stored response");
    }
}

/// Equal requests with the same `Idempotency-Key` take effect once and get the same response.
#[tokio::test(flavor = "multi_thread")]
async fn equal_requests_with_an_idempotency_key_take_effect_once() {
    let world = World::furnished().await;
    for round in 0..rounds() {
        let before = world.items().await;
        let calls = (0..CALLERS).map(|_| {
            let call = world.post("/{client-123}/personal-questions").by(&Caller::root());
            let call = call.header("idempotency-key", &format!("equal-{round}"));
            call.json(json!({"stateName": "active"})).send()
        });
        let answers = futures_util::future::join_all(calls).await;
        let location = format!("/client-123/personal-questions/{}", answers[0].created_uuid());
        let expected = created(&location, Value::Null);
        assert!(answers.iter().all(|answer| *answer == expected), "{answers:?}");
        assert_eq!(counts(&world, &before).await, [2, 0, 0], "one question and the stored response");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_created_once() {
    let world = World::furnished().await;
    for round in 0..rounds() {
        let terms = format!("{{race-{round}}}");
        world.put_terms(&terms, "1").await;
        let before = world.items().await;
        let path = "/{client-123}/users/{user-123}/consents";
        let body = json!({"termsExtId": terms});
        let calls = (0..CALLERS).map(|_| world.post(path).by(&Caller::root()).json(body.clone()));
        let refusal = refused(
            422,
            "errors.duplicateValue",
            &format!(
                "A consent for userExtId: 'user-123', termsExtId: 'race-{round}' and termsVersion: '1' already exists."
            ),
        );
        let (_, answer) = winner(calls.collect(), &refusal).await;
        let location = format!("/client-123/users/user-123/consents/race-{round}/1");
        assert_eq!(answer, created(&location, Value::Null));
        assert_eq!(counts(&world, &before).await, [1, 0, 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_property_value_is_reserved_once() {
    let world = World::furnished().await;
    for caller in 0..CALLERS {
        let user = format!("{{racer-{caller}}}");
        world.put_user("{client-456}", &user, &["root"]).await;
        world.put_mobile_signature("{client-456}", &user, &[]).await;
    }
    for round in 0..rounds() {
        let before = world.items().await;
        let value = (1000 + round).to_string();
        let calls = (0..CALLERS).map(|caller| {
            let path = format!("/{{client-456}}/users/{{racer-{caller}}}/mobile-signature/properties");
            world.patch(&path).by(&Caller::root()).json(json!({"{employee_id}": value}))
        });
        let refusal = not_unique("employee_id", &value);
        let (racer, answer) = winner(calls.collect(), &refusal).await;
        assert_eq!(answer, ok_like(&answer, json!({"employee_id": value})));
        assert_eq!(
            counts(&world, &before).await,
            [2, 1, 0],
            "the value is reserved, and one credential has it and its entry"
        );
        // The winner releases the value so that all start the next round without it.
        let path = format!("/{{client-456}}/users/{{racer-{racer}}}/mobile-signature/properties");
        let answer = world.patch(&path).by(&Caller::root()).json(json!({"{employee_id}": null})).send().await;
        assert_eq!(answer, ok_like(&answer, json!({})));
        assert_eq!(counts(&world, &before).await, [0, 1, 0], "the value is released");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_property_value_of_users_is_reserved_once() {
    let world = World::furnished().await;
    for caller in 0..CALLERS {
        world.put_user("{client-456}", &format!("{{racer-{caller}}}"), &["root"]).await;
    }
    for round in 0..rounds() {
        let before = world.items().await;
        let value = (1000 + round).to_string();
        let path = |caller| format!("/{{client-456}}/users/{{racer-{caller}}}/properties");
        let calls = (0..CALLERS).map(|caller| {
            world.patch(&path(caller)).by(&Caller::root()).json(json!({"{staff_number}": value}))
        });
        let (racer, answer) = winner(calls.collect(), &not_unique("staff_number", &value)).await;
        assert_eq!(answer, ok_like(&answer, json!({"staff_number": value})));
        let [created, changed, deleted] = counts(&world, &before).await;
        assert_eq!(
            (created + changed, deleted),
            (3, 0),
            "the value is reserved, and one user has it and its entry"
        );
        let removal = world.patch(&path(racer)).by(&Caller::root()).json(json!({"{staff_number}": null}));
        let answer = removal.send().await;
        assert_eq!(answer, ok_like(&answer, json!({})));
    }
}

/// The first change of a user's properties creates their item, which others then change. Concurrent changes of
/// the user make none of them fail for good.
#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_change_of_the_properties_of_a_user_is_lost() {
    let world = World::furnished().await;
    let names: Vec<String> = (0..16).map(|number| format!("{{property-{number}}}")).collect();
    for name in &names {
        let definition = world.user_property(name);
        world.put(|transaction| definition.create(transaction)).await;
    }
    for round in 0..rounds() {
        let user = format!("{{racer-{round}}}");
        world.put_user("{client-123}", &user, &["root"]).await;
        let user = format!("/{{client-123}}/users/{user}");
        let path = format!("{user}/properties");
        let change = world.patch(&user).by(&Caller::root()).json(json!({"remarks": "a"})).send();
        let calls = names.iter().map(|name| {
            let mut body = serde_json::Map::new();
            body.insert(name.clone(), "1".into());
            world.patch(&path).by(&Caller::root()).json(body.into()).send()
        });
        let (changed, answers) =
            futures_util::future::join(change, futures_util::future::join_all(calls)).await;
        assert!(changed.status == 200 || changed == busy(), "{changed:?}");
        let now = world.get(&path).by(&Caller::root()).send().await;
        let mut done = 0;
        for (number, answer) in answers.into_iter().enumerate() {
            if answer != busy() {
                assert_eq!(answer.status, 200, "{answer:?}");
                assert_eq!(now.body[format!("property-{number}")], json!("1"));
                done += 1;
            }
        }
        assert_eq!(now.headers["etag"], [format!("\"{done}\"")]);
    }
}

/// While the first values are set, their definition changes so that one of them, or two equal ones, would be invalid.
#[tokio::test(flavor = "multi_thread")]
async fn no_value_breaks_a_definition_that_changes_at_the_same_time() {
    let world = World::furnished().await;
    let user = |caller| format!("/{{client-456}}/users/{{racer-{caller}}}/properties");
    let (users, mut won) = (8_u64, [0, 0]);
    for caller in 0..users {
        world.put_user("{client-456}", &format!("{{racer-{caller}}}"), &["root"]).await;
    }
    for round in 0..4 * rounds() {
        let definition = world.user_property(&format!("{{race-{round}}}"));
        world.put(|transaction| definition.create(transaction)).await;
        let name = definition.name.to_string();
        let (change, most) =
            [(json!({"stringMaxLen": 2}), 0), (json!({"uniquenessScope": "ABSOLUTE"}), 1)][round % 2].clone();
        let path = format!("/properties/{}", definition.id);
        let change = world.patch(&path).by(&Caller::root()).json(change).send();
        // The change has more trips than the first values, which come at different moments.
        let values = (0..users).map(|caller| {
            let call = world.patch(&user(caller)).by(&Caller::root()).json(json!({&name: "abc"}));
            async move {
                tokio::time::sleep(Duration::from_millis(3 * caller)).await;
                call.send().await
            }
        });
        let (changed, _) = futures_util::future::join(change, futures_util::future::join_all(values)).await;
        let mut present = 0;
        for caller in 0..users {
            let values = world.get(&user(caller)).by(&Caller::root()).send().await;
            present += usize::from(!values.body[&name].is_null());
        }
        match changed.status {
            200 => assert!(present <= most, "{present} values after {changed:?}"),
            409 => assert_eq!(changed, busy()),
            _ => assert_eq!((changed.status, present > 0), (422, true), "{changed:?}"),
        }
        won[usize::from(changed.status == 200)] += 1;
    }
    assert!(won.iter().all(|count| *count > 0), "each wins sometimes: {won:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatch_target_is_deleted_once() {
    let world = World::furnished().await;
    for round in 0..rounds() {
        let target = format!("{{target-{round}}}");
        world.put_dispatch_target("{client-123}", "{user-123}", &target, true).await;
        let credential = format!("{{credential-{round}}}");
        world.put_credential(&credential, Some(&target)).await;
        let path = format!("/{{client-123}}/users/{{user-123}}/dispatch-targets/{target}");
        let before = world.items().await;
        let calls = (0..CALLERS).map(|_| world.delete(&path).by(&Caller::root()));
        let refusal = refused(
            404,
            "errors.noRecord",
            &format!(
                "No DispatchTarget found with extId 'target-{round}' for user with extId 'user-123' on client with name 'Default'"
            ),
        );
        let (_, answer) = winner(calls.collect(), &refusal).await;
        assert_eq!(answer, no_content());
        assert_eq!(
            counts(&world, &before).await,
            [0, 1, 3],
            "the target, its attestation and its extId are deleted"
        );
        // All rounds start with the same number of credentials.
        world.delete_credential(&credential).await;
    }
}

/// Concurrent changes of different properties of a credential succeed or report a conflict. Every
/// acknowledged change is in the table.
#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_change_of_a_credential_is_lost() {
    let world = World::furnished().await;
    let names: Vec<String> = (0..16).map(|number| format!("{{property-{number}}}")).collect();
    for name in &names {
        let definition = world.property(name);
        world.put(|transaction| definition.create(transaction)).await;
    }
    let path = "/{client-123}/users/{user-123}/mobile-signature/properties";
    for round in 0..rounds() {
        let value = round.to_string();
        let calls = names.iter().map(|name| {
            let mut body = serde_json::Map::new();
            body.insert(name.clone(), value.clone().into());
            world.patch(path).by(&Caller::root()).json(body.into()).send()
        });
        let answers = futures_util::future::join_all(calls).await;
        let now = world.patch(path).by(&Caller::root()).json(json!({})).send().await;
        for (number, answer) in answers.into_iter().enumerate() {
            if answer != busy() {
                assert_eq!(answer.status, 200, "{answer:?}");
                assert_eq!(now.body[format!("property-{number}")], json!(value));
            }
        }
    }
}

/// Returns the response to a call that found the unit deleted.
fn no_unit(unit: &str) -> Answer {
    refused(404, "errors.noRecord", &format!("Unit doesn't exist with extId '{unit}'"))
}

/// A unit is either deleted, and then nothing refers to it, or it has what was created in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_unit_with_children_or_profiles_is_never_deleted() {
    let world = World::furnished().await;
    let mut outcomes = [0, 0];
    for round in 0..rounds() {
        let unit = format!("u-{round}");
        let new =
            |ext_id: &str, parent: &str| json!({"extId": ext_id, "parentUnitExtId": parent, "name": ext_id});
        let create = |body| world.post("/{client-123}/units").by(&Caller::root()).json(body);
        assert_eq!(create(new(&unit, "legal")).send().await.status, 201);
        let profile = || json!({"unitExtId": unit});
        let mut calls = Vec::new();
        for caller in 0..2 {
            calls.push(world.delete(&format!("/{{client-123}}/units/{unit}")).by(&Caller::root()));
            calls.push(create(new(&format!("c-{round}-{caller}"), &unit)));
            for user in ["{user-123}", "{user-456}"] {
                let path = format!("/{{client-123}}/users/{user}/profiles");
                calls.push(world.post(&path).by(&Caller::root()).json(profile()));
            }
        }
        let path = format!("/{{client-123}}/profiles/{{q-user-123}}/unit/{unit}");
        calls.push(world.call("PUT", &path).by(&Caller::root()));
        // Only some of them, so that deletions win too.
        calls.truncate(1 + round % calls.len());
        let answers = futures_util::future::join_all(calls.into_iter().map(Call::send)).await;
        let is_deleted = answers.iter().step_by(4).take(2).any(|answer| *answer == no_content());
        for answer in &answers {
            let in_use = format!("Unit has child units or profiles: {unit}");
            let expected = if is_deleted {
                [no_content(), no_unit(&unit)].contains(answer)
            } else {
                [201, 204].contains(&answer.status)
                    || *answer == refused(422, "errors.undeletedDependencies", &in_use)
            };
            assert!(expected, "{answer:?} although is_deleted is {is_deleted}");
        }
        outcomes[usize::from(is_deleted)] += 1;
        assert_complete(&world.stored().await);
        let items = world.items().await.into_json();
        delete_profiles(&world, &items, "sales").await;
    }
    assert!(outcomes[1] > 0, "{outcomes:?}");
}

/// Deletes the profiles with generated extIds, because a user has few, and moves the others back to `unit`.
async fn delete_profiles(world: &World, items: &Value, unit: &str) {
    for item in items.as_object().into_iter().flat_map(|items| items.values()) {
        let ext_id = item["extId"].as_str().unwrap_or_default();
        if item["entityType"] == "Profile" && item["clientExtId"] == "client-123" {
            let path = format!("/{{client-123}}/profiles/{ext_id}");
            if ext_id == "q-user-123" {
                let answer =
                    world.call("PUT", &format!("{path}/unit/{unit}")).by(&Caller::root()).send().await;
                assert_eq!(answer, no_content());
            } else if !ext_id.starts_with("p-") {
                assert_eq!(world.delete(&path).by(&Caller::root()).send().await, no_content());
            }
        }
    }
}

/// Whatever eight callers do with the profiles of a user, one of them is the default one, and the user is in the
/// units of all.
#[tokio::test(flavor = "multi_thread")]
async fn profiles_of_a_user_stay_consistent() {
    let world = World::furnished().await;
    for round in 0..rounds() {
        let path = |profile: &str| format!("/{{client-123}}/profiles/{profile}");
        let root = Caller::root();
        let calls = (0..8).map(|caller| {
            let new = format!("n-{round}-{}", caller % 2);
            let profiles = "/{client-123}/users/{user-123}/profiles";
            match (caller + round) % 8 {
                0 | 1 => {
                    let body =
                        json!({"extId": new, "unitExtId": "north", "isDefaultProfile": caller % 2 == 0});
                    world.post(profiles).by(&root).json(body)
                }
                2 => world.delete(&path("{p-user-123}")).by(&root),
                3 => world.patch(&path("{q-user-123}")).by(&root).json(json!({"isDefaultProfile": true})),
                4 => world.call("PUT", &format!("{}/unit/legal", path("{q-user-123}"))).by(&root),
                5 => world.patch("/{client-123}/users/{user-123}").by(&root).json(json!({
                    "userState": if round % 2 == 0 { "disabled" } else { "active" },
                })),
                6 => world.delete(&path(&format!("n-{}-0", round.saturating_sub(1)))).by(&root),
                _ => world
                    .post(profiles)
                    .by(&root)
                    .json(json!({"extId": "{p-user-123}", "unitExtId": "sales"})),
            }
        });
        let answers = futures_util::future::join_all(calls.map(Call::send)).await;
        assert!(answers.iter().all(|answer| answer.status < 500), "{answers:?}");
        assert_complete(&world.stored().await);
        for profile in (0..2).map(|number| format!("n-{round}-{number}")).filter(|_| round % 3 == 2) {
            world.delete(&path(&profile)).by(&root).send().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_ext_id_is_reserved_once() {
    let world = World::furnished().await;
    for round in 0..rounds() {
        let ext_id = format!("n-{round}");
        let refusal =
            refused(422, "errors.duplicateValue", &format!("Profile already exists with extId '{ext_id}'"));
        let before = world.items().await;
        let calls = (0..CALLERS).map(|caller| {
            let user = ["{user-123}", "{user-456}"][caller % 2];
            let body = json!({"extId": ext_id, "unitExtId": "sales"});
            world.post(&format!("/{{client-123}}/users/{user}/profiles")).by(&Caller::root()).json(body)
        });
        let (_, answer) = winner(calls.collect(), &refusal).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(counts(&world, &before).await, [3, 2, 0]);
        let path = format!("/{{client-123}}/profiles/{ext_id}");
        assert_eq!(world.delete(&path).by(&Caller::root()).send().await, no_content());
    }
}
