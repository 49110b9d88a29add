//! Tests writes: one client request token and the same items in all attempts, what is retried, and
//! which conditions are reported.

use serde_json::{Value, json};

use super::*;
use crate::clock::Random;
use crate::table::tests::{Answer, Call, Wire, cancelled, error, random, seconds, stamp};
use crate::table::{ActionIndex, Condition, Key, NewItem, Update};

/// Returns a transaction of four actions, and their indices.
fn transaction() -> (Transaction, [ActionIndex; 4]) {
    let key = |id: &str| Key::new(&["CLIENT", id], &["CLIENT"]);
    let as_read = Condition::AsRead { revision: 3, request: "earlier".to_owned() };
    let mut transaction = Transaction::new(&stamp());
    let places = [
        transaction.check(key("parent"), Condition::Exists),
        transaction.create(NewItem::new(&key("new"), "client").with_text("name", "New")),
        transaction.update(Update::new(key("changed"), as_read.clone()).increment("count")),
        transaction.delete(key("old"), Condition::Text("owner", "me".to_owned())),
    ];
    (transaction, places)
}

/// Runs the transaction against these answers. The last answer is repeated.
async fn outcome(region: &'static str, answers: Vec<Answer>) -> (Result<Outcome, TableError>, Vec<Call>) {
    let wire = Wire::new(move |number| answers[number.min(answers.len() - 1)].clone());
    let outcome = wire.table(region, random()).transact(seconds(8), &transaction().0).await;
    (outcome, wire.calls())
}

/// Returns which of the four conditions failed.
fn failed_actions(outcome: Result<Outcome, TableError>) -> [bool; 4] {
    match outcome {
        Ok(Outcome::Failed(failed)) => transaction().1.map(|place| failed.at(place).is_some()),
        other => panic!("not failed: {other:?}"),
    }
}

