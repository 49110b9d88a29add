//! `GET /{clientExtId}/personal-questions`: changes between the pages.

use std::collections::BTreeSet;

use functions::personal_questions::{self, PersonalQuestion, PersonalQuestionExtId, PersonalQuestionState};
use shared::entity::LocalizedText;
use shared::table::Condition;

use crate::operations::rows::client_missing;
use crate::support::pages::{self, ext_ids, token};
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
async fn a_list_of_an_unknown_client_is_not_found() {
    let world = World::furnished().await;
    let call = world.get("/{client-999}/personal-questions?limit=1").by(&Caller::root());
    assert_eq!(call.send().await, client_missing());
}
