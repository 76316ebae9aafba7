//! Does what the schedule says, and counts it.

mod flip;
mod network;
mod secondary;
mod tally;

use std::time::Duration;

use anyhow::{Context, Result};
use dualwrite_tests::proxy::Weather;
use dualwrite_tests::until;
use tokio::time::{Instant, sleep};

use crate::history::{History, Side};
use crate::schedule::Fault;
use crate::stage::{Party, Stage};
pub use tally::Tally;

/// How long a secondary may take to catch up with what it missed.
const CAUGHT_UP: Duration = Duration::from_mins(3);

/// What a slow way adds to each piece.
const SLOW: Duration = Duration::from_millis(40);

/// Who breaks things.
#[derive(Debug)]
pub struct Nemesis<'a> {
    /// What it breaks.
    pub stage: &'a mut Stage,
    /// What it did.
    pub tally: Tally,
    /// Where it writes that down.
    pub history: History,
}

impl Nemesis<'_> {
    /// Does one fault, from its beginning to its end.
    pub async fn inject(&mut self, fault: Fault) -> Result<()> {
        self.history.fault(format!("begins: {fault}"))?;
        self.tally.count(&fault.kind());
        let done = self.perform(fault).await;
        done.with_context(|| format!("while this was done: {fault}"))?;
        self.history.fault(format!("ends: {fault}"))
    }

    async fn perform(&mut self, fault: Fault) -> Result<()> {
        match fault {
            Fault::KillSidecar { sidecar } => self.kill_sidecar(sidecar).await,
            Fault::PauseSidecar { sidecar, ms } => {
                self.stage.fleet.sidecar(sidecar)?.sigstop()?;
                wait(ms).await;
                self.stage.fleet.sidecar(sidecar)?.sigcont()
            }
            Fault::SleepThroughFlip { sidecar } => self.sleep_through_flip(sidecar).await,
            Fault::KillControlPlane { ms } => {
                self.stage.fleet.control_plane()?.kill9().await?;
                self.tally.kills += 1;
                wait(ms).await;
                self.stage.fleet.restart_control_plane().await
            }
            Fault::KillPrimary { ms } => self.kill_database(Party::Primary, ms).await,
            Fault::KillSecondary { ms } => self.kill_database(Party::Secondary, ms).await,
            Fault::Cut { sidecar, party, ms } => {
                self.weather(sidecar, party, Weather::Cut, ms).await
            }
            Fault::Silence { sidecar, party, ms } => {
                self.weather(sidecar, party, Weather::Silent, ms).await
            }
            Fault::Slow { sidecar, party, ms } => {
                self.weather(sidecar, party, Weather::Slow(SLOW), ms).await
            }
            Fault::Break {
                sidecar,
                party,
                what,
            } => self.break_once(sidecar, party, what).await,
            Fault::TakePermission { ms } => self.take_permission(ms).await,
            Fault::RefuseRows { ms } => self.refuse_rows(ms).await,
            Fault::LockTable { ms } => self.lock_table(ms).await,
            Fault::StepClock { sidecar, hours } => self.step_clock(sidecar, hours).await,
            Fault::Flip => self.flip(None).await,
            Fault::BrokenFlip { at, how } => self.flip(Some((at, how))).await,
        }
    }

    async fn kill_sidecar(&mut self, sidecar: usize) -> Result<()> {
        self.stage.fleet.sidecar(sidecar)?.kill9().await?;
        self.tally.kills += 1;
        self.stage.fleet.restart_sidecar(sidecar).await
    }

    async fn kill_database(&mut self, party: Party, ms: u64) -> Result<()> {
        let primary = self.stage.primary().await?;
        let side = if party == Party::Primary {
            primary
        } else {
            primary.other()
        };
        self.stage.bed.of_mut(side).kill9().await?;
        self.tally.kills += 1;
        wait(ms).await;
        self.stage.bed.of_mut(side).restart().await?;
        self.caught_up(primary).await
    }

    async fn step_clock(&mut self, sidecar: usize, hours: i8) -> Result<()> {
        let Some(library) = self.stage.faketime.clone() else {
            self.tally.skip("no libfaketime on this machine");
            return Ok(());
        };
        let shift = format!("{hours:+}h");
        self.stage.fleet.sidecar(sidecar)?.kill9().await?;
        self.tally.kills += 1;
        let clock = [
            ("LD_PRELOAD", library.as_str()),
            ("FAKETIME", &shift),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ];
        self.stage.fleet.restart_sidecar_with(sidecar, &clock).await
    }

    /// Waits until what the secondary missed has arrived, and notes how long that took: until
    /// every key that has a marker now was seen without one. (Writes go on all the time.)
    async fn caught_up(&mut self, primary: Side) -> Result<()> {
        let began = Instant::now();
        let bed = &self.stage.bed;
        let caught_up = until("what was missed arrives", CAUGHT_UP, async || {
            let dirty = bed.dirty(primary).await;
            dirty.map_err(|error| format!("{error:#}"))
        });
        let mut missed = caught_up.await?;
        let arrived = until("what was missed arrives", CAUGHT_UP, async || {
            let standing = bed.dirty(primary).await;
            let standing = standing.map_err(|error| format!("{error:#}"))?;
            missed.retain(|key| standing.contains(key));
            match missed.first() {
                None => Ok(()),
                Some(first) => Err(format!("{} keys are left, as {first}", missed.len())),
            }
        });
        arrived.await?;
        self.tally.converged.push(began.elapsed());
        Ok(())
    }
}

/// A fault lasts. This is no waiting for something to happen: it is the fault.
async fn wait(ms: u64) {
    sleep(Duration::from_millis(ms)).await;
}
