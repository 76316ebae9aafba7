//! The proof: both databases read by SQL of its own, and compared row by row. Nothing of dualwrite is asked.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::rows::{self, TextRow};

/// What one entity's comparison came to.
#[derive(Debug)]
pub struct Compared {
    /// The entity.
    pub entity: &'static str,
    /// Rows on the larger side.
    pub rows: usize,
    /// Keys that differ.
    pub differences: usize,
    /// Which, without values.
    pub report: String,
}

/// The rows of one entity from both sides, as the same text.
#[derive(Debug)]
pub struct Query {
    pub(super) entity: &'static str,
    pub(super) key_columns: usize,
    pub(super) legacy: String,
    pub(super) new: String,
}

impl Query {
    pub(super) fn compare(self, legacy: Vec<TextRow>, new: Vec<TextRow>) -> Result<Compared> {
        let comparison = rows::compare(legacy, new, self.key_columns)?;
        Ok(Compared {
            entity: self.entity,
            rows: comparison.left.max(comparison.right),
            differences: comparison.differences.len(),
            report: comparison.to_string(),
        })
    }
}

/// Something that is counted in rows: both queries give keys with numbers.
#[derive(Debug)]
pub struct Tally {
    /// What is counted.
    pub what: &'static str,
    /// Rows of key and number in legacy; without those that count nothing.
    pub legacy: String,
    /// The same in new.
    pub new: String,
    /// Where counting takes from something that must never run below nothing.
    pub stock: Option<Stock>,
}

/// What a tally takes from: both queries give the least that is left in one
/// row, and all that is left.
#[derive(Debug)]
pub struct Stock {
    /// What was there before anything was counted.
    pub initial: i64,
    /// One row of two numbers in legacy.
    pub legacy: String,
    /// The same in new.
    pub new: String,
}

impl Tally {
    /// The numbers by key.
    pub fn read(rows: Vec<TextRow>) -> Result<BTreeMap<String, i64>> {
        let mut numbers = BTreeMap::new();
        for row in rows {
            let [Some(key), Some(number)] = &row[..] else {
                bail!("expected rows of a key and a number, got {row:?}")
            };
            numbers.insert(key.clone(), number.parse()?);
        }
        Ok(numbers)
    }
}
