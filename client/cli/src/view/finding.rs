//! What a diagnosis found.

use dualwrite_core::diagnosis::{Finding, Severity};
use serde::Serialize;

use super::words::some;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FindingView {
    pub(crate) severity: &'static str,
    pub(crate) migration: Option<String>,
    pub(crate) instance: Option<String>,
    pub(crate) side: Option<&'static str>,
    pub(crate) check: String,
    pub(crate) detail: String,
    pub(crate) remedy: Option<String>,
}

impl FindingView {
    pub(crate) fn new(migration: Option<&str>, finding: Finding) -> Self {
        Self {
            severity: word(finding.severity),
            migration: migration.map(str::to_owned),
            instance: some(finding.instance),
            side: finding.side.map(dualwrite_core::side::Side::as_str),
            check: finding.check,
            detail: finding.detail,
            remedy: some(finding.remedy),
        }
    }

    /// Whether something does not work, or a law is not kept.
    pub(crate) fn is_problem(&self) -> bool {
        self.severity == word(Severity::Problem)
    }
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Ok => "ok",
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Problem => "problem",
    }
}
