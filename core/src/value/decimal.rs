//! Exact decimals of any precision, kept as their canonical text.

mod digits;

use std::cmp::Ordering;
use std::fmt;

use digits::{add, compare, padded, subtract};

/// Digits on either side of the point that a decimal may have: more than any
/// engine stores, and a bound on what `1e999999999` may cost.
const MAX_DIGITS: usize = 131_072;

/// An exact decimal number.
///
/// It is held as canonical text: an optional `-`, the whole part without
/// leading zeros (at least `0`), and, where there is one, `.` and the fraction
/// without trailing zeros. So `1.50`, `01.5` and `15e-1` are the same value,
/// and equality is equality of number. There is no NaN and no infinity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal(String);

/// Text that is no decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not digits with an optional sign, point and exponent.
    #[error(
        "expected digits with optional sign, point and exponent, like -12.50 (no NaN, no Infinity)"
    )]
    Malformed,
    /// More digits than any engine stores.
    #[error("expected at most 131072 digits on either side of the point")]
    TooLong,
}

impl Decimal {
    /// Reads digits with an optional sign, point and exponent.
    ///
    /// # Errors
    /// [`DecimalError`], which says what would be right.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let (negative, rest) = sign(text);
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            None => (rest, 0),
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DecimalError::Malformed);
        }
        let fraction_len = i64::try_from(fraction.len()).map_err(|_| DecimalError::TooLong)?;
        Self::from_digits(negative, &digits, fraction_len - exponent)
    }

    /// `unscaled` divided by ten to the power of `scale`.
    #[must_use]
    pub fn from_scaled(unscaled: i128, scale: u8) -> Self {
        let digits = unscaled.unsigned_abs().to_string();
        let scale = usize::from(scale);
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        Self::canonical(unscaled < 0, whole, fraction)
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Digits after the point.
    #[must_use]
    pub fn scale(&self) -> usize {
        self.parts().2.len()
    }

    /// The number times ten to the power of `scale`, when that is an integer
    /// of 128 bits.
    #[must_use]
    pub fn to_scaled(&self, scale: u8) -> Option<i128> {
        let (negative, whole, fraction) = self.parts();
        let scale = usize::from(scale);
        if fraction.len() > scale {
            return None;
        }
        let sign = if negative { "-" } else { "" };
        format!("{sign}{whole}{fraction:0<scale$}").parse().ok()
    }

    /// The exact sum; `None` when it has more digits than a decimal may have.
    #[must_use]
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        let scale = self.scale().max(other.scale());
        let (left_negative, left) = self.aligned(scale);
        let (right_negative, right) = other.aligned(scale);
        let (negative, digits) = if left_negative == right_negative {
            (left_negative, add(&left, &right))
        } else if compare(&left, &right) == Ordering::Less {
            (right_negative, subtract(&right, &left))
        } else {
            (left_negative, subtract(&left, &right))
        };
        let text: String = digits
            .iter()
            .map(|digit| char::from(b'0' + digit))
            .collect();
        Self::from_digits(negative, &text, i64::try_from(scale).ok()?).ok()
    }

    /// Which of two numbers is the larger.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let scale = self.scale().max(other.scale());
        let (left_negative, left) = self.aligned(scale);
        let (right_negative, right) = other.aligned(scale);
        match (left_negative, right_negative) {
            (false, false) => compare(&left, &right),
            (true, true) => compare(&right, &left),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }

    /// The number with its sign changed.
    #[must_use]
    pub fn negated(&self) -> Self {
        let (negative, whole, fraction) = self.parts();
        Self::canonical(!negative, whole, fraction)
    }

    /// Sign, whole part and fraction of the canonical text.
    #[must_use]
    pub fn parts(&self) -> (bool, &str, &str) {
        let (negative, rest) = sign(&self.0);
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        (negative, whole, fraction)
    }

    /// `digits` times ten to the power of minus `scale`.
    fn from_digits(negative: bool, digits: &str, scale: i64) -> Result<Self, DecimalError> {
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Ok(Self("0".to_owned()));
        }
        let limit = i64::try_from(MAX_DIGITS).map_err(|_| DecimalError::TooLong)?;
        let length = i64::try_from(digits.len()).map_err(|_| DecimalError::TooLong)?;
        let point = length.saturating_sub(scale);
        let trailing = digits.len() - digits.trim_end_matches('0').len();
        let fraction = scale.saturating_sub(i64::try_from(trailing).unwrap_or(0));
        if point > limit || fraction > limit {
            return Err(DecimalError::TooLong);
        }
        let (whole, fraction) = match usize::try_from(point) {
            Ok(point) if point >= digits.len() => (padded(digits, point), String::new()),
            Ok(point) => (digits[..point].to_owned(), digits[point..].to_owned()),
            Err(_) => {
                let zeros = usize::try_from(point.unsigned_abs()).unwrap_or(MAX_DIGITS);
                (String::new(), format!("{}{digits}", "0".repeat(zeros)))
            }
        };
        Ok(Self::canonical(negative, &whole, &fraction))
    }

    fn canonical(negative: bool, whole: &str, fraction: &str) -> Self {
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let sign = if negative && !(whole.is_empty() && fraction.is_empty()) {
            "-"
        } else {
            ""
        };
        let whole = if whole.is_empty() { "0" } else { whole };
        let point = if fraction.is_empty() { "" } else { "." };
        Self([sign, whole, point, fraction].concat())
    }

    /// Sign and digits of the number times ten to the power of `scale`.
    fn aligned(&self, scale: usize) -> (bool, Vec<u8>) {
        let (negative, whole, fraction) = self.parts();
        let digits = [whole, &padded(fraction, scale)].concat();
        (negative, digits.bytes().map(|byte| byte - b'0').collect())
    }
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn parse_exponent(text: &str) -> Result<i64, DecimalError> {
    let (_, digits) = sign(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DecimalError::Malformed);
    }
    text.parse::<i32>()
        .map(i64::from)
        .map_err(|_| DecimalError::TooLong)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

impl From<u64> for Decimal {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

impl std::str::FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::parse(text)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    /// By number.
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale().max(other.scale());
        let (left_negative, left) = self.aligned(scale);
        let (right_negative, right) = other.aligned(scale);
        match (left_negative, right_negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => compare(&left, &right),
            (true, true) => compare(&right, &left),
        }
    }
}
