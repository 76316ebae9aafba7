//! Dates and times as text: ISO 8601 as PostgreSQL writes it and RFC 3339 are
//! both read; RFC 3339 with six digits of fraction is written, because a fixed
//! width keeps its order as text.

use time::{Date, Month};

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Julian day of 1970-01-01.
const EPOCH_JULIAN_DAY: i32 = 2_440_588;

/// The first and last day of the years 0000 to 9999, as days since 1970.
const FIRST_DAY: i32 = -719_528;
const LAST_DAY: i32 = 2_932_896;

/// Why a text is no date or time.
pub(super) enum Refused {
    /// It is not written as one.
    Malformed,
    /// It is written as one that is not in the years 0000 to 9999, or is finer
    /// than a microsecond.
    OutOfRange,
}

pub(super) fn parse_timestamp(text: &str) -> Result<i64, Refused> {
    let (date, time, zone) = split(text)?;
    let offset = parse_offset(zone.ok_or(Refused::Malformed)?)?;
    let micros = i64::from(date) * DAY + time - offset;
    in_range(micros)
        .then_some(micros)
        .ok_or(Refused::OutOfRange)
}

pub(super) fn parse_datetime(text: &str) -> Result<i64, Refused> {
    match split(text)? {
        (date, time, None) => Ok(i64::from(date) * DAY + time),
        (_, _, Some(_)) => Err(Refused::Malformed),
    }
}

pub(super) fn parse_date(text: &str) -> Result<i32, Refused> {
    refuse_infinity(text)?;
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let (Some(year), Some(month), Some(day)) = (year, month, day) else {
        // A minus in front, or `BC` behind, is a year outside 0000 to 9999.
        return Err(Refused::Malformed);
    };
    if year.is_empty() || day.ends_with(" BC") {
        return Err(Refused::OutOfRange);
    }
    let year = digits(year, 4..=6)?;
    let month = u8::try_from(digits(month, 2..=2)?).map_err(|_| Refused::Malformed)?;
    let day = u8::try_from(digits(day, 2..=2)?).map_err(|_| Refused::Malformed)?;
    if year > 9_999 {
        return Err(Refused::OutOfRange);
    }
    let year = i32::try_from(year).map_err(|_| Refused::Malformed)?;
    let month = Month::try_from(month).map_err(|_| Refused::Malformed)?;
    let date = Date::from_calendar_date(year, month, day).map_err(|_| Refused::Malformed)?;
    Ok(date.to_julian_day() - EPOCH_JULIAN_DAY)
}

/// `23:59`, `23:59:59` or `23:59:59.123456`; 24:00:00 is the end of the day.
pub(super) fn parse_time(text: &str) -> Result<i64, Refused> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = whole.split(':');
    let hour = digits(parts.next().ok_or(Refused::Malformed)?, 2..=2)?;
    let minute = digits(parts.next().ok_or(Refused::Malformed)?, 2..=2)?;
    let second = parts.next().map_or(Ok(0), |part| digits(part, 2..=2))?;
    if parts.next().is_some() || minute > 59 || second > 59 {
        return Err(Refused::Malformed);
    }
    let micros = hour * HOUR + minute * MINUTE + second * SECOND + parse_fraction(fraction)?;
    if micros <= DAY {
        Ok(micros)
    } else {
        Err(Refused::Malformed)
    }
}

pub(super) fn format_timestamp(micros: i64) -> String {
    format!("{}Z", format_datetime(micros))
}

pub(super) fn format_datetime(micros: i64) -> String {
    let day = i32::try_from(micros.div_euclid(DAY)).unwrap_or(i32::MAX);
    format!(
        "{}T{}",
        format_date(day),
        format_time(micros.rem_euclid(DAY))
    )
}

pub(super) fn format_date(days: i32) -> String {
    match days
        .checked_add(EPOCH_JULIAN_DAY)
        .map(Date::from_julian_day)
    {
        Some(Ok(date)) => {
            format!(
                "{:04}-{:02}-{:02}",
                date.year(),
                u8::from(date.month()),
                date.day()
            )
        }
        // Only a value made by hand can be out of range; it is never parsed.
        Some(Err(_)) | None => format!("{days} days"),
    }
}

pub(super) fn format_time(micros: i64) -> String {
    let (hour, minute) = (micros / HOUR, micros % HOUR / MINUTE);
    let (second, fraction) = (micros % MINUTE / SECOND, micros % SECOND);
    format!("{hour:02}:{minute:02}:{second:02}.{fraction:06}")
}

/// Whether microseconds since 1970 are within the years 0000 to 9999.
pub(super) const fn in_range(micros: i64) -> bool {
    let days = micros.div_euclid(DAY);
    days >= FIRST_DAY as i64 && days <= LAST_DAY as i64
}

/// Whether days since 1970 are within the years 0000 to 9999.
pub(super) const fn date_in_range(days: i32) -> bool {
    days >= FIRST_DAY && days <= LAST_DAY
}

/// Whether microseconds since midnight are a time of day.
pub(super) const fn time_in_range(micros: i64) -> bool {
    micros >= 0 && micros <= DAY
}

/// Date, time and zone of `2026-01-31 23:59:59+02` or `2026-01-31T23:59:59Z`.
fn split(text: &str) -> Result<(i32, i64, Option<&str>), Refused> {
    refuse_infinity(text)?;
    let at = text.find([' ', 'T', 't']).ok_or(Refused::Malformed)?;
    let (date, rest) = (&text[..at], &text[at + 1..]);
    if rest.ends_with(" BC") {
        return Err(Refused::OutOfRange);
    }
    let date = parse_date(date)?;
    let zone_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone_at);
    let time = parse_time(time)?;
    if time == DAY {
        return Err(Refused::Malformed);
    }
    Ok((date, time, (!zone.is_empty()).then_some(zone)))
}

/// `Z`, `+02`, `+0230`, `+02:30`, `+02:30:15`: microseconds east of UTC.
fn parse_offset(zone: &str) -> Result<i64, Refused> {
    let sign = match zone.as_bytes().first() {
        Some(b'Z' | b'z') if zone.len() == 1 => return Ok(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) | None => return Err(Refused::Malformed),
    };
    let plain: String = zone[1..].chars().filter(|c| *c != ':').collect();
    if !plain.is_ascii() || !matches!(plain.len(), 2 | 4 | 6) {
        return Err(Refused::Malformed);
    }
    let part = |at: usize| {
        plain
            .get(at..at + 2)
            .map_or(Ok(0), |part| digits(part, 2..=2))
    };
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?);
    if hours > 15 || minutes > 59 || seconds > 59 {
        return Err(Refused::Malformed);
    }
    Ok(sign * (hours * HOUR + minutes * MINUTE + seconds * SECOND))
}

/// Microseconds out of the digits behind the point; finer digits must be zero.
fn parse_fraction(fraction: &str) -> Result<i64, Refused> {
    let all_digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits {
        return Err(Refused::Malformed);
    }
    let (micros, finer) = fraction.split_at(fraction.len().min(6));
    if finer.bytes().any(|byte| byte != b'0') {
        return Err(Refused::OutOfRange);
    }
    format!("{micros:0<6}")
        .parse()
        .map_err(|_| Refused::Malformed)
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Result<i64, Refused> {
    if !length.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refused::Malformed);
    }
    text.parse().map_err(|_| Refused::Malformed)
}

fn refuse_infinity(text: &str) -> Result<(), Refused> {
    match text.trim_start_matches(['-', '+']) {
        "infinity" => Err(Refused::OutOfRange),
        _ => Ok(()),
    }
}
