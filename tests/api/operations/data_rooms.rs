//! Data rooms: the clients and units to which a right applies.

use serde_json::json;

use super::for_each_operation;
use super::rows::Row;
use crate::support::answer::outside_data_room;
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::{Caller, World};

for_each_operation!(
    rights_over_other_clients_do_not_apply,
    rights_over_the_client_apply,
    rights_over_units_cover_their_users_and_the_units_below,
    rights_over_other_units_do_not_apply,
    units_restrict_operations_on_users_and_units_only,
    authorizations_are_not_combined_into_a_data_room,
);

fn somebody() -> Caller {
    Caller::new("{operators}", "somebody")
}

async fn rights_over_other_clients_do_not_apply(row: &'static Row) {
    if !row.has_data_room() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    let callers = [
        ("the other client", Caller::new("{client-456}", "{user-123}").with(ROOT, None, None)),
        ("a list of others", somebody().with(ROOT, Some(&["{client-456}", "{client-other}"]), None)),
        ("no client", somebody().with(ROOT, Some(&[]), None)),
    ];
    for (what, caller) in callers {
        let answer = row.call(&world).by(&caller).send().await;
        assert_eq!(answer, outside_data_room(row.rights[0]), "a right over {what}");
        // Whether the client exists is not revealed.
        let path = row.path.replace("{client-123}", "{client-999}");
        let answer = world.call(row.method, &path).json_if(row.good_body()).by(&caller).send().await;
        assert_eq!(answer, outside_data_room(row.rights[0]), "a missing client");
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn rights_over_the_client_apply(row: &'static Row) {
    if !row.has_client() {
        return;
    }
    let callers = [
        Caller::new("{client-123}", "somebody").with(ROOT, None, None),
        somebody().with(ROOT, Some(&["{client-456}", "{client-123}"]), None),
        somebody().with(ROOT, Some(&["{client-other}", "*"]), None),
        somebody().with(ROOT, Some(&["{client-other}"]), None).with(ROOT, Some(&["{client-123}"]), None),
    ];
    for caller in callers {
        let world = World::furnished().await;
        let answer = row.call(&world).by(&caller).send().await;
        assert_eq!(answer.status, row.success, "{caller:?}");
    }
}

/// `{user-123}` is in `sales`: `root` is above it, `north` below, `legal` beside it.
async fn rights_over_units_cover_their_users_and_the_units_below(row: &'static Row) {
    if row.covers_all_units {
        return;
    }
    for units in [&["sales"][..], &["root"], &["legal", "sales"]] {
        let world = World::furnished().await;
        let caller = somebody().with(ROOT, Some(&["*"]), Some(units));
        let answer = row.call(&world).by(&caller).send().await;
        assert_eq!(answer.status, row.success, "{units:?}");
    }
}

async fn rights_over_other_units_do_not_apply(row: &'static Row) {
    if !row.has_units() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    for units in [&["legal"][..], &["north"], &["unheard-of"], &[]] {
        let caller = somebody().with(ROOT, Some(&["*"]), Some(units));
        let answer = row.call(&world).by(&caller).send().await;
        assert_eq!(answer, outside_data_room(row.rights[0]), "{units:?}");
        // Whether the user or the unit exists is not revealed.
        let absent = |text: &str| {
            [row.user(), "{q-user-123}"]
                .iter()
                .fold(text.replace("sales", "absent").replace("units/south", "units/absent"), |text, user| {
                    text.replace(user, "{user-999}")
                })
        };
        let body =
            row.good_body().map(|body| serde_json::from_str(&absent(&body.to_string())).expect("JSON"));
        let answer = world.call(row.method, &absent(row.path)).json_if(body).by(&caller).send().await;
        assert_eq!(answer, outside_data_room(row.rights[0]), "a missing user or unit");
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn units_restrict_operations_on_users_and_units_only(row: &'static Row) {
    if row.has_units() {
        return;
    }
    let world = World::furnished().await;
    let caller = somebody().with(ROOT, Some(&["*"]), Some(&["unheard-of"]));
    let status = if row.covers_all_units { 403 } else { row.success };
    assert_eq!(row.call(&world).by(&caller).send().await.status, status);
}

/// One authorization has to cover both client and unit.
async fn authorizations_are_not_combined_into_a_data_room(row: &'static Row) {
    if !row.has_units() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    let caller = Caller::new("{client-123}", "somebody")
        .with(ROOT, None, Some(&["legal"]))
        .with(ROOT, Some(&["{client-456}"]), None)
        .with("nevisIdm.SelfAdmin", None, None);
    let answer = row.call(&world).by(&caller).send().await;
    assert_eq!(answer, outside_data_room(row.rights[0]));
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// Creating a client requires `*`, even if the new extId is among the clients.
#[tokio::test]
async fn creating_a_client_requires_a_right_over_all_clients() {
    let world = World::furnished().await;
    let body = json!({"extId": "{client-new}", "name": "{New}"});
    let named = somebody().with(ROOT, Some(&["{client-new}"]), None);
    let answer = world.post("/clients").by(&named).json(body.clone()).send().await;
    assert_eq!(answer, outside_data_room("ClientCreate"));
    let all = somebody().with(ROOT, Some(&["*"]), None);
    assert_eq!(world.post("/clients").by(&all).json(body).send().await.status, 201);
}

#[tokio::test]
async fn short_form_roles_cover_the_callers_own_client() {
    let world = World::furnished().await;
    let mut claims = world.claims(&Caller::new("{client-123}", "somebody"));
    claims["roles"] = json!(["nevisIdm.Helpdesk", "nevisIdm.Root"]);
    let token = world.keys().bearer.sign("at+jwt", &claims).expect("a token");
    let own = world.get("/clients/{client-123}").bearer(&token).send().await;
    assert_eq!(own.status, 200);
    let other = world.get("/clients/{client-456}").bearer(&token).send().await;
    assert_eq!(other, outside_data_room("ClientView"));
}

/// A user without units is not below the root unit either.
#[tokio::test]
async fn users_without_units_require_a_right_over_all_units() {
    let world = World::furnished().await;
    world.put_user("{client-123}", "{user-000}", &[]).await;
    let path = "/{client-123}/users/{user-000}/consents";
    let body = json!({"termsExtId": "{terms-123}"});
    let caller = somebody().with(ROOT, Some(&["*"]), Some(&["root"]));
    let answer = world.post(path).by(&caller).json(body.clone()).send().await;
    assert_eq!(answer, outside_data_room("ConsentCreate"));
    assert_eq!(world.post(path).by(&Caller::root()).json(body).send().await.status, 201);
}
