//! Canonical rows into the rows of a side, and back.

use super::EntityMap;
use crate::convert::{ConvertError, carry};
use crate::key::{Key, KeyError};
use crate::side::Side;
use crate::value::{Kind, Value};

impl EntityMap {
    /// The row of a side out of a canonical row.
    ///
    /// # Errors
    /// [`ConvertError`] naming the entity and field that cannot be converted.
    pub fn to_side(&self, side: Side, row: &[Value]) -> Result<Vec<Value>, ConvertError> {
        self.check_arity(row.len())?;
        row.iter()
            .enumerate()
            .map(|(index, value)| self.value_to_side(side, index, value.clone()))
            .collect()
    }

    /// The canonical row out of a row of a side.
    ///
    /// # Errors
    /// [`ConvertError`] naming the entity and field that cannot be converted.
    pub fn from_side(&self, side: Side, row: Vec<Value>) -> Result<Vec<Value>, ConvertError> {
        self.check_arity(row.len())?;
        row.into_iter()
            .enumerate()
            .map(|(index, value)| self.value_from_side(side, index, value))
            .collect()
    }

    /// The value of field `index` as a side holds it.
    ///
    /// # Errors
    /// [`ConvertError::Field`] when the value cannot be converted.
    pub fn value_to_side(
        &self,
        side: Side,
        index: usize,
        value: Value,
    ) -> Result<Value, ConvertError> {
        let kind = self.table(side).columns[index].kind;
        let converted = match side {
            Side::New => carry(value, kind),
            Side::Legacy => self
                .backward(index, value)
                .and_then(|value| carry(value, kind)),
        };
        converted.map_err(|source| self.field_error(index, source))
    }

    /// The canonical value of field `index` out of what a side holds.
    ///
    /// # Errors
    /// [`ConvertError::Field`] when the value cannot be converted.
    pub fn value_from_side(
        &self,
        side: Side,
        index: usize,
        value: Value,
    ) -> Result<Value, ConvertError> {
        let field = &self.fields[index];
        let converted = match side {
            Side::New => Ok(value),
            Side::Legacy => self.forward(index, value),
        };
        converted
            .and_then(|value| carry(value, field.kind))
            .map_err(|source| self.field_error(index, source))
    }

    /// What to add on a side where `delta` is added to field `index`.
    ///
    /// A delta is signed whatever the column is: a whole number for integers,
    /// a decimal for decimals, a float for floats.
    ///
    /// # Errors
    /// [`ConvertError::Field`] when the column cannot be incremented, or not by
    /// this.
    pub fn increment_to_side(
        &self,
        side: Side,
        index: usize,
        delta: Value,
    ) -> Result<Value, ConvertError> {
        self.increment(side, index, delta)
            .map_err(|source| self.field_error(index, source))
    }

    fn increment(&self, side: Side, index: usize, delta: Value) -> Result<Value, ConvertError> {
        let field = &self.fields[index];
        let refused = || ConvertError::NotIncrementable {
            kind: field.kind,
            convert: field.convert,
        };
        let own = delta_kind(field.kind).ok_or_else(refused)?;
        if delta.is_null() {
            return Err(refused());
        }
        let delta = delta.coerce(own)?;
        match side {
            Side::New => Ok(delta),
            Side::Legacy => {
                let delta = match field.convert.ends() {
                    None => delta,
                    Some((_, gives)) => carry(delta, gives)?,
                };
                let delta = field
                    .convert
                    .increment_backward(&delta)
                    .ok_or_else(refused)?;
                let kind = delta_kind(self.legacy.columns[index].kind).ok_or_else(refused)?;
                carry(delta, kind)
            }
        }
    }

