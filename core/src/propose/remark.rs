//! What a person should know or decide.

use std::fmt;

use crate::side::Side;

/// How much a remark asks of a person. Ordered: the most is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Matched for a reason that is worth checking.
    Check,
    /// Left out, or left open: somebody has to decide.
    Decide,
    /// Cannot be mapped like this.
    Refused,
}

impl Level {
    /// The word that stands in the manifest.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Check => "CHECK",
            Self::Decide => "DECIDE",
            Self::Refused => "REFUSED",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing to know about a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How much it asks.
    pub level: Level,
    /// The entity, or the table where there is no entity of it.
    pub subject: String,
    /// The column; empty when it is about the whole.
    pub column: String,
    /// The side, where one is meant.
    pub side: Option<Side>,
    /// What was seen, and the reason.
    pub detail: String,
    /// What to do about it; empty when looking is enough.
    pub remedy: String,
}

impl Remark {
    pub(super) fn new(level: Level, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            level,
            subject: String::new(),
            column: String::new(),
            side: None,
            detail: detail.into(),
            remedy: remedy.into(),
        }
    }

    pub(super) fn check(detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Level::Check, detail, remedy)
    }

    pub(super) fn decide(detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Level::Decide, detail, remedy)
    }

    pub(super) fn refused(detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Level::Refused, detail, remedy)
    }

    pub(super) fn of(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }

    pub(super) fn at(mut self, column: &str) -> Self {
        column.clone_into(&mut self.column);
        self
    }

    pub(super) const fn on(mut self, side: Side) -> Self {
        self.side = Some(side);
        self
    }
}
