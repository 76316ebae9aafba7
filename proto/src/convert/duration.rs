//! Durations.

use std::time::Duration;

use super::WireError;

/// The duration in a field called `path`, or `absent` when it is left out.
pub(super) fn from_wire(
    duration: Option<prost_types::Duration>,
    path: &str,
    absent: Duration,
) -> Result<Duration, WireError> {
    let Some(duration) = duration else {
        return Ok(absent);
    };
    Duration::try_from(duration)
        .map_err(|_| WireError::at(path, "expected a duration that is not negative"))
}

/// A duration on the wire; one longer than the wire can say is its longest.
pub(super) fn to_wire(duration: Duration) -> prost_types::Duration {
    prost_types::Duration::try_from(duration).unwrap_or(prost_types::Duration {
        seconds: i64::MAX,
        nanos: 0,
    })
}
