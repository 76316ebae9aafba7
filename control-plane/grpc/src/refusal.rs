//! Where the app's errors become statuses: the only place.
//!
//! Each leaf error has its reason, and the facts that a caller needs to do
//! something about it. A use case's error is one of its leaves.

mod leaves;

use dualwrite_control_app::fleet::{HearError, JoinError};
use dualwrite_control_app::reconcile::ReconcileError;
use dualwrite_control_app::verbs::{
    AbortError, ApplyError, CancelJobError, DeleteError, DiagnoseError, GetError, GetJobError,
    ListError, ListEventsError, ListJobsError, ListSidecarsError, PauseJobError, QueryMetricsError,
    RestoreError, ResumeJobError, RetireError, RunTestError, SnapshotError, StartJobError,
    TransitionError, UpdateFlagsError, ValidateKeyError,
};
use dualwrite_control_app::{AskError, WaitError};
use dualwrite_proto::WireError;
use dualwrite_proto::convert::PatchError;
use dualwrite_proto::status::{Refusal, SIDE, parse_reason};
use dualwrite_proto::v1::ErrorReason;
use tonic::{Code, Status};

/// An error that knows how it travels.
pub(crate) trait Refuse {
    /// How it travels.
    fn refusal(self) -> Refusal;
}

/// Any refusal on its way out, so that `?` works on every error here.
#[derive(Debug)]
pub(crate) struct Refused(Status);

impl<E: Refuse> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.refusal().into_status())
    }
}

impl From<Refused> for Status {
    fn from(refused: Refused) -> Self {
        refused.0
    }
}

/// The errors of use cases, each by its leaves.
macro_rules! by_leaf {
    ($($error:ident { $($variant:ident),+ })+) => {$(
        impl Refuse for $error {
            fn refusal(self) -> Refusal {
                match self {
                    $(Self::$variant(leaf) => leaf.refusal(),)+
                }
            }
        }
    )+};
}

by_leaf! {
    ApplyError { Name, Invalid, Stale, Refused, Running, Store }
    GetError { NotFound, Store }
    ListError { Store }
    DeleteError { NotFound, Stale, InUse, Running, Store }
    TransitionError { NotFound, Stale, Illegal, Retired, Refused, Running, NoExecutor, ReasonRequired, Store }
    DiagnoseError { NotFound }
    RetireError { NotFound, Stale, NotAtTheEnd, Refused, Running, NoExecutor, ReasonRequired, Store }
    AbortError { NotFound, Stale, NoTransition, Store }
    ListEventsError { NotFound, Store }
    RestoreError { NotFound, RevisionNotFound, Stale, Store }
    ListSidecarsError { NotFound, Store }
    StartJobError { NotFound, Stale, Refused, UnknownEntity, Running, Store }
    GetJobError { NotFound, Store }
    ListJobsError { NotFound, Store }
    QueryMetricsError { NotFound }
    RunTestError { NotFound, Asking }
    ValidateKeyError { NotFound, UnknownEntity, WrongKey, Asking }
    SnapshotError { NotFound }
    PauseJobError { NotFound, Refused, Store }
    ResumeJobError { NotFound, Refused, Store }
    CancelJobError { NotFound, Refused, Store }
    WaitError { NotFound, Store }
    ReconcileError { NotFound, Stale, Store }
}

impl Refuse for AskError {
    fn refusal(self) -> Refusal {
        let message = self.to_string();
        match self {
            Self::NoExecutor(leaf) => leaf.refusal(),
            // Whoever gives no reason answered beside the point.
            Self::Failed(failed) => {
                let reason = parse_reason(&failed.reason);
                let reason = reason.unwrap_or(ErrorReason::Internal);
                let refusal = Refusal::new(reason, message);
                match failed.side {
                    Some(side) => refusal.with(SIDE, side.as_str()),
                    None => refusal,
                }
            }
            Self::Deadline { .. } => Refusal::new(ErrorReason::Deadline, message),
        }
    }
}

impl Refuse for JoinError {
    fn refusal(self) -> Refusal {
        match self {
            Self::NotFound(leaf) => leaf.refusal(),
            Self::Nameless => Refusal::new(ErrorReason::WrongService, self.to_string())
                .code(Code::InvalidArgument),
            Self::Store(leaf) => leaf.refusal(),
        }
    }
}

impl Refuse for HearError {
    fn refusal(self) -> Refusal {
        match self {
            Self::Ended => {
                Refusal::new(ErrorReason::ShuttingDown, self.to_string()).code(Code::Aborted)
            }
            Self::NotStored(leaf) => leaf.refusal(),
        }
    }
}

impl Refuse for UpdateFlagsError {
    fn refusal(self) -> Refusal {
        match self {
            Self::NotFound(leaf) => leaf.refusal(),
            Self::Stale(leaf) => leaf.refusal(),
            Self::Flag(leaf) => leaf.refusal(),
            Self::Invalid(leaf) => leaves::violations(ErrorReason::InvalidFlag, "flags", leaf),
            Self::Store(leaf) => leaf.refusal(),
        }
    }
}

impl Refuse for WireError {
    fn refusal(self) -> Refusal {
        self.into()
    }
}

/// A field that should hold a phase does not.
#[derive(Debug)]
pub(crate) struct UnknownPhase(pub(crate) WireError);

impl Refuse for UnknownPhase {
    fn refusal(self) -> Refusal {
        let message = self.0.to_string();
        Refusal::new(ErrorReason::UnknownPhase, message).field(self.0.path, self.0.message)
    }
}

impl Refuse for PatchError {
    fn refusal(self) -> Refusal {
        self.into()
    }
}

#[cfg(test)]
mod tests;
