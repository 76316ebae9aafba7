//! The four phases of a migration, and what each means for the two sides.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::side::{Role, Side};

/// Where writes go and which side is the primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Everything on legacy; new is off.
    LegacyOnly,
    /// Both are written; legacy is primary.
    DualWrite,
    /// Both are written; new is primary.
    NewPrimary,
    /// Everything on new; legacy is off.
    NewOnly,
}

impl Phase {
    /// Every phase, in the order of a migration.
    pub const ALL: [Self; 4] = [
        Self::LegacyOnly,
        Self::DualWrite,
        Self::NewPrimary,
        Self::NewOnly,
    ];

    /// The word that users type and read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LegacyOnly => "legacy_only",
            Self::DualWrite => "dual_write",
            Self::NewPrimary => "new_primary",
            Self::NewOnly => "new_only",
        }
    }

    /// The phase that a word stands for.
    ///
    /// # Errors
    /// [`UnknownPhase`], which lists the four words.
    pub fn parse(word: &str) -> Result<Self, UnknownPhase> {
        Self::ALL
            .into_iter()
            .find(|phase| phase.as_str() == word)
            .ok_or_else(|| UnknownPhase {
                word: word.to_owned(),
            })
    }

    /// The side whose answer is the truth.
    #[must_use]
    pub const fn primary(self) -> Side {
        match self {
            Self::LegacyOnly | Self::DualWrite => Side::Legacy,
            Self::NewPrimary | Self::NewOnly => Side::New,
        }
    }

    /// The side that follows, where there is one.
    #[must_use]
    pub const fn secondary(self) -> Option<Side> {
        match self {
            Self::LegacyOnly | Self::NewOnly => None,
            Self::DualWrite => Some(Side::New),
            Self::NewPrimary => Some(Side::Legacy),
        }
    }

    /// The role of a side while nothing is under way.
    #[must_use]
    pub fn role(self, side: Side) -> Role {
        if side == self.primary() {
            Role::Primary
        } else if self.secondary() == Some(side) {
            Role::Secondary
        } else {
            Role::Off
        }
    }

    /// The next phase forward.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::LegacyOnly => Some(Self::DualWrite),
            Self::DualWrite => Some(Self::NewPrimary),
            Self::NewPrimary => Some(Self::NewOnly),
            Self::NewOnly => None,
        }
    }

    /// The next phase back.
    #[must_use]
    pub const fn previous(self) -> Option<Self> {
        match self {
            Self::LegacyOnly => None,
            Self::DualWrite => Some(Self::LegacyOnly),
            Self::NewPrimary => Some(Self::DualWrite),
            Self::NewOnly => Some(Self::NewPrimary),
        }
    }

    /// The phases one step away, forward first.
    #[must_use]
    pub fn neighbours(self) -> Vec<Self> {
        self.next().into_iter().chain(self.previous()).collect()
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no phase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no phase; phases are legacy_only, dual_write, new_primary, new_only")]
pub struct UnknownPhase {
    /// What was typed.
    pub word: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_by_phase_are_those_of_the_protocol() {
        let table = [
            (Phase::LegacyOnly, Role::Primary, Role::Off),
            (Phase::DualWrite, Role::Primary, Role::Secondary),
            (Phase::NewPrimary, Role::Secondary, Role::Primary),
            (Phase::NewOnly, Role::Off, Role::Primary),
        ];
        for (phase, legacy, new) in table {
            assert_eq!(phase.role(Side::Legacy), legacy, "{phase} legacy");
            assert_eq!(phase.role(Side::New), new, "{phase} new");
        }
    }

    #[test]
    fn words_round_trip_and_others_are_refused_with_the_list() {
        for phase in Phase::ALL {
            assert_eq!(Phase::parse(phase.as_str()), Ok(phase));
        }
        let error = Phase::parse("dualwrite").unwrap_err().to_string();
        assert!(
            error.contains("`dualwrite`") && error.contains("dual_write"),
            "{error}"
        );
    }

    #[test]
    fn next_and_previous_are_inverse() {
        for phase in Phase::ALL {
            if let Some(next) = phase.next() {
                assert_eq!(next.previous(), Some(phase));
            }
        }
        assert_eq!(
            Phase::DualWrite.neighbours(),
            [Phase::NewPrimary, Phase::LegacyOnly]
        );
    }
}
