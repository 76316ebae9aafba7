//! Which phase the pattern's variables mean: one table.

use super::EnvironmentError;
use crate::phase::Phase;
use crate::side::Side;

/// The four variables that say the phase; `None` for one that is not set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Switches {
    pub(super) enabled: Option<bool>,
    pub(super) to_legacy: Option<bool>,
    pub(super) to_new: Option<bool>,
    pub(super) primary: Option<Side>,
}

/// The side that a word names.
pub(super) fn side(word: &str) -> Option<Side> {
    let word = word.to_ascii_lowercase();
    Side::BOTH.into_iter().find(|side| side.as_str() == word)
}

impl Switches {
    /// Whether none of them is set.
    pub(super) const fn is_blank(self) -> bool {
        matches!(
            self,
            Self {
                enabled: None,
                to_legacy: None,
                to_new: None,
                primary: None
            }
        )
    }

    /// The phase. One that is not set counts as false.
    pub(super) fn phase(self) -> Result<Phase, EnvironmentError> {
        let Self {
            enabled,
            to_legacy,
            to_new,
            primary,
        } = self;
        let [enabled, to_legacy, to_new] =
            [enabled, to_legacy, to_new].map(|switch| switch.unwrap_or(false));
        let phase = match (enabled, to_legacy, to_new) {
            (true, true, true) => match primary {
                Some(Side::Legacy) => Phase::DualWrite,
                Some(Side::New) => Phase::NewPrimary,
                None => return Err(EnvironmentError::Ambiguous),
            },
            (false, true, false) => Phase::LegacyOnly,
            (false, false, true) => Phase::NewOnly,
            (true, true | false, false) | (true, false, true) => {
                return Err(self.wrong(
                    "DUAL_WRITE_ENABLED=true writes to both: set DUAL_WRITE_TO_LEGACY and \
                     DUAL_WRITE_TO_NEW to true as well, or DUAL_WRITE_ENABLED to false",
                ));
            }
            (false, true, true) | (false, false, false) => {
                return Err(self.wrong(
                    "DUAL_WRITE_ENABLED=false writes to one: set exactly one of \
                     DUAL_WRITE_TO_LEGACY and DUAL_WRITE_TO_NEW to true, or DUAL_WRITE_ENABLED to \
                     true",
                ));
            }
        };
        if primary.is_some_and(|primary| primary != phase.primary()) {
            return Err(self.wrong(
                "the only database that is written is the primary: leave DUAL_WRITE_PRIMARY out, \
                 or make it that one",
            ));
        }
        Ok(phase)
    }

    fn wrong(self, expected: &'static str) -> EnvironmentError {
        let switches = [
            ("DUAL_WRITE_ENABLED", self.enabled),
            ("DUAL_WRITE_TO_LEGACY", self.to_legacy),
            ("DUAL_WRITE_TO_NEW", self.to_new),
        ];
        let switches = switches.map(|(name, switch)| match switch {
            Some(switch) => format!("{name}={switch}"),
            None => format!("{name} not set"),
        });
        let primary = self
            .primary
            .map(|side| format!(", DUAL_WRITE_PRIMARY={side}"));
        EnvironmentError::Contradiction {
            given: switches.join(", ") + &primary.unwrap_or_default(),
            expected,
        }
    }
}
