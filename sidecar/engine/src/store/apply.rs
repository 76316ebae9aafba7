//! Copies on the secondary: lock there first, then pull from the primary.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;

use super::error::{CommitError, StoreError};
use super::write::Token;

/// One row of one table, by key.
#[derive(Debug, Clone, PartialEq)]
pub struct RowKey {
    /// The table, on the side that the call goes to.
    pub table: Arc<Table>,
    /// The key.
    pub key: Key,
}

/// A marker: this key may differ on the secondary.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// Whose row, by the primary's table.
    pub row: RowKey,
    /// Which transaction left it.
    pub token: Token,
}

/// What the primary says of a key in one snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulled {
    /// The token of its marker, if one stands.
    pub token: Option<Token>,
    /// Its row, or absence, in the primary's columns.
    pub row: Option<Vec<Value>>,
}

/// What a transaction on the secondary holds before it writes.
#[derive(Debug, Clone)]
pub struct LockRequest {
    /// The service, whose fence is checked.
    pub service: Arc<str>,
    /// The epoch at which the fence must say `secondary`.
    pub epoch: u64,
    /// Buckets to lock, ascending, without duplicates.
    pub buckets: Vec<u16>,
    /// Whether to wait for them.
    pub mode: LockMode,
}

/// Whether to wait for key locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// At most so long, then [`StoreError::Busy`].
    Wait(Duration),
    /// Take those that are free.
    Try,
}

/// Which of the buckets asked for are held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    /// All.
    All,
    /// Only these, ascending.
    Some(Vec<u16>),
}

/// One row to be made equal on the secondary, in its own columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Copy {
    /// The secondary's table.
    pub table: Arc<Table>,
    /// The key.
    pub key: Key,
    /// The whole row, or `None` to make it absent. Generated columns are left
    /// out by the adapter.
    pub row: Option<Vec<Value>>,
}

/// Rows that are asked for by what they hold: whoever has a unique value, or
/// refers to a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    /// The table, on the side that the call goes to.
    pub table: Arc<Table>,
    /// Some of its columns.
    pub columns: Vec<usize>,
    /// What they hold, none of it NULL.
    pub values: Vec<Value>,
}

/// A transaction on the secondary that holds its fence and key locks.
#[async_trait]
pub trait OpenApply: Send + std::fmt::Debug {
    /// Which buckets are held.
    fn granted(&self) -> &Granted;

    /// Writes the rows as they are, set-wise, in the order given (the engine
    /// orders parents and children). A key may come twice: first with a value
    /// out of the way, then with its final row. Where references are
    /// deferrable the order between them does not matter. Constraints are
    /// checked before the reply. After an error the transaction can only be
    /// rolled back.
    async fn apply(&mut self, copies: &[Copy]) -> Result<(), StoreError>;

    /// The secondary's rows as this transaction sees them.
    async fn read(&mut self, keys: &[RowKey]) -> Result<Vec<Option<Vec<Value>>>, StoreError>;

    /// The keys of the rows that hold what is sought, by the database's own
    /// equality, as this transaction sees them: at most `limit` for each, in
    /// any order; the answers stand in the order of the questions. Takes no
    /// locks.
    ///
    /// The engine asks this when a unique value or a reference was refused, to
    /// find the keys that must be copied in the same transaction. An adapter
    /// needs no more than `SELECT key FROM table WHERE column = value LIMIT n`.
    async fn holders(&mut self, sought: &[Sought], limit: u32)
    -> Result<Vec<Vec<Key>>, StoreError>;

    /// Commits. After [`CommitError::Unknown`] the markers stay.
    async fn commit(self: Box<Self>) -> Result<(), CommitError>;

    /// Takes everything back.
    async fn rollback(self: Box<Self>);
}
