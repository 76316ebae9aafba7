//! Points in time, for people: `2026-01-31 12:00:59 UTC`.

use ::time::OffsetDateTime;
use ::time::macros::format_description;
use dualwrite_control_app::model::Millis;

/// A point in time, in UTC and to the second.
pub(crate) fn utc(at: Millis) -> String {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    i64::try_from(at.0 / 1000)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|at| at.format(form).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_time_is_told_in_utc() {
        assert_eq!(utc(Millis(1_700_000_000_999)), "2023-11-14 22:13:20 UTC");
        assert_eq!(utc(Millis(u64::MAX)), "");
    }
}
