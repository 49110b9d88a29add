//! Tests the order of the admission checks, and that none of them calls the table.
//!
//! A rejection therefore never reveals whether an object exists.

mod deletions;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use signing::{SigningKey, jwks};

use super::*;
use crate::auth::tests::{NOW, now, request, with};
use crate::auth::{Clients, Needs, SelfService};
use crate::clock::Timestamp;
use crate::error::{ApiError, TokenRefusal};
use crate::http::Response;
use crate::ids::{ClientExtId, UnitExtId};
use crate::network::NetworkFailure;
use crate::rights::Right;
use crate::service::{Access, Closed, Commit, FoundParents, ResourceScope, Subject, UserAccess};
use crate::table::Key;
use crate::table::Stamp;
use crate::table::tests::{Answer, Wire, cancelled, random};
use crate::table::{Condition, Item};

/// A subject of only the client in the path, which is not read.
const CLIENT: Subject = Subject { scope: ResourceScope::Client, ..Subject::NEW_CLIENT };
/// A subject of the user in the path, whose units are read.
const USER: Subject = Subject {
    scope: ResourceScope::Client,
    keys: |_| vec![Key::new(&["USER"], &["USER"])],
    admit: |subject, request, items| {
        let items: Vec<Item> = items.into_iter().flatten().collect();
        let access = match items.first() {
            Some(user) => {
                let units = user.set("units")?.iter().map(|unit| UnitExtId::unchecked(unit)).collect();
                Ok(UserAccess { units, is_active: true, owner: None })
            }
            None => Err((subject.missing)(request, "Default")),
        };
        Ok(FoundParents { items, client_name: "Default".to_owned(), user: Some(access) })
    },
    missing: |_, client_name| missing(client_name),
    has_units: true,
    has_owner: false,
    is_deleted: false,
    closed: Some(Closed {
        attribute: "state",
        value: "archived",
        failure: |item| Ok(ApiError::InvalidData(item.text("state")?.to_owned())),
    }),
};

/// Returns the error of a request whose user does not exist.
fn missing(client_name: &str) -> ApiError {
    ApiError::InvalidData(client_name.to_owned())
}

/// The requirements of an operation that users may perform on themselves.
const OWN: (Needs, Subject) = (
    Needs::any(&[Right::CredentialDelete, Right::DispatchTargetDelete]).or_self(SelfService::WithXToken),
    CLIENT,
);
/// The requirements of an operation for administrators.
const ADMINISTRATORS: (Needs, Subject) =
    (Needs::all(&[Right::ClientView, Right::PersonalQuestionCreate]), CLIENT);
/// The requirements of an operation on an object of a user.
const OF_USER: (Needs, Subject) = (Needs::all(&[Right::ClientView]), USER);
/// The requirements of the operation that creates a client.
const NEW_CLIENT: (Needs, Subject) = (Needs::all(&[Right::ClientCreate]), Subject::NEW_CLIENT);

/// A service with its own simulated table, and the keys that sign tokens for it.
pub(crate) struct Service {
    pub(crate) app: App,
    wire: Wire,
    /// The URLs of the requested key sets. Every fetch fails.
    fetched: Arc<Mutex<Vec<String>>>,
    bearer: SigningKey,
    x_token: SigningKey,
}

impl Service {
    pub(crate) fn new(region: &'static str) -> Self {
        Self::with_keys(region, None)
    }

    /// Creates a service with these keys for access tokens, or with its own if there are none.
    fn with_keys(region: &'static str, bearer_keys: Option<&str>) -> Self {
        let (bearer, x_token) = (SigningKey::new("EdDSA", "a"), SigningKey::new("EdDSA", "a"));
        let config = Config::read(|name| {
            Some(match name {
                "TABLE_NAME" => "the-table".to_owned(),
                "MULTI_CLIENT_MODE" => "true".to_owned(),
                "BEARER_ISSUER" => "https://issuer.example".to_owned(),
                "BEARER_AUDIENCE" => "idm".to_owned(),
                "BEARER_JWKS" => bearer_keys.map_or_else(|| jwks([&bearer]).to_string(), str::to_owned),
                "X_TOKEN_JWKS" => jwks([&x_token]).to_string(),
                _ => return None,
            })
        });
        let wire = Wire::new(|_| Answer::Done);
        let fetched = Arc::<Mutex<Vec<String>>>::default();
        let addresses = Arc::clone(&fetched);
        let fetch: Fetch = Arc::new(move |address| {
            addresses.lock().expect("not poisoned").push(address);
            Box::pin(async { Err(NetworkFailure::Connect) })
        });
        let config = config.expect("a configuration");
        let app = App::new(config, wire.client(region), &fetch, Clock::from_fn(now), random());
        Self { app, wire, fetched, bearer, x_token }
    }

