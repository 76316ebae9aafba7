//! What the port is told when SQLite fails.

use dualwrite_control_app::ports::StoreError;

/// The error of an operation.
pub(super) fn of(doing: &'static str, error: &sqlx::Error) -> StoreError {
    StoreError::Unavailable {
        doing,
        cause: error.to_string(),
    }
}

/// Something stored is not understood.
pub(super) fn damaged(what: &'static str, cause: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged {
        what,
        cause: cause.to_string(),
    }
}
