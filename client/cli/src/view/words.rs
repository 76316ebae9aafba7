//! Words, times and durations of the wire.

use dualwrite_core::phase::Phase;
use dualwrite_proto::v1;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// What stands for a word that this version does not know.
pub(crate) const UNKNOWN: &str = "unknown";

const INSTANT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// The phase, if this version knows it.
pub(crate) fn known_phase(number: i32) -> Option<Phase> {
    v1::Phase::try_from(number)
        .ok()
        .and_then(|phase| Phase::try_from(phase).ok())
}

pub(crate) fn phase(number: i32) -> &'static str {
    known_phase(number).map_or(UNKNOWN, Phase::as_str)
}

pub(crate) fn side(number: i32) -> &'static str {
    match v1::Side::try_from(number) {
        Ok(v1::Side::Legacy) => "legacy",
        Ok(v1::Side::New) => "new",
        Ok(v1::Side::Unspecified) | Err(_) => UNKNOWN,
    }
}

pub(crate) fn role(number: i32) -> &'static str {
    match v1::Role::try_from(number) {
        Ok(v1::Role::Primary) => "primary",
        Ok(v1::Role::Secondary) => "secondary",
        Ok(v1::Role::Frozen) => "frozen",
        Ok(v1::Role::Handed) => "handed",
        Ok(v1::Role::Off) => "off",
        Ok(v1::Role::Unspecified) | Err(_) => UNKNOWN,
    }
}

/// An instant as RFC 3339 in UTC, to the millisecond.
pub(crate) fn instant(timestamp: Option<prost_types::Timestamp>) -> Option<String> {
    let timestamp = timestamp?;
    let nanos = i128::from(timestamp.seconds) * 1_000_000_000 + i128::from(timestamp.nanos);
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()?
        .format(INSTANT)
        .ok()
}

/// Milliseconds since 1970, to take differences of.
pub(crate) fn millis_since_epoch(timestamp: Option<prost_types::Timestamp>) -> Option<i64> {
    timestamp.map(|at| at.seconds.saturating_mul(1000) + i64::from(at.nanos / 1_000_000))
}

/// A duration in whole milliseconds.
pub(crate) fn millis(duration: Option<prost_types::Duration>) -> Option<u64> {
    let duration = duration?;
    let seconds = u64::try_from(duration.seconds).ok()?;
    let nanos = u64::try_from(duration.nanos).ok()?;
    Some(
        seconds
            .saturating_mul(1000)
            .saturating_add(nanos / 1_000_000),
    )
}

/// A duration in whole microseconds.
pub(crate) fn micros(duration: Option<prost_types::Duration>) -> Option<u64> {
    let duration = duration?;
    let seconds = u64::try_from(duration.seconds).ok()?;
    let nanos = u64::try_from(duration.nanos).ok()?;
    Some(
        seconds
            .saturating_mul(1_000_000)
            .saturating_add(nanos / 1000),
    )
}

/// Text, or nothing where it is empty.
pub(crate) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_to_the_millisecond() {
        let at = prost_types::Timestamp {
            seconds: 1_769_903_999,
            nanos: 120_456_789,
        };
        assert_eq!(
            instant(Some(at)).as_deref(),
            Some("2026-01-31T23:59:59.120Z")
        );
        assert_eq!(instant(None), None);
        let beyond = prost_types::Timestamp {
            seconds: i64::MAX,
            nanos: 0,
        };
        assert_eq!(instant(Some(beyond)), None);
    }

    #[test]
    fn a_number_of_a_later_version_is_unknown() {
        assert_eq!((phase(99), role(99), side(0)), (UNKNOWN, UNKNOWN, UNKNOWN));
        assert_eq!(phase(v1::Phase::NewPrimary.into()), "new_primary");
    }
}