    pub(crate) fn bearer(&self, claims: &Value) -> String {
        format!("Bearer {}", self.bearer.token_of("at+jwt", claims))
    }

    /// Returns the names of the table calls so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.wire.calls().into_iter().map(|call| call.operation).collect()
    }

    fn x_token(&self) -> String {
        self.x_token.token_of("JWT", &json!({"sub": "user-123", "clientExtId": "100", "exp": NOW + 60}))
    }

    /// Admits a request with these headers, and checks that the table was not called.
    async fn admits(&self, requirements: (Needs, Subject), headers: &[(&str, &str)]) -> Result<(), ApiError> {
        let admitted = self.app.admit("operation", requirements, &request(headers)).await.map(|_| ());
        assert_eq!(self.wire.calls(), []);
        admitted
    }
}

/// Returns the claims of the user in the path.
pub(crate) fn user() -> Value {
    json!({
        "iss": "https://issuer.example",
        "aud": "idm",
        "exp": NOW + 300,
        "sub": "user-123",
        "clientExtId": "100",
    })
}

/// Returns the claims of another user of the same client.
fn administrator() -> Value {
    with(&user(), "sub", Some(json!("admin")))
}

fn roles(claims: &Value, roles: &[&str]) -> Value {
    with(claims, "roles", Some(json!(roles)))
}

fn elsewhere(claims: &Value, role: &str) -> Value {
    with(claims, "authorizations", Some(json!([{"role": role, "clients": ["200"]}])))
}

#[tokio::test]
async fn the_checks_are_bearer_token_x_token_right_and_data_room_in_this_order() {
    let service = Service::new("order");
    let x_token = service.x_token();
    let invalid = "Bearer x";
    let (root, helper, myself) = ("nevisIdm.Root", "nevisIdm.TechUser", "nevisIdm.SelfAdmin");
    let no_right = ApiError::MissingRight(Right::CredentialDelete);
    let denied = ApiError::DataRoomDenied(Right::CredentialDelete);
    for (name, authorization, x_token, expected) in [
        ("all invalid", invalid.to_owned(), "x", Err(ApiError::InvalidBearerToken(TokenRefusal::Malformed))),
        (
            "only the Bearer token is invalid",
            invalid.to_owned(),
            &x_token,
            Err(ApiError::InvalidBearerToken(TokenRefusal::Malformed)),
        ),
        (
            "X-Token and right are invalid",
            service.bearer(&user()),
            "x",
            Err(ApiError::InvalidXToken(TokenRefusal::Malformed)),
        ),
        (
            "X-Token and data room are invalid",
            service.bearer(&elsewhere(&user(), root)),
            "x",
            Err(ApiError::InvalidXToken(TokenRefusal::Malformed)),
        ),
        (
            "only the X-Token is invalid",
            service.bearer(&roles(&user(), &[root])),
            "x",
            Err(ApiError::InvalidXToken(TokenRefusal::Malformed)),
        ),
        (
            "right and data room are invalid",
            service.bearer(&elsewhere(&user(), helper)),
            &x_token,
            Err(no_right.clone()),
        ),
        (
            "only the right is invalid",
            service.bearer(&roles(&user(), &[helper])),
            &x_token,
            Err(no_right.clone()),
        ),
        (
            "only the data room is invalid",
            service.bearer(&elsewhere(&user(), root)),
            &x_token,
            Err(denied.clone()),
        ),
        (
            "only the own data room is invalid",
            service.bearer(&elsewhere(&user(), myself)),
            &x_token,
            Err(denied),
        ),
        ("all valid", service.bearer(&roles(&user(), &[root])), &x_token, Ok(())),
        ("valid for the user themselves", service.bearer(&roles(&user(), &[myself])), &x_token, Ok(())),
        (
            "self-administration of another user",
            service.bearer(&roles(&administrator(), &[myself])),
            &x_token,
            Err(no_right),
        ),
        ("an administrator of another user", service.bearer(&roles(&administrator(), &[root])), "x", Ok(())),
    ] {
        let headers = [("authorization", authorization.as_str()), ("x-token", x_token)];
        assert_eq!(service.admits(OWN, &headers).await, expected, "{name}");
    }
}

