//! What can happen to a call on its way to the table and back.

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `BatchGetItem`
    BatchGet,
    /// `Query`
    Query,
    /// `TransactWriteItems`
    Transact,
}

/// A call of a request: calls of one kind are counted in their order, the attempts at one are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// What it asks for.
    pub(crate) kind: Kind,
    /// How many of its kind came before it.
    pub(crate) ordinal: usize,
    /// How many keys it names, or actions; 1 for a query.
    pub(crate) size: usize,
}

/// Which keys of a batch are left unprocessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// All.
    All,
    /// All but the first.
    ButFirst,
    /// The last.
    Last,
}

/// What happens to an attempt at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It takes 700 ms to arrive.
    Slow,
    /// It is answered with this status; whether it was applied all the same.
    Failed { status: u16, applied: bool },
    /// It is refused with this code.
    Refused(&'static str),
    /// The transaction is cancelled for this reason at one action, and for a condition that does
    /// not hold at another one.
    Cancelled { reason: &'static str, at: usize, failed: Option<usize> },
    /// The connection is cut before the call is applied, or after it was.
    Cut { applied: bool },
    /// It is applied, and the connection is cut in the middle of the answer.
    HalfAnswer,
    /// It is not answered; whether it was applied.
    Silent { applied: bool },
    /// It arrives when the caller has given up on it, before the next attempt.
    Late,
    /// It arrives when the request has been answered.
    AfterTheAnswer,
    /// Keys of the batch are left unprocessed.
    Unprocessed(Left),
    /// The page ends after one item.
    ShortPage,
    /// It is answered from an older state: from the table whose name ends so.
    Old(&'static str),
}

impl Call {
    /// The faults that can happen to an attempt at this call: each kind of fault once.
    pub(crate) fn faults(self) -> Vec<Fault> {
        let mut faults = vec![
            Fault::Slow,
            Fault::Failed { status: 500, applied: false },
            Fault::Failed { status: 500, applied: true },
            Fault::Failed { status: 503, applied: false },
            Fault::Failed { status: 503, applied: true },
            Fault::Refused("ThrottlingException"),
            Fault::Refused("ProvisionedThroughputExceededException"),
            Fault::Cut { applied: false },
            Fault::Cut { applied: true },
            Fault::HalfAnswer,
            Fault::Silent { applied: false },
            Fault::Silent { applied: true },
            Fault::Late,
            Fault::AfterTheAnswer,
        ];
        match self.kind {
            Kind::BatchGet => {
                faults.push(Fault::Unprocessed(Left::All));
                if self.size > 1 {
                    faults.extend([Left::ButFirst, Left::Last].map(Fault::Unprocessed));
                }
            }
            Kind::Query => faults.push(Fault::ShortPage),
            Kind::Transact => {
                faults.push(Fault::Refused("TransactionInProgressException"));
                let (at, other) = (self.size - 1, (self.size > 1).then_some(0));
                for reason in ["TransactionConflict", "ThrottlingError"] {
                    faults.push(Fault::Cancelled { reason, at, failed: None });
                    faults.extend(other.map(|_| Fault::Cancelled { reason, at, failed: other }));
                }
            }
        }
        faults
    }

    /// Every way in which a transaction can be cancelled without being decided: each reason at each
    /// action, alone and beside a failed condition at each other one.
    pub(crate) fn cancellations(self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.kind != Kind::Transact {
            return faults;
        }
        for reason in ["TransactionConflict", "ThrottlingError"] {
            for at in 0..self.size {
                let others = (0..self.size).filter(|other| *other != at).map(Some);
                let failed = [None].into_iter().chain(others);
                faults.extend(failed.map(|failed| Fault::Cancelled { reason, at, failed }));
            }
        }
        faults
    }
}

impl Fault {
    /// Whether the call is applied before its caller gives up on it, although nobody is told.
    pub(crate) fn applies(self) -> bool {
        match self {
            Self::Failed { applied, .. } | Self::Cut { applied } => applied,
            Self::HalfAnswer => true,
            _ => false,
        }
    }

    /// Whether its caller waits until the time of the attempt is over.
    pub(crate) fn is_waited_for(self) -> bool {
        matches!(self, Self::Silent { .. } | Self::Late | Self::AfterTheAnswer)
    }

    /// Whether no other attempt at the call follows.
    pub(crate) fn is_last(self) -> bool {
        matches!(self, Self::Slow | Self::ShortPage | Self::Old(_))
    }

    /// Whether the caller gets an answer that decides something all the same.
    pub(crate) fn answers(self) -> bool {
        match self {
            Self::Slow | Self::Unprocessed(Left::ButFirst | Left::Last) | Self::ShortPage | Self::Old(_) => {
                true
            }
            Self::Failed { .. }
            | Self::Refused(_)
            | Self::Cancelled { .. }
            | Self::Cut { .. }
            | Self::HalfAnswer
            | Self::Silent { .. }
            | Self::Late
            | Self::AfterTheAnswer
            | Self::Unprocessed(Left::All) => false,
        }
    }
}
