//! SQLSTATE codes, told apart by what the caller does next.

use dualwrite_engine::store::{ConstraintKind, StoreError};

/// What kind of constraint a code speaks of. Whether a unique one is the key of
/// the entity is not in the code.
pub(super) fn constraint(code: &str) -> Option<ConstraintKind> {
    Some(match code {
        "23505" => ConstraintKind::Unique,
        "23503" | "23001" => ConstraintKind::ForeignKey,
        "23502" => ConstraintKind::NotNull,
        "23514" | "23P01" | "23000" | "44000" => ConstraintKind::Check,
        _ => return None,
    })
}

/// The port's error for any other code.
pub(super) fn refused(code: &str, said: &str) -> StoreError {
    let said = said.to_owned();
    match code {
        // 26000: a pooler handed out a session that lacks the prepared statement;
        // once it is forgotten here, the repetition prepares it afresh.
        "40001" | "40P01" | "26000" => StoreError::Conflict(said),
        "55P03" | "57014" | "55006" => StoreError::Busy(said),
        "42501" => StoreError::Denied(said),
        "25006" => StoreError::Denied(format!("{said}; is this a replica?")),
        "53300" | "57P03" => StoreError::Unavailable(said),
        "22P02" | "22001" | "22003" | "22007" | "22008" | "22021" | "22023" => {
            StoreError::Value(format!("{} ({code})", value_word(code)))
        }
        _ if code.starts_with("22") => StoreError::Value(said),
        _ if code.starts_with("28") => StoreError::Denied(said),
        _ if code.starts_with("42")
            || code.starts_with("3F")
            || code == "0A000"
            || code == "428C9" =>
        {
            StoreError::Schema(said)
        }
        _ => StoreError::Other(said),
    }
}

/// Whether messages of this class may quote values. Those of the server's own
/// machinery do not; those about data and those that functions raise may.
pub(super) fn may_quote(code: &str) -> bool {
    const NEVER: [&str; 16] = [
        "08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58", "F0",
        "XX",
    ];
    !NEVER.iter().any(|class| code.starts_with(class))
}

const fn value_word(code: &str) -> &'static str {
    match code.as_bytes() {
        b"22001" => "too long for its column",
        b"22003" => "out of the range of its column",
        b"22007" | b"22008" => "not a date or time that the column can hold",
        b"22021" => "not text in the database's encoding",
        b"22P02" => "not in the form of its column's type",
        _ => "not valid for its column",
    }
}