#[tokio::test]
async fn an_x_token_is_only_required_if_users_may_act_on_themselves() {
    let service = Service::new("x-token");
    let root = service.bearer(&roles(&user(), &["nevisIdm.Root"]));
    assert_eq!(
        service.admits(OWN, &[("authorization", &root)]).await,
        Err(ApiError::InvalidXToken(TokenRefusal::Missing))
    );
    assert_eq!(service.admits(ADMINISTRATORS, &[("authorization", &root)]).await, Ok(()));
    let myself = service.bearer(&roles(&user(), &["nevisIdm.SelfAdmin"]));
    let headers = [("authorization", myself.as_str()), ("x-token", &service.x_token())];
    assert_eq!(
        service.admits(ADMINISTRATORS, &headers).await,
        Err(ApiError::MissingRight(Right::ClientView))
    );
}

#[tokio::test]
async fn the_same_subject_of_another_client_is_another_caller() {
    let service = Service::new("namesake");
    for (role, expected) in [
        ("nevisIdm.SelfAdmin", ApiError::MissingRight(Right::CredentialDelete)),
        ("nevisIdm.Root", ApiError::DataRoomDenied(Right::CredentialDelete)),
    ] {
        let namesake = with(&roles(&user(), &[role]), "clientExtId", Some(json!("200")));
        let token = service.bearer(&namesake);
        let headers = [("authorization", token.as_str()), ("x-token", &service.x_token())];
        assert_eq!(service.admits(OWN, &headers).await, Err(expected), "{role}");
    }
}

#[tokio::test]
async fn the_first_missing_right_of_the_operation_is_reported() {
    let service = Service::new("first-right");
    for (role, expected) in [
        ("nevisIdm.SelfAdmin", Err(ApiError::MissingRight(Right::ClientView))),
        ("nevisIdm.Helpdesk", Err(ApiError::MissingRight(Right::PersonalQuestionCreate))),
        ("nevisIdm.UserAdmin", Err(ApiError::MissingRight(Right::PersonalQuestionCreate))),
        ("nevisIdm.ClientRoot", Ok(())),
    ] {
        let token = service.bearer(&roles(&administrator(), &[role]));
        assert_eq!(service.admits(ADMINISTRATORS, &[("authorization", &token)]).await, expected, "{role}");
    }
}

#[tokio::test]
async fn what_belongs_to_no_client_is_changed_with_rights_over_all_clients_and_viewed_with_any() {
    let service = Service::new("all-clients");
    let all = Needs::all(&[Right::ClientCreate]);
    let denied = Err(ApiError::DataRoomDenied(Right::ClientCreate));
    for (subject, clients, expected) in [
        (Subject::NEW_CLIENT, json!(["*"]), Ok(())),
        (Subject::NEW_CLIENT, json!(["100"]), denied.clone()),
        (Subject::NEW_CLIENT, json!(["100", "200", "new"]), denied.clone()),
        (Subject::GLOBAL_CHANGE, json!(["*"]), Ok(())),
        (Subject::GLOBAL_CHANGE, json!(["100", "200", "new"]), denied.clone()),
        (Subject::GLOBAL_VIEW, json!([]), denied),
        (Subject::GLOBAL_VIEW, json!(["*"]), Ok(())),
        (Subject::GLOBAL_VIEW, json!(["200"]), Ok(())),
    ] {
        let authorizations = json!([{"role": "nevisIdm.Root", "clients": clients}]);
        let token = service.bearer(&with(&administrator(), "authorizations", Some(authorizations)));
        let request = request(&[("authorization", &token)]);
        let covered = service.app.admit("operation", (all, subject), &request).await.map(|_| ());
        assert_eq!(covered, expected, "{clients} {:?}", subject.scope);
    }
}

