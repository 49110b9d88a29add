//! Which lines are written in one transaction, and in which order.

use std::collections::HashMap;
use std::ops::Range;

use shared::table::{FailedConditions, Key, Transaction};

use super::outcome::LineOutcome;

/// The maximum length of the lines of a transaction, in bytes. A transaction is limited to 4 MB.
const MAX_BYTES: usize = 1024 * 1024;

/// Transactions in waves. Those of a wave are independent of each other. Each line is in the transaction of
/// the earlier lines on which it depends, or in a later wave.
///
/// A line depends on an earlier one if one of them changes an item that the other one reads or changes.
#[derive(Default)]
pub(super) struct Schedule {
    pub(super) waves: Vec<Vec<Group>>,
    changes: HashMap<Key, Dependency>,
    reads: HashMap<Key, Dependency>,
}

/// Lines that are written in one transaction.
pub(super) struct Group {
    pub(super) transaction: Transaction,
    pub(super) members: Vec<Member>,
    /// True if the group consists of one line that is planned again before it is written.
    pub(super) is_single: bool,
    bytes: usize,
}

/// A line of a group.
pub(super) struct Member {
    /// The index of the line.
    pub(super) line: usize,
    /// The outcome if the transaction is applied.
    pub(super) outcome: LineOutcome,
    actions: Range<usize>,
}

/// A line to schedule.
pub(super) struct Planned {
    /// The index of the line.
    pub(super) line: usize,
    /// The length of the line in bytes.
    pub(super) bytes: usize,
    /// The keys of all items that were read to plan the line.
    pub(super) reads: Vec<Key>,
    /// The writes of the line. Empty unless the outcome is `Written` or `Replaced`.
    pub(super) transaction: Transaction,
    /// The outcome if the writes and those of earlier lines are applied.
    pub(super) outcome: LineOutcome,
    /// True if the line must not share a transaction with others.
    pub(super) is_single: bool,
}

/// The groups that must be written before a line, or together with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dependency {
    /// The last wave with such a group.
    wave: usize,
    /// The index of this group, if it is the only one in its wave.
    group: Option<usize>,
}

impl Dependency {
    /// Returns the dependency on the groups of both.
    fn and(self, other: Self) -> Self {
        match self.wave.cmp(&other.wave) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal => {
                Self { wave: self.wave, group: self.group.filter(|_| self.group == other.group) }
            }
        }
    }
}

impl Schedule {
    /// Adds a line after all lines on which it depends. Returns its outcome instead if it is known already:
    /// the line writes nothing and depends on no other line.
    pub(super) fn add(&mut self, planned: Planned) -> Option<LineOutcome> {
        let changed = planned.transaction.changed_keys();
        let before = planned.reads.iter().chain(&changed).filter_map(|key| self.changes.get(key));
        let before = before.chain(changed.iter().filter_map(|key| self.reads.get(key)));
        let dependency = before.copied().reduce(Dependency::and);
        if dependency.is_none() && planned.transaction.is_empty() {
            return Some(planned.outcome);
        }
        let reads = planned.reads.clone();
        let place = self.place(dependency, planned);
        for key in reads {
            self.reads.entry(key).and_modify(|read| *read = read.and(place)).or_insert(place);
        }
        self.changes.extend(changed.into_iter().map(|key| (key, place)));
        None
    }

    /// Adds the line to a group and returns the group.
    fn place(&mut self, dependency: Option<Dependency>, planned: Planned) -> Dependency {
        if let Some(Dependency { wave, group: Some(group) }) = dependency
            && self.waves[wave][group].join(&planned)
        {
            return Dependency { wave, group: Some(group) };
        }
        let wave = dependency.map_or(0, |dependency| dependency.wave + 1);
        if wave == self.waves.len() {
            self.waves.push(Vec::new());
        }
        let groups = &mut self.waves[wave];
        if !groups.last_mut().is_some_and(|last| last.join(&planned)) {
            groups.push(Group::of(planned));
        }
        Dependency { wave, group: Some(groups.len() - 1) }
    }
}

impl Group {
    fn of(planned: Planned) -> Self {
        let Planned { line, bytes, transaction, outcome, is_single, .. } = planned;
        let actions = 0..transaction.len();
        Self { transaction, members: vec![Member { line, outcome, actions }], is_single, bytes }
    }

    /// Adds a line, unless it does not fit.
    fn join(&mut self, planned: &Planned) -> bool {
        let begin = self.transaction.len();
        let fits = !self.is_single
            && !planned.is_single
            && self.bytes + planned.bytes <= MAX_BYTES
            && self.transaction.append(&planned.transaction);
        if fits {
            self.bytes += planned.bytes;
            let (line, outcome) = (planned.line, planned.outcome.clone());
            self.members.push(Member { line, outcome, actions: begin..self.transaction.len() });
        }
        fits
    }

