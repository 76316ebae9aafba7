//! Which faults there will be, in which order: the same ones for the same seed.
//!
//! What a fault meets when it comes (which database is primary just then, say) is not the seed's
//! to decide; so faults name roles, not databases.

mod fault;

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use tokio::time::Duration;

use crate::engines::Engines;
use crate::stage::Party;
use dualwrite_tests::proxy::Break;
pub use fault::{Fault, How, Moment};

/// One fault in so many is a change of primary.
const FLIP_EVERY: usize = 3;

/// How long what lasts may last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lengths {
    /// At least, in milliseconds.
    pub least: u64,
    /// At most.
    pub most: u64,
}

/// An endless sequence of faults.
#[derive(Debug)]
pub struct Schedule {
    rng: StdRng,
    engines: Engines,
    sidecars: usize,
    lengths: Lengths,
    /// Kinds that are still to come before any comes again.
    kinds: Vec<Kind>,
    /// The same for broken changes of primary.
    moments: Vec<(Moment, How)>,
    turn: usize,
}

/// A fault whose particulars are not drawn yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    KillSidecar,
    PauseSidecar,
    SleepThroughFlip,
    KillControlPlane,
    KillPrimary,
    KillSecondary,
    Cut(Party),
    Silence(Party),
    Slow(Party),
    Break(Break),
    TakePermission,
    RefuseRows,
    LockTable,
    StepClock,
}

/// Every kind, as often as it comes in one round.
const ROUND: &[(Kind, usize)] = &[
    (Kind::KillSidecar, 12),
    (Kind::PauseSidecar, 2),
    (Kind::SleepThroughFlip, 1),
    (Kind::KillControlPlane, 2),
    (Kind::KillPrimary, 2),
    (Kind::KillSecondary, 2),
    (Kind::Cut(Party::ControlPlane), 1),
    (Kind::Cut(Party::Primary), 1),
    (Kind::Cut(Party::Secondary), 1),
    (Kind::Cut(Party::Client), 1),
    (Kind::Silence(Party::ControlPlane), 1),
    (Kind::Silence(Party::Primary), 1),
    (Kind::Silence(Party::Secondary), 1),
    (Kind::Silence(Party::Client), 1),
    (Kind::Slow(Party::Primary), 1),
    (Kind::Slow(Party::Secondary), 1),
    (Kind::Break(Break::Reset), 3),
    (Kind::Break(Break::MidRequest), 3),
    (Kind::Break(Break::BeforeAnswer), 6),
    (Kind::Break(Break::MidAnswer), 3),
    (Kind::TakePermission, 1),
    (Kind::RefuseRows, 1),
    (Kind::LockTable, 1),
    (Kind::StepClock, 1),
];