#[tokio::test]
async fn the_covered_clients_are_those_that_every_right_covers() {
    let service = Service::new("covered-clients");
    let needs = Needs::all(&[Right::ClientView, Right::ClientModify]);
    for (authorizations, expected) in [
        (json!([{"role": "nevisIdm.Root", "clients": ["*"]}]), Clients::All),
        (json!([{"role": "nevisIdm.Root"}]), only(&["100"])),
        (
            json!([
                {"role": "nevisIdm.Root", "clients": ["b", "a"]},
                {"role": "nevisIdm.Helpdesk", "clients": ["*"]},
                {"role": "nevisIdm.ClientRoot", "clients": ["c"]}
            ]),
            only(&["a", "b"]),
        ),
    ] {
        let token = service.bearer(&with(&administrator(), "authorizations", Some(authorizations)));
        let request = request(&[("authorization", &token)]);
        let access = service.app.admit("operation", (needs, Subject::GLOBAL_VIEW), &request).await;
        assert_eq!(access.map(|access| access.clients()), Ok(expected));
    }
}

fn only(clients: &[&str]) -> Clients {
    Clients::Only(clients.iter().map(|client| ClientExtId::unchecked(client)).collect())
}

#[tokio::test]
async fn single_client_mode_is_checked_after_the_right_and_before_the_data_room() {
    let mut service = Service::new("single-client");
    service.app.settings.multi_client_mode = false;
    for (role, clients, expected) in [
        ("nevisIdm.ClientRoot", json!(["*"]), ApiError::MissingRight(Right::ClientCreate)),
        ("nevisIdm.Root", json!(["100"]), ApiError::SingleClientMode),
        ("nevisIdm.Root", json!(["*"]), ApiError::SingleClientMode),
    ] {
        let authorizations = json!([{"role": role, "clients": clients}]);
        let token = service.bearer(&with(&administrator(), "authorizations", Some(authorizations)));
        let headers = [("authorization", token.as_str()), ("idempotency-key", "")];
        assert_eq!(service.admits(NEW_CLIENT, &headers).await, Err(expected), "{role} {clients}");
    }
    let token = service.bearer(&roles(&administrator(), &["nevisIdm.Root"]));
    assert_eq!(service.admits(ADMINISTRATORS, &[("authorization", &token)]).await, Ok(()));
}

#[tokio::test]
async fn malformed_idempotency_keys_are_reported_after_the_data_room() {
    let service = Service::new("no-key");
    let rejected = ApiError::InvalidFields(vec!["Idempotency-Key".to_owned()]);
    for (claims, expected) in [
        (elsewhere(&administrator(), "nevisIdm.Root"), ApiError::DataRoomDenied(Right::ClientView)),
        (roles(&administrator(), &["nevisIdm.Root"]), rejected),
    ] {
        let token = service.bearer(&claims);
        let headers = [("authorization", token.as_str()), ("idempotency-key", "a b")];
        assert_eq!(service.admits(ADMINISTRATORS, &headers).await, Err(expected));
    }
}

/// Returns the item of a user in these units, as the table returns it.
fn user_in(units: &[&str]) -> Value {
    json!({"PK": {"S": "USER"}, "SK": {"S": "USER"}, "version": {"N": "3"}, "units": {"SS": units}, "state": {"S": "active"}})
}

/// Returns an item of a user who is closed.
fn closed_user() -> Value {
    let mut user = user_in(&["sales"]);
    user["state"]["S"] = json!("archived");
    user
}

/// Returns a service whose table has these items.
fn service_with(region: &'static str, items: &[Value]) -> Service {
    Service::with_answer(region, Answer::Ok(json!({"Responses": {"the-table": items}, "Items": []})))
}

