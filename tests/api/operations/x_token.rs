//! The X-Token: users who act upon themselves prove that they have just been authenticated.

use functions::users::UserState;
use local::keys::DevelopmentKeys;
use serde_json::{Value, json};
use shared::auth::SelfService;

use super::for_each_operation;
use super::rows::Row;
use crate::support::answer::{missing_right, outside_data_room};
use crate::support::caller::{ROOT, SELF_ADMIN};
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, refused};

for_each_operation!(
    invalid_x_tokens_are_rejected,
    users_act_upon_themselves_with_an_x_token,
    an_x_token_does_not_replace_the_right,
    the_self_admin_role_does_not_apply_to_other_users,
    the_self_admin_role_does_not_apply_to_other_operations,
    inactive_users_do_not_act_upon_themselves,
    other_callers_need_no_x_token,
);

fn refusal() -> Answer {
    refused(422, "errors.invalidJWTToken", "Invalid JWT token.")
}

/// Returns invalid X-Tokens with what is wrong with them.
fn refused_tokens(world: &World) -> Vec<(&'static str, String)> {
    let keys = world.keys();
    let good = world.x_claims("{client-123}", "{user-123}");
    let now = world.now();
    let x = |claims: &Value| keys.x_token.sign("JWT", claims).expect("a token");
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        x(&claims)
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().expect("claims").remove(name);
        x(&claims)
    };
    let stranger = DevelopmentKeys::generate().expect("keys");
    vec![
        ("empty", String::new()),
        ("no token", "nonsense".to_owned()),
        ("no token in three parts", "a.b.c".to_owned()),
        ("with a scheme", format!("Bearer {}", x(&good))),
        ("twice in one header", format!("{}, {}", x(&good), x(&good))),
        ("expired this second", with("exp", json!(now))),
        ("expired long ago", with("exp", json!(now - 86_400))),
        ("without an end", without("exp")),
        ("with a text as its end", with("exp", json!("tomorrow"))),
        ("not yet valid", with("nbf", json!(now + 60))),
        ("issued in the future", with("iat", json!(now + 60))),
        ("of another user", with("sub", json!(world.id("user-456")))),
        ("of no user", without("sub")),
        ("of a number", with("sub", json!(123))),
        ("of another client", with("clientExtId", json!(world.id("client-456")))),
        ("of no client", without("clientExtId")),
        ("valid for too long", with("exp", json!(now + 7200))),
        ("issued long ago", with("iat", json!(now - 7200))),
        ("authenticated long ago", with("auth_time", json!(now - 7200))),
        ("of no text as its client", with("clientExtId", json!(null))),
        ("of more than 8 KiB", with("more", json!("a".repeat(8192)))),
        ("of another type", keys.x_token.sign("at+jwt", &good).expect("a token")),
        ("signed by a stranger", stranger.x_token.sign("JWT", &good).expect("a token")),
        ("signed by the key of Bearer tokens", keys.bearer.sign("JWT", &good).expect("a token")),
        ("a Bearer token", world.bearer(&Caller::the_user())),
    ]
}

