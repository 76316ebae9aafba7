//! Why a session ended, and what its sidecar is told.

use dualwrite_control_app::fleet::{End, HearError, JoinError};
use dualwrite_proto::WireError;
use dualwrite_proto::status::Refusal;
use dualwrite_proto::v1::ErrorReason;
use tonic::{Code, Status};

use crate::refusal::Refuse;

/// Why a session ended.
#[derive(Debug)]
pub(super) enum SessionEnd {
    /// The sidecar left, or closed its half.
    Left,
    /// The connection broke.
    Broken(Status),
    /// The sidecar was not heard for three heartbeats.
    Silent,
    /// The same instance came again.
    Replaced,
    /// The migration was deleted.
    Deleted,
    /// This process drains.
    Draining,
    /// The sidecar is not welcome.
    NotJoined(JoinError),
    /// The sidecar said what makes no sense.
    Nonsense(WireError),
    /// What it said could not be taken in.
    NotHeard(HearError),
}

impl SessionEnd {
    /// What the sidecar is told; nothing when it knows.
    pub(super) fn into_status(self) -> Option<Status> {
        let refusal = match self {
            Self::Left | Self::Broken(_) => return None,
            Self::Silent => {
                let message =
                    "nothing was heard from the sidecar for three heartbeats; connect again";
                Refusal::new(ErrorReason::Deadline, message)
            }
            Self::Replaced => {
                let message = "another session of the same instance took this one's place; \
                               every sidecar needs an instance name of its own";
                Refusal::new(ErrorReason::WrongService, message).code(Code::Aborted)
            }
            Self::Deleted => {
                Refusal::new(ErrorReason::MigrationNotFound, "the migration was deleted")
            }
            Self::Draining => {
                let message = "the control plane shuts down; connect again";
                Refusal::new(ErrorReason::ShuttingDown, message)
            }
            Self::NotJoined(error) => error.refusal(),
            Self::Nonsense(error) => error.refusal(),
            Self::NotHeard(error) => error.refusal(),
        };
        Some(refusal.into_status())
    }
}

impl std::fmt::Display for SessionEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Left => f.write_str("the sidecar left"),
            Self::Broken(status) => write!(f, "the connection broke: {}", status.message()),
            Self::Silent => f.write_str("the sidecar was silent"),
            Self::Replaced => f.write_str("the same instance came again"),
            Self::Deleted => f.write_str("the migration was deleted"),
            Self::Draining => f.write_str("this process drains"),
            Self::NotJoined(error) => write!(f, "it got no seat: {error}"),
            Self::Nonsense(error) => write!(f, "it made no sense: {error}"),
            Self::NotHeard(error) => write!(f, "it was not taken in: {error}"),
        }
    }
}

impl From<End> for SessionEnd {
    fn from(end: End) -> Self {
        match end {
            End::Silent => Self::Silent,
            End::Replaced => Self::Replaced,
            End::Deleted => Self::Deleted,
            End::Left => Self::Left,
        }
    }
}

impl From<JoinError> for SessionEnd {
    fn from(error: JoinError) -> Self {
        Self::NotJoined(error)
    }
}

impl From<WireError> for SessionEnd {
    fn from(error: WireError) -> Self {
        Self::Nonsense(error)
    }
}
