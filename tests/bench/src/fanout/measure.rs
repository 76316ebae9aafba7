//! One measurement: a server, its receivers, and changes one after the other.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::receipts::Receipts;
use super::system::{Running, System};
use crate::cpu;
use crate::stats::{Spread, real};

/// How long a server is watched while nothing changes: one interval of heartbeats.
const IDLE: Duration = Duration::from_secs(2);

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Cell {
    pub(super) system: System,
    pub(super) round: u32,
    pub(super) sessions: u32,
    /// From the call until the last receiver has it; of the changes of this measurement.
    pub(super) last_receipt_millis: Spread,
    /// From the call until its answer.
    pub(super) answer_millis: Spread,
    /// The server's processor time for each receiver of each change, what it uses without changes
    /// taken off.
    pub(super) cpu_micros: f64,
    /// The server's processor time while nothing changes, in percent of one processor.
    pub(super) idle_percent: f64,
    /// What the server's memory grew by, for each receiver.
    pub(super) session_kilobytes: f64,
    /// How long it took until all were connected and had the first version.
    pub(super) connect_millis: f64,
}

pub(super) async fn measure(
    system: System,
    round: u32,
    sessions: u32,
    changes: u32,
) -> Result<Cell> {
    let mut running = system.start().await?;
    let pid = running.process().pid();
    let before = resident_kilobytes(pid)?;
    let begin = Instant::now();
    let receipts = Arc::new(Receipts::of(sessions));
    let mut receivers = JoinSet::new();
    for number in 0..sessions {
        let receiver = running.receive(number, Arc::clone(&receipts), &mut receivers);
        receiver
            .await
            .with_context(|| format!("connect receiver {number}"))?;
    }
    let connected = receipts.complete().await?;
    let idle = idle(pid).await?;
    let grown = real(resident_kilobytes(pid)?) - real(before);
    let changed = changed(&mut running, &receipts, &mut receivers, changes).await?;
    let deliveries = f64::from(sessions) * f64::from(changes);
    Ok(Cell {
        system,
        round,
        sessions,
        cpu_micros: ((changed.cpu_micros - idle * changed.micros) / deliveries).max(0.0),
        last_receipt_millis: Spread::of(changed.receipts),
        answer_millis: Spread::of(changed.answers),
        idle_percent: idle * 100.0,
        session_kilobytes: grown / f64::from(sessions),
        connect_millis: (connected - begin).as_secs_f64() * 1000.0,
    })
}

/// What all changes of one measurement took.
#[derive(Debug, Default)]
struct Changed {
    receipts: Vec<f64>,
    answers: Vec<f64>,
    cpu_micros: f64,
    micros: f64,
}

async fn changed(
    running: &mut Running,
    receipts: &Receipts,
    receivers: &mut JoinSet<Result<()>>,
    changes: u32,
) -> Result<Changed> {
    let pid = running.process().pid();
    let mut changed = Changed::default();
    let cpu = cpu::process(pid)?;
    let begin = Instant::now();
    for version in 1..=u64::from(changes) {
        receipts.expect(version);
        let asked = Instant::now();
        running.change(version).await?;
        changed.answers.push(asked.elapsed().as_secs_f64() * 1000.0);
        let last = receipts.complete().await?;
        changed.receipts.push((last - asked).as_secs_f64() * 1000.0);
    }
    changed.micros = begin.elapsed().as_secs_f64() * 1e6;
    changed.cpu_micros = real(cpu::process(pid)? - cpu);
    // A receiver that is gone was not told; then the figures mean nothing.
    if let Some(ended) = receivers.try_join_next() {
        ended?.context("a receiver ended")?;
    }
    Ok(changed)
}

/// The share of a processor that a server uses while nothing changes.
async fn idle(pid: u32) -> Result<f64> {
    let before = cpu::process(pid)?;
    let begin = Instant::now();
    sleep(IDLE).await;
    let used = real(cpu::process(pid)? - before);
    Ok(used / (begin.elapsed().as_secs_f64() * 1e6))
}

/// Memory of a process that is in use, as the kernel counts it.
fn resident_kilobytes(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
    resident(&text).with_context(|| format!("{path} does not say VmRSS"))
}

fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_as_the_kernel_writes_it() {
        let status = "Name:\tx\nVmHWM:\t  999 kB\nVmRSS:\t   4321 kB\n";
        assert_eq!(resident(status), Some(4321));
        assert_eq!(resident("Name:\tx\n"), None);
        assert!(resident_kilobytes(std::process::id()).unwrap() > 100);
    }
}
