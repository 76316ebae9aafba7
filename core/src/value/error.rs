//! Why a value was refused. Never holds the value itself: these errors are
//! logged and sent, and values stay beside the data.

use super::Kind;

/// A value that cannot be taken for a kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// A value of another kind, which this kind does not take.
    #[error("expected {expected}, got {got}")]
    Mismatch {
        /// The kind that was asked for.
        expected: Kind,
        /// The word for what was given.
        got: &'static str,
    },
    /// Text that is not written as this kind is.
    #[error("not a valid {kind}: expected {expected}")]
    Malformed {
        /// The kind that was asked for.
        kind: Kind,
        /// What would be right.
        expected: &'static str,
    },
    /// A well-formed value that this kind cannot hold exactly.
    #[error("does not fit {kind} exactly: expected {expected}")]
    OutOfRange {
        /// The kind that was asked for.
        kind: Kind,
        /// What would be right.
        expected: &'static str,
    },
}
