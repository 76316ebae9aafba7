//! Increments.

use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;
use dualwrite_engine::store::StoreError;

use crate::cells::misfit;

/// The value of a column after an increment. NULL stays NULL. A delta of an
/// unsigned column is signed.
pub(super) fn added(
    table: &Table,
    index: usize,
    value: &Value,
    delta: &Value,
) -> Result<Value, StoreError> {
    let column = &table.columns[index];
    let sum = match (value, delta) {
        (Value::Null, _) => Some(Value::Null),
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int),
        (Value::UInt(a), Value::Int(b)) => a.checked_add_signed(*b).map(Value::UInt),
        (Value::UInt(a), Value::UInt(b)) => a.checked_add(*b).map(Value::UInt),
        (Value::Decimal(a), Value::Decimal(b)) => a.checked_add(b).map(Value::Decimal),
        (Value::Float(a), Value::Float(b)) => Some(Value::Float(a + b)),
        (_, delta) => {
            let why = format!("{} cannot be added to {}", delta.kind_word(), column.kind);
            return Err(misfit(table, column, &why));
        }
    };
    sum.ok_or_else(|| misfit(table, column, "the sum is out of the range of the column"))
}
