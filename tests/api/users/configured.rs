//! Users with mandatory members and unique values.

use serde_json::{Value, json};

use crate::support::whole::assert_complete;
use crate::support::{Answer, Caller, World, refused};

/// Returns a furnished world with a rule about users, or `None` if the target cannot be configured.
async fn world_with(name: &str, value: &str) -> Option<World> {
    let world = World::configured(&[(name, value)]).await?;
    world.furnish("{Default}").await;
    Some(world)
}

async fn create(world: &World, client: &str, ext_id: &str, contacts: Value) -> Answer {
    let body = json!({"extId": ext_id, "contacts": contacts});
    world.post(&format!("/{client}/users")).by(&Caller::root()).json(body).send().await
}

async fn change(world: &World, ext_id: &str, body: Value) -> Answer {
    world.patch(&format!("/{{client-123}}/users/{ext_id}")).by(&Caller::root()).json(body).send().await
}

fn email_in_use(email: &str) -> Answer {
    refused(422, "errors.duplicateEmail", &format!("User already exists with contacts.email '{email}'"))
}

fn mobile_in_use(mobile: &str) -> Answer {
    refused(422, "errors.duplicateMobile", &format!("User already exists with contacts.mobile '{mobile}'"))
}

/// All members that can be mandatory, with the code of each.
const MANDATORY: [(&str, &str); 6] = [
    ("name.familyName", "errors.userNameNull"),
    ("name.firstName", "errors.userFirstNameNull"),
    ("contacts.email", "errors.userEmailNull"),
    ("contacts.mobile", "errors.userMobileNull"),
    ("sex", "errors.userSexNull"),
    ("address.countryCode", "errors.userCountryNull"),
];

#[tokio::test]
async fn a_user_needs_the_mandatory_members() {
    for (path, code) in MANDATORY {
        let Some(world) = world_with("MANDATORY_USER_FIELDS", path).await else { return };
        let missing = refused(422, code, &format!("Mandatory field is missing: {path}"));
        let all = json!({
            "name": {"familyName": "Doe", "firstName": "Jane"}, "contacts": {"email": "a@x", "mobile": "1"},
            "sex": "female", "address": {"countryCode": "CH"},
        });
        let pointer = format!("/{}", path.replace('.', "/"));
        let absent = [Value::Null, json!("")];
        for value in absent.iter().take(if ["sex", "address.countryCode"].contains(&path) { 1 } else { 2 }) {
            let mut body = all.clone();
            *body.pointer_mut(&pointer).expect("the member") = value.clone();
            let call = world.post("/{client-123}/users").by(&Caller::root()).json(body);
            call.expect_unchanged(missing.clone()).await;
        }
        let mut body = all;
        body["extId"] = json!("{u}");
        let created = world.post("/{client-123}/users").by(&Caller::root()).json(body).send().await;
        assert_eq!(created.status, 201, "{created:?}");
        // What is there cannot be removed.
        let mut removal = Value::Null;
        for member in path.rsplit('.') {
            removal = json!({member: removal});
        }
        let call = world.patch("/{client-123}/users/{u}").by(&Caller::root()).json(removal);
        call.expect_unchanged(missing).await;
        let other = json!({"remarks": "A", "name": {"title": "Dr."}});
        assert_eq!(change(&world, "{u}", other).await.status, 200);
    }
}

#[tokio::test]
async fn all_missing_members_are_reported_together() {
    let Some(world) = world_with("MANDATORY_USER_FIELDS", "sex, name.familyName").await else { return };
    let answer = create(&world, "{client-123}", "{u}", json!({})).await;
    let mut expected = refused(422, "errors.userSexNull", "Mandatory field is missing: sex");
    let more = refused(422, "errors.userNameNull", "Mandatory field is missing: name.familyName");
    let errors = expected.body["errors"].as_array_mut().expect("errors");
    errors.extend(more.body["errors"].as_array().expect("errors").clone());
    assert_eq!(answer, expected);
}

