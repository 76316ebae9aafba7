//! The canonical bytes of key parts: a tag, then a form whose bytewise order is
//! the order of the values, and that says where it ends.
//!
//! | kind | after the tag |
//! |---|---|
//! | bool | one byte |
//! | int, uint | sign byte (0 negative, 1 not), then 8 bytes big-endian |
//! | timestamp, datetime, time, date | the same |
//! | decimal | sign byte, length of the whole part, digits, end; all inverted when negative |
//! | text, bytes | the bytes, `00` written as `00 FF`, then `00 01` |
//! | uuid | its 16 bytes |

use super::KeyError;
use crate::value::{Decimal, Kind, Value};

/// What a part's bytes begin with. Signed and unsigned integers share one.
const fn tag(kind: Kind) -> u8 {
    match kind {
        Kind::Bool => 1,
        Kind::Int | Kind::UInt => 2,
        Kind::Decimal => 3,
        Kind::Text => 4,
        Kind::Bytes => 5,
        Kind::Uuid => 6,
        Kind::Timestamp => 7,
        Kind::DateTime => 8,
        Kind::Date => 9,
        Kind::Time => 10,
        // Refused before a byte is written.
        Kind::Float | Kind::Json => 0,
    }
}

/// Appends the bytes of one part.
pub(super) fn put(out: &mut Vec<u8>, value: &Value, part: usize) -> Result<(), KeyError> {
    let kind = value.kind().ok_or(KeyError::Null { part })?;
    if !kind.is_key() {
        return Err(KeyError::Kind { part, kind });
    }
    out.push(tag(kind));
    match value {
        Value::Bool(v) => out.push(u8::from(*v)),
        Value::Int(v) | Value::Timestamp(v) | Value::DateTime(v) | Value::Time(v) => {
            put_signed(out, *v);
        }
        Value::UInt(v) => put_integer(out, 1, *v),
        Value::Date(v) => put_signed(out, i64::from(*v)),
        Value::Decimal(v) => put_decimal(out, v),
        Value::Text(v) => put_escaped(out, v.as_bytes()),
        Value::Bytes(v) => put_escaped(out, v),
        Value::Uuid(v) => out.extend_from_slice(v),
        Value::Null | Value::Float(_) | Value::Json(_) => {}
    }
    Ok(())
}

fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_integer(
        out,
        u8::from(number >= 0),
        u64::from_ne_bytes(number.to_ne_bytes()),
    );
}

fn put_integer(out: &mut Vec<u8>, sign: u8, bits: u64) {
    out.push(sign);
    out.extend_from_slice(&bits.to_be_bytes());
}

fn put_escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        out.push(*byte);
        if *byte == 0 {
            out.push(0xFF);
        }
    }
    out.extend_from_slice(&[0, 1]);
}

/// Length of the whole part (0 for a bare zero), its digits, the fraction's
/// digits, and an end byte below every digit. Inverted for negatives, so that
/// the larger magnitude comes first.
fn put_decimal(out: &mut Vec<u8>, decimal: &Decimal) {
    let (negative, whole, fraction) = decimal.parts();
    let whole = if whole == "0" { "" } else { whole };
    out.push(u8::from(!negative));
    let start = out.len();
    let length = u32::try_from(whole.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(whole.as_bytes());
    out.extend_from_slice(fraction.as_bytes());
    out.push(0);
    if negative {
        for byte in &mut out[start..] {
            *byte = !*byte;
        }
    }
}

/// All parts of a key; the error says what is wrong with the bytes.
pub(super) fn take_all(bytes: &[u8], kinds: &[Kind]) -> Result<Vec<Value>, &'static str> {
    let mut rest = bytes;
    let parts: Result<Vec<Value>, _> = kinds.iter().map(|kind| take(&mut rest, *kind)).collect();
    let parts = parts?;
    if rest.is_empty() {
        Ok(parts)
    } else {
        Err("bytes are left over")
    }
}

fn take(rest: &mut &[u8], kind: Kind) -> Result<Value, &'static str> {
    let [found] = take_array(rest)?;
    if found != tag(kind) || !kind.is_key() {
        return Err("a part is of another kind");
    }
    Ok(match kind {
        Kind::Bool => match take_array(rest)? {
            [0] => Value::Bool(false),
            [1] => Value::Bool(true),
            _ => return Err("a truth value is neither 0 nor 1"),
        },
        Kind::Int => Value::Int(take_signed(rest)?),
        Kind::UInt => match take_integer(rest)? {
            (1, bits) => Value::UInt(bits),
            _ => return Err("an unsigned integer is negative"),
        },
        Kind::Decimal => Value::Decimal(take_decimal(rest)?),
        Kind::Text => {
            Value::Text(String::from_utf8(take_escaped(rest)?).map_err(|_| "a text is not UTF-8")?)
        }
        Kind::Bytes => Value::Bytes(take_escaped(rest)?),
        Kind::Uuid => Value::Uuid(take_array(rest)?),
        Kind::Timestamp => Value::Timestamp(take_signed(rest)?),
        Kind::DateTime => Value::DateTime(take_signed(rest)?),
        Kind::Date => {
            Value::Date(i32::try_from(take_signed(rest)?).map_err(|_| "a date is out of range")?)
        }
        Kind::Time => Value::Time(take_signed(rest)?),
        Kind::Float | Kind::Json => return Err("a part is of a kind that no key has"),
    })
}

fn take_array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], &'static str> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or("they end too early")?;
    *rest = tail;
    Ok(*head)
}

fn take_integer(rest: &mut &[u8]) -> Result<(u8, u64), &'static str> {
    let [sign] = take_array(rest)?;
    Ok((sign, u64::from_be_bytes(take_array(rest)?)))
}

fn take_signed(rest: &mut &[u8]) -> Result<i64, &'static str> {
    let (sign, bits) = take_integer(rest)?;
    let number = i64::from_ne_bytes(bits.to_ne_bytes());
    match (sign, number < 0) {
        (0, true) | (1, false) => Ok(number),
        _ => Err("an integer is out of range"),
    }
}

fn take_escaped(rest: &mut &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::new();
    loop {
        match take_array(rest)? {
            [0] => match take_array(rest)? {
                [0xFF] => out.push(0),
                [1] => return Ok(out),
                _ => return Err("a zero byte is not escaped"),
            },
            [byte] => out.push(byte),
        }
    }
}

fn take_decimal(rest: &mut &[u8]) -> Result<Decimal, &'static str> {
    let [sign] = take_array(rest)?;
    let mask = if sign == 0 { 0xFF } else { 0 };
    let length = u32::from_be_bytes(take_array::<4>(rest)?.map(|byte| byte ^ mask));
    let whole_length = usize::try_from(length).map_err(|_| "a decimal is too long")?;
    let mut text = String::from(if sign == 0 { "-" } else { "" });
    let mut digits = 0_usize;
    loop {
        if digits == whole_length {
            text.push_str(if digits == 0 { "0." } else { "." });
        }
        let [byte] = take_array(rest)?.map(|byte: u8| byte ^ mask);
        match byte {
            0 if digits >= whole_length => break,
            b'0'..=b'9' => text.push(char::from(byte)),
            _ => return Err("a decimal holds something that is no digit"),
        }
        digits += 1;
    }
    Decimal::parse(&text).map_err(|_| "a decimal is malformed")
}
