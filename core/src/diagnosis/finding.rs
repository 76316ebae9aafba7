//! One thing that was looked at.

use crate::side::Side;

/// How bad a finding is. Ordered: the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// It works, and will not under some fault or load.
    Warning,
    /// It does not work, or a law is not kept.
    Problem,
}

/// One thing that was looked at, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Stable name of the check, as in `fence_equals_phase`.
    pub check: String,
    /// The sidecar that found it; empty when the control plane did.
    pub instance: String,
    /// The database it is about, if it is about one.
    pub side: Option<Side>,
    /// What was found, in a sentence.
    pub detail: String,
    /// What to do about it; empty when nothing is.
    pub remedy: String,
}

impl Finding {
    /// A finding that is as it should be.
    #[must_use]
    pub fn ok(check: &str, side: Option<Side>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Ok, check, side, detail, "")
    }

    /// A finding, with what to do about it.
    #[must_use]
    pub fn new(
        severity: Severity,
        check: &str,
        side: Option<Side>,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            check: check.to_owned(),
            instance: String::new(),
            side,
            detail: detail.into(),
            remedy: remedy.into(),
        }
    }

    /// The same finding, as found by this sidecar.
    #[must_use]
    pub fn by(mut self, instance: &str) -> Self {
        instance.clone_into(&mut self.instance);
        self
    }
}
