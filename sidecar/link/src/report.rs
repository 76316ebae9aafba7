//! Reports: numbered, so that none is counted twice, and kept until the
//! control plane has surely had them.

use std::collections::VecDeque;
use std::time::Duration;

use dualwrite_core::side::Side;
use dualwrite_engine::store::PoolStatus;
use dualwrite_engine::{EntityBacklog, EntityComparisons, EntityDelta};
use dualwrite_proto::v1;
use tokio::time::Instant;

use crate::wire;

/// Reports that are kept for sending again at most. They go every two seconds
/// and a silent control plane is given up after three intervals, so more than
/// a handful means intervals of half a minute: then the oldest are let go.
const UNCONFIRMED_MAX: usize = 16;

/// What a report says, before it is numbered.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(crate) deltas: Vec<EntityDelta>,
    /// `None` when the databases did not say in time: then what they said last
    /// stands, because an empty list would mean that nothing is behind.
    pub(crate) backlogs: Option<Vec<EntityBacklog>>,
    pub(crate) pools: Vec<(Side, PoolStatus, bool)>,
    pub(crate) comparisons: Vec<EntityComparisons>,
}

/// Numbers reports and remembers those that may have been lost on the way.
///
/// While there is no session nothing is gathered: counts stay in the engine,
/// one a side of an entity, and the next report carries them all.
#[derive(Debug)]
pub(crate) struct Reporter {
    sequence: u64,
    gathered_at: Instant,
    backlogs: Vec<EntityBacklog>,
    unconfirmed: VecDeque<(Instant, v1::Report)>,
}

impl Reporter {
    /// Starts after `sequence`, which must be larger than any that a process
    /// of the same instance name has used.
    pub(crate) fn new(sequence: u64) -> Self {
        Self {
            sequence,
            gathered_at: Instant::now(),
            backlogs: Vec::new(),
            unconfirmed: VecDeque::new(),
        }
    }

    /// The next report.
    pub(crate) fn next(&mut self, gathered: Gathered) -> v1::Report {
        let now = Instant::now();
        self.sequence += 1;
        if let Some(backlogs) = gathered.backlogs {
            self.backlogs = backlogs;
        }
        let report = v1::Report {
            sequence: self.sequence,
            interval: wire::duration(now - self.gathered_at),
            operations: gathered.deltas.into_iter().map(wire::delta).collect(),
            backlogs: self.backlogs.iter().map(wire::backlog).collect(),
            pools: gathered.pools.into_iter().map(wire::pool).collect(),
            comparisons: gathered.comparisons.iter().map(wire::comparisons).collect(),
        };
        self.gathered_at = now;
        if self.unconfirmed.len() == UNCONFIRMED_MAX {
            self.unconfirmed.pop_front();
        }
        self.unconfirmed.push_back((now, report.clone()));
        report
    }

    /// The control plane was heard: what was sent more than an interval ago
    /// on the same stream has arrived.
    pub(crate) fn confirm(&mut self, interval: Duration) {
        let now = Instant::now();
        self.unconfirmed.retain(|(sent, _)| *sent + interval >= now);
    }

    /// What may have been lost with the last stream, oldest first. It is safe
    /// to send again: a number seen before is not counted.
    pub(crate) fn unconfirmed(&self) -> Vec<v1::Report> {
        self.unconfirmed
            .iter()
            .map(|(_, report)| report.clone())
            .collect()
    }
}
