//! What is told of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::check::Verdict;
use crate::nemesis::Tally;

/// A run and its verdict.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What repeats its schedule.
    pub seed: u64,
    /// Its databases.
    pub engines: String,
    /// How many sidecars there were.
    pub sidecars: usize,
    /// How many writers.
    pub writers: u64,
    /// How long it took, from the first process to the verdict.
    pub took: Duration,
    /// Its history.
    pub history: PathBuf,
    /// What was done.
    pub tally: Tally,
    /// What it comes to.
    pub verdict: Verdict,
}

impl Report {
    /// The command that repeats its schedule.
    #[must_use]
    pub fn again(&self) -> String {
        let minutes = self.took.as_secs().div_ceil(60);
        format!(
            "cargo xtask soak --seed {} --minutes {minutes} --engines {}",
            self.seed, self.engines
        )
    }
}

/// Markdown.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seed,
            engines,
            sidecars,
            writers,
            took,
            tally,
            verdict,
            ..
        } = self;
        let counts = &verdict.counts;
        writeln!(f, "### {engines}, seed {seed}\n")?;
        writeln!(f, "| | |\n|---|---|")?;
        writeln!(
            f,
            "| ran for | {} s, {sidecars} sidecars, {writers} writers |",
            took.as_secs()
        )?;
        writeln!(
            f,
            "| faults | {}, of them {} kills |",
            tally.total(),
            tally.kills
        )?;
        writeln!(
            f,
            "| changes of primary | {} done, {} taken back, {} not permitted in time |",
            tally.flips,
            tally.taken_back,
            tally.refused_flips.values().sum::<u64>()
        )?;
        writeln!(
            f,
            "| steps broken | {} |",
            tally.broken_steps.values().sum::<u64>()
        )?;
        writeln!(
            f,
            "| operations | {}: {} writes and {} reads acknowledged, {} refused or failed, {} of unknown outcome |",
            counts.operations, counts.writes, counts.reads, counts.refused, counts.unknown
        )?;
        writeln!(f, "| sent more than once | {} |", counts.repeated)?;
        writeln!(
            f,
            "| rows judged | {}, and {} found by SQL on both sides |",
            counts.keys, counts.rows
        )?;
        let (median, worst) = middle_and_last(&tally.converged);
        writeln!(
            f,
            "| converged after an outage | {} times: median {}, worst {} |",
            tally.converged.len(),
            millis(median),
            millis(worst)
        )?;
        let violations = verdict.violations.len();
        writeln!(f, "| promises broken | {violations} |")?;
        for violation in &verdict.violations {
            writeln!(f, "\n- {violation}")?;
        }
        self.kinds(f)
    }
}

impl Report {
    /// Everything that was counted by kind.
    fn kinds(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tally, verdict, .. } = self;
        let table = |f: &mut fmt::Formatter<'_>, of: &str, counts: &BTreeMap<String, u64>| {
            if counts.is_empty() {
                return Ok(());
            }
            writeln!(f, "\n| {of} | times |\n|---|---|")?;
            counts
                .iter()
                .try_for_each(|(kind, times)| writeln!(f, "| {kind} | {times} |"))
        };
        table(f, "fault", &tally.faults)?;
        table(
            f,
            "step of a change of primary, broken",
            &tally.broken_steps,
        )?;
        table(f, "not done, because", &tally.skipped)?;
        table(
            f,
            "change of primary not permitted, because",
            &tally.refused_flips,
        )?;
        table(
            f,
            "operation without effect, because",
            &verdict.counts.reasons,
        )
    }
}

/// The median and the longest.
fn middle_and_last(times: &[Duration]) -> (Duration, Duration) {
    let mut times = times.to_vec();
    times.sort();
    let at = |place: usize| times.get(place).copied().unwrap_or_default();
    (at(times.len() / 2), at(times.len().saturating_sub(1)))
}

fn millis(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}
