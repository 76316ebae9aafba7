//! The report for people, in a form that is also Markdown.

use std::fmt::Write as _;

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use super::Report;
use super::summary::Summary;
use crate::agreement::{Agreement, HOT_ROWS, WRITERS};
use crate::stats::Spread;

const COLUMNS: [&str; 14] = [
    "way to write",
    "writes/s",
    "× one database",
    "× naive",
    "p50 ms",
    "p99 ms",
    "CPU µs/write",
    "client",
    "sidecar",
    "primary",
    "secondary",
    "× CPU",
    "markers left",
    "drain ms",
];

/// All of it.
pub(super) fn render(report: &Report) -> String {
    let mut text = head(report);
    let mut rest = report.summary.as_slice();
    while let Some(first) = rest.first() {
        let (level, others) = rest.split_at(
            rest.iter()
                .take_while(|line| line.clients == first.clients)
                .count(),
        );
        let unit = if first.clients == 1 {
            "client"
        } else {
            "clients"
        };
        push(
            &mut text,
            format_args!("\n### {} {unit}\n\n", first.clients),
        );
        push(&mut text, format_args!("{}\n", figures(level)));
        text += &remarks(level);
        rest = others;
    }
    push(
        &mut text,
        format_args!("\n### Agreement: {WRITERS} writers, {HOT_ROWS} hot rows\n\n"),
    );
    push(
        &mut text,
        format_args!("{}\n", agreement(&report.agreement)),
    );
    text
}

fn head(report: &Report) -> String {
    let machine = &report.machine;
    format!(
        "{}: {} cores ({}), PostgreSQL {}, {} build; clients, dualwrite and both servers on this \
         machine.\nEach measurement lasts {} s, in {} rounds, on {} rows. Medians of the rounds; in \
         brackets the smallest and the largest.\n",
        machine.date,
        machine.cores,
        machine.processor,
        machine.servers,
        machine.build,
        report.seconds,
        report.rounds,
        report.rows,
    )
}

fn figures(lines: &[Summary]) -> Table {
    let mut table = empty(&COLUMNS);
    for line in lines {
        let cpu = &line.cpu;
        table.add_row([
            line.variant.label().to_owned(),
            format!("{:.0}", line.writes_per_second),
            ratio(line.to_straight),
            ratio(line.to_naive),
            format!("{:.2}", line.p50_millis),
            format!("{:.2}", line.p99_millis),
            format!("{:.0}", cpu.sum),
            format!("{:.0}", cpu.client),
            format!("{:.0}", cpu.sidecar),
            format!("{:.0}", cpu.legacy),
            format!("{:.0}", cpu.new),
            ratio(line.cpu_to_straight),
            format!("{:.0}", line.markers_left),
            format!(
                "{:.0} ({:.0})",
                line.drain_millis.median, line.drain_millis.max
            ),
        ]);
    }
    table
}

/// What a figure alone would hide.
fn remarks(lines: &[Summary]) -> String {
    let mut text = String::new();
    for line in lines {
        let label = line.variant.label();
        if let Some(failure) = &line.failure {
            let failures = line.failures;
            push(
                &mut text,
                format_args!("\n{label}: {failures} writes failed, the first with: {failure}\n"),
            );
        }
        if line.variant.answers_everywhere() && line.everywhere_percent < 100.0 {
            push(
                &mut text,
                format_args!(
                    "\n{label}: {:.2} % of the writes were in both databases when they were \
                     answered, the relay copied the others\n",
                    line.everywhere_percent
                ),
            );
        }
    }
    text
}

fn agreement(found: &[Agreement]) -> Table {
    let mut table = empty(&[
        "way to write",
        "sidecars",
        "writes",
        "failed",
        "rows compared",
        "rows that differ",
    ]);
    for one in found {
        table.add_row([
            one.variant.label().to_owned(),
            one.sidecars.to_string(),
            one.writes.to_string(),
            one.failures.to_string(),
            one.rows.to_string(),
            one.differing.to_string(),
        ]);
    }
    table
}

/// A table with its header, whose figures stand to the right.
pub(crate) fn empty(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(columns);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn ratio(spread: Spread) -> String {
    format!("{:.2} ({:.2}–{:.2})", spread.median, spread.min, spread.max)
}

/// Writing to a text does not fail.
fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).unwrap_or_default();
}
