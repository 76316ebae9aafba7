//! The settings of a migration that change at any time without changing phase.

mod text;
mod validate;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::side::Side;

pub use text::{FlagError, parse_bool};
pub use validate::{MAX_BATCH_SIZE, MAX_SECONDARY_TIMEOUT, MAX_SYNC_INTERVAL};

/// The flags, under the names that users type (`secondary_timeout_ms` is the
/// one whose field is named otherwise, because a `Duration` has its own unit).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, named by their users"
)]
pub struct Flags {
    /// While legacy is secondary: its failure fails the whole write (strict).
    pub fail_on_legacy_error: bool,
    /// While new is secondary: its failure fails the whole write (strict).
    pub fail_on_new_error: bool,
    /// While legacy is secondary: copy through the relay, not inside the call.
    pub async_legacy: bool,
    /// While new is secondary: copy through the relay, not inside the call.
    pub async_new: bool,
    /// Where adaptive relay and backfill batches start, 1 to 512.
    pub batch_size: u32,
    /// Whether validation runs periodically.
    pub validate_sync: bool,
    /// How often validation runs.
    #[serde(with = "crate::duration::text")]
    pub sync_interval: Duration,
    /// Log every operation (never its values).
    pub log_all: bool,
    /// Log failed operations only.
    pub log_errors_only: bool,
    /// Whether metrics are gathered and reported.
    pub metrics_enabled: bool,
    /// Percentage of keys read from new while legacy is primary.
    pub read_new_percent: u8,
    /// Percentage of reads also done on the other side and compared.
    pub compare_reads_percent: u8,
    /// After this a synchronous secondary write is given to the relay.
    #[serde(rename = "secondary_timeout_ms", with = "millis")]
    pub secondary_timeout: Duration,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            fail_on_legacy_error: false,
            fail_on_new_error: false,
            async_legacy: true,
            async_new: true,
            batch_size: 100,
            validate_sync: true,
            sync_interval: Duration::from_mins(5),
            log_all: false,
            log_errors_only: true,
            metrics_enabled: true,
            read_new_percent: 0,
            compare_reads_percent: 0,
            secondary_timeout: Duration::from_millis(500),
        }
    }
}

/// How the secondary takes part in a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// After the answer, by the relay.
    Async,
    /// Inside the call; a failure leaves it to the relay.
    Sync,
    /// Inside the call; a failure fails the write on both sides.
    Strict,
}

impl Flags {
    /// How `secondary` takes part in a write. Where strict and async are both
    /// set, strict wins: a promise to the caller outranks a speed-up.
    #[must_use]
    pub const fn mode(&self, secondary: Side) -> Mode {
        let (strict, relayed) = match secondary {
            Side::Legacy => (self.fail_on_legacy_error, self.async_legacy),
            Side::New => (self.fail_on_new_error, self.async_new),
        };
        match (strict, relayed) {
            (true, _) => Mode::Strict,
            (false, true) => Mode::Async,
            (false, false) => Mode::Sync,
        }
    }
}

impl Mode {
    /// The word that users read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Sync => "sync",
            Self::Strict => "strict",
        }
    }
}

/// Serde form of `secondary_timeout_ms`: a whole number.
mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}
