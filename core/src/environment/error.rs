//! Variables of the pattern that say nothing that could be done.

use super::{Found, names};
use crate::suggest;

/// One thing that is wrong with the variables. The message names them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// The pattern's own phases 1 and 2 have the same variables.
    #[error(
        "DUAL_WRITE_ENABLED, DUAL_WRITE_TO_LEGACY and DUAL_WRITE_TO_NEW are all true, which can \
         mean two things: legacy is primary and new follows (phase dual_write), or new is primary \
         and legacy follows (phase new_primary). Taking the first for the second would serve a \
         database that is not filled yet; the second for the first would overwrite good rows. Set \
         DUAL_WRITE_PRIMARY to legacy or to new"
    )]
    Ambiguous,
    /// The variables contradict each other, or leave something out.
    #[error("{given}; {expected}")]
    Contradiction {
        /// What is set.
        given: String,
        /// What would be right.
        expected: &'static str,
    },
    /// No variable has this name.
    #[error("{variable} is no variable of the pattern; {hint}")]
    Unknown {
        /// The variable.
        variable: String,
        /// The nearest, or all.
        hint: String,
    },
    /// The text is no value of this variable.
    #[error("{variable}=`{text}` is no value of it; expected {expected}")]
    Value {
        /// The variable.
        variable: String,
        /// What it holds.
        text: String,
        /// What would be right.
        expected: String,
    },
}

impl EnvironmentError {
    pub(super) fn unknown(variable: &str, name: &str) -> Self {
        Self::Unknown {
            variable: variable.to_owned(),
            hint: suggest::hint(name, names()),
        }
    }

    pub(super) fn value(found: &Found<'_>, expected: &str) -> Self {
        Self::Value {
            variable: found.variable.to_owned(),
            text: found.text.to_owned(),
            expected: expected.to_owned(),
        }
    }
}
