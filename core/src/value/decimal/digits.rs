//! Numbers as lists of decimal digits, the highest first.

use std::cmp::Ordering;

/// Digits with zeros behind them, up to a length. (Not by `format!`, whose
/// widths end at 65,535.)
pub(super) fn padded(digits: &str, length: usize) -> String {
    let zeros = length.saturating_sub(digits.len());
    [digits, &"0".repeat(zeros)].concat()
}

/// Digits at `index` places from the right.
fn digit(digits: &[u8], index: usize) -> u8 {
    digits
        .len()
        .checked_sub(index + 1)
        .map_or(0, |at| digits[at])
}

/// The order of two numbers; leading zeros do not matter.
pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let places = left.len().max(right.len());
    (0..places)
        .rev()
        .map(|place| digit(left, place).cmp(&digit(right, place)))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The sum of two numbers.
pub(super) fn add(left: &[u8], right: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut sum: Vec<u8> = (0..=left.len().max(right.len()))
        .map(|place| {
            let total = digit(left, place) + digit(right, place) + carry;
            carry = total / 10;
            total % 10
        })
        .collect();
    sum.reverse();
    sum
}

/// `left` minus `right`, where `left` is not the smaller one.
pub(super) fn subtract(left: &[u8], right: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut difference: Vec<u8> = (0..left.len().max(right.len()))
        .map(|place| {
            let taken = digit(right, place) + borrow;
            let from = digit(left, place);
            borrow = u8::from(from < taken);
            from + 10 * borrow - taken
        })
        .collect();
    difference.reverse();
    difference
}
