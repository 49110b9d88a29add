//! `/nevisidm/api/principal/v1/permissions`

pub(crate) mod rows;

use serde_json::json;

use crate::support::caller::SELF_ADMIN;
use crate::support::{Caller, World, ok};

const PATH: &str = "/nevisidm/api/principal/v1/permissions";

#[tokio::test]
async fn the_rights_of_all_roles_are_listed_in_alphabetical_order() {
    let world = World::new().await;
    let somebody = || Caller::new("{client-123}", "somebody");
    for (caller, expected) in [
        (somebody(), json!([])),
        (somebody().with("unheard.of", None, None), json!([])),
        (somebody().with(SELF_ADMIN, Some(&[]), Some(&[])), json!(["AccessControl.SelfAdmin"])),
    ] {
        let answer = world.get(PATH).by(&caller).send().await;
        assert_eq!(answer, ok(json!({"elementaryPermissions": expected})), "{caller:?}");
    }
    let both = somebody().with("nevisIdm.Helpdesk", None, None).with(SELF_ADMIN, None, None);
    let answer = world.get(PATH).by(&both).send().await;
    let listed = answer.body["elementaryPermissions"].as_array().expect("an array").clone();
    assert!(listed.is_sorted_by_key(|right| right.as_str().map(str::to_owned)), "{listed:?}");
    for (right, has) in [("ClientView", true), ("SelfAdmin", true), ("ClientCreate", false)] {
        assert_eq!(listed.contains(&json!(format!("AccessControl.{right}"))), has, "{right}");
    }
}
