//! What a row must be like for a mutation to find it.

use dualwrite_core::value::Value;

/// What must be true of the row that is there, judged together with the change
/// and under the same lock. Empty: nothing more than that it is there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Condition {
    /// Columns that must equal these values (NULL equals NULL).
    pub equal: Vec<(usize, Value)>,
    /// Columns that must be at least these values, which are of the column's
    /// kind, never NULL, and of a kind that
    /// [is ordered](dualwrite_core::value::Kind::is_ordered). NULL is at least
    /// nothing.
    pub at_least: Vec<(usize, Value)>,
}

impl Condition {
    /// That these columns equal these values.
    #[must_use]
    pub const fn equal(equal: Vec<(usize, Value)>) -> Self {
        Self {
            equal,
            at_least: Vec::new(),
        }
    }

    /// That these columns are at least these values.
    #[must_use]
    pub const fn at_least(at_least: Vec<(usize, Value)>) -> Self {
        Self {
            equal: Vec::new(),
            at_least,
        }
    }

    /// Whether every row is like that.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.equal.is_empty() && self.at_least.is_empty()
    }

    /// Whether a row, in the order of the table's columns, is like that: for
    /// engines that compare in this process, not in SQL.
    #[must_use]
    pub fn holds(&self, row: &[Value]) -> bool {
        let equal = |(index, value): &(usize, Value)| row.get(*index) == Some(value);
        let at_least = |(index, bound): &(usize, Value)| {
            let order = row.get(*index).and_then(|value| value.order(bound));
            order.is_some_and(std::cmp::Ordering::is_ge)
        };
        self.equal.iter().all(equal) && self.at_least.iter().all(at_least)
    }
}
