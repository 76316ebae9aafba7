//! The proof that nothing of ours is left on one side.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::side::Side;

/// What a removal did on one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The side.
    pub side: Side,
    /// Objects of ours that were removed, as `table dualwrite.fence`.
    pub removed: Vec<String>,
    /// Objects of ours that are kept on purpose, with the reason, as when
    /// another migration on the same database still needs them.
    pub kept: Vec<String>,
    /// Objects of ours that are still there; empty when it is complete.
    pub left: Vec<String>,
    /// Fingerprint (SHA-256, hexadecimal) of the schema without anything of
    /// ours, before.
    pub schema_before: String,
    /// The same, after: equal when nothing else was touched.
    pub schema_after: String,
}

impl Removal {
    /// Whether nothing of ours is left and nothing else was touched.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.left.is_empty() && self.schema_before == self.schema_after
    }
}

/// The fingerprint of a schema, from one line an object in a fixed order.
pub fn schema_fingerprint<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        // The length keeps two lines from running together.
        hash.update(u64::try_from(line.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(line.as_bytes());
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        // Writing to a string has no way to fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removal(left: &[&str], after: &str) -> Removal {
        Removal {
            side: Side::New,
            removed: vec!["table dualwrite.fence".to_owned()],
            kept: Vec::new(),
            left: left.iter().map(|&name| name.to_owned()).collect(),
            schema_before: "a".to_owned(),
            schema_after: after.to_owned(),
        }
    }

    #[test]
    fn clean_means_nothing_left_and_nothing_else_touched() {
        assert!(removal(&[], "a").is_clean());
        assert!(!removal(&["table dualwrite.receipt"], "a").is_clean());
        assert!(!removal(&[], "b").is_clean());
    }
}
