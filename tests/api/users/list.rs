//! `GET /clients/{clientExtId}/users`

use crate::support::answer::invalid_fields;
use crate::support::pages::{self, ext_ids, token};
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
        ("sortBy=loginId", "sortBy"),
        ("sortBy=extId_DESC", "sortBy"),
        ("loginId=a&extId_IEQ=a&returnTotalResultCount=true", "extId_IEQ, loginId, returnTotalResultCount"),
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
    assert_eq!(walk("sales").await, of([&["b"], &["user-123"], &[]]));
    assert_eq!(walk("legal").await, of([&["a"], &["c"], &["user-456"]]));
    assert_eq!(walk("root").await.concat(), ["a", "b", "c", "user-123", "user-456"]);
    let exact = pages::page_of(&world, &caller("sales"), path, "extId=a").await;
    assert_eq!(ext_ids(&exact), [""; 0]);
}
