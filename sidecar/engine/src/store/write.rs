//! Foreground writes on the primary, and their receipts.

use std::sync::Arc;

use async_trait::async_trait;
use dualwrite_core::fence::Fence;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;

use super::condition::Condition;
use super::error::CommitError;

/// Tells one transaction's markers from every other's. Random, never reused,
/// shared by the rows of one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token(pub i64);

/// One foreground transaction on the primary.
#[derive(Debug, Clone)]
pub struct WriteTx {
    /// The service, whose fence is checked.
    pub service: Arc<str>,
    /// The epoch at which the fence must say `primary`.
    pub epoch: u64,
    /// The token of its markers; `None` when this epoch leaves none.
    pub token: Option<Token>,
    /// In the order of the caller.
    pub mutations: Vec<Mutation>,
    /// The receipt to leave, for a request with an idempotency key.
    pub receipt: Option<ReceiptDraft>,
}

/// One change of one row, in the side's own columns.
#[derive(Debug, Clone)]
pub struct Mutation {
    /// The table.
    pub table: Arc<Table>,
    /// The row's key, in the table's key order.
    pub key: Key,
    /// What to do.
    pub change: Change,
    /// Whether the whole transaction is refused
    /// ([`StoreError::NotMatched`](super::StoreError::NotMatched)) when no row
    /// matches.
    pub must_match: bool,
}

/// What a mutation does. Column numbers are places in [`Table::columns`];
/// key columns never occur in them.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Fails with a key constraint if the row is there. Columns not given take
    /// the table's defaults.
    Insert {
        /// Given columns.
        values: Vec<(usize, Value)>,
    },
    /// Inserts, or sets the given columns of the row that is there.
    Upsert {
        /// Given columns.
        values: Vec<(usize, Value)>,
    },
    /// Changes the row if it is there and is as `only_if` says.
    Update {
        /// Columns to set.
        set: Vec<(usize, Value)>,
        /// Columns to add to. NULL stays NULL.
        add: Vec<(usize, Value)>,
        /// What the row must be like.
        only_if: Condition,
    },
    /// Removes the row if it is there and is as `only_if` says.
    Delete {
        /// What the row must be like.
        only_if: Condition,
    },
}

/// What a mutation left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Whether it found a row to change.
    pub matched: bool,
    /// The whole row afterwards, in the order of [`Table::columns`]; `None`
    /// after a delete or without a match.
    pub row: Option<Vec<Value>>,
}

/// A transaction that is written and not committed.
#[async_trait]
pub trait OpenWrite: Send + std::fmt::Debug {
    /// One image a mutation.
    fn images(&self) -> &[Image];

    /// Commits. After [`CommitError::Unknown`] the caller settles.
    async fn commit(self: Box<Self>) -> Result<(), CommitError>;

    /// Takes everything back; if that cannot be said to the server, closes the
    /// connection, which comes to the same.
    async fn rollback(self: Box<Self>);
}

/// The receipt that a request leaves in its own transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptDraft {
    /// The idempotency key.
    pub request_id: String,
    /// Hash of the request, to refuse another body under the same key.
    pub request_hash: i64,
}

/// A receipt that stands in a database.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// Hash of the request that left it; 0 when it is a settled abort.
    pub request_hash: i64,
    /// Whether the request is settled as never to happen.
    pub aborted: bool,
    /// One image a mutation, when asked for with their tables.
    pub images: Vec<Image>,
}

/// A look at a receipt, with the fence of the same snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiptLookup {
    /// The fence row, as it stood in the same snapshot.
    pub fence: Option<Fence>,
    /// The receipt, if one is there.
    pub receipt: Option<Receipt>,
}

/// What stands under a request id after settling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The request had committed.
    Committed,
    /// It can never commit any more.
    Aborted,
}
