//! In which order the rows of a batch are written when nothing is in the way.

use std::sync::Arc;

use crate::store::Copy;

/// Puts copies in an order that foreign keys allow: first those that go,
/// children before parents, so that a unique value can pass from a deleted row
/// to a new one; then those that come, parents before children.
pub(crate) fn order(copies: &mut [Copy]) {
    copies.sort_by_cached_key(|copy| {
        let rank = i64::from(copy.table.fk_rank);
        let comes = copy.row.is_some();
        let rank = if comes { rank } else { -rank };
        (
            comes,
            rank,
            Arc::clone(&copy.table.entity),
            copy.key.clone(),
        )
    });
}
