//! Tests that callers do not find what is being deleted, and what an operation that deletes in several steps needs.

use super::*;
use crate::service::List;
use crate::table::TableError;

/// A subject of the user in the path and of the client, which are read. The operation deletes the user.
const DELETED_USER: Subject = Subject {
    keys: |_| ["CLIENT", "USER"].map(|part| Key::new(&[part], &[part])).to_vec(),
    admit: |subject, request, items| {
        let items: Option<Vec<Item>> = items.into_iter().collect();
        let items = items.ok_or_else(|| (subject.missing)(request, "Default"))?;
        Ok(FoundParents { items, client_name: "Default".to_owned(), user: None })
    },
    is_deleted: true,
    ..USER
};

/// Returns an item at this key, as the table returns it.
fn item(key: &str) -> Value {
    json!({"PK": {"S": key}, "SK": {"S": key}, "name": {"S": key}})
}

/// Returns the item with this text.
fn with_text(mut item: Value, name: &str, text: &str) -> Value {
    item[name] = json!({"S": text});
    item
}

/// Returns the item as one that is being deleted.
fn being_deleted(item: Value) -> Value {
    with_text(item, "deletion", "d")
}

/// Returns a request of an administrator with these authorizations and headers.
fn request_with(service: &Service, authorizations: Value, headers: &[(&str, &str)]) -> crate::http::Request {
    let token = service.bearer(&with(&administrator(), "authorizations", Some(authorizations)));
    request(&[&[("authorization", token.as_str())], headers].concat())
}

/// Returns a request of an administrator of all clients.
fn request_of_root(service: &Service) -> crate::http::Request {
    request_with(service, json!([{"role": "nevisIdm.Root", "clients": ["*"]}]), &[])
}

async fn admit<'a>(service: &'a Service, subject: Subject, request: &'a crate::http::Request) -> Access<'a> {
    let needs = Needs::all(&[Right::ClientView]);
    service.app.admit("operation", (needs, subject), request).await.expect("admitted")
}

/// Returns a service whose table answers a query with the first items, and a read of keys with the other ones.
fn service_of_list(region: &'static str, listed: &[Value], found: &[Value]) -> Service {
    let answer = json!({"Items": listed, "Responses": {"the-table": found}, "Count": listed.len()});
    Service::with_answer(region, Answer::Ok(answer))
}

fn name(item: &Item) -> Result<Value, TableError> {
    Ok(item.text("name")?.into())
}

#[tokio::test]
async fn reads_leave_out_items_that_are_being_deleted() {
    let items = [user_in(&["sales"]), item("A"), being_deleted(item("B"))];
    let service = service_of_list("reads", &items, &items);
    let request = request_of_root(&service);
    let access = admit(&service, USER, &request).await;
    let [a, b] = ["A", "B"].map(|key| Key::new(&[key], &[key]));
    let (_, found) = access.get([&a, &b]).await.expect("a read");
    assert_eq!(found.map(|item| item.is_some()), [true, false]);
    let (_, found) = access.get_many(vec![&a, &b]).await.expect("a read");
    assert_eq!(found.keys().collect::<Vec<_>>(), [&a]);
    let (_, found, listed) = access.get_and_query([&a, &b], "L", "").await.expect("a read");
    assert_eq!(found.map(|item| item.is_some()), [true, false]);
    assert_eq!(listed.iter().map(Item::key).collect::<Vec<_>>(), [Ok(Key::new(&["USER"], &["USER"])), Ok(a)]);
}

#[tokio::test]
async fn a_parent_that_is_being_deleted_does_not_exist() {
    let service = service_with("parent", &[being_deleted(user_in(&["sales"]))]);
    let request = request_of_root(&service);
    let access = admit(&service, USER, &request).await;
    assert_eq!(access.get([]).await.err(), Some(missing("Default")));
}

#[tokio::test]
async fn an_operation_that_deletes_the_innermost_parent_finds_it_while_it_is_being_deleted() {
    for (region, is_deleted) in [("goes-on", true), ("begins-only", false)] {
        let service = service_with(region, &[item("CLIENT"), being_deleted(user_in(&["sales"]))]);
        let request = request_of_root(&service);
        let access = admit(&service, Subject { is_deleted, ..DELETED_USER }, &request).await;
        let found = access.get([]).await.map(|(parents, [])| parents.innermost().map(Item::is_being_deleted));
        assert_eq!(found, if is_deleted { Ok(Ok(true)) } else { Err(missing("Default")) }, "{region}");
    }
}

#[tokio::test]
async fn no_operation_finds_an_outer_parent_that_is_being_deleted() {
    let service = service_with("outer", &[being_deleted(item("CLIENT")), user_in(&["sales"])]);
    let request = request_of_root(&service);
    let access = admit(&service, DELETED_USER, &request).await;
    assert_eq!(access.get([]).await.err(), Some(missing("Default")));
}