fn assert_same_call_each_time(calls: &[Call], name: &str) {
    let [first, rest @ ..] = calls else { panic!("{name}: no call") };
    assert_eq!(first.operation, "TransactWriteItems");
    assert!(first.body["ClientRequestToken"].as_str().is_some_and(|token| token.len() == 36), "{name}");
    assert_eq!(first.body["TransactItems"].as_array().map(Vec::len), Some(4), "{name}");
    for call in rest {
        assert_eq!((&call.operation, &call.body), (&first.operation, &first.body), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn transient_failures_are_retried_with_the_same_token_and_items() {
    let rows: [(&'static str, Vec<Answer>, usize); 18] = [
        ("done-at-once", vec![], 1),
        ("conflict", vec![cancelled(&["None", "TransactionConflict", "None", "None"])], 2),
        ("conflicts", vec![cancelled(&["TransactionConflict", "None", "TransactionConflict", "None"]); 3], 4),
        ("throttled-reason", vec![cancelled(&["None", "None", "None", "ThrottlingError"])], 2),
        ("throughput-reason", vec![cancelled(&["ProvisionedThroughputExceeded", "None", "None", "None"])], 2),
        ("request-limit-reason", vec![cancelled(&["RequestLimitExceeded", "None", "None", "None"])], 2),
        ("conflict-exception", vec![error("TransactionConflictException"); 4], 5),
        ("in-progress", vec![error("TransactionInProgressException"); 5], 6),
        ("throttled", vec![error("ThrottlingException"); 5], 6),
        ("throughput", vec![error("ProvisionedThroughputExceededException"); 5], 6),
        ("limit", vec![error("RequestLimitExceeded"); 5], 6),
        ("answer-lost", vec![Answer::Lost], 2),
        ("answer-late", vec![Answer::Silence], 2),
        ("answer-empty", vec![Answer::Empty; 2], 3),
        ("answer-incomplete", vec![Answer::Ok(json!({}))], 2),
        ("signed-early", vec![error("InvalidSignatureException"); 2], 3),
        ("sent-late", vec![error("RequestTimeTooSkewed")], 2),
        ("server-fault", vec![Answer::Error(500, "InternalServerError", json!({})); 2], 3),
    ];
    for (name, mut answers, expected) in rows {
        answers.push(Answer::Done);
        let (outcome, calls) = outcome(name, answers).await;
        assert!(matches!(outcome, Ok(Outcome::Done)), "{name}: {outcome:?}");
        assert_eq!(calls.len(), expected, "{name}");
        assert_same_call_each_time(&calls, name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_next_to_a_failed_condition_is_retried() {
    let mixed = ["ConditionalCheckFailed", "TransactionConflict", "None", "None"];
    let (first, calls) = outcome("mixed-done", vec![cancelled(&mixed), Answer::Done]).await;
    assert!(matches!(first, Ok(Outcome::Done)), "{first:?}");
    assert_same_call_each_time(&calls, "mixed-done");

    let decided = ["None", "ConditionalCheckFailed", "None", "None"];
    let throttled = ["ConditionalCheckFailed", "None", "None", "ThrottlingError"];
    let answers = vec![cancelled(&mixed), cancelled(&throttled), cancelled(&decided)];
    let (last, calls) = outcome("mixed-failed", answers).await;
    assert_eq!(failed_actions(last), [false, true, false, false]);
    assert_eq!(calls.len(), 3);
    assert_same_call_each_time(&calls, "mixed-failed");
}

#[tokio::test(start_paused = true)]
async fn failed_conditions_are_reported_by_index_without_a_retry() {
    for bits in 1..16 {
        let failed = [0, 1, 2, 3].map(|place| bits & (1 << place) != 0);
        let reasons = failed.map(|failed| if failed { "ConditionalCheckFailed" } else { "None" });
        let (outcome, calls) = outcome("failed", vec![cancelled(&reasons)]).await;
        assert_eq!(failed_actions(outcome), failed);
        assert_eq!(calls.len(), 1, "{reasons:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_condition_returns_the_existing_item() {
    let item = json!({"PK": {"S": "CLIENT#old"}, "SK": {"S": "CLIENT"}, "owner": {"S": "you"}, "version": {"N": "7"}});
    let reasons: Value = json!([
        {"Code": "ConditionalCheckFailed"},
        {"Code": "None"},
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "not for callers", "Item": item},
    ]);
    let answer = Answer::Error(400, "TransactionCanceledException", json!({"CancellationReasons": reasons}));
    let (outcome, _) = outcome("items", vec![answer]).await;
    let Ok(Outcome::Failed(failed)) = outcome else { panic!("not failed: {outcome:?}") };
    let [parent, new, _, old] = transaction().1.map(|place| failed.at(place));
    assert_eq!(parent, Some(&FailedCondition { item: None }));
    assert_eq!(new, None);
    let item = old.and_then(|failed| failed.item.as_ref()).expect("an item");
    assert_eq!((item.text("owner"), item.number("version")), (Ok("you"), Ok(7)));
    assert_eq!(item.key(), Ok(Key::new(&["CLIENT", "old"], &["CLIENT"])));
}

/// To callers, the item does not exist.
#[tokio::test(start_paused = true)]
async fn a_failed_condition_on_an_item_that_is_being_deleted_returns_no_item() {
    let item = |attribute: &str| {
        let mut item = json!({"PK": {"S": "CLIENT#old"}, "SK": {"S": "CLIENT"}});
        item[attribute] = json!({"S": "x"});
        json!({"Code": "ConditionalCheckFailed", "Item": item})
    };
    let none = json!({"Code": "None"});
    let reasons = json!({"CancellationReasons": [item("deletion"), none, none, item("owner")]});
    let (outcome, _) =
        outcome("being-deleted", vec![Answer::Error(400, "TransactionCanceledException", reasons)]).await;
    let Ok(Outcome::Failed(failed)) = outcome else { panic!("not failed: {outcome:?}") };
    let has_item = |place| failed.at(place).map(|failed| failed.item.is_some());
    assert_eq!(transaction().1.map(has_item), [Some(false), None, None, Some(true)]);
}

#[tokio::test(start_paused = true)]
async fn rejected_calls_are_not_retried() {
    for (name, answer) in [
        ("validation-reason", cancelled(&["None", "ValidationError", "None", "None"])),
        ("collection-reason", cancelled(&["ItemCollectionSizeLimitExceeded", "None", "None", "None"])),
        ("unknown-reason", cancelled(&["None", "None", "None", "SomethingNew"])),
        (
            "validation-mixed",
            cancelled(&["ConditionalCheckFailed", "TransactionConflict", "None", "ValidationError"]),
        ),
        ("validation", error("ValidationException")),
        ("no-table", error("ResourceNotFoundException")),
        ("no-permission", error("AccessDeniedException")),
        ("no-session", error("ExpiredTokenException")),
        ("other-items", error("IdempotentParameterMismatchException")),
    ] {
        let (outcome, calls) = outcome(name, vec![answer]).await;
        assert_eq!(outcome.err(), Some(TableError::Refused), "{name}");
        assert_eq!(calls.len(), 1, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_table_that_stays_unreachable_is_unavailable() {
    for (name, answer) in [
        ("always-lost", Answer::Lost),
        ("always-faulty", Answer::Error(500, "InternalServerError", json!({}))),
        ("always-away", Answer::Error(503, "ServiceUnavailable", json!({}))),
        ("always-empty", Answer::Empty),
        ("always-skewed", error("InvalidSignatureException")),
    ] {
        let (outcome, calls) = outcome(name, vec![answer]).await;
        assert_eq!(outcome.err(), Some(TableError::Unavailable), "{name}");
        assert_eq!(calls.len(), 3, "{name}");
        assert_same_call_each_time(&calls, name);
    }
}

#[tokio::test(start_paused = true)]
async fn every_transaction_has_its_own_token() {
    let wire = Wire::new(|_| Answer::Done);
    let table = wire.table("tokens", random());
    for _ in 0..3 {
        let outcome = table.transact(seconds(1), &transaction().0).await;
        assert!(matches!(outcome, Ok(Outcome::Done)), "{outcome:?}");
    }
    let mut tokens: Vec<Value> =
        wire.bodies().into_iter().map(|body| body["ClientRequestToken"].clone()).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
}

/// Returns a transaction that checks one of 64 copies.
fn check_of_copies() -> Transaction {
    let mut transaction = Transaction::new(&stamp());
    transaction.check(Key::copied(64, &["TERMS", "t"], &["TERMS"]), Condition::Exists);
    transaction
}

/// Returns a transaction that changes three copies.
fn change_of_copies() -> Transaction {
    let mut transaction = Transaction::new(&stamp());
    transaction.update(Update::new(Key::copied(3, &["TERMS", "t"], &["TERMS"]), Condition::Exists));
    transaction
}

#[tokio::test(start_paused = true)]
async fn an_attempt_after_a_cancelled_one_checks_another_copy_with_another_token() {
    let cancelled = cancelled(&["TransactionConflict"]);
    let wire = Wire::new(move |number| if number < 2 { cancelled.clone() } else { Answer::Done });
    let outcome = wire.table("other-copies", random()).transact(seconds(8), &check_of_copies()).await;
    assert!(matches!(outcome, Ok(Outcome::Done)), "{outcome:?}");
    let calls = wire.bodies();
    let parts = |body: &Value| {
        (
            body["ClientRequestToken"].to_string(),
            body["TransactItems"][0]["ConditionCheck"]["Key"].to_string(),
        )
    };
    let (mut tokens, mut copies): (Vec<_>, Vec<_>) = calls.iter().map(parts).unzip();
    for values in [&mut tokens, &mut copies] {
        values.sort();
        values.dedup();
        assert_eq!(values.len(), 3, "{values:?}");
    }
}

/// If the response is lost, the attempt may have been applied.
#[tokio::test(start_paused = true)]
async fn an_attempt_after_an_unknown_one_checks_the_same_copy_with_the_same_token() {
    for (region, answer) in [("copy-lost", Answer::Lost), ("copy-throttled", error("ThrottlingException"))] {
        let wire = Wire::new(move |number| if number == 0 { answer.clone() } else { Answer::Done });
        let outcome = wire.table(region, random()).transact(seconds(8), &check_of_copies()).await;
        assert!(matches!(outcome, Ok(Outcome::Done)), "{region}: {outcome:?}");
        let [one, other] = &wire.bodies()[..] else { panic!("{region}: {:?}", wire.calls()) };
        assert_eq!(one, other, "{region}");
    }
}

/// Returns the partitions of the actions of a call that hold copies.
fn held(body: &Value) -> Option<String> {
    let update = &body["TransactItems"][0]["Update"];
    let holds = update["UpdateExpression"] == "SET #heldUntil = :v0";
    holds.then(|| update["Key"]["PK"]["S"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_change_that_meets_conflicts_holds_each_copy_first() {
    let conflict = ["None", "TransactionConflict", "None"];
    let wire = Wire::new(move |number| if number < 2 { cancelled(&conflict) } else { Answer::Done });
    let outcome = wire.table("holds", random()).transact(seconds(8), &change_of_copies()).await;
    assert!(matches!(outcome, Ok(Outcome::Done)), "{outcome:?}");
    let bodies = wire.bodies();
    let held: Vec<Option<String>> = bodies.iter().map(held).collect();
    let copies = ["TERMS#t", "TERMS#t#COPY#1", "TERMS#t#COPY#2"].map(|pk| Some(pk.to_owned()));
    assert_eq!(held, [&[None, None], &copies[..], &[None]].concat());
    let values = &bodies[2]["TransactItems"][0]["Update"]["ExpressionAttributeValues"];
    let until = values[":v0"]["N"].as_str().and_then(|until| until.parse::<u64>().ok()).expect("a time");
    // Two seconds after the time of the request and the first delay.
    assert!((1_767_225_602_000..1_767_225_602_040).contains(&until), "{until}");
}

#[tokio::test(start_paused = true)]
async fn a_hold_is_repeated_until_it_is_applied() {
    let conflict = cancelled(&["TransactionConflict", "None", "None"]);
    let wire = Wire::new(move |number| if number < 5 { conflict.clone() } else { Answer::Done });
    let outcome = wire.table("holds-again", random()).transact(seconds(8), &change_of_copies()).await;
    assert!(matches!(outcome, Ok(Outcome::Done)), "{outcome:?}");
    let bodies = wire.bodies();
    let mut held: Vec<String> = bodies.iter().filter_map(held).collect();
    assert_eq!(held.len(), 6);
    held.sort();
    held.dedup();
    assert_eq!(held, ["TERMS#t", "TERMS#t#COPY#1", "TERMS#t#COPY#2"]);
}

/// Returns a random source that always returns the maximum, of limits whose successors are factors of this number.
fn highest(multiple_of_all: u128) -> Random {
    Random::from_fn(move || (multiple_of_all - 1).to_le_bytes())
}

/// The more copies are held, the more checks go to the others.
#[tokio::test(start_paused = true)]
async fn a_hold_backs_off_for_at_most_20_ms_and_its_change_not_at_all() {
    let conflict = cancelled(&["TransactionConflict", "None", "None"]);
    let wire = Wire::new(move |number| if number < 8 { conflict.clone() } else { Answer::Done });
    let outcome = wire.table("hold-waits", highest(21)).transact(seconds(8), &change_of_copies()).await;
    assert!(matches!(outcome, Ok(Outcome::Done)), "{outcome:?}");
    let at: Vec<u128> = wire.calls().iter().map(|call| call.at).collect();
    assert_eq!(at, [0, 20, 20, 20, 20, 40, 40, 40, 60, 60, 60, 60]);
}

#[tokio::test(start_paused = true)]
async fn only_changes_of_copies_hold_them() {
    let conflict = cancelled(&["TransactionConflict"]);
    let wire = Wire::new(move |number| if number < 4 { conflict.clone() } else { Answer::Done });
    let mut single = Transaction::new(&stamp());
    single.update(Update::new(Key::new(&["USER", "u"], &["USER"]), Condition::Exists));
    for transaction in [check_of_copies(), single] {
        let outcome = wire.table("no-holds", random()).transact(seconds(8), &transaction).await;
        assert!(matches!(outcome, Ok(Outcome::Done)), "{outcome:?}");
    }
    assert!(wire.bodies().iter().all(|body| held(body).is_none()));
}

/// Returns the answer to a check of a copy that is held until this many milliseconds after the request.
fn held_for(millis: u64) -> Answer {
    let until = (1_767_225_600_000 + millis).to_string();
    let item = json!({"PK": {"S": "TERMS#t"}, "SK": {"S": "TERMS"}, "heldUntil": {"N": until}});
    let reasons = json!({"CancellationReasons": [{"Code": "ConditionalCheckFailed", "Item": item}]});
    Answer::Error(400, "TransactionCanceledException", reasons)
}

#[tokio::test(start_paused = true)]
async fn a_check_waits_while_a_change_holds_the_copy() {
    let wire = Wire::new(|number| if number < 3 { held_for(2_000) } else { Answer::Done });
    let outcome = wire.table("held", random()).transact(seconds(8), &check_of_copies()).await;
    assert!(matches!(outcome, Ok(Outcome::Done)), "{outcome:?}");
    assert_eq!(wire.calls().len(), 4);
}

/// The maximum delay is the rest of the hold, or that of other attempts if it is longer.
#[tokio::test(start_paused = true)]
async fn a_check_of_a_held_copy_waits_until_the_end_of_the_hold_at_most() {
    for (region, held, expected) in [("held-long", 2_000, 2_001), ("held-short", 5, 20)] {
        let wire = Wire::new(move |number| if number == 0 { held_for(held) } else { Answer::Done });
        let table = wire.table(region, highest(2_002 * 21));
        let outcome = table.transact(seconds(8), &check_of_copies()).await;
        assert!(matches!(outcome, Ok(Outcome::Done)), "{outcome:?}");
        let at: Vec<u128> = wire.calls().iter().map(|call| call.at).collect();
        assert_eq!(at, [0, expected], "{region}");
    }
}

/// A change that ends before it is applied stops others for two seconds only.
#[tokio::test(start_paused = true)]
async fn a_check_that_fails_after_the_end_of_a_hold_has_failed() {
    let wire = Wire::new(|_| held_for(2_000));
    let outcome = wire.table("held-over", random()).transact(seconds(8), &check_of_copies()).await;
    assert!(matches!(outcome, Ok(Outcome::Failed(_))), "{outcome:?}");
    let last = wire.calls().last().map(|call| call.at).expect("a call");
    assert!((2_000..2_700).contains(&last), "{last}");
}
