//! What is wrong with a message that was received.

use std::fmt;

/// A message that does not hold what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireError {
    /// Which field, as in `spec.entities[0].columns[2].convert`; empty for the
    /// message itself.
    pub path: String,
    /// What is wrong, and what would be right. Never a row's value.
    pub message: String,
}

impl WireError {
    /// An error of the message itself.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            message: message.into(),
        }
    }

    /// An error of one field.
    #[must_use]
    pub fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
        }
    }

    /// The same error, seen from the message around it: `flags` and
    /// `batch_size` make `flags.batch_size`.
    #[must_use]
    pub fn under(mut self, prefix: impl AsRef<str>) -> Self {
        let prefix = prefix.as_ref();
        if self.path.is_empty() {
            prefix.clone_into(&mut self.path);
        } else {
            self.path = format!("{prefix}.{}", self.path);
        }
        self
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

impl std::error::Error for WireError {}