    /// The bound of field `index`, of its own kind, as a side's column is
    /// compared with it. Which bounds are accepted hangs on the mapping alone,
    /// never on the side, so that a request is not refused by a change of phase.
    ///
    /// # Errors
    /// [`ConvertError::Field`] when the field's values have no order that both
    /// sides keep, or the bound is NULL or has no exact counterpart.
    pub fn bound_to_side(
        &self,
        side: Side,
        index: usize,
        bound: Value,
    ) -> Result<Value, ConvertError> {
        let field = &self.fields[index];
        let wrong = if !(field.kind.is_ordered() && field.convert.keeps_order()) {
            ConvertError::NotOrdered {
                kind: field.kind,
                convert: field.convert,
            }
        } else if bound.is_null() {
            ConvertError::NullBound
        } else {
            return self.value_to_side(side, index, bound);
        };
        Err(self.field_error(index, wrong))
    }

    /// The key of a canonical row.
    ///
    /// # Errors
    /// [`KeyError`] when a part is NULL.
    pub fn key_of(&self, row: &[Value]) -> Result<Key, KeyError> {
        Key::new(self.key.iter().map(|index| row[*index].clone()).collect())
    }

    /// The parts of a key as a side's columns hold them.
    ///
    /// # Errors
    /// [`ConvertError`] when a part does not fit that side's column, or the key
    /// has another number of parts.
    pub fn key_to_side(&self, side: Side, key: &Key) -> Result<Vec<Value>, ConvertError> {
        self.check_key_arity(key.parts().len())?;
        let parts = self.key.iter().zip(key.parts());
        parts
            .map(|(index, part)| self.value_to_side(side, *index, part.clone()))
            .collect()
    }

    /// The canonical parts of a key out of what a side's columns hold.
    ///
    /// # Errors
    /// [`ConvertError`] when a part cannot be converted, or there is another
    /// number of parts.
    pub fn key_from_side(&self, side: Side, parts: Vec<Value>) -> Result<Vec<Value>, ConvertError> {
        self.check_key_arity(parts.len())?;
        let parts = self.key.iter().zip(parts);
        parts
            .map(|(index, part)| self.value_from_side(side, *index, part))
            .collect()
    }

    /// The conversion of a field towards new; numbers of another width than it
    /// takes are carried over first.
    fn forward(&self, index: usize, value: Value) -> Result<Value, ConvertError> {
        let convert = self.fields[index].convert;
        match convert.ends() {
            None => Ok(value),
            Some((takes, _)) => convert.forward(carry(value, takes)?),
        }
    }

    /// The conversion of a field towards legacy.
    fn backward(&self, index: usize, value: Value) -> Result<Value, ConvertError> {
        let convert = self.fields[index].convert;
        match convert.ends() {
            None => Ok(value),
            Some((_, gives)) => convert.backward(carry(value, gives)?),
        }
    }

    fn check_arity(&self, got: usize) -> Result<(), ConvertError> {
        arity(&self.name, self.fields.len(), got)
    }

    fn check_key_arity(&self, got: usize) -> Result<(), ConvertError> {
        arity(&self.name, self.key.len(), got)
    }

    fn field_error(&self, index: usize, source: ConvertError) -> ConvertError {
        ConvertError::Field {
            entity: self.name.to_string(),
            field: self.fields[index].name.clone(),
            source: Box::new(source),
        }
    }
}

fn arity(entity: &str, expected: usize, got: usize) -> Result<(), ConvertError> {
    if expected == got {
        Ok(())
    } else {
        Err(ConvertError::Arity {
            entity: entity.to_owned(),
            expected,
            got,
        })
    }
}

/// The kind of what is added to a column of `kind`; `None` where nothing can.
const fn delta_kind(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::Int | Kind::UInt => Some(Kind::Int),
        Kind::Decimal => Some(Kind::Decimal),
        Kind::Float => Some(Kind::Float),
        Kind::Bool
        | Kind::Text
        | Kind::Bytes
        | Kind::Uuid
        | Kind::Timestamp
        | Kind::DateTime
        | Kind::Date
        | Kind::Time
        | Kind::Json => None,
    }
}
