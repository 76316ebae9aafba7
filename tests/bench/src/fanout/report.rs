//! What is printed, and what is written for machines.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use comfy_table::Table;
use serde::Serialize;

use super::measure::Cell;
use super::system::System;
use crate::args::FanoutArgs;
use crate::machine::Machine;
use crate::report::empty;
use crate::stats::Spread;

const COLUMNS: [&str; 9] = [
    "way to tell",
    "last receipt ms",
    "× TCP broadcast",
    "× etcd watch",
    "caller's answer ms",
    "server CPU µs/delivery",
    "idle CPU %",
    "memory kB/session",
    "connect all ms",
];

/// Everything that was found.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    machine: Machine,
    load_average: String,
    rounds: u32,
    changes: u32,
    /// Every single measurement.
    cells: Vec<Cell>,
}

impl Report {
    pub(super) fn new(args: &FanoutArgs, cells: Vec<Cell>) -> Result<Self> {
        let load = fs::read_to_string("/proc/loadavg").context("read the load of the machine")?;
        let load: Vec<&str> = load.split(' ').take(3).collect();
        Ok(Self {
            machine: Machine::this("etcd of this machine".to_owned()),
            load_average: load.join(" "),
            rounds: args.rounds,
            changes: args.changes,
            cells,
        })
    }

    /// Writes it for machines.
    pub(super) fn write_json(&self, file: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self).context("write the figures as JSON")?;
        fs::write(file, json + "\n").with_context(|| format!("write {}", file.display()))
    }

    /// Prints it for people, in a form that is also Markdown.
    pub(super) fn print(&self) -> Result<()> {
        let mut out = std::io::stdout().lock();
        out.write_all(self.render().as_bytes())
            .context("print the figures")
    }

    fn render(&self) -> String {
        let Machine {
            date,
            cores,
            processor,
            servers: _,
            build,
        } = &self.machine;
        let Self {
            load_average,
            rounds,
            changes,
            ..
        } = self;
        let mut text = format!(
            "{date}: {cores} cores ({processor}), {build} build; receivers and servers on this machine, \
             load average {load_average} at the end.\nAt least {changes} changes in each of {rounds} rounds. \
             Medians of the rounds; in brackets the smallest and the largest.\n"
        );
        let mut levels: Vec<u32> = self.cells.iter().map(|cell| cell.sessions).collect();
        levels.sort_unstable();
        levels.dedup();
        for sessions in levels {
            let level: Vec<&Cell> = self
                .cells
                .iter()
                .filter(|cell| cell.sessions == sessions)
                .collect();
            // Writing to a text does not fail.
            writeln!(text, "\n### {sessions} receivers\n\n{}", table(&level)).unwrap_or_default();
        }
        text
    }
}

fn table(level: &[&Cell]) -> Table {
    let mut table = empty(&COLUMNS);
    for system in System::ALL {
        table.add_row(row(level, system));
    }
    table
}

fn row(level: &[&Cell], system: System) -> Vec<String> {
    let own = || level.iter().filter(|cell| cell.system == system);
    let over = |figure: fn(&Cell) -> f64| shown(Spread::of(own().map(|cell| figure(cell))));
    // Through the other in the same round, so that what disturbs a round disturbs both.
    let ratio = |to: System| {
        let base = |round| {
            let mut cells = level.iter();
            cells.find(|cell| cell.system == to && cell.round == round)
        };
        let ratios = own().filter_map(|cell| {
            let base = base(cell.round)?.last_receipt_millis.median;
            Some(cell.last_receipt_millis.median / base)
        });
        shown(Spread::of(ratios))
    };
    vec![
        system.label().to_owned(),
        over(|cell| cell.last_receipt_millis.median),
        ratio(System::Broadcast),
        ratio(System::Etcd),
        over(|cell| cell.answer_millis.median),
        over(|cell| cell.cpu_micros),
        over(|cell| cell.idle_percent),
        over(|cell| cell.session_kilobytes),
        over(|cell| cell.connect_millis),
    ]
}

fn shown(spread: Spread) -> String {
    let Spread { median, min, max } = spread;
    format!("{median:.1} ({min:.1}–{max:.1})")
}
