//! Pages of lists.

use serde_json::Value;

use super::{Answer, Caller, World};

/// Requests a page of the list at `path` as root.
pub(crate) async fn page(world: &World, path: &str, query: &str) -> Answer {
    page_of(world, &Caller::root(), path, query).await
}

/// Requests a page of the list at `path`.
pub(crate) async fn page_of(world: &World, caller: &Caller, path: &str, query: &str) -> Answer {
    world.get(&format!("{path}?{query}")).by(caller).send().await
}

/// Returns the items of a page.
pub(crate) fn items(page: &Answer) -> &Vec<Value> {
    page.body["items"].as_array().unwrap_or_else(|| panic!("no page: {page:?}"))
}

/// Returns the extIds of a page, or the names of definitions, which have none.
pub(crate) fn ext_ids(page: &Answer) -> Vec<String> {
    let id = |item: &Value| item["extId"].as_str().or(item["name"].as_str()).expect("an extId").to_owned();
    items(page).iter().map(id).collect()
}

/// Returns the continuation token of a page.
pub(crate) fn token(page: &Answer) -> Option<String> {
    page.body["_pagination"]["continuationToken"].as_str().map(str::to_owned)
}

/// Reads all pages of the list at `path`, and calls `between` after each of them with its number. Returns the
/// extIds of each page.
pub(crate) async fn walk(
    world: &World,
    caller: &Caller,
    (path, limit): (&str, usize),
    mut between: impl AsyncFnMut(usize),
) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut query = format!("limit={limit}");
    loop {
        let answer = page_of(world, caller, path, &query).await;
        assert_eq!((answer.status, &answer.body["_pagination"]["limit"]), (200, &Value::from(limit)));
        pages.push(ext_ids(&answer));
        between(pages.len()).await;
        match token(&answer) {
            Some(token) => query = format!("limit={limit}&continuationToken={token}"),
            None => return pages,
        }
    }
}
