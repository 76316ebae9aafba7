//! Cells to values and back, with errors that name the column.

use dualwrite_control_app::model::Millis;
use dualwrite_control_app::ports::StoreError;
use dualwrite_core::phase::Phase;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::failure::damaged;

/// A number as it is stored. Numbers here count things; one beyond 2^63 is
/// stored as 2^63 - 1.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A time as it is stored.
pub(super) fn time(millis: Millis) -> i64 {
    int(millis.0)
}

/// A value as JSON text.
pub(super) fn json<T: Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| damaged(what, error))
}

/// One row, read by column name. `what` names the row in errors.
pub(super) struct Cells<'a> {
    pub(super) row: &'a SqliteRow,
    pub(super) what: &'static str,
}

impl Cells<'_> {
    pub(super) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.row
            .try_get(column)
            .map_err(|error| damaged(self.what, error))
    }

    pub(super) fn maybe_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        self.row
            .try_get(column)
            .map_err(|error| damaged(self.what, error))
    }

    pub(super) fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        self.row
            .try_get(column)
            .map_err(|error| damaged(self.what, error))
    }

    pub(super) fn flag(&self, column: &str) -> Result<bool, StoreError> {
        self.row
            .try_get(column)
            .map_err(|error| damaged(self.what, error))
    }

    pub(super) fn number(&self, column: &str) -> Result<u64, StoreError> {
        let stored: i64 = self
            .row
            .try_get(column)
            .map_err(|error| damaged(self.what, error))?;
        u64::try_from(stored).map_err(|error| damaged(self.what, format!("{column}: {error}")))
    }

    pub(super) fn small(&self, column: &str) -> Result<u32, StoreError> {
        let stored = self.number(column)?;
        u32::try_from(stored).map_err(|error| damaged(self.what, format!("{column}: {error}")))
    }

    pub(super) fn time(&self, column: &str) -> Result<Millis, StoreError> {
        self.number(column).map(Millis)
    }

    pub(super) fn maybe_time(&self, column: &str) -> Result<Option<Millis>, StoreError> {
        let stored: Option<i64> = self
            .row
            .try_get(column)
            .map_err(|error| damaged(self.what, error))?;
        Ok(stored.map(|millis| Millis(u64::try_from(millis).unwrap_or(0))))
    }

    pub(super) fn maybe_json<T: DeserializeOwned>(
        &self,
        column: &str,
    ) -> Result<Option<T>, StoreError> {
        match self.maybe_text(column)? {
            Some(_) => self.json(column).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        let text = self.text(column)?;
        serde_json::from_str(&text)
            .map_err(|error| damaged(self.what, format!("{column}: {error}")))
    }

    /// A word of a closed list.
    pub(super) fn word<T>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let word = self.text(column)?;
        parse(&word).ok_or_else(|| damaged(self.what, format!("{column} is `{word}`")))
    }

    pub(super) fn phase(&self) -> Result<Phase, StoreError> {
        self.word("phase", |word| Phase::parse(word).ok())
    }
}
