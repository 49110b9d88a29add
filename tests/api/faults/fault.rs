//! Faults of a call to the table.

/// The type of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `BatchGetItem`
    BatchGet,
    /// `Query`
    Query,
    /// `TransactWriteItems`
    Transact,
}

/// A call of a request. Retries belong to the same call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// Type.
    pub(crate) kind: Kind,
    /// Number of earlier calls of the same type.
    pub(crate) ordinal: usize,
    /// Number of keys or actions; 1 for a query.
    pub(crate) size: usize,
}

/// The keys of a batch that are left unprocessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// All keys.
    All,
    /// All but the first key.
    ButFirst,
    /// The last key.
    Last,
}

/// A fault of one attempt at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The call arrives after 700 ms.
    Slow,
    /// The response has this status, whether the call was applied or not.
    Failed { status: u16, applied: bool },
    /// The response has the status 200 and an empty body, whether the call was applied or not.
    Empty { applied: bool },
    /// The call is rejected with this code.
    Refused(&'static str),
    /// The transaction is cancelled for this reason at one action, and for a failed condition at
    /// another one.
    Cancelled { reason: &'static str, at: usize, failed: Option<usize> },
    /// The connection is closed before or after the call is applied.
    Cut { applied: bool },
    /// The call is applied, and the connection is closed in the middle of the response.
    HalfAnswer,
    /// There is no response, whether the call was applied or not.
    Silent { applied: bool },
    /// The call arrives after its time-out, before the next attempt.
    Late,
    /// The call arrives after the response to the request.
    AfterTheAnswer,
    /// Keys of the batch are left unprocessed.
    Unprocessed(Left),
    /// The page ends after one item.
    ShortPage,
    /// The call reads an older state, from the table with this suffix.
    Old(&'static str),
}

impl Call {
    /// Returns one fault of each type that is possible for this call.
    pub(crate) fn faults(self) -> Vec<Fault> {
        let mut faults = vec![
            Fault::Slow,
            Fault::Failed { status: 500, applied: false },
            Fault::Failed { status: 500, applied: true },
            Fault::Failed { status: 503, applied: false },
            Fault::Failed { status: 503, applied: true },
            Fault::Empty { applied: false },
            Fault::Empty { applied: true },
            Fault::Refused("ThrottlingException"),
            Fault::Refused("ProvisionedThroughputExceededException"),
            Fault::Refused("InvalidSignatureException"),
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

    /// Returns all cancellations of a transaction that leave its result open: each reason at each
    /// action, alone and with a failed condition at each other action.
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
    /// Returns true if the call is applied before its time-out although its caller gets no result.
    pub(crate) fn applies(self) -> bool {
        match self {
            Self::Failed { applied, .. } | Self::Empty { applied } | Self::Cut { applied } => applied,
            Self::HalfAnswer => true,
            _ => false,
        }
    }

    /// Returns true if the attempt ends with a time-out.
    pub(crate) fn is_waited_for(self) -> bool {
        matches!(self, Self::Silent { .. } | Self::Late | Self::AfterTheAnswer)
    }

    /// Returns true if there is no retry.
    pub(crate) fn is_last(self) -> bool {
        matches!(self, Self::Slow | Self::ShortPage | Self::Old(_))
    }

    /// Returns true if the caller still gets a usable response.
    pub(crate) fn answers(self) -> bool {
        match self {
            Self::Slow | Self::Unprocessed(Left::ButFirst | Left::Last) | Self::ShortPage | Self::Old(_) => {
                true
            }
            Self::Failed { .. }
            | Self::Empty { .. }
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