#[tokio::test]
async fn pages_leave_out_items_that_are_being_deleted_and_continue_after_them() {
    let list = [item("A"), being_deleted(item("B")), item("C")];
    for (region, count, shown, continues) in
        [("page", 3, json!(["A", "C"]), false), ("page-continues", 2, json!(["A"]), true)]
    {
        let mut answer = json!({"Items": list[..count]});
        if continues {
            answer["LastEvaluatedKey"] = json!({"PK": {"S": "B"}, "SK": {"S": "B"}});
        }
        let service = Service::with_answer(region, Answer::Ok(answer));
        let request = request_of_root(&service);
        let access = admit(&service, Subject::GLOBAL_VIEW, &request).await;
        let page = access.page(("L", ""), name).await.expect("a page").body.expect("a body");
        assert_eq!(page["items"], shown, "{region}");
        assert_eq!(page["_pagination"]["continuationToken"].is_string(), continues, "{region}");
        assert_eq!(service.calls(), ["Query"], "{region}");
    }
}

#[tokio::test]
async fn a_page_of_keys_leaves_out_items_that_are_being_deleted() {
    let service = service_with("page-of", &[item("A"), being_deleted(item("B"))]);
    let request = request_of_root(&service);
    let access = admit(&service, Subject::GLOBAL_VIEW, &request).await;
    let keys = ["A", "B"].map(|key| Key::new(&[key], &[key])).to_vec();
    let list = List { is_counted: true, ..List::from(("L", "")) };
    let page = access.page_of(request.query(), list, keys, |item| name(item).map(Some)).await;
    let page = page.expect("a page").body.expect("a body");
    assert_eq!((&page["items"], &page["_pagination"]["totalResult"]), (&json!(["A"]), &json!(1)));
}

/// Returns the key in an attribute of an item.
fn key_in(item: &Item, attribute: &str) -> Result<Option<Key>, TableError> {
    Ok(item.optional_text(attribute)?.map(|key| Key::new(&[key], &[key])))
}

fn original(item: &Item) -> Result<Key, TableError> {
    key_in(item, "original")?.ok_or(TableError::Corrupt)
}

fn owner(item: &Item) -> Result<Option<Key>, TableError> {
    key_in(item, "owner")
}

#[tokio::test]
async fn a_page_leaves_out_originals_that_are_being_deleted() {
    let list = ["A", "B"].map(|key| with_text(item(&key.to_lowercase()), "original", key));
    let service = service_of_list("originals", &list, &[item("A"), being_deleted(item("B"))]);
    let request = request_of_root(&service);
    let access = admit(&service, Subject::GLOBAL_VIEW, &request).await;
    let list = List { original: Some(original), ..List::from(("L", "")) };
    let page = access.filtered_page(request.query(), list, |item| name(item).map(Some)).await;
    assert_eq!(page.expect("a page").body.expect("a body")["items"], json!(["A"]));
}

#[tokio::test]
async fn a_page_leaves_out_what_belongs_to_an_owner_that_does_not_exist() {
    let owned = |key: &str, owner: &str| with_text(with_text(item(key), "owner", owner), "original", key);
    let list = [
        owned("A", "present"),
        owned("B", "missing"),
        with_text(item("C"), "original", "C"),
        owned("D", "deleted"),
        owned("E", "present"),
    ];
    let owners = [item("present"), being_deleted(item("deleted"))];
    let found = [&list[..], &owners].concat();
    let originals = ["A", "B", "C", "D", "E"];
    for (region, has_originals, read) in [("owners", false, &[][..]), ("owners-of-copies", true, &originals)]
    {
        let service = service_of_list(region, &list, &found);
        let request = request_of_root(&service);
        let access = admit(&service, Subject::GLOBAL_VIEW, &request).await;
        let original = has_originals.then_some(original as crate::service::OriginalOf);
        let list = List { owner: Some(owner), original, ..List::from(("L", "")) };
        let page = access.filtered_page(request.query(), list, |item| name(item).map(Some)).await;
        let page = page.expect("a page").body.expect("a body");
        assert_eq!(page["items"], json!(["A", "C", "E"]), "{region}");
        let bodies = service.wire.bodies();
        assert_eq!(bodies.len(), 2, "{region}");
        let keys = read.iter().chain(&["deleted", "missing", "present"]);
        let keys: Vec<Value> = keys.map(|key| json!({"PK": {"S": key}, "SK": {"S": key}})).collect();
        assert_eq!(bodies[1]["RequestItems"]["the-table"]["Keys"], json!(keys), "each owner once");
    }
}

