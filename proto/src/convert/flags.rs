//! Flags, whole and as a change of some of them.

use dualwrite_core::flags::Flags;
use dualwrite_core::suggest;
use prost_types::FieldMask;

use super::{WireError, duration};
use crate::status::Refusal;
use crate::v1;
use crate::v1::ErrorReason;

impl TryFrom<v1::Flags> for Flags {
    type Error = WireError;

    /// Durations that are left out have their default.
    fn try_from(wire: v1::Flags) -> Result<Self, WireError> {
        let default = Self::default();
        Ok(Self {
            fail_on_legacy_error: wire.fail_on_legacy_error,
            fail_on_new_error: wire.fail_on_new_error,
            async_legacy: wire.async_legacy,
            async_new: wire.async_new,
            batch_size: wire.batch_size,
            validate_sync: wire.validate_sync,
            sync_interval: duration::from_wire(
                wire.sync_interval,
                "sync_interval",
                default.sync_interval,
            )?,
            log_all: wire.log_all,
            log_errors_only: wire.log_errors_only,
            metrics_enabled: wire.metrics_enabled,
            read_new_percent: percent(wire.read_new_percent, "read_new_percent")?,
            compare_reads_percent: percent(wire.compare_reads_percent, "compare_reads_percent")?,
            secondary_timeout: duration::from_wire(
                wire.secondary_timeout,
                "secondary_timeout",
                default.secondary_timeout,
            )?,
        })
    }
}

impl From<&Flags> for v1::Flags {
    fn from(flags: &Flags) -> Self {
        Self {
            fail_on_legacy_error: flags.fail_on_legacy_error,
            fail_on_new_error: flags.fail_on_new_error,
            async_legacy: flags.async_legacy,
            async_new: flags.async_new,
            batch_size: flags.batch_size,
            validate_sync: flags.validate_sync,
            sync_interval: Some(duration::to_wire(flags.sync_interval)),
            log_all: flags.log_all,
            log_errors_only: flags.log_errors_only,
            metrics_enabled: flags.metrics_enabled,
            read_new_percent: flags.read_new_percent.into(),
            compare_reads_percent: flags.compare_reads_percent.into(),
            secondary_timeout: Some(duration::to_wire(flags.secondary_timeout)),
        }
    }
}

/// A change of flags that was not understood. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// The mask names nothing.
    #[error("update_mask names no flag; name those to change")]
    Empty,
    /// The mask names something that is no flag.
    #[error("update_mask: `{name}` is no flag; {hint}")]
    Unknown {
        /// What it names.
        name: String,
        /// The nearest name, or the list.
        hint: String,
    },
    /// A flag's value is malformed.
    #[error("flags.{0}")]
    Invalid(#[from] WireError),
}

impl From<PatchError> for Refusal {
    fn from(error: PatchError) -> Self {
        let message = error.to_string();
        match error {
            PatchError::Empty => {
                Self::new(ErrorReason::InvalidFlag, message).field("update_mask", "is empty")
            }
            PatchError::Unknown { name, hint } => Self::new(ErrorReason::UnknownFlag, message)
                .field("update_mask", format!("`{name}` is no flag; {hint}")),
            PatchError::Invalid(inner) => {
                let inner = inner.under("flags");
                Self::new(ErrorReason::InvalidFlag, message).field(inner.path, inner.message)
            }
        }
    }
}

/// `current` with the flags that `mask` names taken from `wire`. The mask may
/// name a flag as the proto does or as users do (`secondary_timeout` or
/// `secondary_timeout_ms`). Ranges are judged by [`Flags::validate`].
///
/// # Errors
/// [`PatchError`] when the mask is empty or names no flag, or a value is
/// malformed.
pub fn patched_flags(
    current: &Flags,
    wire: &v1::Flags,
    mask: &FieldMask,
) -> Result<Flags, PatchError> {
    if mask.paths.is_empty() {
        return Err(PatchError::Empty);
    }
    let mut merged = v1::Flags::from(current);
    for name in &mask.paths {
        let take = slot(name).ok_or_else(|| PatchError::Unknown {
            name: name.clone(),
            hint: suggest::hint(name, Flags::names().iter().copied()),
        })?;
        take(&mut merged, wire);
    }
    Ok(Flags::try_from(merged)?)
}

type Take = fn(&mut v1::Flags, &v1::Flags);

/// How the flag of this name is taken over.
fn slot(name: &str) -> Option<Take> {
    Some(match name {
        "fail_on_legacy_error" => |to, from| to.fail_on_legacy_error = from.fail_on_legacy_error,
        "fail_on_new_error" => |to, from| to.fail_on_new_error = from.fail_on_new_error,
        "async_legacy" => |to, from| to.async_legacy = from.async_legacy,
        "async_new" => |to, from| to.async_new = from.async_new,
        "batch_size" => |to, from| to.batch_size = from.batch_size,
        "validate_sync" => |to, from| to.validate_sync = from.validate_sync,
        "sync_interval" => |to, from| to.sync_interval = from.sync_interval,
        "log_all" => |to, from| to.log_all = from.log_all,
        "log_errors_only" => |to, from| to.log_errors_only = from.log_errors_only,
        "metrics_enabled" => |to, from| to.metrics_enabled = from.metrics_enabled,
        "read_new_percent" => |to, from| to.read_new_percent = from.read_new_percent,
        "compare_reads_percent" => |to, from| to.compare_reads_percent = from.compare_reads_percent,
        "secondary_timeout" | "secondary_timeout_ms" => {
            |to, from| to.secondary_timeout = from.secondary_timeout
        }
        _ => return None,
    })
}

fn percent(number: u32, path: &str) -> Result<u8, WireError> {
    u8::try_from(number).map_err(|_| {
        WireError::at(
            path,
            format!("`{number}` is out of range; expected 0 to 100"),
        )
    })
}