    /// Returns the lines whose conditions failed. If they are not known, returns all lines with writes.
    pub(super) fn failed_lines(&self, failed: Option<&FailedConditions>) -> Vec<usize> {
        let lines = |is_failed: &dyn Fn(&Member) -> bool| -> Vec<usize> {
            self.members.iter().filter(|member| is_failed(member)).map(|member| member.line).collect()
        };
        let known = failed.map(|failed| lines(&|member| failed.any_in(member.actions.clone())));
        known.filter(|known| !known.is_empty()).unwrap_or_else(|| lines(&|member| !member.actions.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use shared::clock::Timestamp;
    use shared::table::{Condition, Key, NewItem, Stamp, Transaction};

    use super::{LineOutcome, MAX_BYTES, Planned, Schedule};

    fn key(name: &str) -> Key {
        Key::new(&[name], &["K"])
    }

    /// Returns a line that reads and checks some items, and then creates others.
    fn line(line: usize, reads: &[&str], creates: &[&str]) -> Planned {
        let stamp = Stamp { now: Timestamp::UNIX_EPOCH, by: "test".to_owned(), request: "r".to_owned() };
        let mut transaction = Transaction::new(&stamp);
        if !creates.is_empty() {
            for name in reads {
                transaction.check(key(name), Condition::Exists);
            }
        }
        for name in creates {
            transaction.create(NewItem::new(&key(name), "Thing"));
        }
        let outcome = if creates.is_empty() { LineOutcome::Unchanged } else { LineOutcome::Written };
        let reads = reads.iter().chain(creates).map(|name| key(name)).collect();
        Planned { line, bytes: 1, reads, transaction, outcome, is_single: false }
    }

    /// Schedules lines and returns the lines of each group of each wave.
    fn waves(lines: impl IntoIterator<Item = Planned>) -> Vec<Vec<Vec<usize>>> {
        let mut schedule = Schedule::default();
        for line in lines {
            assert_eq!(schedule.add(line), None);
        }
        let lines = |group: &super::Group| group.members.iter().map(|member| member.line).collect();
        schedule.waves.iter().map(|wave| wave.iter().map(lines).collect()).collect()
    }

    #[test]
    fn lines_share_a_transaction_up_to_its_maximum() {
        let names: Vec<String> = (0..150).map(|number| number.to_string()).collect();
        let lines = names.iter().enumerate().map(|(number, name)| line(number, &["client"], &[name]));
        // One action of each transaction checks the client.
        assert_eq!(waves(lines), [[(0..99).collect::<Vec<_>>(), (99..150).collect()]]);
    }

    #[test]
    fn a_line_joins_the_transaction_of_the_line_on_which_it_depends() {
        let lines = [line(0, &[], &["a"]), line(1, &["a"], &["b"]), line(2, &["b"], &[])];
        assert_eq!(waves(lines), [[[0, 1, 2]]]);
    }

    #[test]
    fn a_line_that_does_not_fit_is_written_after_the_lines_on_which_it_depends() {
        let single = |planned| Planned { is_single: true, ..planned };
        let large = |planned| Planned { bytes: MAX_BYTES, ..planned };
        for second in [line(1, &[], &["a"]), single(line(1, &["a"], &["b"])), large(line(1, &["a"], &["b"]))]
        {
            let lines = [line(0, &[], &["a"]), second, line(2, &[], &["c"])];
            assert_eq!(waves(lines), [vec![vec![0, 2]], vec![vec![1]]]);
        }
    }

    #[test]
    fn a_line_that_depends_on_several_transactions_is_written_after_them() {
        let large = |planned| Planned { bytes: MAX_BYTES, ..planned };
        let lines = [
            large(line(0, &[], &["a"])),
            large(line(1, &[], &["b"])),
            line(2, &["a", "b"], &["c"]),
            line(3, &["a"], &["d"]),
            line(4, &["c"], &[]),
        ];
        assert_eq!(waves(lines), [vec![vec![0], vec![1]], vec![vec![2, 3, 4]]]);
    }

    #[test]
    fn a_line_is_not_written_before_an_earlier_one_that_reads_its_item() {
        let single = |planned| Planned { is_single: true, ..planned };
        let lines = [line(0, &[], &["a"]), single(line(1, &["a", "b"], &["c"])), line(2, &[], &["b"])];
        assert_eq!(waves(lines), [[[0]], [[1]], [[2]]]);
    }

    #[test]
    fn a_line_without_writes_and_dependencies_has_its_outcome_at_once() {
        let mut schedule = Schedule::default();
        assert_eq!(schedule.add(line(0, &["a"], &["b"])), None);
        assert_eq!(schedule.add(line(1, &["a"], &[])), Some(LineOutcome::Unchanged));
    }
}
