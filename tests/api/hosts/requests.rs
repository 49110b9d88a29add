//! A valid and a rejected request to each operation: the host responds as the handlers do
//! in-process.

use serde_json::Value;

use super::without_ids;
use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::answer::{health_answer, missing_right, unauthorized};
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World};

for_each_operation!(
    good_requests_succeed,
    unauthorised_requests_are_rejected,
    head_requests_receive_the_headers_of_get,
);

async fn good_requests_succeed(row: &'static Row) {
    let handlers = World::in_process(&[], |client| client).await;
    handlers.furnish("{Default}").await;
    let expected = row.call(&handlers).by(&Caller::root()).send().await;
    assert_eq!(expected.status, row.success);
    let world = if row.writes() { World::furnished().await } else { World::furnished_once().await };
    let answer = row.call(&world).by(&Caller::root()).send().await;
    assert_eq!((answer.status, &answer.headers), (expected.status, &expected.headers));
    // A list of what belongs to no client has the objects of other tests, too.
    let is_shared = !row.has_client() || row.template.ends_with("/terms-pending");
    if !(is_shared && expected.body["items"].is_array()) {
        assert_eq!(without_ids(&answer.body), without_ids(&expected.body));
    }
}

async fn unauthorised_requests_are_rejected(row: &'static Row) {
    let world = World::furnished_once().await;
    let before = world.items().await;
    assert_eq!(row.call(&world).send().await, unauthorized());
    let nobody = Caller::new("{client-123}", "nobody");
    if let Some(right) = row.rights.first() {
        assert_eq!(row.call(&world).by(&nobody).send().await, missing_right(right));
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// With a token and without one.
async fn head_requests_receive_the_headers_of_get(row: &'static Row) {
    if row.method != "GET" {
        return;
    }
    let world = World::furnished_once().await;
    for caller in [Some(Caller::root()), None] {
        let [get, head] = ["GET", "HEAD"].map(|method| world.call(method, row.path));
        let [get, head] = match &caller {
            Some(caller) => [get.by(caller), head.by(caller)],
            None => [get, head],
        };
        let expected = Answer { body: Value::Null, ..get.send().await };
        assert_eq!(head.send().await, expected);
    }
}

#[tokio::test]
async fn a_health_check_succeeds() {
    let world = World::new().await;
    let expected = health_answer(true, &[true], true);
    assert_eq!(world.get("/health").send().await, expected);
    let head = world.call("HEAD", "/health").send().await;
    assert_eq!(head, Answer { body: Value::Null, ..expected });
}
