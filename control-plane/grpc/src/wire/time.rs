//! Points in time and durations.

use std::time::Duration;

use dualwrite_control_app::model::Millis;
use dualwrite_proto::WireError;

pub(super) fn timestamp(at: Millis) -> prost_types::Timestamp {
    let seconds = i64::try_from(at.0 / 1000).unwrap_or(i64::MAX);
    let nanos = i32::try_from(at.0 % 1000 * 1_000_000).unwrap_or_default();
    prost_types::Timestamp { seconds, nanos }
}

/// A duration on the wire; one longer than the wire can say is its longest.
pub(crate) fn duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration::try_from(duration).unwrap_or(prost_types::Duration {
        seconds: i64::MAX,
        nanos: 0,
    })
}

/// The duration in a field called `path`; zero when it is left out.
pub(super) fn read_duration(
    wire: Option<prost_types::Duration>,
    path: &str,
) -> Result<Duration, WireError> {
    Duration::try_from(wire.unwrap_or_default())
        .map_err(|_| WireError::at(path, "expected a duration that is not negative"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_time_keeps_its_milliseconds() {
        let told = timestamp(Millis(1_700_000_000_123));
        assert_eq!((told.seconds, told.nanos), (1_700_000_000, 123_000_000));
    }
}
