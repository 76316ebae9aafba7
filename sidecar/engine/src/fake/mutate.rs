//! One mutation, and the row that it leaves.

use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;

use super::database::Database;
use crate::store::{Change, ConstraintKind, Image, Mutation, StoreError};

type Given = [(usize, Value)];

const NO_MATCH: Image = Image {
    matched: false,
    row: None,
};

impl Database {
    /// Applies one mutation.
    pub(super) fn mutate(&mut self, to: &Mutation) -> Result<Image, StoreError> {
        let found = self.row(&to.table, &to.key)?;
        match &to.change {
            Change::Insert { .. } if found.is_some() => Err(StoreError::Constraint {
                kind: ConstraintKind::Key,
                table: to.table.name.to_string(),
                constraint: "primary key".to_owned(),
            }),
            Change::Upsert { values } if found.is_some() => self.set(to, values),
            Change::Insert { values } | Change::Upsert { values } => self.insert(to, values),
            Change::Update { set, add, only_if } => match found {
                Some(row) if only_if.holds(&row) => {
                    let mut columns = set.clone();
                    for (index, delta) in add {
                        columns.push((*index, added(&to.table, *index, &row[*index], delta)?));
                    }
                    self.set(to, &columns)
                }
                Some(_) | None => Ok(NO_MATCH),
            },
            Change::Delete { only_if } => match found {
                Some(row) if only_if.holds(&row) => {
                    let matched = self.remove(&to.table, &to.key)?;
                    Ok(Image { matched, row: None })
                }
                Some(_) | None => Ok(NO_MATCH),
            },
        }
    }

    fn insert(&mut self, to: &Mutation, values: &Given) -> Result<Image, StoreError> {
        let rows = self.rows_of(&to.table)?;
        let mut row = rows.definition.blank();
        let places = rows.places(&to.table)?;
        let keys = to
            .table
            .key
            .iter()
            .copied()
            .zip(to.key.parts().iter().cloned());
        for (index, value) in keys.chain(values.iter().cloned()) {
            row[places[index]] = fitting(&to.table, index, &value)?;
        }
        self.put(&to.table, &to.key, row)?;
        self.image(to)
    }

    /// Sets columns of the row that is there.
    fn set(&mut self, to: &Mutation, columns: &Given) -> Result<Image, StoreError> {
        let rows = self.rows_of(&to.table)?;
        let places = rows.places(&to.table)?;
        let Some(mut row) = rows.rows.get(&to.key).cloned() else {
            return Ok(NO_MATCH);
        };
        for (index, value) in columns {
            row[places[*index]] = fitting(&to.table, *index, value)?;
        }
        self.put(&to.table, &to.key, row)?;
        self.image(to)
    }

    fn image(&self, to: &Mutation) -> Result<Image, StoreError> {
        Ok(Image {
            matched: true,
            row: self.row(&to.table, &to.key)?,
        })
    }
}

/// A value of the column's kind.
///
/// # Errors
/// [`StoreError::Value`], without the value.
pub fn fitting(table: &Table, index: usize, value: &Value) -> Result<Value, StoreError> {
    let column = &table.columns[index];
    if value.fits(column.kind) && value.is_in_range() {
        return Ok(value.clone());
    }
    let why = format!("expected {}, got {}", column.kind, value.kind_word());
    Err(misfit(table, index, &why))
}

/// The sum of a column's value and what is added to it.
///
/// # Errors
/// [`StoreError::Value`], without the value.
pub fn added(
    table: &Table,
    index: usize,
    value: &Value,
    delta: &Value,
) -> Result<Value, StoreError> {
    let sum = match (value, delta) {
        (Value::Null, _) => Some(Value::Null),
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int),
        (Value::UInt(a), Value::Int(b)) => a.checked_add_signed(*b).map(Value::UInt),
        (Value::UInt(a), Value::UInt(b)) => a.checked_add(*b).map(Value::UInt),
        (Value::Decimal(a), Value::Decimal(b)) => a.checked_add(b).map(Value::Decimal),
        (Value::Float(a), Value::Float(b)) => Some(Value::Float(a + b)),
        (_, delta) => {
            let why = format!("{} cannot be added here", delta.kind_word());
            return Err(misfit(table, index, &why));
        }
    };
    sum.ok_or_else(|| misfit(table, index, "the sum is out of the range of the column"))
}

fn misfit(table: &Table, index: usize, why: &str) -> StoreError {
    StoreError::Value(format!(
        "{}.{}: {why}",
        table.name, table.columns[index].name
    ))
}
