//! What guards say of a step.

use dualwrite_proto::v1;
use serde::Serialize;

use super::words::some;

/// What guards say of a step, and what it would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct VerdictView {
    pub(crate) migration: String,
    pub(crate) from_phase: &'static str,
    pub(crate) to_phase: &'static str,
    pub(crate) permitted: bool,
    pub(crate) guards: Vec<GuardView>,
    pub(crate) steps: Vec<String>,
}

/// What one guard says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct GuardView {
    pub(crate) guard: String,
    pub(crate) passed: bool,
    pub(crate) measured: String,
    pub(crate) limit: String,
    pub(crate) remedy: Option<String>,
}

impl VerdictView {
    pub(crate) fn new(
        migration: &str,
        from_phase: &'static str,
        to_phase: &'static str,
        verdict: v1::Verdict,
    ) -> Self {
        Self {
            migration: migration.to_owned(),
            from_phase,
            to_phase,
            permitted: verdict.permitted,
            guards: verdict.guards.into_iter().map(GuardView::from).collect(),
            steps: verdict.steps,
        }
    }
}

impl From<v1::GuardResult> for GuardView {
    fn from(result: v1::GuardResult) -> Self {
        Self {
            guard: result.guard,
            passed: result.passed,
            measured: result.measured,
            limit: result.limit,
            remedy: some(result.remedy),
        }
    }
}
