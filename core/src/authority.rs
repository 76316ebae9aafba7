//! What the two fences mean together: who is primary, at which epoch, and
//! whether the other side may be written.

use crate::fence::{Fence, Seen};
use crate::phase::Phase;
use crate::side::{Role, Side};

/// The reading of both fences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outlook {
    /// Somebody is primary, or was and is about to hand over.
    Settled(Authority),
    /// The old primary gave the authority away and the other side did not take
    /// it yet: nobody may write, anybody may finish.
    Handed {
        /// The side that handed over.
        from: Side,
        /// The epoch that begins.
        epoch: u64,
    },
    /// What can be read does not tell who is primary; the reason is for people.
    Unknown {
        /// Why.
        why: String,
    },
    /// The databases answered, and neither has a fence of this service.
    NotInstalled,
}

/// Who is primary, and what that allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The epoch that foreground writes and copies carry.
    pub epoch: u64,
    /// The phase of that epoch.
    pub phase: Phase,
    /// The side whose answer is the truth.
    pub primary: Side,
    /// Whether foreground writes may start.
    pub standing: Standing,
    /// What may be written to the other side.
    pub following: Following,
    /// Settings text beside the primary's fence. While frozen its phase is the
    /// one that the flip goes to, and all the rest is this epoch's.
    pub settings: String,
}

/// Whether foreground writes may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They may.
    Open,
    /// A flip is under way: they wait, and the relay works.
    Frozen,
}

/// What may be written to the side that is not primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Following {
    /// Copies of this epoch are accepted there.
    Open,
    /// Its fence is at another epoch or role; somebody will raise it.
    Behind,
    /// The phase has no secondary.
    Off,
    /// It did not answer.
    Unreachable,
}

impl Authority {
    /// The side that is not primary.
    #[must_use]
    pub const fn secondary(&self) -> Side {
        self.primary.other()
    }

    /// Whether the relay may copy to the other side now.
    #[must_use]
    pub fn relays(&self) -> bool {
        self.following == Following::Open
    }
}

/// Reads both fences together.
///
/// The highest epoch among the sides that claim to be primary wins, so that a
/// side that was forced out of office and comes back is not obeyed.
#[must_use]
pub fn observe(legacy: &Seen, new: &Seen) -> Outlook {
    let sides = [(Side::Legacy, legacy, new), (Side::New, new, legacy)];
    if matches!((legacy, new), (Seen::Missing, Seen::Missing)) {
        return Outlook::NotInstalled;
    }
    if both_primary_at_one_epoch(legacy, new) {
        return Outlook::Unknown {
            why:
                "both fences say `primary` at one epoch; stop writing and compare the fence tables"
                    .into(),
        };
    }
    let claimant = sides
        .into_iter()
        .filter_map(|(side, seen, other)| seen.fence().map(|fence| (side, fence, other)))
        .filter(|(_, fence, _)| claims(fence.role))
        .max_by_key(|(_, fence, _)| (fence.epoch, fence.role == Role::Primary));
    match claimant {
        Some((side, fence, other)) => read_claim(side, fence, other),
        None => Outlook::Unknown {
            why: nobody_claims(legacy, new),
        },
    }
}

fn claims(role: Role) -> bool {
    matches!(role, Role::Primary | Role::Frozen | Role::Handed)
}

fn both_primary_at_one_epoch(legacy: &Seen, new: &Seen) -> bool {
    matches!((legacy.at(), new.at()), (Some(l), Some(n)) if l == n && l.role == Role::Primary)
}

fn read_claim(side: Side, fence: &Fence, other: &Seen) -> Outlook {
    let settings = fence.settings.clone();
    match fence.role {
        Role::Primary => Outlook::Settled(Authority {
            epoch: fence.epoch,
            phase: fence.phase,
            primary: side,
            standing: Standing::Open,
            following: following(fence.epoch, fence.phase, other),
            settings,
        }),
        Role::Frozen => {
            let epoch = fence.epoch.saturating_sub(1);
            let phase = flipped_from(fence.phase);
            Outlook::Settled(Authority {
                epoch,
                phase,
                primary: side,
                standing: Standing::Frozen,
                following: following(epoch, phase, other),
                settings,
            })
        }
        Role::Handed => Outlook::Handed {
            from: side,
            epoch: fence.epoch,
        },
        Role::Secondary | Role::Off => Outlook::Unknown {
            why: "no fence says `primary`".into(),
        },
    }
}

/// The phase that a flip to `phase` leaves.
#[must_use]
pub const fn flipped_from(phase: Phase) -> Phase {
    match phase {
        Phase::LegacyOnly | Phase::DualWrite => Phase::NewPrimary,
        Phase::NewPrimary | Phase::NewOnly => Phase::DualWrite,
    }
}

fn following(epoch: u64, phase: Phase, other: &Seen) -> Following {
    if phase.secondary().is_none() {
        return Following::Off;
    }
    match other {
        Seen::Fence(fence) if fence.role == Role::Secondary && fence.epoch == epoch => {
            Following::Open
        }
        Seen::Fence(_) | Seen::Missing => Following::Behind,
        Seen::Unreachable => Following::Unreachable,
    }
}

fn nobody_claims(legacy: &Seen, new: &Seen) -> String {
    let tell = |side: Side, seen: &Seen| match seen {
        Seen::Fence(fence) => format!("{side} says `{}`", fence.at()),
        Seen::Missing => format!("{side} has no fence"),
        Seen::Unreachable => format!("{side} does not answer"),
    };
    format!(
        "no fence says `primary`: {}, {}",
        tell(Side::Legacy, legacy),
        tell(Side::New, new)
    )
}

#[cfg(test)]
mod tests;
