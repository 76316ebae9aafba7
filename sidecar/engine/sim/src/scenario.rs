//! What a seed stands for: everything about a run that is decided before it
//! begins.

use std::time::Duration;

use dualwrite_core::flags::Flags;
use dualwrite_core::phase::Phase;

use crate::random::Random;
use crate::server::Flavour;
use crate::sky::Faults;

/// Everything about a run that is decided before it begins.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Decides everything that happens in it, and usually the scenario itself.
    pub seed: u64,
    /// Whose rules legacy and new keep.
    pub flavours: [Flavour; 2],
    /// Whether items refer to their cart, on both sides.
    pub referring: bool,
    /// The phase that it starts in.
    pub phase: Phase,
    /// How many sidecars there are.
    pub sidecars: usize,
    /// How many applications write and read, each one call at a time.
    pub clients: usize,
    /// How many carts they share.
    pub keys: u64,
    /// Pauses between the calls of a client, at most, in milliseconds.
    pub pause: u64,
    /// How many of ten thousand calls have hardly any time.
    pub impatient: u64,
    /// What goes wrong with calls.
    pub faults: Faults,
    /// How long servers keep transactions whose client is gone, at most, in
    /// milliseconds.
    pub zombies: u64,
    /// What the operator does.
    pub moves: Moves,
    /// Milliseconds between two blows (a sidecar or a server is killed, somebody
    /// is cut off), about; none for none.
    pub blows: Option<u64>,
    /// Whether servers are killed too.
    pub servers_die: bool,
    /// The flags to begin with.
    pub flags: Flags,
    /// How long it goes on before everything is healed.
    pub span: Duration,
}

/// What the operator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moves {
    /// Nothing.
    Stay,
    /// The primary changes, there and back.
    Flip,
    /// Any step to a neighbour phase.
    Walk,
}

impl Scenario {
    /// The scenario of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed, "scenario");
        let flavours = [Flavour::Postgres, Flavour::InnoDb];
        let flavours = [*random.pick(&flavours), *random.pick(&flavours)];
        let moves = *random.pick(&[Moves::Stay, Moves::Flip, Moves::Flip, Moves::Walk]);
        let phase = match moves {
            Moves::Walk => *random.pick(&Phase::ALL),
            Moves::Stay | Moves::Flip => *random.pick(&[Phase::DualWrite, Phase::NewPrimary]),
        };
        let faults = *random.pick(&[0, 20, 100, 300]);
        let blows = *random.pick(&[None, Some(800), Some(2_000), Some(5_000)]);
        Self {
            seed,
            flavours,
            referring: random.happens(3_000),
            phase,
            sidecars: 2 + random.place(2),
            clients: 3 + random.place(4),
            keys: 2 + random.below(6),
            pause: *random.pick(&[5, 40, 200]),
            impatient: *random.pick(&[0, 1_000, 5_000]),
            faults: Faults::of(faults),
            zombies: *random.pick(&[0, 300, 5_000]),
            moves,
            blows,
            servers_die: random.happens(4_000),
            flags: flags(&mut random),
            span: random.millis(6_000, 20_000),
        }
    }
}

/// Flags that change how writes and reads go.
pub(crate) fn flags(random: &mut Random) -> Flags {
    let mode = random.below(4);
    Flags {
        fail_on_legacy_error: mode == 3,
        fail_on_new_error: mode == 3,
        async_legacy: mode < 2,
        async_new: mode < 2,
        read_new_percent: *random.pick(&[0, 50, 100]),
        compare_reads_percent: *random.pick(&[0, 0, 30]),
        batch_size: *random.pick(&[1, 3, 100]),
        ..Flags::default()
    }
}
