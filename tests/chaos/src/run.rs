//! One run, from the first write to the verdict.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use dualwrite_proto::v1::Phase;
use dualwrite_tests::until;

use crate::check;
use crate::engines::Engines;
use crate::history::{self, Event, History};
use crate::nemesis::{Nemesis, Tally};
use crate::report::Report;
use crate::schedule::{Fault, Lengths, Schedule};
use crate::stage::Stage;
use crate::writer::{Plan, Writers};

/// How long writers may take to get something done at the beginning.
const FIRST: Duration = Duration::from_mins(2);

/// Operations before the first fault.
const WARM: u64 = 200;

/// What is to be run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Decides faults and, as far as answers do not, writes.
    pub seed: u64,
    /// Which databases.
    pub engines: Engines,
    /// How many sidecars.
    pub sidecars: usize,
    /// What is written.
    pub plan: Plan,
    /// Which faults.
    pub faults: Faults,
    /// Where the history goes.
    pub history: PathBuf,
    /// Whether each fault is told while it happens.
    pub tell: bool,
}

/// Which faults.
#[derive(Debug, Clone)]
pub enum Faults {
    /// Those of the seed, until this much time has gone.
    For(Duration, Lengths),
    /// Those of the seed, so many.
    Count(usize, Lengths),
    /// These.
    These(Vec<Fault>),
}

/// Runs it. An error means that it could not be carried out or did not converge; broken promises
/// are in the report.
pub async fn run(options: &Options) -> Result<Report> {
    let began = Instant::now();
    let mut stage = Stage::set(options.engines, options.sidecars).await?;
    let carried_out = carry_out(options, &mut stage).await;
    let tally = match carried_out {
        Ok(tally) => tally,
        Err(error) => {
            keep_logs(options, &mut stage);
            return Err(error);
        }
    };
    let verdict = check::check(&history::read(&options.history)?);
    if !verdict.holds() {
        keep_logs(options, &mut stage);
    }
    Ok(Report {
        seed: options.seed,
        engines: options.engines.to_string(),
        sidecars: options.sidecars,
        writers: options.plan.writers,
        took: began.elapsed(),
        history: options.history.clone(),
        tally,
        verdict,
    })
}

async fn carry_out(options: &Options, stage: &mut Stage) -> Result<Tally> {
    let history = History::create(&options.history)?;
    history.write(&Event::Began(format!(
        "seed {} on {}: {:?}",
        options.seed, options.engines, options.faults
    )))?;
    let writers = Writers::start(&options.plan, &stage.client_urls(), &history).await?;
    stage
        .operator
        .phase(Phase::DualWrite, "writers write")
        .await?;
    stage.operator.backfill().await?;
    progress(&writers, WARM).await?;
    let mut nemesis = Nemesis {
        stage,
        tally: Tally::default(),
        history: history.clone(),
    };
    let broken = break_things(options, &mut nemesis).await;
    let Nemesis { stage, tally, .. } = nemesis;
    // Also after a failure, so that the history can be looked at.
    history.flush()?;
    broken?;
    stage.heal().await?;
    writers.stop().await?;
    history.flush()?;
    stage.bed.drained().await?;
    stage.bed.record(&history).await?;
    Ok(tally)
}

async fn break_things(options: &Options, nemesis: &mut Nemesis<'_>) -> Result<()> {
    let schedule = |lengths| Schedule::of(options.seed, options.engines, options.sidecars, lengths);
    match &options.faults {
        Faults::For(time, lengths) => {
            let (until, mut schedule) = (Instant::now() + *time, schedule(*lengths));
            while Instant::now() < until {
                tokio::time::sleep(schedule.pause()).await;
                inject(options, nemesis, schedule.next_fault()).await?;
            }
        }
        Faults::Count(count, lengths) => {
            let mut schedule = schedule(*lengths);
            for _ in 0..*count {
                tokio::time::sleep(schedule.pause()).await;
                inject(options, nemesis, schedule.next_fault()).await?;
            }
        }
        Faults::These(faults) => {
            for fault in faults {
                inject(options, nemesis, *fault).await?;
            }
        }
    }
    Ok(())
}

async fn inject(options: &Options, nemesis: &mut Nemesis<'_>, fault: Fault) -> Result<()> {
    if options.tell {
        let seconds = nemesis.history.ms() / 1_000;
        eprintln!("{seconds:>6} s  {fault}");
    }
    nemesis.inject(fault).await
}

/// Waits until so many operations have ended.
async fn progress(writers: &Writers, operations: u64) -> Result<()> {
    let written = until("writers write", FIRST, async || {
        let ended = writers.ended();
        if ended >= operations {
            Ok(())
        } else {
            Err(ended)
        }
    });
    written.await.context("before the first fault")
}

/// What the processes said lies beside the history of a run that failed.
fn keep_logs(options: &Options, stage: &mut Stage) {
    let beside = |name: &str| options.history.with_extension(format!("{name}.log"));
    if let Ok(process) = stage.fleet.control_plane() {
        drop(std::fs::write(beside("control-plane"), process.log()));
    }
    for number in 0..stage.fleet.sidecars() {
        if let Ok(process) = stage.fleet.sidecar(number) {
            let name = format!("sidecar-{number}");
            drop(std::fs::write(beside(&name), process.log()));
        }
    }
}
