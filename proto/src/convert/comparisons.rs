//! How reads that were done on both sides compared.

use dualwrite_core::tally::Comparisons;

use crate::v1;

/// Counts of one entity, on the wire.
#[must_use]
pub fn comparisons_to_wire(entity: &str, counts: &Comparisons) -> v1::ReadComparisons {
    let Comparisons {
        matches,
        mismatches,
        skipped,
        shed,
        failed,
    } = *counts;
    v1::ReadComparisons {
        entity: entity.to_owned(),
        matches,
        mismatches,
        skipped,
        shed,
        failed,
    }
}

/// An entity and its counts.
#[must_use]
pub fn comparisons(wire: v1::ReadComparisons) -> (String, Comparisons) {
    let v1::ReadComparisons {
        entity,
        matches,
        mismatches,
        skipped,
        shed,
        failed,
    } = wire;
    let counts = Comparisons {
        matches,
        mismatches,
        skipped,
        shed,
        failed,
    };
    (entity, counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_back_as_they_went() {
        let counts = Comparisons {
            matches: 1,
            mismatches: 2,
            skipped: 3,
            shed: 4,
            failed: 5,
        };
        let wire = comparisons_to_wire("cart", &counts);
        assert_eq!(comparisons(wire), ("cart".to_owned(), counts));
    }
}