#[tokio::test]
async fn parents_and_units_are_checked_before_anything_is_returned() {
    let authorizations = json!([
        {"role": "nevisIdm.ClientRoot", "units": ["sales"]},
        {"role": "nevisIdm.Root", "clients": ["200"]},
    ]);
    let denied = Some(ApiError::DataRoomDenied(Right::ClientView));
    for (region, items, expected) in [
        ("covered", vec![user_in(&["sales", "root"])], None),
        ("not-covered", vec![user_in(&["hr", "root"])], denied.clone()),
        ("no-user", vec![], denied),
        ("no-user-for-all-units", vec![], Some(missing("Default"))),
    ] {
        let service = service_with(region, &items);
        let mut authorizations = authorizations.clone();
        if region == "no-user-for-all-units" {
            authorizations[0].as_object_mut().expect("an object").remove("units");
        }
        let token = service.bearer(&with(&administrator(), "authorizations", Some(authorizations)));
        let request = request(&[("authorization", &token)]);
        let access = service.app.admit("operation", OF_USER, &request).await.expect("admitted");
        let key = Key::new(&["A"], &["A"]);
        assert_eq!(access.get([&key]).await.err(), expected, "{region}");
        assert_eq!(access.get_many(vec![&key]).await.err(), expected, "{region}");
        assert_eq!(access.get_and_query([], "A", "B").await.err(), expected, "{region}");
        let keys = service.wire.calls()[0].body["RequestItems"]["the-table"]["Keys"].clone();
        assert_eq!(keys.as_array().map(Vec::len), Some(2), "{region}: {keys}");
    }
}

#[tokio::test]
async fn a_right_that_lifts_a_rule_must_cover_the_units() {
    for (region, unit, lifts) in [("lifts", "sales", true), ("lifts-not", "hr", false)] {
        let service = service_with(region, &[user_in(&[unit])]);
        let authorizations = json!([
            {"role": "nevisIdm.Helpdesk"},
            {"role": "nevisIdm.ClientRoot", "units": ["sales"]},
        ]);
        let token = service.bearer(&with(&administrator(), "authorizations", Some(authorizations)));
        let request = request(&[("authorization", &token)]);
        let access = service.app.admit("operation", OF_USER, &request).await.expect("admitted");
        let (parents, []) = access.get([]).await.expect("parents");
        assert_eq!(access.has_over(Right::PropertyAttributeAccessOverride, parents.units()), lifts, "{unit}");
    }
}

/// The units of a user are only known after a read.
#[tokio::test]
async fn creating_below_a_user_requires_a_read() {
    let service = Service::new("not-read");
    let token = service.bearer(&roles(&administrator(), &["nevisIdm.Root"]));
    let request = request(&[("authorization", &token)]);
    let access = service.app.admit("operation", OF_USER, &request).await.expect("admitted");
    assert_eq!(access.create().err(), Some(ApiError::Internal));
}

#[tokio::test]
async fn a_concurrently_deleted_parent_is_reported() {
    let service = service_with("parent-deleted", &[user_in(&["sales"])]);
    let token = service.bearer(&roles(&administrator(), &["nevisIdm.Root"]));
    let request = request(&[("authorization", &token)]);
    let access = service.app.admit("operation", OF_USER, &request).await.expect("admitted");
    let (parents, []) = access.get([]).await.expect("parents");
    let service = Service::with_answer("parent-deleted-then", cancelled(&["ConditionalCheckFailed"]));
    let access = Access { table: service.app.table.clone(), ..access };
    let changes = access.create_below(&parents).expect("an open parent");
    let committed = access.commit(changes, Response::no_content()).await;
    assert_eq!(committed.err(), Some(missing("Default")));
}

#[tokio::test]
async fn a_concurrently_closed_parent_is_reported() {
    let service = service_with("parent-closed", &[user_in(&["sales"])]);
    let token = service.bearer(&roles(&administrator(), &["nevisIdm.Root"]));
    let request = request(&[("authorization", &token)]);
    let access = service.app.admit("operation", OF_USER, &request).await.expect("admitted");
    let (parents, []) = access.get([]).await.expect("parents");
    let reasons = json!([{"Code": "ConditionalCheckFailed", "Item": closed_user()}]);
    let closed = Answer::Error(400, "TransactionCanceledException", json!({"CancellationReasons": reasons}));
    let service = Service::with_answer("parent-closed-then", closed);
    let access = Access { table: service.app.table.clone(), ..access };
    let changes = access.create_below(&parents).expect("an open parent");
    let committed = access.commit(changes, Response::no_content()).await;
    assert_eq!(committed.err(), Some(ApiError::InvalidData("archived".to_owned())));
}