async fn invalid_x_tokens_are_rejected(row: &'static Row) {
    if !row.takes_x_token() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    let root_too = Caller::the_user().with(ROOT, Some(&["*"]), None);
    for caller in [Caller::the_user(), root_too, Caller::new("{client-123}", "{user-123}")] {
        let answer = row.call(&world).by(&caller).send().await;
        assert_eq!(answer, refusal(), "without an X-Token");
    }
    for (what, token) in refused_tokens(&world) {
        let answer = row.call(&world).by(&Caller::the_user()).x_token(&token).send().await;
        assert_eq!(answer, refusal(), "an X-Token {what}");
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn users_act_upon_themselves_with_an_x_token(row: &'static Row) {
    if !row.takes_x_token() {
        return;
    }
    let sign = |world: &World, typ: &str, change: &dyn Fn(&mut Value)| {
        let mut claims = world.x_claims("{client-123}", "{user-123}");
        change(&mut claims);
        world.keys().x_token.sign(typ, &claims).expect("a token")
    };
    let nothing: &dyn Fn(&mut Value) = &|_| {};
    let recent: &dyn Fn(&mut Value) =
        &|claims| claims["auth_time"] = json!(claims["iat"].as_i64().expect("a time") - 600);
    for (what, typ, change) in [
        ("as it is", "JWT", nothing),
        ("in lower case", "jwt", nothing),
        ("authenticated ten minutes ago", "JWT", recent),
    ] {
        let world = World::furnished().await;
        let token = sign(&world, typ, change);
        let answer = row.call(&world).by(&Caller::the_user()).x_token(&token).send().await;
        assert_eq!(answer.status, row.success, "an X-Token {what}");
    }
}

async fn an_x_token_does_not_replace_the_right(row: &'static Row) {
    if !row.takes_x_token() {
        return;
    }
    let world = World::furnished().await;
    let x_token = world.x_token("{client-123}", "{user-123}");
    let nobody = Caller::new("{client-123}", "{user-123}").with("nevisIdm.None", None, None);
    let answer = row.call(&world).by(&nobody).x_token(&x_token).send().await;
    assert_eq!(answer, missing_right(row.rights[0]));
    let elsewhere = Caller::new("{client-123}", "{user-123}").with(SELF_ADMIN, Some(&["{client-456}"]), None);
    let answer = row.call(&world).by(&elsewhere).x_token(&x_token).send().await;
    assert_eq!(answer, outside_data_room(row.rights[0]));
}

async fn the_self_admin_role_does_not_apply_to_other_users(row: &'static Row) {
    if !row.takes_x_token() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    for caller in [
        Caller::new("{client-123}", "{user-456}").with(SELF_ADMIN, None, None),
        Caller::new("{client-456}", "{user-123}").with(SELF_ADMIN, Some(&["*"]), None),
    ] {
        for (client, user) in [("{client-123}", "{user-123}"), (&caller.client, &caller.subject)] {
            let x_token = world.x_token(client, user);
            let answer = row.call(&world).by(&caller).x_token(&x_token).send().await;
            assert_eq!(answer, missing_right(row.rights[0]), "{caller:?}");
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn the_self_admin_role_does_not_apply_to_other_operations(row: &'static Row) {
    if row.self_service != SelfService::None || row.rights.is_empty() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    let x_token = world.x_token("{client-123}", "{user-123}");
    let answer = row.call(&world).by(&Caller::the_user()).x_token(&x_token).send().await;
    assert_eq!(answer, missing_right(row.rights[0]));
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// A right of another role still applies.
async fn inactive_users_do_not_act_upon_themselves(row: &'static Row) {
    if row.self_service == SelfService::None {
        return;
    }
    for state in [UserState::Disabled, UserState::Archived] {
        let world = World::furnished().await;
        world.put_user_state("{client-123}", "{user-123}", state).await;
        let before = world.items().await;
        let x_token = world.x_token("{client-123}", "{user-123}");
        let answer = row.call(&world).by(&Caller::the_user()).x_token(&x_token).send().await;
        assert_eq!(answer, missing_right(row.rights[0]));
        assert_eq!(world.items().await.since(&before), Changes::none());
        let root_too = Caller::the_user().with(ROOT, Some(&["*"]), None);
        let answer = row.call(&world).by(&root_too).x_token(&x_token).send().await;
        if state == UserState::Archived && row.writes() && row.method != "DELETE" {
            let message = "User is archived: user-123";
            assert_eq!(answer, refused(422, "errors.modifyArchivedUser", message));
        } else {
            assert_eq!(answer.status, row.success);
        }
    }
}

/// Callers who act on another user need no X-Token, and an invalid one is ignored.
async fn other_callers_need_no_x_token(row: &'static Row) {
    if !row.takes_x_token() {
        return;
    }
    for x_token in [None, Some("nonsense")] {
        let world = World::furnished().await;
        let call = row.call(&world).by(&Caller::root());
        let call = if let Some(token) = x_token { call.x_token(token) } else { call };
        assert_eq!(call.send().await.status, row.success);
    }
}
