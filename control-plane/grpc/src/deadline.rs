//! How long a call may wait for something.

use std::time::Duration;

use tonic::Request;
use tonic::metadata::MetadataMap;

/// How long a call waits whose caller gives no deadline. A transition is taken
/// back after half a minute, and taking it back may take as long.
const WITHOUT_DEADLINE: Duration = Duration::from_mins(2);

/// What is kept of a deadline for the way back, so that the answer "as it
/// stands now" wins over a bare timeout.
const MARGIN: Duration = Duration::from_millis(500);

/// How long this call may take, from its beginning.
pub(crate) fn patience<T>(request: &Request<T>) -> Duration {
    match timeout(request.metadata()) {
        // A quarter of a short deadline, lest nothing be left of it.
        Some(timeout) => timeout.saturating_sub(MARGIN.min(timeout / 4)),
        None => WITHOUT_DEADLINE,
    }
}

/// The deadline of the caller: up to eight digits and a unit.
fn timeout(metadata: &MetadataMap) -> Option<Duration> {
    let text = metadata.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let amount: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_hours(amount)),
        "M" => Some(Duration::from_mins(amount)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(timeout: &'static str) -> Duration {
        let mut request = Request::new(());
        request
            .metadata_mut()
            .insert("grpc-timeout", timeout.parse().unwrap());
        patience(&request)
    }

    #[test]
    fn a_deadline_leaves_room_for_the_answer() {
        assert_eq!(with("10S"), Duration::from_millis(9500));
        assert_eq!(with("100m"), Duration::from_millis(75));
        assert_eq!(with("1H") + MARGIN, Duration::from_hours(1));
    }

    #[test]
    fn no_deadline_or_one_that_makes_no_sense_is_the_bound() {
        assert_eq!(patience(&Request::new(())), WITHOUT_DEADLINE);
        for wrong in ["S", "10", "tenS", "10X"] {
            assert_eq!(with(wrong), WITHOUT_DEADLINE, "{wrong}");
        }
    }
}
