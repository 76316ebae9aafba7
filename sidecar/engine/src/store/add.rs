//! Increments, for engines that add in this process and not in SQL.

use dualwrite_core::value::Value;

/// The value of a column after an increment, or why there is none. NULL stays
/// NULL. A delta of an unsigned column is signed.
///
/// # Errors
/// A sentence without the values, for the caller to put table and column
/// before.
pub fn added(value: &Value, delta: &Value) -> Result<Value, String> {
    let sum = match (value, delta) {
        (Value::Null, _) => Some(Value::Null),
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int),
        (Value::UInt(a), Value::Int(b)) => a.checked_add_signed(*b).map(Value::UInt),
        (Value::UInt(a), Value::UInt(b)) => a.checked_add(*b).map(Value::UInt),
        (Value::Decimal(a), Value::Decimal(b)) => a.checked_add(b).map(Value::Decimal),
        (Value::Float(a), Value::Float(b)) => Some(Value::Float(a + b)),
        (value, delta) => {
            let (delta, value) = (delta.kind_word(), value.kind_word());
            return Err(format!("{delta} cannot be added to {value}"));
        }
    };
    sum.ok_or_else(|| "the sum is out of the range of the column".to_owned())
}
