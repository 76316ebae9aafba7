//! The names of our own tables. They begin with `dualwrite_`, because a schema
//! is a database here, and the application's user often has only one.

use dualwrite_core::mapping::Table;
use dualwrite_core::spec::outbox_name;
use xxhash_rust::xxh3::xxh3_64;

/// What the name of every table of ours begins with.
pub(crate) const PREFIX: &str = "dualwrite_";

/// One row a service: who may write.
pub(crate) const FENCE: &str = "dualwrite_fence";

/// Outcomes of requests with an idempotency key.
pub(crate) const RECEIPT: &str = "dualwrite_receipt";

/// Keys that the secondary refuses.
pub(crate) const QUARANTINE: &str = "dualwrite_quarantine";

/// What the server takes for a name.
const LENGTH_MAX: usize = 64;

/// The digits of a hash, and the line before them.
const HASH: usize = 17;

/// The table that holds the markers of one entity.
pub(crate) fn outbox(service: &str, table: &Table) -> String {
    own(&outbox_name(service, &table.entity))
}

/// The table whose rows are a service's key locks.
pub(crate) fn buckets(service: &str) -> String {
    own(&format!("bucket_{service}"))
}

/// A name of ours; one that would be too long ends in a hash of its whole.
pub(crate) fn own(name: &str) -> String {
    let whole = format!("{PREFIX}{name}");
    if whole.len() <= LENGTH_MAX {
        return whole;
    }
    let head: String = whole.chars().take(LENGTH_MAX - HASH).collect();
    format!("{head}_{:016x}", xxh3_64(name.as_bytes()))
}

/// The column of an outbox that holds the part of the key at this place.
pub(crate) fn key_column(place: usize) -> String {
    format!("k{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_stays_its_own() {
        assert_eq!(own("outbox_cart_item"), "dualwrite_outbox_cart_item");
        let long = |end: &str| {
            own(&format!(
                "outbox_{}_{}{end}",
                "s".repeat(31),
                "e".repeat(30)
            ))
        };
        assert_eq!(long("a").len(), LENGTH_MAX);
        assert_ne!(long("a"), long("b"));
        assert!(long("a").starts_with("dualwrite_outbox_sssss"));
    }
}