#[tokio::test]
async fn a_closed_parent_is_refused_before_anything_is_written() {
    let service = service_with("closed", &[closed_user()]);
    let token = service.bearer(&roles(&administrator(), &["nevisIdm.Root"]));
    let request = request(&[("authorization", &token)]);
    let access = service.app.admit("operation", OF_USER, &request).await.expect("admitted");
    let (parents, []) = access.get([]).await.expect("parents");
    let closed = Some(ApiError::InvalidData("archived".to_owned()));
    assert_eq!(access.create_below(&parents).err(), closed);
    assert_eq!(access.change_at(&parents, 3, None).err(), closed);
}

#[tokio::test]
async fn a_stale_version_is_a_conflict_before_anything_is_written() {
    let service = service_with("if-match", &[user_in(&["sales"])]);
    let token = service.bearer(&roles(&administrator(), &["nevisIdm.Root"]));
    let stale = Some(ApiError::OptimisticLocking);
    for (if_match, in_body, expected) in [
        (None, None, None),
        (Some("*"), Some(3), None),
        (Some("\"3\""), None, None),
        (Some("\"2\", \"3\""), Some(3), None),
        (Some("\"2\""), None, stale.clone()),
        (Some("\"3\""), Some(2), stale.clone()),
        (None, Some(4), stale),
    ] {
        let mut headers = vec![("authorization", token.as_str())];
        headers.extend(if_match.map(|tags| ("if-match", tags)));
        let request = request(&headers);
        let access = service.app.admit("operation", OF_USER, &request).await.expect("admitted");
        let (parents, []) = access.get([]).await.expect("parents");
        let item = parents.innermost().expect("the user");
        assert_eq!(access.change(&parents, item, in_body).err(), expected, "{if_match:?} {in_body:?}");
    }
}

#[tokio::test]
async fn malformed_headers_of_a_change_are_reported_together() {
    let service = Service::new("malformed-headers");
    let token = service.bearer(&roles(&administrator(), &["nevisIdm.Root"]));
    for (if_match, key, expected) in
        [("W/\"3\"", "key", vec!["If-Match"]), ("3", "a b", vec!["Idempotency-Key", "If-Match"])]
    {
        let headers = [("authorization", token.as_str()), ("if-match", if_match), ("idempotency-key", key)];
        let expected = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(service.admits(ADMINISTRATORS, &headers).await, Err(ApiError::InvalidFields(expected)));
    }
}

#[tokio::test]
async fn an_admitted_caller_can_access_the_table_and_is_recorded() {
    let service = Service::new("admitted");
    let token = service.bearer(&roles(&administrator(), &["nevisIdm.Root"]));
    let request = request(&[("authorization", &token)]);
    let access = service.app.admit("operation", ADMINISTRATORS, &request).await.expect("admitted");
    assert_eq!(request.caller(), Some("100/admin"));
    let stamp = Stamp { now: now(), by: "100/admin".to_owned(), request: "request-1".to_owned() };
    assert_eq!(access.stamp(), &stamp);
    assert_ne!(access.new_id(), access.new_id());
    assert!(access.settings().multi_client_mode);
    let key = Key::new(&["A"], &["A"]);
    let (_, [none]) = access.get([&key]).await.expect("a read");
    assert_eq!(none, None);
    assert_eq!(access.get_many(vec![&key]).await.expect("a read").1, HashMap::new());
    assert_eq!(access.get_and_query([], "A", "B").await.expect("a read").2, vec![]);
    let mut changes = access.create().expect("no user");
    changes.check(key, Condition::Exists);
    let committed = access.commit(changes, Response::no_content()).await;
    assert!(matches!(committed, Ok(Commit::Done(response)) if response == Response::no_content()));
    let operations = service.calls();
    assert_eq!(operations, ["BatchGetItem", "BatchGetItem", "Query", "TransactWriteItems"]);
}

