//! The data rooms: over which clients and units a right counts.

use serde_json::json;

use super::table::ROWS;
use crate::support::answer::outside_data_room;
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::{Caller, World};

fn somebody() -> Caller {
    Caller::new("{operators}", "somebody")
}

#[tokio::test]
async fn a_right_over_other_clients_does_not_count() {
    let world = World::furnished().await;
    let before = world.items().await;
    for row in &ROWS {
        let callers = [
            ("the other client", Caller::new("{client-456}", "{user-123}").with(ROOT, None, None)),
            ("a list of others", somebody().with(ROOT, Some(&["{client-456}", "{client-other}"]), None)),
            ("no client", somebody().with(ROOT, Some(&[]), None)),
        ];
        for (what, caller) in callers {
            let answer = row.call(&world).by(&caller).send().await;
            assert_eq!(answer, outside_data_room(row.rights[0]), "{} with a right over {what}", row.id);
            // Whether the client is there is not told.
            let path = row.path.replace("{client-123}", "{client-999}");
            let answer = world.call(row.method, &path).json_if(row.good_body()).by(&caller).send().await;
            assert_eq!(answer, outside_data_room(row.rights[0]), "{} of no client", row.id);
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn a_right_over_the_client_counts() {
    let callers = [
        Caller::new("{client-123}", "somebody").with(ROOT, None, None),
        somebody().with(ROOT, Some(&["{client-456}", "{client-123}"]), None),
        somebody().with(ROOT, Some(&["{client-other}", "*"]), None),
        somebody().with(ROOT, Some(&["{client-other}"]), None).with(ROOT, Some(&["{client-123}"]), None),
    ];
    for caller in callers {
        let world = World::furnished().await;
        for row in ROWS.iter().filter(|row| row.id != "create-client") {
            let answer = row.call(&world).by(&caller).send().await;
            assert_eq!(answer.status, row.success, "{} by {caller:?}", row.id);
        }
    }
}

/// Creating a client is covered by `*` alone, even where its extId is among the clients.
#[tokio::test]
async fn a_client_is_created_by_callers_with_a_right_over_all() {
    let world = World::furnished().await;
    let body = json!({"extId": "{client-new}", "name": "{New}"});
    let named = somebody().with(ROOT, Some(&["{client-new}"]), None);
    let answer = world.post("/clients").by(&named).json(body.clone()).send().await;
    assert_eq!(answer, outside_data_room("ClientCreate"));
    let all = somebody().with(ROOT, Some(&["*"]), None);
    assert_eq!(world.post("/clients").by(&all).json(body).send().await.status, 201);
}

#[tokio::test]
async fn roles_in_short_form_count_over_the_callers_own_client() {
    let world = World::furnished().await;
    let mut claims = world.claims(&Caller::new("{client-123}", "somebody"));
    claims["roles"] = json!(["nevisIdm.Helpdesk", "nevisIdm.Root"]);
    let token = world.keys().bearer.sign("at+jwt", &claims).expect("a token");
    let own = world.get("/clients/{client-123}").bearer(&token).send().await;
    assert_eq!(own.status, 200);
    let other = world.get("/clients/{client-456}").bearer(&token).send().await;
    assert_eq!(other, outside_data_room("ClientView"));
}

/// `{user-123}` is in `sales`: `root` is above it, `north` below, `legal` beside it.
#[tokio::test]
async fn a_right_over_units_counts_over_users_in_them_and_below() {
    for units in [&["sales"][..], &["root"], &["legal", "sales"]] {
        let world = World::furnished().await;
        let caller = somebody().with(ROOT, Some(&["*"]), Some(units));
        for row in &ROWS {
            let answer = row.call(&world).by(&caller).send().await;
            assert_eq!(answer.status, row.success, "{} over {units:?}", row.id);
        }
    }
}

#[tokio::test]
async fn a_right_over_other_units_does_not_count() {
    let world = World::furnished().await;
    let before = world.items().await;
    for units in [&["legal"][..], &["north"], &["unheard-of"], &[]] {
        let caller = somebody().with(ROOT, Some(&["*"]), Some(units));
        for row in ROWS.iter().filter(|row| row.has_user()) {
            let answer = row.call(&world).by(&caller).send().await;
            assert_eq!(answer, outside_data_room(row.rights[0]), "{} over {units:?}", row.id);
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// Who is in no unit is below none, not even the root.
#[tokio::test]
async fn a_user_in_no_unit_is_covered_by_rights_over_every_unit_alone() {
    let world = World::furnished().await;
    world.put_user("{client-123}", "{user-789}", &[]).await;
    let path = "/{client-123}/users/{user-789}/consents";
    let body = json!({"termsExtId": "{terms-123}"});
    let caller = somebody().with(ROOT, Some(&["*"]), Some(&["root"]));
    let answer = world.post(path).by(&caller).json(body.clone()).send().await;
    assert_eq!(answer, outside_data_room("ConsentCreate"));
    assert_eq!(world.post(path).by(&Caller::root()).json(body).send().await.status, 201);
}

/// Where no user is concerned, units restrict nothing.
#[tokio::test]
async fn units_restrict_only_what_hangs_on_users() {
    let world = World::furnished().await;
    let caller = somebody().with(ROOT, Some(&["*"]), Some(&["unheard-of"]));
    for row in ROWS.iter().filter(|row| !row.has_user()) {
        assert_eq!(row.call(&world).by(&caller).send().await.status, row.success, "{}", row.id);
    }
}

/// One authorization has to cover client and unit together.
#[tokio::test]
async fn two_halves_of_a_data_room_are_none() {
    let world = World::furnished().await;
    let before = world.items().await;
    let caller = Caller::new("{client-123}", "somebody")
        .with(ROOT, None, Some(&["legal"]))
        .with(ROOT, Some(&["{client-456}"]), None)
        .with("nevisIdm.SelfAdmin", None, None);
    for row in ROWS.iter().filter(|row| row.has_user()) {
        let answer = row.call(&world).by(&caller).send().await;
        assert_eq!(answer, outside_data_room(row.rights[0]), "{}", row.id);
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}
