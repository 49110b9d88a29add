use std::num::NonZeroU32;

use super::*;
use crate::limits::Conflicts;

const KB: usize = 1 << 10;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The published limits, with little burst, so that each second serves as much as the next.
fn steady() -> Limits {
    Limits { burst: millis(10), ..Limits::published() }
}

/// The same for rates only.
fn without_conflicts() -> Limits {
    Limits { conflicts: Conflicts::None, ..steady() }
}

fn folded(copies: u32) -> Limits {
    Limits { copies: NonZeroU32::new(copies), ..steady() }
}

fn key(pk: &str, sk: &str) -> ItemKey {
    ItemKey { pk: pk.to_owned(), sk: sk.to_owned() }
}

fn check(pk: &str) -> Action {
    Action { key: key(pk, "ITEM"), is_change: false, size: KB }
}

fn change(pk: &str) -> Action {
    Action { is_change: true, ..check(pk) }
}

/// Returns how many of the transactions are accepted that are sent each 250 µs of a second.
fn accepted(limits: Limits, transaction: impl Fn(u32) -> Action) -> usize {
    let mut model = Model::new(limits);
    let served = (0..4_000).filter(|number| {
        let now = Duration::from_micros(250) * *number;
        model.prepare(now, &[transaction(*number)]) == [Verdict::Accepted]
    });
    served.count()
}

/// Returns how many of the reads are served that are sent each 100 µs of a second.
fn reads(limits: Limits, size: usize, key: impl Fn(u32) -> ItemKey) -> usize {
    let mut model = Model::new(limits);
    let served = (0..10_000).filter(|number| {
        let now = Duration::from_micros(100) * *number;
        model.read_item(now, &key(*number), read_units(size, true))
    });
    served.count()
}

/// Returns how many transactions are accepted at a moment.
fn burst(model: &mut Model, now: Duration) -> usize {
    let is_accepted = |_: &u32| model.prepare(now, &[change("A")]) == [Verdict::Accepted];
    (0..1_000_000).take_while(is_accepted).count()
}

/// Requires a number per second, beside the burst of 10 ms.
fn assert_rate(served: usize, expected: usize) {
    let most = expected + expected.div_ceil(100);
    assert!((expected - 2..=most).contains(&served), "{served} instead of {expected} to {most}");
}

/// Returns the verdicts on two transactions that begin at the same time.
fn at_once(limits: Limits, [first, second]: [Action; 2]) -> Verdict {
    let mut model = Model::new(limits);
    assert_eq!(model.prepare(millis(0), std::slice::from_ref(&first)), [Verdict::Accepted]);
    model.hold(millis(0), [&first]);
    model.prepare(millis(0), &[second])[0]
}

#[test]
fn an_item_serves_500_transactional_writes_of_1_kb_a_second() {
    assert_rate(accepted(without_conflicts(), |_| change("A")), 500);
}

#[test]
fn an_item_serves_as_many_checks_as_writes() {
    assert_rate(accepted(without_conflicts(), |_| check("A")), 500);
}

#[test]
fn an_item_serves_3_000_reads_of_4_kb_a_second() {
    assert_rate(reads(steady(), 4 * KB, |_| key("A", "ITEM")), 3_000);
}

#[test]
fn an_item_of_17_kb_serves_600_reads_a_second() {
    assert_rate(reads(steady(), 17 * KB, |_| key("A", "ITEM")), 600);
}

#[test]
fn a_transactional_write_costs_2_units_per_started_kb() {
    let sizes = [0, 1, KB, KB + 1, 400 * KB];
    assert_eq!(sizes.map(|size| write_units(size).to_string()), ["2", "2", "2", "4", "800"]);
}

#[test]
fn a_read_costs_1_unit_per_started_4_kb() {
    let sizes = [0, 1, 4 * KB, 4 * KB + 1, 400 * KB];
    assert_eq!(sizes.map(|size| read_units(size, true).to_string()), ["1", "1", "1", "2", "100"]);
}

#[test]
fn a_read_that_may_be_outdated_costs_half() {
    assert_eq!([1, 5 * KB].map(|size| read_units(size, false).to_string()), ["0.5", "1"]);
}

