//! Dates and times in the form of the binary protocol: a length, and as many
//! bytes as there are parts that are not zero.

/// `2026-01-31T23:59:59.123456`, out of 0, 4, 7 or 11 bytes.
pub(super) fn date_and_time(bytes: &[u8]) -> Result<String, String> {
    let parts = parts::<11>(bytes)?;
    let [hour, minute, second] = [parts[4], parts[5], parts[6]];
    Ok(format!(
        "{}T{hour:02}:{minute:02}:{second:02}.{:06}",
        day(&parts)?,
        micros([parts[7], parts[8], parts[9], parts[10]])
    ))
}

/// `2026-01-31`, out of 0 or 4 bytes.
pub(super) fn date(bytes: &[u8]) -> Result<String, String> {
    day(&parts::<11>(bytes)?)
}

/// `23:59:59.123456`, out of 0, 8 or 12 bytes. The server's type holds spans of
/// time, of which only those of one day are a time of day.
pub(super) fn time(bytes: &[u8]) -> Result<String, String> {
    let parts = parts::<12>(bytes)?;
    let days = u32::from_le_bytes([parts[1], parts[2], parts[3], parts[4]]);
    let [hour, minute, second] = [parts[5], parts[6], parts[7]];
    let micros = micros([parts[8], parts[9], parts[10], parts[11]]);
    let hours = u64::from(days) * 24 + u64::from(hour);
    if parts[0] != 0 || hours > 24 {
        return Err(
            "the cell holds a span of time that is no time of day (00:00 to 24:00)".to_owned(),
        );
    }
    Ok(format!("{hours:02}:{minute:02}:{second:02}.{micros:06}"))
}

fn parts<const N: usize>(bytes: &[u8]) -> Result<[u8; N], String> {
    let wrong = || "the cell's date or time has a form that is not known".to_owned();
    let (length, given) = bytes.split_first().ok_or_else(wrong)?;
    if usize::from(*length) != given.len() {
        return Err(wrong());
    }
    let mut parts = [0; N];
    parts
        .get_mut(..given.len())
        .ok_or_else(wrong)?
        .copy_from_slice(given);
    Ok(parts)
}

fn day(parts: &[u8; 11]) -> Result<String, String> {
    let year = u16::from_le_bytes([parts[0], parts[1]]);
    let [month, day] = [parts[2], parts[3]];
    if month == 0 || day == 0 {
        return Err(
            "the cell holds a zero date, which is no date: make it NULL, or a real one".to_owned(),
        );
    }
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}

fn micros(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_are_zero_may_be_missing() {
        let noon = [7, 0xEA, 0x07, 1, 31, 12, 0, 5];
        assert_eq!(date_and_time(&noon).unwrap(), "2026-01-31T12:00:05.000000");
        let midnight = [4, 0xEA, 0x07, 1, 31];
        assert_eq!(
            date_and_time(&midnight).unwrap(),
            "2026-01-31T00:00:00.000000"
        );
        assert_eq!(date(&midnight).unwrap(), "2026-01-31");
        assert_eq!(time(&[0]).unwrap(), "00:00:00.000000");
        let last = [12, 0, 0, 0, 0, 0, 23, 59, 59, 0x3F, 0x42, 0x0F, 0];
        assert_eq!(time(&last).unwrap(), "23:59:59.999999");
        assert_eq!(
            time(&[8, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap(),
            "24:00:00.000000"
        );
    }

    #[test]
    fn what_is_no_date_or_time_of_day_is_refused() {
        for zero in [&[0][..], &[4, 0xEA, 0x07, 0, 0], &[4, 0xEA, 0x07, 5, 0]] {
            assert!(date(zero).unwrap_err().contains("zero date"), "{zero:?}");
        }
        let negative = [8, 1, 0, 0, 0, 0, 1, 0, 0];
        let days = [8, 0, 2, 0, 0, 0, 1, 0, 0];
        for span in [negative, days] {
            assert!(time(&span).unwrap_err().contains("time of day"), "{span:?}");
        }
        assert!(date(&[9, 1]).is_err() && date(&[]).is_err());
    }
}
