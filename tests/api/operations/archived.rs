//! Archived users: they and what belongs to them can only be deleted.

use functions::users::UserState;

use super::for_each_operation;
use super::rows::Row;
use crate::support::{Caller, World, refused};

for_each_operation!(archived_users_and_their_objects_can_only_be_deleted);

async fn archived_users_and_their_objects_can_only_be_deleted(row: &'static Row) {
    if !row.writes() || !(row.has_user() || row.has_owner()) {
        return;
    }
    let (world, user) = (World::furnished().await, row.user());
    world.put_user_state("{client-123}", user, UserState::Archived).await;
    let call = row.call(&world).by(&Caller::root());
    if row.method == "DELETE" {
        assert_eq!(call.send().await.status, row.success);
    } else {
        let message = format!("User is archived: {}", user.trim_matches(['{', '}']));
        let archived = refused(422, "errors.modifyArchivedUser", &message);
        call.expect_unchanged(archived).await;
    }
}
