//! What a call ends in when it does not succeed.

use std::collections::HashMap;
use std::fmt;

use dualwrite_core::side::Side;
use dualwrite_proto::status::{self, FieldViolation};
use dualwrite_proto::v1::{ErrorKind, ErrorReason};
use tonic::{Code, Status};

use crate::builder::ConnectError;

/// Why a call failed, in the kinds that an application tells apart.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The primary refused or failed: the operation did not happen.
    #[error("primary: {0}")]
    Primary(Box<Failure>),
    /// The secondary failed, and the service's flags make that fatal: the
    /// operation did not happen.
    #[error("secondary: {0}")]
    Secondary(Box<Failure>),
    /// The request does not fit the mapping, or an answer not the request.
    #[error("validation: {0}")]
    Validation(Box<Failure>),
    /// Settings, privileges or fences are wrong: for the operator.
    #[error("configuration: {0}")]
    Configuration(Box<Failure>),
    /// The write may or may not have taken effect. Where it is retryable, send it
    /// again with this key, or ask [`crate::DualwriteClient::outcome`]; where it is
    /// not (the migration has ended), look at the row first.
    #[error("outcome unknown: {failure} (idempotency key {idempotency_key})")]
    OutcomeUnknown {
        /// The write's key.
        idempotency_key: String,
        /// What the last attempt ended in.
        failure: Box<Failure>,
    },
    /// Nobody answered, or what answered is no sidecar. Nothing was written.
    #[error("transport: {0}")]
    Transport(Box<Failure>),
}

/// What is known of a failure.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The stable reason; `None` when no sidecar answered.
    pub reason: Option<ErrorReason>,
    /// The gRPC code.
    pub code: Code,
    /// One sentence for people. Never holds a row's value.
    pub message: String,
    /// Whether the same request may succeed later by itself.
    pub retryable: bool,
    /// The fields of the request that are wrong.
    pub fields: Vec<FieldViolation>,
    /// More facts for machines.
    pub metadata: HashMap<String, String>,
}

impl Error {
    /// What is known of the failure.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Primary(failure)
            | Self::Secondary(failure)
            | Self::Validation(failure)
            | Self::Configuration(failure)
            | Self::OutcomeUnknown { failure, .. }
            | Self::Transport(failure) => failure,
        }
    }

    /// The stable reason; `None` when no sidecar answered.
    #[must_use]
    pub fn reason(&self) -> Option<ErrorReason> {
        self.failure().reason
    }

    /// The database that failed or refused, where the error is about one: what
    /// the hand-written pattern calls a new or a legacy database error.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        let named = self.failure().metadata.get(status::SIDE)?;
        Side::BOTH.into_iter().find(|side| side.as_str() == named)
    }

    /// Whether the same request may succeed later by itself. An unknown outcome
    /// is, with the same idempotency key, as long as receipts are kept.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::OutcomeUnknown { failure, .. } => {
                failure.reason != Some(ErrorReason::OutcomeLost)
            }
            Self::Primary(failure)
            | Self::Secondary(failure)
            | Self::Validation(failure)
            | Self::Configuration(failure)
            | Self::Transport(failure) => failure.retryable,
        }
    }

    /// The error that a status stands for, when nothing is in doubt.
    pub(crate) fn from_status(status: &Status) -> Self {
        let failure = Box::new(Failure::from_status(status));
        match status::kind_of(status) {
            Some(ErrorKind::Primary) => Self::Primary(failure),
            Some(ErrorKind::Secondary) => Self::Secondary(failure),
            Some(ErrorKind::Validation) => Self::Validation(failure),
            Some(ErrorKind::Configuration) => Self::Configuration(failure),
            Some(ErrorKind::Unspecified) | None => Self::Transport(failure),
        }
    }

    /// An error found here, before or after the call.
    pub(crate) fn local(reason: ErrorReason, path: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Validation(Box::new(Failure {
            reason: Some(reason),
            code: Code::InvalidArgument,
            message: message.clone(),
            retryable: false,
            fields: vec![FieldViolation {
                path: path.to_owned(),
                message,
            }],
            metadata: HashMap::new(),
        }))
    }
}

impl From<ConnectError> for Error {
    /// A wrong address is configuration, so that `?` works on both errors.
    fn from(error: ConnectError) -> Self {
        Self::Configuration(Box::new(Failure {
            reason: None,
            code: Code::InvalidArgument,
            message: error.to_string(),
            retryable: false,
            fields: Vec::new(),
            metadata: HashMap::new(),
        }))
    }
}

impl Failure {
    pub(crate) fn from_status(status: &Status) -> Self {
        Self {
            reason: status::reason_of(status),
            code: status.code(),
            message: status.message().to_owned(),
            retryable: status::is_retryable(status),
            fields: status::fields_of(status),
            metadata: status::metadata_of(status),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.message.is_empty(), self.reason) {
            (false, _) => f.write_str(&self.message),
            (true, Some(reason)) => f.write_str(status::reason_name(reason)),
            (true, None) => f.write_str(self.code.description()),
        }
    }
}

#[cfg(test)]
mod tests {
    use dualwrite_proto::status::Refusal;

    use super::*;

    fn told(reason: ErrorReason, side: Option<&str>) -> Error {
        let refusal = Refusal::new(reason, "no");
        let refusal = side.map_or_else(
            || refusal.clone(),
            |side| refusal.clone().with("side", side),
        );
        Error::from_status(&refusal.into_status())
    }

    #[test]
    fn the_database_at_fault_is_told_whatever_its_role() {
        let legacy = told(ErrorReason::PrimaryUnavailable, Some("legacy"));
        assert!(matches!(legacy, Error::Primary(_)));
        assert_eq!(legacy.side(), Some(Side::Legacy));
        assert!(legacy.is_retryable());
        let new = told(ErrorReason::SecondaryConstraint, Some("new"));
        assert!(matches!(new, Error::Secondary(_)));
        assert_eq!(new.side(), Some(Side::New));
        assert!(!new.is_retryable());
    }

    #[test]
    fn an_error_about_no_database_names_none() {
        assert_eq!(told(ErrorReason::WrongType, None).side(), None);
        assert_eq!(told(ErrorReason::Internal, Some("elsewhere")).side(), None);
    }
}
