//! Which guards watch over which transition.

use super::{Guard, Request};
use crate::plan::PlanKind;

/// The guards of a transition, in the order of [`Guard::ALL`]. Empty for two
/// phases that are no neighbours, which is refused before any guard is asked.
#[must_use]
pub fn guards_of(request: Request) -> Vec<Guard> {
    let Some(kind) = PlanKind::between(request.from, request.to) else {
        return Vec::new();
    };
    Guard::ALL
        .into_iter()
        .filter(|guard| watches(*guard, kind))
        .collect()
}

/// The guards of the end of a migration: sidecars that all agree and are there
/// to do it, nothing under way, and no key that never reached new.
pub const RETIREMENT: [Guard; 6] = [
    Guard::NoOtherTransition,
    Guard::NoRunningJob,
    Guard::SidecarsLive,
    Guard::MappingAccepted,
    Guard::RevisionAcked,
    Guard::QuarantineEmpty,
];

/// The table. Whatever tells how far the copies are behind matters only where
/// the copies become the truth: in a flip. A side that starts or stops to
/// follow needs sidecars that agree, and nothing else, so that going back is
/// never refused for being behind.
const fn watches(guard: Guard, kind: PlanKind) -> bool {
    match (guard, kind) {
        (
            Guard::NoOtherTransition
            | Guard::NoRunningJob
            | Guard::SidecarsLive
            | Guard::MappingAccepted
            | Guard::RevisionAcked,
            PlanKind::Flip | PlanKind::Open | PlanKind::Close | PlanKind::Bump,
        )
        | (
            Guard::BackfillComplete
            | Guard::ValidationClean
            | Guard::MarkersOutstanding
            | Guard::OldestMarkerAge
            | Guard::SecondaryErrorRate
            | Guard::QuarantineEmpty,
            PlanKind::Flip,
        ) => true,
        (
            Guard::BackfillComplete
            | Guard::ValidationClean
            | Guard::MarkersOutstanding
            | Guard::OldestMarkerAge
            | Guard::SecondaryErrorRate
            | Guard::QuarantineEmpty,
            PlanKind::Open | PlanKind::Close | PlanKind::Bump,
        ) => false,
    }
}
