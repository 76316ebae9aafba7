//! What came of a write.

use dualwrite_proto::v1;

use crate::error::Error;
use crate::row::Row;

/// What came of a write that took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteReply {
    /// One for each mutation.
    pub results: Vec<MutationReply>,
    /// What happened on the legacy side.
    pub legacy: Outcome,
    /// What happened on the new side.
    pub new: Outcome,
    /// Whether this is the stored outcome of an earlier attempt.
    pub replayed: bool,
    /// The key under which it took effect.
    pub idempotency_key: String,
    /// How many attempts it took.
    pub attempts: u32,
}

/// What came of one mutation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutationReply {
    /// False when an update or delete found no row to apply to.
    pub matched: bool,
    /// The row afterwards; `None` after a delete, or without a match.
    pub row: Option<Row>,
}

/// What happened on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is there.
    Committed,
    /// It will be there: the relay has it.
    Pending,
    /// It failed there, and the relay will see to it.
    Failed,
    /// The phase does not write there.
    Skipped,
}

impl WriteReply {
    pub(crate) fn from_wire(
        answer: v1::WriteResponse,
        idempotency_key: String,
        attempts: u32,
    ) -> Result<Self, Error> {
        let (legacy, new) = (outcome(answer.legacy()), outcome(answer.new()));
        let results = answer.results.into_iter().map(MutationReply::from_wire);
        Ok(Self {
            results: results.collect::<Result<_, _>>()?,
            legacy,
            new,
            replayed: answer.replayed,
            idempotency_key,
            attempts,
        })
    }

    /// The row after the first mutation: that of a write of one row.
    #[must_use]
    pub fn row(&self) -> Option<&Row> {
        self.results.first().and_then(|result| result.row.as_ref())
    }
}

impl MutationReply {
    fn from_wire(result: v1::MutationResult) -> Result<Self, Error> {
        let row = result.row.map(Row::from_wire).transpose()?;
        Ok(Self {
            matched: result.matched,
            row,
        })
    }
}

/// An outcome that this version does not know is none that it can rely on.
const fn outcome(wire: v1::Outcome) -> Outcome {
    match wire {
        v1::Outcome::Committed => Outcome::Committed,
        v1::Outcome::Unspecified | v1::Outcome::Pending => Outcome::Pending,
        v1::Outcome::Failed => Outcome::Failed,
        v1::Outcome::Skipped => Outcome::Skipped,
    }
}
