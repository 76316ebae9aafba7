//! What a phase and the flags mean for one operation.

#[cfg(test)]
mod tests;

use crate::flags::{Flags, Mode};
use crate::phase::Phase;
use crate::side::Side;

/// Where a write goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteRoute {
    /// The side that decides.
    pub primary: Side,
    /// The side that follows, and how; `None` where it is not written.
    pub secondary: Option<(Side, Mode)>,
}

/// How old a read may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Consistency {
    /// From the primary, never rerouted.
    Primary,
    /// Sees what was written through this sidecar.
    #[default]
    Session,
    /// May be behind.
    Any,
}

/// The rules of routing; a namespace for its two functions.
#[derive(Debug, Clone, Copy)]
pub struct Route;

impl Route {
    /// Where a write goes in a phase.
    #[must_use]
    pub fn write(phase: Phase, flags: &Flags) -> WriteRoute {
        WriteRoute {
            primary: phase.primary(),
            secondary: phase.secondary().map(|side| (side, flags.mode(side))),
        }
    }

    /// Which side serves a read of one key.
    ///
    /// `share` is the key's [`crate::key::share`]; `own_pending` says that the
    /// key was written through this sidecar and its marker not yet seen gone.
    /// Only `dual_write` ever reads from the side that follows, and only keys
    /// below `read_new_percent`.
    #[must_use]
    pub fn read(
        phase: Phase,
        flags: &Flags,
        consistency: Consistency,
        share: u8,
        own_pending: bool,
    ) -> Side {
        let may_move = match consistency {
            Consistency::Primary => false,
            Consistency::Session => !own_pending,
            Consistency::Any => true,
        };
        match phase {
            Phase::DualWrite if may_move && share < flags.read_new_percent => Side::New,
            Phase::LegacyOnly | Phase::DualWrite | Phase::NewPrimary | Phase::NewOnly => {
                phase.primary()
            }
        }
    }
}