/// Commits a transaction of a request with this idempotency key, with or without a change.
async fn commit(service: &Service, key: Option<&str>, changes_something: bool) -> Result<Commit, ApiError> {
    let token = service.bearer(&roles(&administrator(), &["nevisIdm.Root"]));
    let mut headers = vec![("authorization", token.as_str())];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    let request = request(&headers);
    let access = service.app.admit("operation", ADMINISTRATORS, &request).await?;
    let mut changes = access.create()?;
    if changes_something {
        changes.check(Key::new(&["A"], &["A"]), Condition::Exists);
    }
    access.commit(changes, Response::ok(json!({"answer": "new"}))).await
}

impl Service {
    /// Returns a service whose table gives this answer to every call.
    fn with_answer(region: &'static str, answer: Answer) -> Self {
        let mut service = Self::new(region);
        service.wire = Wire::new(move |_| answer.clone());
        service.app.table = service.wire.table(region, random());
        service
    }
}

/// Returns the kinds of each transaction's actions.
fn actions(service: &Service) -> Vec<Vec<String>> {
    let kinds = |body: Value| {
        let actions = body["TransactItems"].as_array().cloned().unwrap_or_default();
        actions
            .iter()
            .flat_map(|action| action.as_object().into_iter().flat_map(|it| it.keys().cloned()))
            .collect()
    };
    service.wire.bodies().into_iter().map(kinds).collect()
}

#[tokio::test]
async fn the_response_is_stored_in_the_transaction_of_its_change() {
    for (region, key, changes, expected) in [
        ("key-change", Some("k"), true, vec![vec!["ConditionCheck", "Put"]]),
        ("key-only", Some("k"), false, vec![vec!["Put"]]),
        ("change-only", None, true, vec![vec!["ConditionCheck"]]),
        ("nothing", None, false, vec![]),
    ] {
        let service = Service::new(region);
        let done = commit(&service, key, changes).await;
        let expected_answer = Response::ok(json!({"answer": "new"}));
        assert!(matches!(done, Ok(Commit::Done(answer)) if answer == expected_answer), "{region}");
        assert_eq!(actions(&service), expected, "{region}");
    }
}

#[tokio::test]
async fn the_response_of_an_earlier_equal_request_is_returned() {
    let stored = |hash: &str, expires: i64| {
        json!({
            "PK": {"S": "IDEMPOTENCY#x"}, "SK": {"S": "IDEMPOTENCY"}, "requestHash": {"S": hash},
            "status": {"N": "200"}, "body": {"S": "{\"answer\":\"old\"}"}, "expires": {"N": expires.to_string()},
        })
    };
    // The hash of the request of these tests: two path parameters and no body.
    let probe = Service::new("hash");
    assert!(commit(&probe, Some("k"), false).await.is_ok());
    let put = probe.wire.bodies()[0]["TransactItems"][0]["Put"]["Item"].clone();
    let hash = put["requestHash"]["S"].as_str().expect("a hash").to_owned();
    let failed = |item: Option<Value>| match item {
        Some(item) => json!({"Code": "ConditionalCheckFailed", "Item": item}),
        None => json!({"Code": "ConditionalCheckFailed"}),
    };
    let none = json!({"Code": "None"});
    let old = Response::ok(json!({"answer": "old"}));
    for (region, own, stored, expected) in [
        ("both-failed", failed(None), failed(Some(stored(&hash, NOW + 1))), Ok(Some(old.clone()))),
        ("answer-failed", none.clone(), failed(Some(stored(&hash, NOW + 1))), Ok(Some(old))),
        (
            "other-request",
            none.clone(),
            failed(Some(stored("other", NOW + 1))),
            Err(ApiError::IdempotencyKeyReused),
        ),
        ("change-failed", failed(None), none, Ok(None)),
    ] {
        let reasons = json!({"CancellationReasons": [own, stored]});
        let service =
            Service::with_answer(region, Answer::Error(400, "TransactionCanceledException", reasons));
        let with_answer = commit(&service, Some("k"), true).await.map(|commit| match commit {
            Commit::Done(response) => Some(response),
            Commit::Failed(_) => None,
        });
        assert_eq!(with_answer, expected, "{region}");
        assert_eq!(service.wire.calls().len(), 1, "{region}");
    }
}

