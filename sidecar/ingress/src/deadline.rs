//! Until when a call must be answered.

use std::time::Duration;

use tokio::time::Instant;
use tonic::metadata::MetadataMap;

/// How long a call may take when the caller does not say.
pub const DEADLINE_DEFAULT: Duration = Duration::from_secs(5);

/// How long a call may take at most, whatever the caller says: no write waits
/// longer than a flip may take, and no caller holds a place for ever.
pub const DEADLINE_MAX: Duration = Duration::from_mins(1);

/// What is kept back for the answer itself. The server's own timer cuts a call
/// at the caller's time-out with a bare status; answering just before it lets
/// the caller learn whether the outcome is unknown or nothing happened.
const MARGIN_MAX: Duration = Duration::from_millis(20);

/// The deadline of a call that came in at `now`.
pub(crate) fn of(metadata: &MetadataMap, now: Instant) -> Instant {
    let asked = metadata
        .get("grpc-timeout")
        .and_then(|value| value.to_str().ok())
        .and_then(parse);
    match asked {
        None => now + DEADLINE_DEFAULT,
        Some(timeout) if timeout > DEADLINE_MAX => now + DEADLINE_MAX,
        Some(timeout) => now + timeout.saturating_sub(MARGIN_MAX.min(timeout / 10)),
    }
}

/// Reads the header's form: up to eight digits and a unit.
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(header: Option<&str>) -> Duration {
        let mut metadata = MetadataMap::new();
        if let Some(header) = header {
            metadata.insert("grpc-timeout", header.parse().unwrap());
        }
        let now = Instant::now();
        of(&metadata, now) - now
    }

    #[test]
    fn the_callers_time_out_counts_less_a_margin_and_up_to_the_bound() {
        let table = [
            (None, DEADLINE_DEFAULT),
            (Some("2S"), Duration::from_millis(1980)),
            (Some("100m"), Duration::from_millis(90)),
            (Some("1000000u"), Duration::from_millis(980)),
            (Some("50000000n"), Duration::from_millis(45)),
            (Some("61S"), DEADLINE_MAX),
            (Some("2M"), DEADLINE_MAX),
            (Some("99999999H"), DEADLINE_MAX),
            (Some("0S"), Duration::ZERO),
        ];
        for (header, expected) in table {
            assert_eq!(after(header), expected, "{header:?}");
        }
    }

    #[test]
    fn a_header_of_no_form_counts_as_none() {
        for header in ["", "S", "5", "5s", "-5S", "5.5S", "123456789S", "S5"] {
            assert_eq!(after(Some(header)), DEADLINE_DEFAULT, "{header:?}");
        }
    }
}
