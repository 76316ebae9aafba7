//! In which order the rows of a batch are written.

use std::sync::Arc;

use crate::store::Copy;

/// In which order a batch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Deletes (children first), then upserts (parents first): a unique value
    /// can pass from a deleted row to a new one.
    DeletesFirst,
    /// Upserts, then deletes: a child can leave a parent that goes.
    UpsertsFirst,
}

/// Puts copies in an order that foreign keys allow: parents first where rows
/// come, children first where they go.
pub(crate) fn order(copies: &mut [Copy], order_by: Order) {
    copies.sort_by_cached_key(|copy| {
        let rank = i64::from(copy.table.fk_rank);
        let goes = copy.row.is_none();
        let group = match order_by {
            Order::DeletesFirst => u8::from(!goes),
            Order::UpsertsFirst => u8::from(goes),
        };
        let rank = if goes { -rank } else { rank };
        (
            group,
            rank,
            Arc::clone(&copy.table.entity),
            copy.key.clone(),
        )
    });
}
