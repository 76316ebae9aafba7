//! What is printed, and what is written for machines.

mod summary;
mod table;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::agreement::Agreement;
use crate::args::WriteArgs;
use crate::bed::{Bed, ROWS};
use crate::cell::Cell;
use crate::machine::Machine;
use summary::Summary;
pub(crate) use table::empty;

/// Everything that was found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    machine: Machine,
    rounds: u32,
    seconds: f64,
    rows: i64,
    /// Settings of the servers beside the usual ones.
    settings: Vec<(String, String)>,
    /// Medians and spread.
    summary: Vec<Summary>,
    agreement: Vec<Agreement>,
    /// Every single measurement.
    cells: Vec<Cell>,
}

impl Report {
    pub(crate) async fn new(
        bed: &Bed,
        args: &WriteArgs,
        cells: Vec<Cell>,
        agreement: Vec<Agreement>,
    ) -> Result<Self> {
        Ok(Self {
            machine: Machine::this(bed.version().await?),
            rounds: args.rounds,
            seconds: args.seconds.as_secs_f64(),
            rows: ROWS,
            settings: args.settings.clone(),
            summary: summary::of(&cells),
            agreement,
            cells,
        })
    }

    /// Whether both databases agreed wherever dualwrite wrote.
    pub(crate) fn holds(&self) -> bool {
        self.agreement.iter().all(Agreement::holds)
    }
}

/// Prints it for people.
pub(crate) fn print(report: &Report) -> Result<()> {
    let text = table::render(report);
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).context("print the figures")
}

/// Writes it for machines.
pub(crate) fn write_json(report: &Report, file: &Path) -> Result<()> {
    let json = serde_json::to_string_pretty(report).context("write the figures as JSON")?;
    fs::write(file, json + "\n").with_context(|| format!("write {}", file.display()))
}
