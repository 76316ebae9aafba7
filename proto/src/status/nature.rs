//! What a reason means by default: one table for every server.

use tonic::Code;

use crate::v1::{ErrorKind, ErrorReason};

/// Code, kind and retryability that go with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nature {
    /// The gRPC code.
    pub code: Code,
    /// Whose fault it is.
    pub kind: ErrorKind,
    /// Whether the same request may succeed later by itself.
    pub retryable: bool,
}

impl Nature {
    /// The default nature of a reason, as `dualwrite/v1/error.proto` groups them.
    #[must_use]
    pub const fn of(reason: ErrorReason) -> Self {
        match reason {
            ErrorReason::InvalidManifest
            | ErrorReason::UnknownPhase
            | ErrorReason::UnknownFlag
            | ErrorReason::InvalidFlag
            | ErrorReason::ReasonRequired
            | ErrorReason::InvalidName => malformed(ErrorKind::Configuration),
            ErrorReason::UnknownEntity
            | ErrorReason::UnknownColumn
            | ErrorReason::WrongType
            | ErrorReason::MissingKey
            | ErrorReason::KeyChange
            | ErrorReason::EmptyWrite
            | ErrorReason::TooLarge
            | ErrorReason::IdempotencyMismatch
            | ErrorReason::PageTokenInvalid => malformed(ErrorKind::Validation),
            ErrorReason::MigrationNotFound
            | ErrorReason::JobNotFound
            | ErrorReason::RevisionNotFound => state(Code::NotFound, ErrorKind::Configuration),
            ErrorReason::MigrationExists => state(Code::AlreadyExists, ErrorKind::Configuration),
            ErrorReason::RowExists => state(Code::AlreadyExists, ErrorKind::Primary),
            ErrorReason::StaleRevision => state(Code::Aborted, ErrorKind::Configuration),
            ErrorReason::IllegalTransition
            | ErrorReason::GuardRefused
            | ErrorReason::TransitionRunning
            | ErrorReason::NoTransition
            | ErrorReason::NoExecutor
            | ErrorReason::JobState
            | ErrorReason::MigrationInUse
            | ErrorReason::SpecChangeRefused
            | ErrorReason::FenceMissing
            | ErrorReason::MappingRefused
            | ErrorReason::PermissionDenied
            | ErrorReason::WrongService => {
                state(Code::FailedPrecondition, ErrorKind::Configuration)
            }
            ErrorReason::PageTokenExpired => state(Code::FailedPrecondition, ErrorKind::Validation),
            ErrorReason::ConditionNotMet
            | ErrorReason::PrimaryConstraint
            | ErrorReason::RequestAborted => state(Code::FailedPrecondition, ErrorKind::Primary),
            ErrorReason::SecondaryConstraint => {
                state(Code::FailedPrecondition, ErrorKind::Secondary)
            }
            ErrorReason::NoSnapshot | ErrorReason::StoreUnavailable => {
                passing(Code::Unavailable, ErrorKind::Configuration)
            }
            ErrorReason::PrimaryUnavailable
            | ErrorReason::PrimaryTimeout
            | ErrorReason::ShuttingDown => passing(Code::Unavailable, ErrorKind::Primary),
            ErrorReason::SecondaryUnavailable | ErrorReason::SecondaryTimeout => {
                passing(Code::Unavailable, ErrorKind::Secondary)
            }
            ErrorReason::QueueFull | ErrorReason::FlipTooLong => {
                passing(Code::ResourceExhausted, ErrorKind::Primary)
            }
            ErrorReason::Deadline => passing(Code::DeadlineExceeded, ErrorKind::Primary),
            ErrorReason::OutcomeUnknown => passing(Code::Unknown, ErrorKind::Primary),
            ErrorReason::OutcomeLost => state(Code::DataLoss, ErrorKind::Primary),
            ErrorReason::Unspecified | ErrorReason::Internal => {
                state(Code::Internal, ErrorKind::Primary)
            }
        }
    }
}

/// Never right, however often it is asked.
const fn malformed(kind: ErrorKind) -> Nature {
    Nature {
        code: Code::InvalidArgument,
        kind,
        retryable: false,
    }
}

/// Right only after something changed.
const fn state(code: Code, kind: ErrorKind) -> Nature {
    Nature {
        code,
        kind,
        retryable: false,
    }
}

/// Something is away: it may be right the next time.
const fn passing(code: Code, kind: ErrorKind) -> Nature {
    Nature {
        code,
        kind,
        retryable: true,
    }
}