impl Schedule {
    /// The faults of a seed.
    #[must_use]
    pub fn of(seed: u64, engines: Engines, sidecars: usize, lengths: Lengths) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            engines,
            sidecars,
            lengths,
            kinds: Vec::new(),
            moments: Vec::new(),
            turn: 0,
        }
    }

    /// A pause between two faults.
    pub fn pause(&mut self) -> Duration {
        Duration::from_millis(self.rng.random_range(50..500))
    }

    /// The next fault.
    pub fn next_fault(&mut self) -> Fault {
        self.turn += 1;
        if self.turn.is_multiple_of(FLIP_EVERY) {
            return self.flip();
        }
        if self.kinds.is_empty() {
            self.kinds = self.round();
        }
        let kind = self.kinds.pop().unwrap_or(Kind::KillSidecar);
        self.particulars(kind)
    }

    fn round(&mut self) -> Vec<Kind> {
        let all = ROUND
            .iter()
            .filter(|(kind, _)| kind.is_possible(self.engines));
        let mut round: Vec<Kind> = all
            .flat_map(|(kind, times)| std::iter::repeat_n(*kind, *times))
            .collect();
        round.shuffle(&mut self.rng);
        round
    }

    /// Every second change of primary goes undisturbed; of the others each is disturbed at another
    /// step and in another way, until all were.
    fn flip(&mut self) -> Fault {
        if (self.turn / FLIP_EVERY).is_multiple_of(2) {
            return Fault::Flip;
        }
        if self.moments.is_empty() {
            let pairs = Moment::ALL.into_iter().flat_map(|moment| {
                // Both directions: flips go back and forth, and these pairs come twice.
                How::ALL.into_iter().flat_map(move |how| [(moment, how); 2])
            });
            self.moments = pairs.collect();
            self.moments.shuffle(&mut self.rng);
        }
        match self.moments.pop() {
            Some((at, how)) => Fault::BrokenFlip { at, how },
            None => Fault::Flip,
        }
    }

    fn particulars(&mut self, kind: Kind) -> Fault {
        let sidecar = self.rng.random_range(0..self.sidecars);
        let ms = self
            .rng
            .random_range(self.lengths.least..=self.lengths.most);
        match kind {
            Kind::KillSidecar => Fault::KillSidecar { sidecar },
            Kind::PauseSidecar => Fault::PauseSidecar { sidecar, ms },
            Kind::SleepThroughFlip => Fault::SleepThroughFlip { sidecar },
            Kind::KillControlPlane => Fault::KillControlPlane { ms },
            Kind::KillPrimary => Fault::KillPrimary { ms },
            Kind::KillSecondary => Fault::KillSecondary { ms },
            Kind::Cut(party) => Fault::Cut { sidecar, party, ms },
            Kind::Silence(party) => Fault::Silence { sidecar, party, ms },
            Kind::Slow(party) => Fault::Slow { sidecar, party, ms },
            Kind::Break(what) => {
                let party = Party::ALL[self.rng.random_range(0..Party::ALL.len())];
                Fault::Break {
                    sidecar,
                    party,
                    what,
                }
            }
            Kind::TakePermission => Fault::TakePermission { ms },
            Kind::RefuseRows => Fault::RefuseRows { ms },
            Kind::LockTable => Fault::LockTable { ms },
            Kind::StepClock => Fault::StepClock {
                sidecar,
                hours: if self.rng.random() { 1 } else { -1 },
            },
        }
    }
}

impl Kind {
    /// Whether these databases can have it: a file has no connections, and no users.
    const fn is_possible(self, engines: Engines) -> bool {
        let servers = engines.legacy.serves() && engines.new.serves();
        match self {
            Self::KillPrimary
            | Self::KillSecondary
            | Self::Cut(Party::Primary | Party::Secondary)
            | Self::Silence(Party::Primary | Party::Secondary)
            | Self::Slow(Party::Primary | Party::Secondary)
            | Self::TakePermission => servers,
            Self::KillSidecar
            | Self::PauseSidecar
            | Self::SleepThroughFlip
            | Self::KillControlPlane
            | Self::Cut(_)
            | Self::Silence(_)
            | Self::Slow(_)
            | Self::Break(_)
            | Self::RefuseRows
            | Self::LockTable
            | Self::StepClock => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(seed: u64, engines: &str) -> Vec<Fault> {
        let lengths = Lengths {
            least: 100,
            most: 900,
        };
        let mut schedule = Schedule::of(seed, engines.parse().unwrap(), 3, lengths);
        (0..300).map(|_| schedule.next_fault()).collect()
    }

    #[test]
    fn a_seed_decides_everything() {
        assert_eq!(faults(7, "pg-pg"), faults(7, "pg-pg"));
        assert_ne!(faults(7, "pg-pg"), faults(8, "pg-pg"));
    }

    #[test]
    fn a_third_are_flips_and_every_way_to_break_one_comes() {
        let all = faults(1, "pg-pg");
        let flips = all.iter().filter(|fault| fault.flips()).count();
        assert!(flips >= 100, "{flips}");
        for at in Moment::ALL {
            for how in How::ALL {
                assert!(
                    all.contains(&Fault::BrokenFlip { at, how }),
                    "{at:?} {how:?}"
                );
            }
        }
    }

    #[test]
    fn a_file_is_neither_killed_nor_cut_off() {
        for fault in faults(3, "sqlite-pg") {
            let killed = matches!(
                fault,
                Fault::KillPrimary { .. } | Fault::KillSecondary { .. }
            );
            let cut_off = matches!(
                fault,
                Fault::Cut {
                    party: Party::Primary | Party::Secondary,
                    ..
                }
            );
            assert!(!killed && !cut_off, "{fault:?}");
        }
    }
}
