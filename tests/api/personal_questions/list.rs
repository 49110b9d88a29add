//! `GET /{clientExtId}/personal-questions`: pages, their order, their tokens, their cost.

use std::collections::BTreeSet;

use functions::personal_questions::{self, PersonalQuestion, PersonalQuestionExtId, PersonalQuestionState};
use serde_json::Value;
use shared::entity::LocalizedText;
use shared::table::Condition;

use crate::operations::rows::client_missing;
use crate::support::answer::invalid_fields;
use crate::support::pages::{self, ext_ids, token};
use crate::support::target::{self, Kind, leaves_out};
use crate::support::{Answer, Caller, World};

/// A client without questions.
const CLIENT: &str = "{client-456}";
const PATH: &str = "/{client-456}/personal-questions";
/// The most items that one transaction creates.
const ACTIONS: usize = 100;

fn question(world: &World, ext_id: &str) -> PersonalQuestion {
    PersonalQuestion {
        client: world.client_id(CLIENT),
        ext_id: PersonalQuestionExtId::unchecked(ext_id),
        description: None,
        state: PersonalQuestionState::Active,
        display_name: LocalizedText::default(),
        content: LocalizedText::default(),
    }
}

async fn create(world: &World, ext_ids: &[String]) {
    for ext_ids in ext_ids.chunks(ACTIONS) {
        let questions: Vec<PersonalQuestion> = ext_ids.iter().map(|ext_id| question(world, ext_id)).collect();
        world.put(|transaction| questions.iter().map(|it| it.create(transaction)).collect::<Vec<_>>()).await;
    }
}

async fn delete(world: &World, ext_id: &str) {
    let question = question(world, ext_id);
    let key = personal_questions::key(&question.client, &question.ext_id);
    world.put(|transaction| transaction.delete(key, Condition::Exists)).await;
}

async fn page(world: &World, query: &str) -> Answer {
    pages::page(world, PATH, query).await
}

/// Reads all pages, and calls `between` after each of them with its number.
async fn walk(world: &World, limit: usize, between: impl AsyncFnMut(usize)) -> Vec<Vec<String>> {
    pages::walk(world, &Caller::root(), (PATH, limit), between).await
}

#[tokio::test]
async fn all_questions_are_listed_once_in_order() {
    if leaves_out(&[Kind::Watch, Kind::Gateway], "a thousand questions") {
        return;
    }
    let world = World::furnished().await;
    let mut created = Vec::new();
    for count in [0, 1, 100, 101, 1000] {
        let more: Vec<String> = (created.len()..count).map(|number| format!("q-{number:04}")).collect();
        create(&world, &more).await;
        created.extend(more);
        for limit in [1, 100, 1000].into_iter().filter(|limit| count <= 101 * limit) {
            let pages = walk(&world, limit, async |_| {}).await;
            assert_eq!(pages.concat(), created, "{count} by {limit}");
            let full = if count == 0 { 1 } else { count.div_ceil(limit) };
            assert_eq!(pages.len(), full, "{count} by {limit}");
        }
    }
    let default = page(&world, "").await;
    assert_eq!((ext_ids(&default).len(), page(&world, "limit=0").await), (100, default));
}

/// What exists throughout is neither skipped nor repeated, whatever is created and deleted meanwhile.
#[tokio::test]
async fn changes_between_pages_disturb_no_other_question() {
    let world = World::furnished().await;
    let stable: Vec<String> = (0..20).map(|number| format!("b-{number:02}")).collect();
    create(&world, &stable).await;
    create(&world, &["a".to_owned(), "b-10-x".to_owned()]).await;
    let pages = walk(&world, 3, async |number| match number {
        // Before the position, behind it, and at the position itself.
        1 => create(&world, &["a-new".to_owned(), "b-05-new".to_owned(), "c".to_owned()]).await,
        2 => {
            delete(&world, "a").await;
            delete(&world, "b-10-x").await;
        }
        _ => {}
    })
    .await;
    let seen = pages.concat();
    let different: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(different.len(), seen.len(), "nothing is repeated: {seen:?}");
    assert!(seen.is_sorted(), "{seen:?}");
    assert!(stable.iter().all(|ext_id| different.contains(ext_id)), "nothing is skipped: {seen:?}");
    assert!(seen.contains(&"c".to_owned()) && !seen.contains(&"b-10-x".to_owned()), "{seen:?}");
}

/// A page continues behind a question that no longer exists.
#[tokio::test]
async fn the_position_of_a_token_may_be_deleted() {
    let world = World::furnished().await;
    create(&world, &["a", "b", "c"].map(str::to_owned)).await;
    let first = page(&world, "limit=2").await;
    delete(&world, "b").await;
    let query = format!("continuationToken={}", token(&first).expect("a second page"));
    assert_eq!(ext_ids(&page(&world, &query).await), ["c"]);
}

#[tokio::test]
async fn a_token_is_valid_for_its_list_only() {
    let world = World::furnished().await;
    create(&world, &["a", "b"].map(str::to_owned)).await;
    let good = token(&page(&world, "limit=1").await).expect("a second page");
    assert_eq!(ext_ids(&page(&world, &format!("continuationToken={good}")).await), ["b"]);
    let elsewhere = format!("/{{client-123}}/personal-questions?continuationToken={good}");
    let answer = world.get(&elsewhere).by(&Caller::root()).send().await;
    assert_eq!(answer, invalid_fields("continuationToken"), "of another client");
    let mut mutated = good.clone().into_bytes();
    for (what, token) in [
        ("cut", good[..good.len() - 1].to_owned()),
        ("longer", format!("{good}A")),
        ("mutated", {
            mutated[3] = if mutated[3] == b'A' { b'B' } else { b'A' };
            String::from_utf8(mutated).expect("ASCII")
        }),
        ("empty", String::new()),
        ("an extId", "a".to_owned()),
    ] {
        let answer = page(&world, &format!("continuationToken={token}")).await;
        assert_eq!(answer, invalid_fields("continuationToken"), "{what}");
    }
}

#[tokio::test]
async fn a_list_of_an_unknown_client_is_not_found() {
    let world = World::furnished().await;
    let call = world.get("/{client-999}/personal-questions?limit=1").by(&Caller::root());
    assert_eq!(call.send().await, client_missing());
}

/// A page costs what it shows and one item, wherever it is in the list.
#[tokio::test]
async fn the_first_and_the_last_page_cost_the_same() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "what it logs") || target::engine().is_some() {
        return;
    }
    let world = World::furnished().await;
    create(&world, &(0..200).map(|number| format!("q-{number:04}")).collect::<Vec<_>>()).await;
    world.lines();
    let mut costs = Vec::new();
    let pages = walk(&world, 20, async |_| {
        let [line] = world.lines().try_into().expect("one line");
        let line: Value = line;
        costs.push((line["TableTrips"].clone(), line["TableCalls"].clone(), line["ReadUnits"].clone()));
    })
    .await;
    assert_eq!(pages.len(), 10);
    assert_eq!(costs[0], costs[8], "{costs:?}");
    assert_eq!((&costs[0].0, &costs[0].1), (&Value::from(1), &Value::from(2)));
}
