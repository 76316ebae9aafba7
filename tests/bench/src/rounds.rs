//! The order of the measurements: everything once, then everything once more.

use anyhow::{Context, Result};

use crate::args::WriteArgs;
use crate::bed::Bed;
use crate::cell::{Cell, Plan};
use crate::variant::Variant;

/// Measures everything, round after round, so that whatever disturbs the machine disturbs all
/// alike; each round begins with another variant.
pub(crate) async fn run(bed: &Bed, args: &WriteArgs) -> Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for round in 1..=args.rounds {
        bed.tidy().await?;
        for &clients in &args.clients {
            for variant in order(round, args.variants()) {
                let plan = Plan {
                    round,
                    variant,
                    clients,
                    duration: args.seconds,
                };
                let cell = plan.measure(bed).await;
                let cell =
                    cell.with_context(|| format!("{}, {clients} clients", variant.label()))?;
                eprintln!(
                    "round {round}/{}, {clients:>3} clients, {:<32} {:>7.0} writes/s",
                    args.rounds,
                    variant.label(),
                    cell.writes_per_second
                );
                cells.push(cell);
            }
        }
    }
    Ok(cells)
}

/// The same ones in every round, from another one on.
fn order(round: u32, mut variants: Vec<Variant>) -> Vec<Variant> {
    let by = usize::try_from(round - 1).unwrap_or_default() % variants.len().max(1);
    variants.rotate_left(by);
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_has_everything_and_begins_elsewhere() {
        let all = || Variant::ALL.to_vec();
        assert_eq!(order(1, all()), all());
        assert_eq!(order(2, all()).first(), all().get(1));
        for variant in all() {
            assert!(order(7, all()).contains(&variant));
        }
        assert_eq!(order(9, all()), all());
    }
}
