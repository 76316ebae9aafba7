//! The proof that nothing of ours is left on one side.

use crate::side::Side;

/// What a removal did on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
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