#[test]
fn a_partition_keeps_the_capacity_of_300_seconds() {
    let mut model = Model::new(Limits { conflicts: Conflicts::None, ..Limits::published() });
    assert_eq!(burst(&mut model, millis(0)), 150_000);
    assert_eq!(burst(&mut model, Duration::from_secs(1)), 500);
    assert_eq!(burst(&mut model, Duration::from_hours(1)), 150_000);
}

#[test]
fn a_shorter_burst_keeps_less_capacity() {
    let mut model = Model::new(without_conflicts());
    assert_eq!((burst(&mut model, millis(0)), burst(&mut model, Duration::from_hours(1))), (5, 5));
}

#[test]
fn an_item_beyond_the_burst_is_served_and_paid_for_later() {
    let mut model = Model::new(without_conflicts());
    let mut large =
        |now| model.prepare(millis(now), &[Action { size: 400 * KB, ..change("A") }]) == [Verdict::Accepted];
    assert_eq!([0, 799, 801].map(&mut large), [true, false, true]);
}

#[test]
fn the_items_of_a_partition_key_share_its_capacity() {
    let item = |number: u32| key("A", &(number % 4).to_string());
    assert_rate(accepted(without_conflicts(), |number| Action { key: item(number), ..change("A") }), 500);
    assert_rate(reads(steady(), KB, item), 3_000);
}

#[test]
fn after_splits_each_item_has_its_own_capacity() {
    let limits = Limits { partition: Partition::Item, ..without_conflicts() };
    let item = |number: u32| key("A", &(number % 4).to_string());
    assert_rate(accepted(limits, |number| Action { key: item(number), ..change("A") }), 2_000);
}

#[test]
fn partition_keys_do_not_share_capacity() {
    let names = ["A", "B", "C", "D"];
    assert_rate(accepted(without_conflicts(), |number| change(names[number as usize % 4])), 2_000);
}

#[test]
fn reads_and_writes_do_not_share_capacity() {
    let mut model = Model::new(without_conflicts());
    while model.prepare(millis(0), &[change("A")]) == [Verdict::Accepted] {}
    assert!(model.read_item(millis(0), &key("A", "ITEM"), 1.0));
    while model.read_list(millis(0), "A", 1.0) {}
    assert_eq!(model.prepare(millis(2), &[change("A")]), [Verdict::Accepted]);
}

#[test]
fn two_transactions_that_change_an_item_conflict() {
    for conflicts in [Conflicts::Any, Conflicts::Changes] {
        let limits = Limits { conflicts, ..steady() };
        assert_eq!(at_once(limits, [change("A"), change("A")]), Verdict::Conflict);
        assert_eq!(at_once(limits, [change("A"), check("A")]), Verdict::Conflict);
        assert_eq!(at_once(limits, [check("A"), change("A")]), Verdict::Conflict);
        assert_eq!(at_once(limits, [change("A"), change("B")]), Verdict::Accepted);
    }
}

#[test]
fn two_checks_conflict_only_if_any_two_transactions_do() {
    for (conflicts, expected) in [
        (Conflicts::Any, Verdict::Conflict),
        (Conflicts::Changes, Verdict::Accepted),
        (Conflicts::None, Verdict::Accepted),
    ] {
        let limits = Limits { conflicts, ..steady() };
        assert_eq!(at_once(limits, [check("A"), check("A")]), expected);
    }
}

#[test]
fn a_transaction_holds_its_items_for_5_ms() {
    let mut model = Model::new(steady());
    model.hold(millis(10), [&change("A")]);
    let verdicts = [10, 14, 15].map(|now| model.prepare(millis(now), &[change("A")])[0]);
    assert_eq!(verdicts, [Verdict::Conflict, Verdict::Conflict, Verdict::Accepted]);
}

#[test]
fn an_item_that_is_held_without_a_pause_serves_200_transactions_a_second() {
    let mut model = Model::new(Limits { write_units: 1e6, ..steady() });
    let served = (0..10_000).filter(|number| {
        let now = Duration::from_micros(100) * *number;
        let is_accepted = model.prepare(now, &[check("A")]) == [Verdict::Accepted];
        if is_accepted {
            model.hold(now, [&check("A")]);
        }
        is_accepted
    });
    assert_eq!(served.count(), 200);
}

