//! One line of the report: one way to write, with one number of clients, over all rounds.

use serde::Serialize;

use crate::cell::{Cell, CpuPerWrite};
use crate::stats::{Spread, real};
use crate::variant::Variant;

/// Medians over the rounds, and the spread of each round's ratio.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Summary {
    pub(crate) clients: u16,
    pub(crate) variant: Variant,
    pub(crate) writes_per_second: f64,
    /// Throughput through that of [`Variant::Straight`] in the same round.
    pub(crate) to_straight: Spread,
    /// Throughput through that of [`Variant::Naive`] in the same round.
    pub(crate) to_naive: Spread,
    pub(crate) p50_millis: f64,
    pub(crate) p99_millis: f64,
    pub(crate) cpu: CpuPerWrite,
    /// Processor time through that of [`Variant::Straight`] in the same round.
    pub(crate) cpu_to_straight: Spread,
    pub(crate) markers_left: f64,
    pub(crate) drain_millis: Spread,
    /// Share of the writes that were in both databases when they were answered, in percent.
    pub(crate) everywhere_percent: f64,
    /// In all rounds.
    pub(crate) failures: u64,
    pub(crate) failure: Option<String>,
}

/// The lines, by clients, then in the order of the variants.
pub(crate) fn of(cells: &[Cell]) -> Vec<Summary> {
    let mut levels: Vec<u16> = cells.iter().map(|cell| cell.clients).collect();
    levels.sort_unstable();
    levels.dedup();
    let mut lines = Vec::new();
    for clients in levels {
        let level: Vec<&Cell> = cells
            .iter()
            .filter(|cell| cell.clients == clients)
            .collect();
        let measured = |variant: &Variant| level.iter().any(|cell| cell.variant == *variant);
        let variants = Variant::ALL.into_iter().filter(measured);
        lines.extend(variants.map(|variant| line(&level, clients, variant)));
    }
    lines
}

fn line(level: &[&Cell], clients: u16, variant: Variant) -> Summary {
    let own = || level.iter().filter(|cell| cell.variant == variant);
    let median = |figure: fn(&Cell) -> f64| Spread::of(own().map(|cell| figure(cell))).median;
    let ratio = |to: Variant, figure: fn(&Cell) -> f64| {
        let base = |round: u32| {
            let mut cells = level.iter();
            cells.find(|cell| cell.variant == to && cell.round == round)
        };
        Spread::of(own().filter_map(|cell| Some(figure(cell) / figure(base(cell.round)?))))
    };
    Summary {
        clients,
        variant,
        writes_per_second: median(|cell| cell.writes_per_second),
        to_straight: ratio(Variant::Straight, |cell| cell.writes_per_second),
        to_naive: ratio(Variant::Naive, |cell| cell.writes_per_second),
        p50_millis: median(|cell| real(cell.p50_micros) / 1_000.0),
        p99_millis: median(|cell| real(cell.p99_micros) / 1_000.0),
        cpu: CpuPerWrite {
            client: median(|cell| cell.cpu.client),
            sidecar: median(|cell| cell.cpu.sidecar),
            legacy: median(|cell| cell.cpu.legacy),
            new: median(|cell| cell.cpu.new),
            sum: median(|cell| cell.cpu.sum),
        },
        cpu_to_straight: ratio(Variant::Straight, |cell| cell.cpu.sum),
        markers_left: median(|cell| real(cell.markers_left)),
        drain_millis: Spread::of(own().map(|cell| cell.drain_millis)),
        everywhere_percent: median(|cell| 100.0 * real(cell.everywhere) / real(cell.writes)),
        failures: own().map(|cell| cell.failures).sum(),
        failure: own().find_map(|cell| cell.failure.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(round: u32, variant: Variant, writes_per_second: f64) -> Cell {
        Cell {
            round,
            variant,
            clients: 16,
            writes: 10,
            everywhere: 10,
            failures: 1,
            failure: Some("why".to_owned()),
            answered_seconds: 1.0,
            seconds: 1.0,
            writes_per_second,
            p50_micros: 1_500,
            p99_micros: 2_500,
            markers_left: 0,
            drain_millis: 0.0,
            cpu: CpuPerWrite {
                client: 1.0,
                sidecar: 0.0,
                legacy: 1.0,
                new: 0.0,
                sum: 2.0,
            },
        }
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let cells = [
            cell(1, Variant::Straight, 100.0),
            cell(1, Variant::Naive, 50.0),
            cell(2, Variant::Straight, 1_000.0),
            cell(2, Variant::Naive, 400.0),
        ];
        let lines = of(&cells);
        assert_eq!(lines.len(), 2);
        let naive = lines.iter().find(|line| line.variant == Variant::Naive);
        let naive = naive.unwrap();
        let shown = format!(
            "{} {:?} {:?} {} {}",
            naive.writes_per_second,
            naive.to_straight,
            naive.to_naive.median,
            naive.p50_millis,
            naive.failures
        );
        assert_eq!(
            shown,
            "225 Spread { median: 0.45, min: 0.4, max: 0.5 } 1.0 1.5 2"
        );
    }
}
