//! `GET /{clientExtId}/users/{userExtId}`

use crate::support::answer::missing_right;
use crate::support::caller::SELF_ADMIN;
use crate::support::{Caller, World, ok_at};

use super::rows::shown;

#[tokio::test]
async fn users_read_themselves_without_an_x_token() {
    let world = World::furnished().await;
    let call = world.get("/{client-123}/users/{user-123}").by(&Caller::the_user());
    call.expect_unchanged(ok_at(0, shown())).await;
    let other = Caller::new("{client-123}", "{user-456}").with(SELF_ADMIN, None, None);
    let call = world.get("/{client-123}/users/{user-123}").by(&other);
    call.expect_unchanged(missing_right("UserView")).await;
}
