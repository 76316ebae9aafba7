//! Reads: rows with the fence of the same snapshot, and key ranges.

use std::sync::Arc;

use dualwrite_core::fence::Fence;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;

/// Rows by key, with the fence of the same snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadRows {
    /// The fence row.
    pub fence: Option<Fence>,
    /// In the order of the keys asked for.
    pub rows: Vec<Option<Vec<Value>>>,
}

/// What to list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The table.
    pub table: Arc<Table>,
    /// Columns that must equal these values.
    pub filter: Vec<(usize, Value)>,
    /// Start after this key.
    pub after: Option<Key>,
    /// Rows at most.
    pub limit: u32,
}

/// One page of rows, with the fence of the same snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct ListPage {
    /// The fence row.
    pub fence: Option<Fence>,
    /// In canonical key order.
    pub rows: Vec<Vec<Value>>,
}

/// One page of keys in canonical order.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPage {
    /// The keys.
    pub keys: Vec<Key>,
    /// Whether the limit cut it short: more may follow the last key.
    pub more: bool,
}
