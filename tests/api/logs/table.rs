//! A table that fails or contains corrupt items: its messages and data are not logged.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use super::log::{Log, mark};
use super::{are_left_out, assert_line, somebody};
use crate::clients::rows::get_client;
use crate::faults::fault::Fault;
use crate::faults::rig::Rig;
use crate::operations::rows::Row;
use crate::operations::{all_rows, for_each_operation};
use crate::support::World;

for_each_operation!(requests_are_not_logged_while_the_table_fails);

/// The error messages of the table contain keys and values.
async fn requests_are_not_logged_while_the_table_fails(row: &'static Row) {
    if are_left_out() || !row.reads_table() {
        return;
    }
    let Some(rig) = Rig::new().await else { return };
    let log = Log::default();
    let collecting = log.collect();
    let caller = somebody();
    let faults = [
        Fault::Failed { status: 500, applied: false },
        Fault::Failed { status: 503, applied: true },
        Fault::Refused("ThrottlingException"),
        Fault::Refused("ValidationException"),
        Fault::Refused("AccessDeniedException"),
        Fault::Refused("InvalidSignatureException"),
        Fault::Empty { applied: true },
        Fault::Cut { applied: true },
        Fault::HalfAnswer,
    ];
    for fault in faults {
        let mut body = row.good_body();
        if let (Some(body), true) = (&mut body, row.id.ends_with("properties")) {
            *body = json!({"{nickname}": mark()});
        }
        let call = rig.world.call(row.method, row.path).by(&caller).json_if(body);
        let call = call.header("x-secret", &mark()).header("idempotency-key", &mark());
        let outcome = rig.outcome(&call.sent(), Box::new(move |_| Some(fault))).await;
        assert_line(&rig.world, &caller, row.id, &outcome.answer, &format!("{fault:?}"));
    }
    drop(collecting);
    log.assert_contains_no(&["table speaks".to_owned()]);
    assert!(log.lines().len() >= faults.len(), "{} lines", log.lines().len());
}

/// The error codes of the table are untrusted, too.
#[tokio::test]
async fn invisible_characters_in_a_code_of_the_table_are_not_logged() {
    if are_left_out() {
        return;
    }
    let Some(rig) = Rig::new().await else { return };
    let log = Log::default();
    let collecting = log.collect();
    let sent = get_client().call(&rig.world).by(&somebody()).sent();
    let outcome = rig.outcome(&sent, Box::new(|_| Some(Fault::Refused("odd\u{1b}[2J\ncode")))).await;
    drop(collecting);
    assert_eq!(outcome.answer.status, 500);
    let [line] = log.lines().try_into().expect("one line");
    assert_eq!(line["code"], "odd?[2J?code");
}

/// The log line of a corrupt item contains only the name of an attribute.
#[tokio::test]
async fn corrupt_items_are_not_logged() {
    if are_left_out() {
        return;
    }
    let world = World::furnished().await;
    let (client, table) = world.table();
    let mut broken = 0;
    for mut item in client.scan().table_name(table).send().await.expect("a page").items.unwrap_or_default() {
        for (_, value) in
            item.iter_mut().filter(|(name, _)| !["PK", "SK", "entityType"].contains(&name.as_str()))
        {
            *value = AttributeValue::L(vec![AttributeValue::S(mark())]);
        }
        client.put_item().table_name(table).set_item(Some(item)).send().await.expect("written");
        broken += 1;
    }
    let log = Log::default();
    let collecting = log.collect();
    let caller = somebody();
    let mut failed = 0;
    for row in all_rows() {
        let answer = row.call(&world).by(&caller).send().await;
        assert_line(&world, &caller, row.id, &answer, row.id);
        failed += usize::from(answer.status == 500);
    }
    drop(collecting);
    log.assert_contains_no(&[]);
    assert!(broken > 20 && failed > 5 && log.lines().len() >= failed, "{broken} {failed} {:?}", log.lines());
}