/// `{user-123}` is from before the rule.
#[tokio::test]
async fn a_member_that_became_mandatory_later_does_not_block_other_changes() {
    let Some(world) = world_with("MANDATORY_USER_FIELDS", "address.countryCode").await else { return };
    assert_eq!(change(&world, "{user-123}", json!({"remarks": "A"})).await.status, 200);
    assert_eq!(change(&world, "{user-123}", json!({"address": {"countryCode": "CH"}})).await.status, 200);
    let removed = change(&world, "{user-123}", json!({"address": null})).await;
    let missing = "Mandatory field is missing: address.countryCode";
    assert_eq!(removed, refused(422, "errors.userCountryNull", missing));
}

#[tokio::test]
async fn unique_values_are_held_by_one_user_of_a_client() {
    let Some(world) = world_with("UNIQUE_USER_FIELDS", "contacts.email,contacts.mobile").await else {
        return;
    };
    let (one, two) = (json!({"email": "One@x", "mobile": "+1"}), json!({"email": "two@x", "mobile": "+2"}));
    for (client, user, contacts) in
        [("{client-123}", "{a}", &one), ("{client-123}", "{b}", &two), ("{client-456}", "{a}", &one)]
    {
        assert_eq!(create(&world, client, user, contacts.clone()).await.status, 201, "{client} {user}");
    }
    let before = world.items().await;
    for (contacts, answer) in [
        (json!({"email": "oNE@x"}), email_in_use("oNE@x")),
        (json!({"mobile": "+2"}), mobile_in_use("+2")),
        (json!({"email": "two@x", "mobile": "+1"}), email_in_use("two@x")),
    ] {
        assert_eq!(create(&world, "{client-123}", "{c}", contacts.clone()).await, answer);
        let to = json!({"contacts": contacts});
        assert_eq!(change(&world, "{user-123}", to).await, answer);
    }
    assert_eq!(world.items().await.since(&before).counts(), [0, 0, 0]);
    // Mobile numbers are compared as texts, and a user can write the own address otherwise.
    assert_eq!(create(&world, "{client-123}", "{c}", json!({"mobile": "+ 1"})).await.status, 201);
    assert_eq!(change(&world, "{a}", json!({"contacts": {"email": "ONE@X"}})).await.status, 200);
    assert_complete(&world.stored().await);
}

#[tokio::test]
async fn a_unique_value_moves_between_users() {
    let Some(world) = world_with("UNIQUE_USER_FIELDS", "contacts.email").await else { return };
    create(&world, "{client-123}", "{a}", json!({"email": "a@x", "mobile": "+1"})).await;
    create(&world, "{client-123}", "{b}", json!({"email": "b@x", "mobile": "+1"})).await;
    let email = |user, email: Value| change(&world, user, json!({"contacts": {"email": email}}));
    assert_eq!(email("{b}", json!("A@x")).await, email_in_use("A@x"));
    assert_eq!(email("{a}", Value::Null).await.status, 200);
    assert_eq!(email("{b}", json!("A@x")).await.status, 200);
    assert_eq!(email("{a}", json!("a@x")).await, email_in_use("a@x"));
    assert_eq!(email("{a}", json!("b@X")).await.status, 200);
    assert_eq!(change(&world, "{b}", json!({"contacts": null})).await.status, 200);
    assert_eq!(email("{a}", json!("a@x")).await.status, 200);
    assert_complete(&world.stored().await);
}

/// `{user-123}` and `{user-456}` have the same address from before the rule.
#[tokio::test]
async fn values_from_before_the_rule_are_not_unique() {
    let Some(world) = world_with("UNIQUE_USER_FIELDS", "contacts.email").await else { return };
    assert_eq!(change(&world, "{user-123}", json!({"contacts": {"mobile": "+3"}})).await.status, 200);
    assert_eq!(create(&world, "{client-123}", "{a}", json!({"email": "jane@example.com"})).await.status, 201);
    assert_eq!(change(&world, "{user-123}", json!({"contacts": {"email": null}})).await.status, 200);
    let taken = change(&world, "{user-123}", json!({"contacts": {"email": "jane@example.com"}})).await;
    assert_eq!(taken, email_in_use("jane@example.com"));
    assert_complete(&world.stored().await);
}
