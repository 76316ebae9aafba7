//! One measurement: one way to write, with one number of clients.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde::Serialize;

use crate::bed::{Bed, ROWS};
use crate::cpu::Watched;
use crate::load::Load;
use crate::stats::real;
use crate::variant::Variant;
use crate::writer::Open;

/// Before the measurement, so that connections stand and statements are prepared.
const WARM_UP: Duration = Duration::from_millis(400);

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cell {
    /// From 1.
    pub(crate) round: u32,
    pub(crate) variant: Variant,
    pub(crate) clients: u16,
    /// Writes that were answered.
    pub(crate) writes: u64,
    /// Of these, how many were in both databases by then, where there are two.
    pub(crate) everywhere: u64,
    pub(crate) failures: u64,
    pub(crate) failure: Option<String>,
    /// Until the last client had its last answer.
    pub(crate) answered_seconds: f64,
    /// Until then, and until the secondary had everything.
    pub(crate) seconds: f64,
    /// Answered writes through `seconds`.
    pub(crate) writes_per_second: f64,
    pub(crate) p50_micros: u64,
    pub(crate) p99_micros: u64,
    /// Markers that stood when the last client had its last answer.
    pub(crate) markers_left: u64,
    /// How long it took until they were gone.
    pub(crate) drain_millis: f64,
    pub(crate) cpu: CpuPerWrite,
}

/// Microseconds of processor time through the writes.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct CpuPerWrite {
    pub(crate) client: f64,
    pub(crate) sidecar: f64,
    pub(crate) legacy: f64,
    pub(crate) new: f64,
    pub(crate) sum: f64,
}

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) round: u32,
    pub(crate) variant: Variant,
    pub(crate) clients: u16,
    pub(crate) duration: Duration,
}

impl Plan {
    /// Measures it. What the writes leave to the relay is inside the measured time.
    pub(crate) async fn measure(self, bed: &Bed) -> Result<Cell> {
        let Self {
            round,
            variant,
            clients,
            duration,
        } = self;
        let open = Open::new(bed, variant, clients).await?;
        let load = |duration| Load {
            clients,
            keys: ROWS,
            duration,
        };
        let writers = [open.writer.clone()];
        load(WARM_UP).drive(&writers).await?;
        bed.drained().await?;

        let (legacy, new) = bed.pids()?;
        let watched = Watched {
            sidecar: open.sidecar(),
            legacy,
            new,
        };
        let before = watched.read()?;
        let began = Instant::now();
        let done = load(duration).drive(&writers).await?;
        let answered = began.elapsed();
        let markers_left = bed.markers().await?;
        bed.drained().await?;
        let elapsed = began.elapsed();
        let used = watched.read()? - before;
        drop(writers);
        open.close().await?;

        ensure!(
            done.writes > 0,
            "no write succeeded: {}",
            done.failure.unwrap_or_default()
        );
        let writes = real(done.writes);
        let per_write = |micros: u64| real(micros) / writes;
        Ok(Cell {
            round,
            variant,
            clients,
            writes: done.writes,
            everywhere: done.everywhere,
            failures: done.failures,
            failure: done.failure,
            answered_seconds: answered.as_secs_f64(),
            seconds: elapsed.as_secs_f64(),
            writes_per_second: writes / elapsed.as_secs_f64(),
            p50_micros: done.latency.value_at_quantile(0.5),
            p99_micros: done.latency.value_at_quantile(0.99),
            markers_left,
            drain_millis: elapsed.saturating_sub(answered).as_secs_f64() * 1_000.0,
            cpu: CpuPerWrite {
                client: per_write(used.client),
                sidecar: per_write(used.sidecar),
                legacy: per_write(used.legacy),
                new: per_write(used.new),
                sum: per_write(used.sum()),
            },
        })
    }
}
