//! What guards say. It only ever travels to people, so there is no way back.

use dualwrite_core::guard::{GuardVerdict, Verdict};
use dualwrite_core::plan::StepName;

use crate::status::Refusal;
use crate::v1;

/// A verdict, with the steps that would be taken.
#[must_use]
pub fn verdict(verdict: &Verdict, steps: &[StepName]) -> v1::Verdict {
    v1::Verdict {
        permitted: verdict.permitted(),
        guards: verdict.guards.iter().map(v1::GuardResult::from).collect(),
        steps: steps.iter().map(|step| step.as_str().to_owned()).collect(),
    }
}

impl From<&GuardVerdict> for v1::GuardResult {
    fn from(verdict: &GuardVerdict) -> Self {
        Self {
            guard: verdict.guard.as_str().to_owned(),
            passed: verdict.passed,
            measured: verdict.measured.clone(),
            limit: verdict.limit.clone(),
            remedy: verdict.remedy.clone(),
        }
    }
}

impl Refusal {
    /// The same refusal with every guard that did not pass as a precondition
    /// of the kind `guard`.
    pub fn guards(self, verdict: &Verdict) -> Self {
        verdict.failed().fold(self, |refusal, failed| {
            let mut message = format!("measured {}, expected {}", failed.measured, failed.limit);
            if !failed.remedy.is_empty() {
                message = format!("{message}; {}", failed.remedy);
            }
            refusal.precondition("guard", failed.guard.as_str(), message)
        })
    }
}
