//! The weather of a whole run: how often calls fail and in which way, who is
//! cut off from whom, and when all of it ends.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dualwrite_core::side::Side;
use dualwrite_engine::fake::Call;

use crate::random::Random;
use crate::trace::Trace;
use crate::wire::{Fate, Refusal, Weather};

/// How much goes wrong, in cases of ten thousand calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// A request is lost.
    pub lost_request: u64,
    /// A reply is lost.
    pub lost_reply: u64,
    /// A request arrives after its client was told that it is lost.
    pub late: u64,
    /// The server refuses a call as a real one does now and then.
    pub refused: u64,
    /// A call takes long.
    pub slow: u64,
}

impl Faults {
    /// This much of everything.
    #[must_use]
    pub const fn of(each: u64) -> Self {
        Self {
            lost_request: each,
            lost_reply: each,
            late: each,
            refused: each,
            slow: each * 2,
        }
    }
}

/// The weather of a run. Clones are the same.
#[derive(Debug, Clone)]
pub struct Sky {
    state: Arc<Mutex<State>>,
    trace: Arc<Trace>,
}

#[derive(Debug)]
struct State {
    random: Random,
    faults: Faults,
    /// Cut off, by number of the sidecar and side.
    cut: BTreeSet<(usize, Side)>,
    /// How long a server keeps a transaction whose client is gone, at most.
    zombies: u64,
    calls: u64,
    injected: u64,
}

impl Sky {
    /// A sky with these faults.
    #[must_use]
    pub fn new(seed: u64, faults: Faults, zombies: u64, trace: &Arc<Trace>) -> Self {
        let state = State {
            random: Random::new(seed, "weather"),
            faults,
            cut: BTreeSet::new(),
            zombies,
            calls: 0,
            injected: 0,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            trace: Arc::clone(trace),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cuts a sidecar off from a database, or lets it through again.
    pub fn cut(&self, sidecar: usize, side: Side, cut: bool) {
        let mut state = self.state();
        if cut {
            state.cut.insert((sidecar, side));
        } else {
            state.cut.remove(&(sidecar, side));
        }
    }

    /// From now on nothing goes wrong any more.
    pub fn clear_up(&self) {
        let mut state = self.state();
        state.faults = Faults::default();
        state.cut.clear();
        state.zombies = 0;
    }

    /// How many calls there were, and how many of them something was done to.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        let state = self.state();
        (state.calls, state.injected)
    }

    /// The weather between one sidecar and one database.
    #[must_use]
    pub fn over(&self, sidecar: usize, side: Side) -> Arc<dyn Weather> {
        Arc::new(Over {
            sky: self.clone(),
            sidecar,
            side,
        })
    }
}

#[derive(Debug)]
struct Over {
    sky: Sky,
    sidecar: usize,
    side: Side,
}

impl Weather for Over {
    fn fate(&self, call: Call) -> Fate {
        let mut state = self.sky.state();
        state.calls += 1;
        let cut = state.cut.contains(&(self.sidecar, self.side));
        let fate = state.fate(cut);
        drop(state);
        let (sidecar, side) = (self.sidecar, self.side);
        self.sky
            .trace
            .note(format_args!("s{sidecar} {side} {call:?} {fate:?}"));
        fate
    }

    fn zombie(&self) -> Duration {
        let mut state = self.sky.state();
        let most = state.zombies;
        // Most servers notice soon.
        if most == 0 || !state.random.happens(2_000) {
            return Duration::ZERO;
        }
        state.random.millis(1, most)
    }
}

impl State {
    fn fate(&mut self, cut: bool) -> Fate {
        let faults = self.faults;
        let notice = if self.random.happens(1_000) {
            self.random.millis(100, 6_000)
        } else {
            self.random.millis(1, 20)
        };
        if cut {
            return Fate::LostRequest { notice };
        }
        let out = self.leg();
        let back = self.leg();
        let draw = self.random.below(10_000);
        let mut bound = 0;
        let mut within = |share: u64| {
            bound += share;
            draw < bound
        };
        let fate = if within(faults.lost_request) {
            Fate::LostRequest { notice }
        } else if within(faults.lost_reply) {
            Fate::LostReply { out, notice }
        } else if within(faults.late) {
            let arrives = self.random.millis(1, 4_000);
            Fate::Late { notice, arrives }
        } else if within(faults.refused) {
            let refusals = [Refusal::Conflict, Refusal::Busy, Refusal::Exhausted];
            let with = *self.random.pick(&refusals);
            Fate::Refused { back, with }
        } else if within(faults.slow) {
            let (out, back) = (self.random.millis(1, 1_500), self.random.millis(1, 1_500));
            Fate::Fine { out, back }
        } else {
            return Fate::Fine { out, back };
        };
        self.injected += 1;
        fate
    }

    /// One way of a call to which nothing happens.
    fn leg(&mut self) -> Duration {
        if self.random.happens(300) {
            return self.random.millis(2, 40);
        }
        Duration::from_micros(self.random.below(2_000))
    }
}
