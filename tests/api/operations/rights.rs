//! The rights that operations require, and the roles that grant them.

use serde_json::{Map, Value, json};

use super::for_each_operation;
use super::rows::{Covers, Row};
use crate::callers::rules::built_in;
use crate::support::answer::{missing_right, outside_data_room};
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World};

for_each_operation!(
    built_in_roles_grant_the_documented_rights,
    each_missing_right_is_named,
    one_of_the_alternative_rights_suffices,
    rights_are_combined_across_authorizations,
);

/// Returns the refusal of a caller with a role over clients other than the request's: the first
/// missing right is reported, or that the first right does not cover the client.
fn refusal(row: &Row, role: &str) -> Option<Answer> {
    let lacks = |group: &&&[&str]| group.iter().all(|right| !built_in(role, right));
    let groups = row.groups();
    let missing = groups.iter().find(lacks).map(|group| group[0]);
    let is_covered = !row.has_data_room() && row.covers != Covers::ClientOfObject;
    let outside = (!is_covered).then(|| outside_data_room(row.rights[0]));
    missing.map(missing_right).or(outside)
}

async fn built_in_roles_grant_the_documented_rights(row: &'static Row) {
    let world = World::furnished().await;
    let before = world.items().await;
    for role in [
        "nevisIdm.Root",
        "nevisIdm.ClientRoot",
        "nevisIdm.UserAdmin",
        "nevisIdm.UserAndUnitAdmin",
        "nevisIdm.Helpdesk",
        "nevisIdm.SelfAdmin",
        "nevisIdm.TemplateAdmin",
        "nevisIdm.TechUser",
        "unheard.of",
    ] {
        let caller = Caller::new("{operators}", "somebody").with(role, Some(&["{client-other}"]), None);
        let answer = row.call(&world).by(&caller).send().await;
        match refusal(row, role) {
            Some(refusal) => assert_eq!(answer, refusal, "{role}"),
            None => assert_eq!(answer.status, row.success, "{role}"),
        }
    }
    let answer = row.call(&world).by(&Caller::new("{client-123}", "nobody")).send().await;
    match row.rights.first() {
        Some(right) => assert_eq!(answer, missing_right(right), "without a role"),
        None => assert_eq!(answer.status, row.success, "without a role"),
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// Returns a role table: `all` with these rights; `not <right>` without those of the group that begins with it; and
/// `only <right>` for each right.
fn role_table(row: &Row) -> String {
    let name = |right: &&str| format!("AccessControl.{right}");
    let mut roles = Map::new();
    roles.insert("all".to_owned(), row.rights.iter().map(name).collect());
    for group in row.groups() {
        let others = row.rights.iter().filter(|right| !group.contains(right));
        roles.insert(format!("not {}", group[0]), others.map(name).collect());
    }
    roles.extend(row.rights.iter().map(|right| (format!("only {right}"), json!([name(right)]))));
    Value::Object(roles).to_string()
}

async fn world_with_roles(row: &Row) -> World {
    let world = World::in_process(&[("ROLE_RIGHTS", &role_table(row))], |client| client).await;
    world.furnish("{Default}").await;
    world
}

fn everywhere(role: &str) -> Caller {
    Caller::new("{operators}", "somebody").with(role, Some(&["*"]), None)
}

async fn each_missing_right_is_named(row: &'static Row) {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a custom role table") {
        return;
    }
    let world = world_with_roles(row).await;
    let before = world.items().await;
    for group in row.groups() {
        let answer = row.call(&world).by(&everywhere(&format!("not {}", group[0]))).send().await;
        assert_eq!(answer, missing_right(group[0]));
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
    assert_eq!(row.call(&world).by(&everywhere("all")).send().await.status, row.success);
}

async fn one_of_the_alternative_rights_suffices(row: &'static Row) {
    if row.alternatives == 1 || leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a custom role table")
    {
        return;
    }
    for group in row.groups() {
        for right in group {
            let world = world_with_roles(row).await;
            let others = everywhere(&format!("not {}", group[0]));
            let caller = others.with(&format!("only {right}"), Some(&["*"]), None);
            assert_eq!(row.call(&world).by(&caller).send().await.status, row.success, "{right}");
        }
    }
}

async fn rights_are_combined_across_authorizations(row: &'static Row) {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a custom role table") {
        return;
    }
    let world = world_with_roles(row).await;
    for right in row.groups().iter().map(|group| group[0]).filter(|_| row.has_data_room()) {
        let near = format!("not {right}");
        let far = Caller::new("{operators}", "somebody").with(&near, Some(&["*"]), None).with(
            &format!("only {right}"),
            Some(&["{client-other}"]),
            None,
        );
        let answer = row.call(&world).by(&far).send().await;
        assert_eq!(answer, outside_data_room(right));
    }
    let caller = row.rights.iter().fold(Caller::new("{operators}", "somebody"), |caller, right| {
        caller.with(&format!("only {right}"), Some(&["*"]), None)
    });
    assert_eq!(row.call(&world).by(&caller).send().await.status, row.success);
}