#[tokio::test]
async fn a_stored_response_is_only_read_with_an_idempotency_key() {
    for (region, key, calls) in [("with-key", Some("k"), 1), ("without-key", None, 0)] {
        let service = Service::new(region);
        let token = service.bearer(&roles(&administrator(), &["nevisIdm.Root"]));
        let mut headers = vec![("authorization", token.as_str())];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        let request = request(&headers);
        let access = service.app.admit("operation", ADMINISTRATORS, &request).await.expect("admitted");
        assert_eq!(access.stored_response().await, Ok(None));
        assert_eq!(service.wire.calls().len(), calls, "{region}");
    }
}

#[tokio::test]
async fn a_caller_who_is_rejected_later_is_logged() {
    let service = Service::new("known");
    let token = service.bearer(&administrator());
    let request = request(&[("authorization", &token)]);
    assert!(service.app.admit("operation", ADMINISTRATORS, &request).await.is_err());
    assert_eq!(request.caller(), Some("100/admin"));
}

#[tokio::test(start_paused = true)]
async fn a_request_is_attempted_at_most_eight_times() {
    let service = Service::new("attempts");
    let token = service.bearer(&roles(&administrator(), &["nevisIdm.Root"]));
    let mut request = request(&[("authorization", &token)]);
    request.deadline = Deadline::after(Duration::from_secs(9));
    let access = service.app.admit("operation", ADMINISTRATORS, &request).await.expect("admitted");
    let attempts = Cell::new(0);
    let fail = || async {
        attempts.set(attempts.get() + 1);
        Ok(None::<Response>)
    };
    assert_eq!(access.retry(fail).await, Err(ApiError::OptimisticLocking));
    assert_eq!(attempts.get(), 8);
    let succeed = || async {
        attempts.set(attempts.get() + 1);
        Ok((attempts.get() == 10).then(Response::no_content))
    };
    assert_eq!(access.retry(succeed).await, Ok(Response::no_content()));
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!(access.retry(fail).await, Err(ApiError::Unavailable), "after the deadline");
    assert_eq!(attempts.get(), 11);
}

#[tokio::test]
async fn without_a_key_set_the_service_is_unavailable() {
    let service = Service::with_keys("no-keys", Some("https://keys.example/jwks"));
    let token = service.bearer(&roles(&user(), &["nevisIdm.Root"]));
    assert_eq!(
        service.admits(OWN, &[("authorization", &token)]).await,
        Err(ApiError::InvalidBearerToken(TokenRefusal::Keys))
    );
    assert_eq!(service.admits(OWN, &[]).await, Err(ApiError::InvalidBearerToken(TokenRefusal::Missing)));
}

#[tokio::test]
async fn warm_up_fetches_the_key_set_and_calls_the_table_once() {
    let service = Service::with_keys("starts", Some("https://keys.example/jwks"));
    service.app.warm_up(Deadline::after(Duration::from_secs(1))).await;
    assert_eq!(*service.fetched.lock().expect("not poisoned"), ["https://keys.example/jwks"]);
    assert_eq!(service.calls(), ["BatchGetItem"]);
}

#[tokio::test]
async fn a_health_check_calls_the_table_each_time() {
    let service = Service::new("asked-each-time");
    for calls in 1..=2 {
        let health = Health { table: true, bearer_keys: vec![true], x_token_keys: true };
        assert_eq!(service.app.health(&request(&[])).await, health);
        assert_eq!(service.calls(), vec!["BatchGetItem"; calls]);
    }
}

#[tokio::test]
async fn the_clock_is_read_once_per_request() {
    let mut service = Service::new("moment");
    let calls = Arc::new(std::sync::atomic::AtomicI64::new(0));
    let counter = Arc::clone(&calls);
    service.app.clock = Clock::from_fn(move || {
        let more = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Timestamp::from_unix_millis((NOW + more * 600) * 1000).expect("a moment")
    });
    let token = service.bearer(&roles(&user(), &["nevisIdm.SelfAdmin"]));
    let headers = [("authorization", token.as_str()), ("x-token", &service.x_token())];
    assert_eq!(service.admits(OWN, &headers).await, Ok(()));
    assert_eq!(calls.load(std::sync::atomic::Ordering::Relaxed), 1);
}
