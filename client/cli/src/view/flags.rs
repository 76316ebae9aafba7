//! Flags under the names that users type.

use dualwrite_proto::v1;
use serde::Serialize;

use super::words::millis;

/// The flags of a migration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own name"
)]
pub(crate) struct FlagsView {
    pub(crate) fail_on_legacy_error: bool,
    pub(crate) fail_on_new_error: bool,
    pub(crate) async_legacy: bool,
    pub(crate) async_new: bool,
    pub(crate) batch_size: u32,
    pub(crate) validate_sync: bool,
    pub(crate) sync_interval_ms: u64,
    pub(crate) log_all: bool,
    pub(crate) log_errors_only: bool,
    pub(crate) metrics_enabled: bool,
    pub(crate) read_new_percent: u32,
    pub(crate) compare_reads_percent: u32,
    pub(crate) secondary_timeout_ms: u64,
}

impl From<v1::Flags> for FlagsView {
    fn from(flags: v1::Flags) -> Self {
        Self {
            fail_on_legacy_error: flags.fail_on_legacy_error,
            fail_on_new_error: flags.fail_on_new_error,
            async_legacy: flags.async_legacy,
            async_new: flags.async_new,
            batch_size: flags.batch_size,
            validate_sync: flags.validate_sync,
            sync_interval_ms: millis(flags.sync_interval).unwrap_or_default(),
            log_all: flags.log_all,
            log_errors_only: flags.log_errors_only,
            metrics_enabled: flags.metrics_enabled,
            read_new_percent: flags.read_new_percent,
            compare_reads_percent: flags.compare_reads_percent,
            secondary_timeout_ms: millis(flags.secondary_timeout).unwrap_or_default(),
        }
    }
}
