//! What the fleet of a migration reports, summed up.

use std::time::Duration;

use super::{Compared, FenceReport};

/// What the live sidecars of a migration report, summed up.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Health {
    /// Live sidecars.
    pub live: u32,
    /// Those of them that accepted the current revision.
    pub acked: u32,
    /// Those of them that refused it.
    pub nacked: u32,
    /// Markers outstanding.
    pub markers: u64,
    /// Age of the oldest marker; zero without markers.
    pub oldest_marker: Duration,
    /// Keys set aside because the secondary refuses them.
    pub quarantined: u64,
    /// The furthest legacy fence that a live sidecar reported.
    pub legacy_fence: Option<FenceReport>,
    /// The furthest new fence that a live sidecar reported.
    pub new_fence: Option<FenceReport>,
    /// How reads that they did on both sides compared, per entity.
    pub comparisons: Vec<Compared>,
}
