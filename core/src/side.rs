//! The two databases of a migration and what each of them allows.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the two databases of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The shared database that the service leaves.
    Legacy,
    /// The service's own database.
    New,
}

impl Side {
    /// Both sides, legacy first.
    pub const BOTH: [Self; 2] = [Self::Legacy, Self::New];

    /// The side that this one is not.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Legacy => Self::New,
            Self::New => Self::Legacy,
        }
    }

    /// The word that users type and read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::New => "new",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the fence of one side allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Foreground writes commit here.
    Primary,
    /// Copies of the primary's rows are written here.
    Secondary,
    /// Was primary at the epoch before; a flip is under way and nothing commits.
    Frozen,
    /// Gave the authority away: the other side may be primary already.
    Handed,
    /// Not written at all.
    Off,
}

impl Role {
    /// Every role, for tables and tests.
    pub const ALL: [Self; 5] = [
        Self::Primary,
        Self::Secondary,
        Self::Frozen,
        Self::Handed,
        Self::Off,
    ];

    /// The word stored in the fence row.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Frozen => "frozen",
            Self::Handed => "handed",
            Self::Off => "off",
        }
    }

    /// The role that a fence row's word stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