#[tokio::test]
async fn a_client_that_the_path_does_not_name_must_be_covered_and_exist() {
    let denied = Err(ApiError::DataRoomDenied(Right::ClientView));
    for (region, client, items, expected, calls) in [
        ("client-denied", "200", vec![item("C")], denied, 0),
        ("client-missing", "100", vec![], Err(missing("100")), 1),
        ("client-deleted", "100", vec![being_deleted(item("C"))], Err(missing("100")), 1),
        ("client-found", "100", vec![item("C")], Ok(()), 1),
    ] {
        let service = service_with(region, &items);
        let authorizations = json!([{"role": "nevisIdm.Root", "clients": ["100"]}]);
        let request = request_with(&service, authorizations, &[]);
        let access = admit(&service, Subject::GLOBAL_VIEW, &request).await;
        let (client, key) = (ClientExtId::unchecked(client), Key::new(&["C"], &["C"]));
        let checked = access.require_existing_client(&client, key, || missing("100")).await;
        assert_eq!(checked, expected, "{region}");
        assert_eq!(service.calls().len(), calls, "{region}");
    }
}

#[tokio::test]
async fn a_right_over_all_clients_is_not_one_over_each() {
    let service = Service::new("over-all");
    let right = Right::UserArchiveTechUser;
    for (role, clients, expected) in [
        ("nevisIdm.Helpdesk", json!(["*"]), Err(ApiError::MissingRight(right))),
        ("nevisIdm.ClientRoot", json!(["100"]), Err(ApiError::DataRoomDenied(right))),
        ("nevisIdm.ClientRoot", json!(["100", "200"]), Err(ApiError::DataRoomDenied(right))),
        ("nevisIdm.ClientRoot", json!(["*"]), Ok(())),
    ] {
        // Another role covers all clients without the right.
        let authorizations =
            json!([{"role": "nevisIdm.Helpdesk", "clients": ["*"]}, {"role": role, "clients": clients}]);
        let request = request_with(&service, authorizations, &[]);
        let access = admit(&service, CLIENT, &request).await;
        assert_eq!(access.require_over_all_clients(right), expected, "{role} {clients}");
    }
}

#[tokio::test]
async fn a_later_response_replaces_the_stored_one() {
    let service = Service::new("replaced");
    let authorizations = json!([{"role": "nevisIdm.Root"}]);
    let request = request_with(&service, authorizations, &[("idempotency-key", "k")]);
    let access = admit(&service, CLIENT, &request).await;
    let changes = access.create().expect("no user");
    assert!(access.commit(changes, Response::created("/deletions/d".to_owned(), "d", None)).await.is_ok());
    assert_eq!(access.replace_response(Response::no_content()).await, Response::no_content());
    let bodies = service.wire.bodies();
    let [first, second] = &bodies[..] else { panic!("other calls: {bodies:?}") };
    assert_eq!(second["TransactItems"].as_array().map(Vec::len), Some(1));
    let (first, second) = (&first["TransactItems"][0]["Put"], &second["TransactItems"][0]["Put"]);
    // Another request with the same key may have stored its own response.
    let own = "attribute_not_exists(#PK) OR #requestHash = :v0";
    assert_eq!(second["ConditionExpression"], json!(own));
    assert_eq!((&second["Item"]["status"]["N"], &second["Item"]["location"]), (&json!("204"), &Value::Null));
    for same in ["PK", "SK", "requestHash", "expires"] {
        assert_eq!(second["Item"][same], first["Item"][same], "{same}");
    }
}

#[tokio::test]
async fn without_an_idempotency_key_no_response_is_replaced() {
    let service = Service::new("not-replaced");
    let request = request_of_root(&service);
    let access = admit(&service, CLIENT, &request).await;
    assert_eq!(access.replace_response(Response::no_content()).await, Response::no_content());
    assert_eq!(service.calls(), [""; 0]);
}

#[tokio::test]
async fn a_response_that_cannot_be_stored_is_returned() {
    let refused = Answer::Error(400, "ValidationException", json!({}));
    let service = Service::with_answer("replacement-refused", refused);
    let authorizations = json!([{"role": "nevisIdm.Root"}]);
    let request = request_with(&service, authorizations, &[("idempotency-key", "k")]);
    let access = admit(&service, CLIENT, &request).await;
    assert_eq!(access.replace_response(Response::no_content()).await, Response::no_content());
    assert_eq!(service.calls(), ["TransactWriteItems"]);
}

/// What a request has begun is part of it.
#[tokio::test]
async fn the_steps_of_a_request_have_its_stamp_deadline_and_meter() {
    let service = Service::new("steps-of-request");
    let request = request_of_root(&service);
    let access = admit(&service, CLIENT, &request).await;
    let steps = access.steps();
    assert_eq!(steps.stamp(), access.stamp());
    assert!(!steps.has_time(), "the deadline is in a second");
    assert_eq!(steps.get_many(&[Key::new(&["A"], &["A"])]).await, Ok(HashMap::new()));
    assert_eq!(request.meter.usage().calls, 1);
}
