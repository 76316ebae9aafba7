//! One thing that is wrong with settings: where, what, and what would be right.

use std::fmt;

/// One thing that is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where, as in `entities[1].columns[0].convert`; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub expected: String,
}

impl Violation {
    /// A violation at a path.
    #[must_use]
    pub fn new(
        path: impl Into<String>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
            expected: expected.into(),
        }
    }

    /// The same, seen from further out: `flags` and `batch_size` make
    /// `flags.batch_size`.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        if self.path.is_empty() {
            prefix.clone_into(&mut self.path);
        } else {
            self.path = format!("{prefix}.{}", self.path);
        }
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if !self.expected.is_empty() {
            write!(f, "; expected {}", self.expected)?;
        }
        Ok(())
    }
}
