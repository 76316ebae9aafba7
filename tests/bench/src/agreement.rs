//! The control: after many writers wrote the same few rows at once, do both databases hold the same
//! rows? Both are read by plain SQL, around dualwrite.

use std::time::Duration;

use anyhow::Result;
use dualwrite_core::flags::Mode;
use dualwrite_tests::rows::Comparison;
use serde::Serialize;

use crate::bed::Bed;
use crate::load::Load;
use crate::variant::Variant;
use crate::writer::Open;

/// Rows that are written.
pub(crate) const HOT_ROWS: i64 = 100;

/// Writers that write them.
pub(crate) const WRITERS: u16 = 32;

/// The naive write loses order by chance: so often it gets the chance, until it has.
const NAIVE_TRIES: u32 = 5;

/// What one way to write left behind.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Agreement {
    pub(crate) variant: Variant,
    /// Sidecars, each with half of the writers; none for the naive write.
    pub(crate) sidecars: u8,
    pub(crate) writes: u64,
    pub(crate) failures: u64,
    pub(crate) failure: Option<String>,
    /// Rows that were compared.
    pub(crate) rows: usize,
    /// Rows that differ.
    pub(crate) differing: usize,
}

/// Checks the naive write and dualwrite in its three modes.
pub(crate) async fn check(bed: &Bed, duration: Duration) -> Result<Vec<Agreement>> {
    let mut found = Vec::new();
    for _ in 0..NAIVE_TRIES {
        bed.reset_theirs().await?;
        let naive = one(bed, Variant::Naive, duration).await?;
        let shown = naive.differing > 0;
        found.push(naive);
        if shown {
            break;
        }
    }
    for mode in [Mode::Async, Mode::Sync, Mode::Strict] {
        found.push(one(bed, Variant::engine(mode), duration).await?);
    }
    Ok(found)
}

async fn one(bed: &Bed, variant: Variant, duration: Duration) -> Result<Agreement> {
    let sidecars = if variant.is_ours() { 2 } else { 0 };
    let mut open = Vec::new();
    for _ in 0..sidecars.max(1) {
        open.push(Open::new(bed, variant, WRITERS).await?);
    }
    let writers: Vec<_> = open.iter().map(|open| open.writer.clone()).collect();
    let load = Load {
        clients: WRITERS,
        keys: HOT_ROWS,
        duration,
    };
    let done = load.drive(&writers).await?;
    bed.drained().await?;
    drop(writers);
    for open in open {
        open.close().await?;
    }
    let Comparison {
        left, differences, ..
    } = if variant.is_ours() {
        bed.compare_ours().await?
    } else {
        bed.compare_theirs().await?
    };
    let agreement = Agreement {
        variant,
        sidecars,
        writes: done.writes,
        failures: done.failures,
        failure: done.failure,
        rows: left,
        differing: differences.len(),
    };
    eprintln!(
        "agreement, {WRITERS} writers on {HOT_ROWS} rows, {:<24} {:>3} rows differ after {} writes",
        variant.label(),
        agreement.differing,
        agreement.writes
    );
    Ok(agreement)
}

impl Agreement {
    /// Whether dualwrite kept its promise; nobody made one for the naive write.
    pub(crate) fn holds(&self) -> bool {
        !self.variant.is_ours() || self.differing == 0
    }
}
