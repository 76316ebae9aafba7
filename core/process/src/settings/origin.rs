//! Where a value came from.

use std::fmt;

/// Where a value came from, in the words of whoever set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The settings file.
    File {
        /// Its path.
        file: String,
        /// The line of the value.
        line: usize,
        /// The column of the value.
        column: usize,
    },
    /// An environment variable, of this name.
    Environment(String),
    /// A flag, with its dashes.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { file, line, column } => write!(f, "{file}:{line}:{column}"),
            Self::Environment(variable) => f.write_str(variable),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

impl Origin {
    /// Which layer it is, in one word.
    #[must_use]
    pub const fn layer(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File { .. } => "file",
            Self::Environment(_) => "environment",
            Self::Flag(_) => "flag",
        }
    }
}

/// A value of one layer, before it is known whether a stronger one wins.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// The flag of the setting.
    pub(super) setting: &'static str,
    /// Whether the text is the path of a file that holds the value.
    pub(super) by_file: bool,
    pub(super) text: String,
    pub(super) origin: Origin,
}
