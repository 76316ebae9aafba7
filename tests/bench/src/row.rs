//! The row that is written.

use std::time::{SystemTime, UNIX_EPOCH};

/// A key and three values of three types; no two writes have the same values, so two writes that
/// arrive in another order leave another row.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) a: String,
    pub(crate) b: i64,
    pub(crate) c: SystemTime,
}

impl Row {
    pub(crate) fn new(id: i64, client: u16, count: i64) -> Self {
        Self {
            id,
            a: format!("written by client {client:03} as {count:012}"),
            b: count,
            c: SystemTime::now(),
        }
    }

    /// The time in the microseconds that databases hold.
    pub(crate) fn micros(&self) -> i64 {
        let since = self.c.duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }
}