#[test]
fn an_action_that_conflicts_costs_its_units() {
    let mut model = Model::new(steady());
    model.hold(millis(0), [&change("A")]);
    let verdicts = [(); 6].map(|()| model.prepare(millis(0), &[change("A")])[0]);
    assert_eq!(verdicts[..5], [Verdict::Conflict; 5]);
    assert_eq!(verdicts[5], Verdict::Throttled);
}

#[test]
fn the_other_actions_of_a_throttled_transaction_cost_their_units() {
    let mut model = Model::new(without_conflicts());
    while model.prepare(millis(0), &[change("A")]) == [Verdict::Accepted] {}
    let mut both = || model.prepare(millis(0), &[change("A"), change("B")]);
    for _ in 0..5 {
        assert_eq!(both(), [Verdict::Throttled, Verdict::Accepted]);
    }
    assert_eq!(both(), [Verdict::Throttled; 2]);
}

#[test]
fn a_slowed_table_decides_the_same_so_much_later() {
    let verdicts = |factor: u32| {
        let mut model = Model::new(steady().slowed(factor));
        let verdicts = (0..2_000).map(|number| {
            let now = Duration::from_micros(700) * number * factor;
            let action = if number % 3 == 0 { change("A") } else { check("A") };
            let verdict = model.prepare(now, std::slice::from_ref(&action))[0];
            if verdict == Verdict::Accepted {
                model.hold(now, [&action]);
            }
            verdict
        });
        verdicts.collect::<Vec<_>>()
    };
    let expected = verdicts(1);
    for verdict in [Verdict::Accepted, Verdict::Conflict, Verdict::Throttled] {
        assert!(expected.contains(&verdict), "{verdict:?}");
    }
    assert_eq!(verdicts(20), expected);
}

#[test]
fn copies_do_not_share_capacity() {
    let copies = ["A", "A#COPY#1", "A#COPY#2", "A#COPY#3"];
    assert_rate(accepted(without_conflicts(), |number| change(copies[number as usize % 4])), 2_000);
}

#[test]
fn folded_copies_share_capacity() {
    let copies = ["A", "A#COPY#1", "A#COPY#2", "A#COPY#3"];
    for (fold, expected) in [(1, 500), (2, 1_000), (4, 2_000), (8, 2_000)] {
        let limits = Limits { conflicts: Conflicts::None, ..folded(fold) };
        assert_rate(accepted(limits, |number| change(copies[number as usize % 4])), expected);
    }
}

#[test]
fn folded_copies_conflict_if_they_are_the_same() {
    for (fold, copy, expected) in [
        (1, "A#COPY#1", Verdict::Conflict),
        (8, "A#COPY#1", Verdict::Accepted),
        (8, "A#COPY#8", Verdict::Conflict),
        (8, "A#COPY#31", Verdict::Accepted),
        (1, "B#COPY#1", Verdict::Accepted),
        (1, "A#COPY#x", Verdict::Accepted),
    ] {
        assert_eq!(at_once(folded(fold), [change("A"), change(copy)]), expected, "{fold} {copy}");
    }
}

#[test]
fn a_change_of_all_copies_pays_for_and_holds_each_folded_one_once() {
    let copies: Vec<_> =
        (0..8).map(|copy| if copy == 0 { change("A") } else { change(&format!("A#COPY#{copy}")) }).collect();
    let mut model = Model::new(folded(2));
    assert_eq!(model.prepare(millis(0), &copies), [Verdict::Accepted; 8]);
    model.hold(millis(0), &copies);
    // Of the 10 units of each, 2 have been taken.
    let verdicts = [(); 5].map(|()| model.prepare(millis(0), &copies[4..6]));
    assert_eq!(verdicts[..4], vec![[Verdict::Conflict; 2]; 4]);
    assert_eq!(verdicts[4], [Verdict::Throttled; 2]);
    assert_eq!(model.prepare(millis(5), &copies), [Verdict::Accepted; 8]);
}

#[test]
fn calls_are_counted_by_what_became_of_them() {
    let mut model = Model::new(steady());
    model.hold(millis(0), [&change("A")]);
    while model.prepare(millis(0), &[change("B")]) == [Verdict::Accepted] {}
    model.prepare(millis(0), &[change("A"), change("B")]);
    model.count_read(false);
    model.count_read(true);
    let expected =
        Counts { transactions: 7, conflicts: 1, throttled_transactions: 2, reads: 2, throttled_reads: 1 };
    assert_eq!(model.counts(), expected);
}
