//! Making a status.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::{
    DOMAIN, FieldViolation, KIND, Nature, PreconditionViolation, RETRYABLE, kind_name, reason_name,
};
use crate::convert::WireError;
use crate::v1::{ErrorKind, ErrorReason};

/// An error on its way to the wire: what a server answers instead of a result.
///
/// Code, kind and retryability follow from the reason ([`Nature::of`]); a
/// server that knows better says so.
#[derive(Debug, Clone)]
#[must_use]
pub struct Refusal {
    reason: ErrorReason,
    nature: Nature,
    message: String,
    metadata: HashMap<String, String>,
    fields: Vec<FieldViolation>,
    preconditions: Vec<PreconditionViolation>,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal for this reason. The message is one sentence for people: what
    /// was wrong, where, and what would be right; never a row's value, never a
    /// secret.
    pub fn new(reason: ErrorReason, message: impl Into<String>) -> Self {
        Self {
            reason,
            nature: Nature::of(reason),
            message: message.into(),
            metadata: HashMap::new(),
            fields: Vec::new(),
            preconditions: Vec::new(),
            retry_after: None,
        }
    }

    /// Another code than the reason's own.
    pub const fn code(mut self, code: Code) -> Self {
        self.nature.code = code;
        self
    }

    /// Another kind than the reason's own.
    pub const fn kind(mut self, kind: ErrorKind) -> Self {
        self.nature.kind = kind;
        self
    }

    /// Whether the same request may succeed later by itself.
    pub const fn retryable(mut self, retryable: bool) -> Self {
        self.nature.retryable = retryable;
        self
    }

    /// One more fact for machines, such as the current `revision`.
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// A field of the request that is wrong (`BadRequest`).
    pub fn field(mut self, path: impl Into<String>, message: impl Into<String>) -> Self {
        self.fields.push(FieldViolation {
            path: path.into(),
            message: message.into(),
        });
        self
    }

    /// A condition that is not met (`PreconditionFailure`).
    pub fn precondition(
        mut self,
        kind: impl Into<String>,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        self.preconditions.push(PreconditionViolation {
            kind: kind.into(),
            subject: subject.into(),
            message: message.into(),
        });
        self
    }

    /// When to come back (`RetryInfo`); makes it retryable.
    pub const fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self.nature.retryable = true;
        self
    }

    /// The reason.
    #[must_use]
    pub const fn reason(&self) -> ErrorReason {
        self.reason
    }

    /// The status that travels.
    #[must_use]
    pub fn into_status(self) -> Status {
        let mut metadata = self.metadata;
        metadata.insert(KIND.to_owned(), kind_name(self.nature.kind).to_owned());
        metadata.insert(RETRYABLE.to_owned(), self.nature.retryable.to_string());
        let mut details = ErrorDetails::with_error_info(reason_name(self.reason), DOMAIN, metadata);
        for field in self.fields {
            details.add_bad_request_violation(field.path, field.message);
        }
        for unmet in self.preconditions {
            details.add_precondition_failure_violation(unmet.kind, unmet.subject, unmet.message);
        }
        if let Some(delay) = self.retry_after {
            details.set_retry_info(Some(delay));
        }
        Status::with_error_details(self.nature.code, self.message, details)
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        refusal.into_status()
    }
}

impl From<WireError> for Refusal {
    /// `INVALID_ARGUMENT` with the one field that is wrong. Its reason is
    /// `WRONG_TYPE`: the message does not hold what its field stands for.
    fn from(error: WireError) -> Self {
        Self::new(ErrorReason::WrongType, error.to_string()).field(error.path, error.message)
    }
}

impl From<WireError> for Status {
    fn from(error: WireError) -> Self {
        Refusal::from(error).into_status()
    }
}
