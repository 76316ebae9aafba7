//! Medians and spread.

use serde::Serialize;

/// A figure over the rounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of one figure a round; all zero of none.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
        let last = sorted.len().saturating_sub(1);
        Self {
            median: f64::midpoint(at(last / 2), at(last.div_ceil(2))),
            min: at(0),
            max: at(last),
        }
    }
}

/// A count as a real number.
#[expect(
    clippy::cast_precision_loss,
    reason = "a count of writes or microseconds is far below 2^53"
)]
pub(crate) const fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let spread = |figures: &[f64]| {
            let Spread { median, min, max } = Spread::of(figures.iter().copied());
            format!("{median} {min} {max}")
        };
        assert_eq!(spread(&[3.0, 1.0, 2.0]), "2 1 3");
        assert_eq!(spread(&[4.0, 1.0, 2.0, 3.0]), "2.5 1 4");
        assert_eq!(spread(&[7.0]), "7 7 7");
        assert_eq!(spread(&[]), "0 0 0");
    }
}
