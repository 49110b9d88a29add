//! Callers who create, change and delete everything below a user or a client while it is deleted. `RACE_ROUNDS` sets the
//! number of rounds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::{join, join_all};

use super::{Victim, assert_left, furnished_without, is_elsewhere};
use crate::operations::all_rows;
use crate::operations::rows::Row;
use crate::races::rounds;
use crate::support::jobs::sweep;
use crate::support::target::number;
use crate::support::{Caller, World};

/// The number of concurrent callers besides the one who deletes.
const CALLERS: u64 = 8;

/// Sends requests at random until the deletion has ended.
async fn act(
    world: &World,
    rows: &[&'static Row],
    (victim, is_over): (Victim, &AtomicBool),
    mut random: Rng,
) {
    while !is_over.load(Ordering::SeqCst) {
        let row = rows[random.usize(..rows.len())];
        let more = [row.more_actions, row.more_calls].into_iter().flatten();
        let bodies: Vec<_> = [row.good_body()].into_iter().chain(more.map(|body| Some(body()))).collect();
        let body = bodies[random.usize(..bodies.len())].clone();
        let call = match victim {
            Victim::User(_) if random.u8(..) < 3 => world.post(&format!("{}/archive", victim.path())),
            _ => world.call(row.method, row.path).json_if(body),
        };
        let answer = call.by(&Caller::root()).send().await;
        assert!(answer.status < 500, "{}: {answer:?}", row.id);
    }
}

/// Deletes the victim after a while, until it does not exist.
async fn delete(world: &World, victim: Victim, is_over: &AtomicBool, mut random: Rng) {
    tokio::time::sleep(Duration::from_millis(random.u64(..40))).await;
    loop {
        let answer = world.delete(&victim.path()).by(&Caller::root()).send().await;
        match answer.status {
            204 | 404 => break,
            // The begin may be overtaken by changes of the victim too often.
            202 | 409 => {}
            _ => panic!("{answer:?}"),
        }
    }
    is_over.store(true, Ordering::SeqCst);
}

async fn race(victim: Victim) {
    if is_elsewhere() {
        return;
    }
    let expected = furnished_without(victim).await;
    let rows: Vec<&'static Row> = all_rows().filter(|row| row.writes() && victim.has(row)).collect();
    let seed = number("RACE_SEED", Rng::new().u64(..));
    println!("RACE_SEED={seed}");
    for round in 0..rounds() as u64 {
        let world = World::furnished().await;
        let is_over = AtomicBool::new(false);
        let random = |caller| Rng::with_seed(seed ^ (round * (CALLERS + 1) + caller));
        let callers = (1..=CALLERS).map(|caller| act(&world, &rows, (victim, &is_over), random(caller)));
        join(delete(&world, victim, &is_over, random(0)), join_all(callers)).await;
        // An archiving that was overtaken, or the deletion of a user of the client.
        sweep(world.table()).await;
        for row in &rows {
            let answer = row.call(&world).by(&Caller::root()).send().await;
            assert_eq!(answer.status, 404, "{}: {answer:?}", row.id);
        }
        assert!(assert_left(&world.stored().await, &expected) > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_user_whatever_happens_below_at_the_same_time() {
    race(Victim::User("{user-123}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_client_whatever_happens_below_at_the_same_time() {
    race(Victim::Client).await;
}
