//! `GET /clients/{clientExtId}/users`

use functions::users::UserState;
use serde_json::{Value, json};

use crate::support::answer::{invalid_fields, outside_data_room};
use crate::support::pages::{self, ext_ids, token};
use crate::support::target::{self, Kind, leaves_out};
use crate::support::{Answer, Caller, World};

const PATH: &str = "/clients/{client-456}/users";

/// Returns a world with these users besides `{user-123}` in `{client-456}`.
async fn world_with(users: &[&str]) -> World {
    let world = World::furnished().await;
    for user in users {
        world.put_user("{client-456}", user, &["root"]).await;
    }
    world
}

async fn page(world: &World, query: &str) -> Answer {
    pages::page(world, PATH, query).await
}

#[tokio::test]
async fn all_users_are_listed_once_in_order() {
    let world = world_with(&["z", "a", "m", "b-1", "b"]).await;
    let all = ["a", "b", "b-1", "m", "user-123", "z"];
    for limit in [1, 2, 3, 6, 100] {
        let pages = pages::walk(&world, &Caller::root(), (PATH, limit), async |_| {}).await;
        assert_eq!(pages.concat(), all, "{limit}");
        assert_eq!(pages.len(), all.len().div_ceil(limit), "{limit}");
    }
    for query in ["sortBy=extId", "sortBy=extId_ASC", "extId_SW=&sortBy=extId"] {
        let expected = if query.contains("SW") { invalid_fields("extId_SW") } else { page(&world, "").await };
        assert_eq!(page(&world, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn users_are_filtered_by_their_external_identifier() {
    let world = world_with(&["a", "b", "b-1", "B-2"]).await;
    for (query, expected) in [
        ("extId=b", &["b"][..]),
        ("extId=B", &[]),
        ("extId=b%23", &[]),
        ("extId_SW=b", &["b", "b-1"]),
        ("extId_SW=b-1x", &[]),
        ("extId=b-1&extId_SW=b", &["b-1"]),
        ("extId=b-1&extId_SW=c", &[]),
        ("extId_SW=b%23", &[]),
        ("extId_SW=B&limit=1&sortBy=extId", &["B-2"]),
    ] {
        let page = page(&world, query).await;
        assert_eq!(
            (ext_ids(&page), token(&page)),
            (expected.iter().map(ToString::to_string).collect(), None),
            "{query}"
        );
    }
    let first = page(&world, "extId_SW=b&limit=1").await;
    let token = token(&first).expect("a second page");
    assert_eq!(ext_ids(&first), ["b"]);
    assert_eq!(ext_ids(&page(&world, &format!("extId_SW=b&continuationToken={token}")).await), ["b-1"]);
    assert_eq!(
        page(&world, &format!("continuationToken={token}")).await,
        invalid_fields("continuationToken")
    );
    let long = "a".repeat(481);
    for (query, names) in [
        ("extId=", "extId"),
        ("extId=a&extId=b", "extId"),
        (&format!("extId_SW={long}"), "extId_SW"),
        ("extId_IEQ=b", "extId_IEQ"),
    ] {
        assert_eq!(page(&world, query).await, invalid_fields(names), "{query}");
    }
}

/// A page that leaves users out leads to the next one all the same.
#[tokio::test]
async fn users_of_other_units_are_left_out() {
    let world = World::furnished().await;
    for (user, units) in [("a", &["legal", "root"]), ("b", &["sales", "root"]), ("c", &["legal", "root"])] {
        world.put_user("{client-123}", user, units).await;
    }
    let caller = |unit: &str| Caller::new("{client-123}", "h").with("nevisIdm.Helpdesk", None, Some(&[unit]));
    let path = "/clients/{client-123}/users";
    let walk = async |unit: &str| pages::walk(&world, &caller(unit), (path, 2), async |_| {}).await;
    let of = |pages: [&[&str]; 3]| pages.map(|page| page.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(walk("sales").await, of([&["b"], &["user-123"], &["user-789"]]));
    assert_eq!(walk("legal").await, of([&["a"], &["c"], &["user-456"]]));
    assert_eq!(walk("root").await.concat(), ["a", "b", "c", "user-123", "user-456", "user-789"]);
    let exact = pages::page_of(&world, &caller("sales"), path, "extId=a").await;
    assert_eq!(ext_ids(&exact), [""; 0]);
}

/// Users with login IDs and e-mail addresses. `{user-123}` of the furnished client has both, too.
const PEOPLE: [(&str, &str, Option<&str>); 6] = [
    ("a", "Zoe", Some("Info@example.com")),
    ("b", "adam", Some("info@example.com")),
    ("c", "Eve", None),
    ("d", "eva", Some("eve@example.com#x")),
    ("e", "evelyn", Some("eve@example.com")),
    ("f", "x", Some("")),
];

/// Returns a world with these users in `{client-456}`.
async fn world_with_people() -> World {
    let world = World::furnished().await;
    for (ext_id, login_id, email) in PEOPLE {
        let body = json!({"extId": ext_id, "loginId": login_id, "contacts": {"email": email}});
        let answer = world.post("/{client-456}/users").by(&Caller::root()).json(body).send().await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    world
}

#[tokio::test]
async fn users_are_listed_by_login_id_and_by_email_address_in_both_directions() {
    let world = world_with_people().await;
    for (order, expected) in [
        ("extId", &["a", "b", "c", "d", "e", "f", "user-123"][..]),
        ("loginId", &["b", "d", "c", "e", "user-123", "f", "a"]),
        // Only users with an address; those with the same one by extId.
        ("contacts.email", &["e", "d", "a", "b", "user-123"]),
    ] {
        let mut backwards = expected.to_vec();
        backwards.reverse();
        for (direction, expected) in [("", expected), ("_ASC", expected), ("_DESC", &backwards)] {
            for limit in [1, 2, 3, 100] {
                let mut query = format!("sortBy={order}{direction}&limit={limit}");
                let mut seen = Vec::new();
                loop {
                    let answer = page(&world, &query).await;
                    seen.extend(ext_ids(&answer));
                    let Some(token) = token(&answer) else { break };
                    query = format!("sortBy={order}{direction}&limit={limit}&continuationToken={token}");
                }
                assert_eq!(seen, expected, "{order}{direction} by {limit}");
            }
        }
    }
}

#[tokio::test]
async fn users_are_filtered_by_login_id_email_address_and_state() {
    let world = world_with_people().await;
    world.put_user("{client-456}", "disabled", &["root"]).await;
    world.put_user_state("{client-456}", "disabled", UserState::Disabled).await;
    for (query, expected) in [
        ("loginId=Eve", &["c"][..]),
        ("loginId=eve", &[]),
        ("loginId_IEQ=eVE", &["c"]),
        ("loginId_IEQ=ev%C3%A9", &[]),
        ("loginId_SW=EV", &["d", "c", "e"]),
        ("loginId_SW=EV&sortBy=loginId_DESC", &["e", "c", "d"]),
        ("loginId_SW=%C3%A9", &[]),
        ("loginId_IEQ=eve&loginId_SW=ev&loginId=Eve", &["c"]),
        ("loginId_IEQ=eve&loginId_SW=eva", &[]),
        ("contacts.email=Info@example.com", &["a"]),
        ("contacts.email_IEQ=INFO@example.com", &["a", "b"]),
        ("contacts.email_IEQ=INFO@example.com&contacts.email=info@example.com", &["b"]),
        ("contacts.email_SW=Eve", &["e", "d"]),
        ("contacts.email_SW=eve@example.com%23", &["d"]),
        ("contacts.email_SW=inf&sortBy=contacts.email_DESC", &["b", "a"]),
        ("contacts.email=eve@example.com", &["e"]),
        ("contacts.email=eve@example.co", &[]),
        ("userState=disabled", &["disabled"]),
        ("userState=archived", &[]),
        ("contacts.email_SW=jane&userState=disabled", &["disabled"]),
        ("loginId=Eve&userState=disabled", &[]),
        ("loginId=Eve&userState=active", &["c"]),
    ] {
        assert_eq!(ext_ids(&page(&world, query).await), expected, "{query}");
    }
}

/// A filter by a member that is not that of the order would read users that it does not show.
#[tokio::test]
async fn filters_by_several_members_are_invalid() {
    let world = World::furnished().await;
    let long = "a".repeat(301);
    for (query, names) in [
        ("extId=a&loginId=a", "loginId"),
        ("loginId_SW=a&extId_SW=a", "loginId_SW"),
        ("contacts.email=a&loginId=a&loginId_IEQ=a", "contacts.email"),
        ("sortBy=contacts.email&extId=a&loginId=a", "extId, loginId"),
        ("sortBy=extId&contacts.email_SW=a&contacts.email_IEQ=a", "contacts.email_IEQ, contacts.email_SW"),
        ("sortBy=userState", "sortBy"),
        ("sortBy=extId_asc", "sortBy"),
        ("sortBy=loginId_IEQ", "sortBy"),
        ("loginId=", "loginId"),
        ("loginId_IEQ=", "loginId_IEQ"),
        ("contacts.email=&contacts.email_SW=", "contacts.email, contacts.email_SW"),
        (&format!("loginId_SW={long}"), "loginId_SW"),
        ("userState=Active", "userState"),
        ("userState=", "userState"),
        ("userState_SW=a", "userState_SW"),
        ("returnTotalResultCount=yes", "returnTotalResultCount"),
        ("returnTotalResultCount=", "returnTotalResultCount"),
        ("returnTotalResultCount=true&contacts.email=a", "returnTotalResultCount"),
        ("name.firstName=a&offset=1&email=a", "email, name.firstName, offset"),
    ] {
        assert_eq!(page(&world, query).await, invalid_fields(names), "{query}");
    }
    // These have no maximum, because they match no one beyond that of the value.
    let long = "a".repeat(5000);
    for name in ["loginId", "loginId_IEQ", "contacts.email", "contacts.email_IEQ", "contacts.email_SW"] {
        assert_eq!(ext_ids(&page(&world, &format!("{name}={long}")).await), [""; 0], "{name}");
    }
}

/// The key of an address is cut, and the rest of it is compared nevertheless.
#[tokio::test]
async fn long_email_addresses_are_found() {
    let world = World::furnished().await;
    let address = |end: &str| format!("{}{end}", "\u{e4}b".repeat(400));
    for (ext_id, end) in [("a", "1"), ("b", "2")] {
        let body = json!({"extId": ext_id, "contacts": {"email": address(end)}});
        world.post("/{client-456}/users").by(&Caller::root()).json(body).send().await;
    }
    for (query, expected) in [
        (format!("contacts.email={}", address("2")), &["b"][..]),
        (format!("contacts.email_IEQ={}", address("1").to_uppercase()), &["a"]),
        (format!("contacts.email_SW={}", address("")), &["a", "b"]),
        (format!("contacts.email_SW={}", address("2")), &["b"]),
    ] {
        let query = query.replace('\u{e4}', "%C3%A4").replace('\u{c4}', "%C3%84");
        assert_eq!(ext_ids(&page(&world, &query).await), expected, "{query}");
    }
}

/// The copies in all lists are those of the user, wherever a change moves them.
#[tokio::test]
async fn lists_show_users_as_they_are() {
    let world = world_with_people().await;
    let lists = [
        ("extId", "extId=a"),
        ("loginId", "loginId_IEQ=zoe"),
        ("loginId", "loginId=new"),
        ("contacts.email", "contacts.email_IEQ=info@example.com&limit=1"),
        ("contacts.email", "contacts.email=new@example.com"),
    ];
    for (body, found) in [
        (json!({"remarks": "A"}), [true, true, false, true, false]),
        (json!({"loginId": "new", "remarks": null}), [true, false, true, true, false]),
        (json!({"contacts": {"email": "new@example.com"}}), [true, false, true, false, true]),
        (json!({"contacts": {"email": "NEW@example.com"}}), [true, false, true, false, false]),
        (json!({"contacts": null, "userState": "disabled"}), [true, false, true, false, false]),
        (
            json!({"loginId": "zoe", "contacts": {"email": "info@example.com"}}),
            [true, true, false, true, false],
        ),
    ] {
        let user = "/{client-456}/users/a";
        let changed = world.patch(user).by(&Caller::root()).json(body.clone()).send().await;
        assert_eq!(changed.status, 200, "{changed:?}");
        for ((_, query), is_found) in lists.iter().zip(found) {
            let items = pages::items(&page(&world, query).await).clone();
            let of_user = items.iter().find(|item| item["extId"] == "a");
            assert_eq!(of_user, is_found.then_some(&changed.body), "{query} after {body}");
        }
    }
}

#[tokio::test]
async fn users_are_counted() {
    let world = world_with_people().await;
    for user in ["p", "q"] {
        world.put_user("{client-456}", user, &["root"]).await;
        world.put_user_state("{client-456}", user, UserState::Disabled).await;
    }
    for (query, total) in [
        ("limit=2", 9),
        ("sortBy=contacts.email&limit=1", 7),
        ("loginId_SW=eV&limit=1", 3),
        ("contacts.email_IEQ=info@example.com", 2),
        ("contacts.email_SW=nobody", 0),
        ("userState=disabled&limit=1", 2),
        ("userState=disabled&sortBy=loginId", 2),
        ("userState=archived", 0),
        ("extId=a", 1),
        ("extId=absent", 0),
        ("loginId=ZOE", 0),
        ("loginId_IEQ=ZOE&userState=disabled", 0),
    ] {
        let counted = page(&world, &format!("{query}&returnTotalResultCount=true")).await;
        let mut expected = page(&world, &format!("{query}&returnTotalResultCount=false")).await;
        assert_eq!(expected, page(&world, query).await, "{query}");
        expected.body["_pagination"]["totalResult"] = json!(total);
        assert_eq!(counted, expected, "{query}");
    }
}

/// A continuation token contains the position of a user who may be left out. An extId tells nothing about its
/// user; a login ID or an e-mail address does.
#[tokio::test]
async fn lists_by_login_id_or_email_address_need_rights_over_all_units() {
    let world = World::furnished().await;
    let path = "/clients/{client-123}/users";
    let of_sales = Caller::new("{client-123}", "h").with("nevisIdm.Helpdesk", None, Some(&["sales"]));
    let of_client = Caller::new("{client-123}", "h").with("nevisIdm.Helpdesk", None, None);
    for query in [
        "sortBy=loginId",
        "sortBy=contacts.email_DESC",
        "loginId_SW=login",
        "contacts.email_SW=jane",
        "returnTotalResultCount=true",
        "extId={user-123}&returnTotalResultCount=true",
    ] {
        let answer = pages::page_of(&world, &of_sales, path, query).await;
        assert_eq!(answer, outside_data_room("ClientView"), "{query}");
        let invalid = pages::page_of(&world, &of_sales, path, &format!("{query}&limit=x")).await;
        assert_eq!(invalid, invalid_fields("limit"), "{query}");
        assert_eq!(pages::page_of(&world, &of_client, path, query).await.status, 200, "{query}");
    }
    let both = &["user-123", "user-789"][..];
    for (query, users) in [
        ("extId_SW=user", both),
        ("loginId=login-{user-123}", &["user-123"]),
        ("loginId_IEQ=login-{user-123}", &["user-123"]),
        ("contacts.email=jane@example.com", both),
        ("contacts.email_IEQ=jane@example.com", both),
    ] {
        let answer = pages::page_of(&world, &of_sales, path, query).await;
        assert_eq!(ext_ids(&answer), users, "{query}");
    }
}

#[tokio::test]
async fn a_token_is_valid_for_the_same_order_and_filters_only() {
    let world = world_with_people().await;
    let lists = [
        "sortBy=extId",
        "sortBy=extId_DESC",
        "sortBy=loginId",
        "sortBy=loginId_DESC",
        "sortBy=contacts.email",
        "extId_SW=a&userState=active",
        "userState=active",
        "loginId_SW=ev",
        "contacts.email_SW=e",
        "contacts.email_IEQ=info@example.com",
    ];
    for list in lists {
        let Some(token) = token(&page(&world, &format!("{list}&limit=1")).await) else {
            assert_eq!(list, "extId_SW=a&userState=active");
            continue;
        };
        for other in lists {
            let answer = page(&world, &format!("{other}&limit=1&continuationToken={token}")).await;
            if other == list {
                assert_eq!(answer.status, 200, "{list}");
            } else {
                assert_eq!(answer, invalid_fields("continuationToken"), "{list} for {other}");
            }
        }
    }
}

/// A page costs what it shows, whatever its order and wherever it is in the list.
#[tokio::test]
async fn pages_by_email_address_cost_the_same() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "what it logs") || target::engine().is_some() {
        return;
    }
    let world = World::furnished().await;
    for number in 0..60 {
        let body =
            json!({"extId": format!("u-{number:02}"), "contacts": {"email": format!("{number:02}@x")}});
        world.post("/{client-456}/users").by(&Caller::root()).json(body).send().await;
    }
    for order in ["contacts.email", "contacts.email_DESC"] {
        let mut query = format!("sortBy={order}&limit=10");
        let mut costs = Vec::new();
        loop {
            world.lines();
            let answer = page(&world, &query).await;
            let [line] = world.lines().try_into().expect("one line");
            let line: Value = line;
            costs.push(["TableTrips", "TableCalls", "ReadUnits"].map(|name| line[name].clone()));
            let Some(token) = token(&answer) else { break };
            query = format!("sortBy={order}&limit=10&continuationToken={token}");
        }
        assert_eq!((costs.len(), &costs[0], &costs[0][0]), (7, &costs[5], &json!(1)), "{costs:?}");
    }
}
