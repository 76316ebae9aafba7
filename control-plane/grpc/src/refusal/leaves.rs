//! The leaves: reason, message, and facts for machines.

use dualwrite_control_app::error::{
    GuardRefused, IllegalTransition, InvalidName, InvalidPageToken, InvalidSpec, JobNotFound,
    JobRefused, MigrationInUse, MigrationNotFound, MigrationRetired, NoExecutor, NoTransition,
    NotAtTheEnd, ReasonRequired, RetirementRefused, RevisionNotFound, SpecChangeRefused,
    StaleRevision, TransitionRunning, UnknownEntity, WrongKey,
};
use dualwrite_control_app::ports::StoreError;
use dualwrite_core::flags::FlagError;
use dualwrite_proto::status::Refusal;
use dualwrite_proto::v1::ErrorReason;

use super::Refuse;

impl Refuse for MigrationNotFound {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::MigrationNotFound, self.to_string()).with("migration", self.name)
    }
}

impl Refuse for StaleRevision {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::StaleRevision, self.to_string())
            .with("migration", self.name)
            .with("revision", self.current.to_string())
            .with("seen", self.seen.to_string())
    }
}

impl Refuse for TransitionRunning {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::TransitionRunning, self.to_string())
            .with("migration", self.name)
            .with("plan_id", self.plan_id)
            .with("from", self.from.as_str())
            .with("to", self.to.as_str())
    }
}

impl Refuse for IllegalTransition {
    fn refusal(self) -> Refusal {
        let allowed: Vec<&str> = self.allowed.iter().map(|phase| phase.as_str()).collect();
        Refusal::new(ErrorReason::IllegalTransition, self.to_string())
            .with("from", self.from.as_str())
            .with("to", self.to.as_str())
            .with("allowed", allowed.join(","))
            .with("migration", self.name)
    }
}

impl Refuse for Box<GuardRefused> {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::GuardRefused, self.to_string())
            .with("migration", &self.name)
            .with("from", self.from.as_str())
            .with("to", self.to.as_str())
            .guards(&self.verdict)
    }
}

impl Refuse for MigrationRetired {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::IllegalTransition, self.to_string()).with("migration", self.name)
    }
}

impl Refuse for NotAtTheEnd {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::IllegalTransition, self.to_string())
            .with("from", self.from.as_str())
            .with("allowed", self.next.as_str())
            .with("migration", self.name)
    }
}

impl Refuse for Box<RetirementRefused> {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::GuardRefused, self.to_string())
            .with("migration", &self.name)
            .guards(&self.verdict)
    }
}

impl Refuse for NoExecutor {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::NoExecutor, self.to_string()).with("migration", self.name)
    }
}

impl Refuse for ReasonRequired {
    fn refusal(self) -> Refusal {
        let message = self.to_string();
        Refusal::new(ErrorReason::ReasonRequired, &message).field("reason", message)
    }
}

impl Refuse for NoTransition {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::NoTransition, self.to_string()).with("migration", self.name)
    }
}

impl Refuse for RevisionNotFound {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::RevisionNotFound, self.to_string())
            .with("migration", self.name)
            .with("revision", self.current.to_string())
    }
}

impl Refuse for MigrationInUse {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::MigrationInUse, self.to_string()).with("migration", self.name)
    }
}

impl Refuse for SpecChangeRefused {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::SpecChangeRefused, self.to_string()).with("migration", self.name)
    }
}

impl Refuse for InvalidSpec {
    fn refusal(self) -> Refusal {
        violations(ErrorReason::InvalidManifest, "spec", self)
    }
}

/// Everything that is wrong, each at its path in the request.
pub(super) fn violations(reason: ErrorReason, field: &str, invalid: InvalidSpec) -> Refusal {
    let refusal = Refusal::new(reason, invalid.to_string());
    invalid
        .violations
        .into_iter()
        .fold(refusal, |refusal, violation| {
            let message = if violation.expected.is_empty() {
                violation.message.clone()
            } else {
                format!("{}; expected {}", violation.message, violation.expected)
            };
            refusal.field(violation.under(field).path, message)
        })
}

impl Refuse for InvalidName {
    fn refusal(self) -> Refusal {
        let message = self.to_string();
        Refusal::new(ErrorReason::InvalidName, &message).field("name", message)
    }
}

impl Refuse for FlagError {
    fn refusal(self) -> Refusal {
        let message = self.to_string();
        match self {
            Self::Unknown { .. } => {
                Refusal::new(ErrorReason::UnknownFlag, &message).field("update_mask", message)
            }
            Self::Invalid { name, .. } => Refusal::new(ErrorReason::InvalidFlag, &message)
                .field(format!("flags.{name}"), message),
        }
    }
}

impl Refuse for JobNotFound {
    fn refusal(self) -> Refusal {
        Refusal::new(ErrorReason::JobNotFound, self.to_string()).with("job", self.id)
    }
}

impl Refuse for JobRefused {
    fn refusal(self) -> Refusal {
        let refusal = Refusal::new(ErrorReason::JobState, self.to_string());
        match self.state {
            Some(state) => refusal.with("state", state.as_str()),
            None => refusal,
        }
    }
}

impl Refuse for UnknownEntity {
    fn refusal(self) -> Refusal {
        let message = self.to_string();
        Refusal::new(ErrorReason::UnknownEntity, &message)
            .with("entity", self.entity)
            .field("entity", message)
    }
}

impl Refuse for WrongKey {
    fn refusal(self) -> Refusal {
        let message = self.to_string();
        Refusal::new(ErrorReason::MissingKey, &message)
            .with("entity", self.entity)
            .field("key", message)
    }
}

impl Refuse for InvalidPageToken {
    fn refusal(self) -> Refusal {
        let message = self.to_string();
        Refusal::new(ErrorReason::PageTokenInvalid, &message).field("page_token", message)
    }
}

impl Refuse for StoreError {
    fn refusal(self) -> Refusal {
        // What the caller is told is all there is; operators need it as well.
        tracing::error!(error = %self, "the store failed a call");
        let reason = match self {
            Self::Unavailable { .. } => ErrorReason::StoreUnavailable,
            Self::Damaged { .. } => ErrorReason::Internal,
        };
        Refusal::new(reason, self.to_string())
    }
}
