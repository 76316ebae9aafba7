//! One mutation's fields, found in the mapping and turned into a side's columns.

use std::sync::Arc;

use dualwrite_core::convert::ConvertError;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::EntityMap;
use dualwrite_core::side::Side;
use dualwrite_core::suggest;
use dualwrite_core::value::Value;

use crate::error::Invalid;
use crate::request::Fields;
use crate::store::Condition;

/// One mutation's entity, for errors that say where.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) entity: &'a Arc<EntityMap>,
    pub(crate) side: Side,
    pub(crate) index: usize,
}

impl Scope<'_> {
    /// The canonical key out of its fields; every part must be given and
    /// nothing else.
    pub(crate) fn key(&self, fields: &Fields) -> Result<Key, Invalid> {
        for (name, _) in fields {
            let place = self.field(name)?;
            if !self.entity.key.contains(&place) {
                return Err(self.unknown(name, " in its key"));
            }
        }
        let parts = self
            .entity
            .key
            .iter()
            .map(|place| self.key_part(fields, *place));
        let parts = parts.collect::<Result<Vec<Value>, Invalid>>()?;
        Key::new(parts).map_err(|error| self.wrong("key", &error.to_string()))
    }

    fn key_part(&self, fields: &Fields, place: usize) -> Result<Value, Invalid> {
        let field = &self.entity.fields[place];
        let given = fields.iter().find(|(name, _)| *name == field.name);
        match given {
            Some((_, value)) if !value.is_null() => self.coerced(place, value),
            Some(_) | None => Err(Invalid::MissingKey {
                index: self.index,
                entity: self.entity.name.to_string(),
                field: field.name.clone(),
            }),
        }
    }

    /// The key as the side's columns hold it.
    pub(crate) fn side_key(&self, key: &Key) -> Result<Key, Invalid> {
        let parts = self
            .entity
            .key_to_side(self.side, key)
            .map_err(|error| self.wrong("key", &error.to_string()))?;
        Key::new(parts).map_err(|error| self.wrong("key", &error.to_string()))
    }

    /// Key and other columns out of the fields of a whole row.
    pub(super) fn split(&self, values: &Fields) -> Result<(Key, Vec<(usize, Value)>), Invalid> {
        let is_key = |name: &str| {
            self.entity
                .field(name)
                .is_some_and(|place| self.entity.key.contains(&place))
        };
        let (key, rest): (Fields, Fields) =
            values.iter().cloned().partition(|(name, _)| is_key(name));
        Ok((self.key(&key)?, self.columns(&rest)?))
    }

    /// Columns that are not the key, as the side holds them.
    pub(crate) fn columns(&self, fields: &Fields) -> Result<Vec<(usize, Value)>, Invalid> {
        let each = fields.iter().map(|(name, value)| {
            let place = self.changeable(name)?;
            let value = self.coerced(place, value)?;
            let stored = self.entity.value_to_side(self.side, place, value);
            Ok((
                place,
                stored.map_err(|error| self.unconverted(place, &error))?,
            ))
        });
        each.collect()
    }

    /// Any columns, key columns among them, as conditions of a list.
    pub(crate) fn conditions(&self, fields: &Fields) -> Result<Vec<(usize, Value)>, Invalid> {
        let each = fields.iter().map(|(name, value)| {
            let place = self.field(name)?;
            let value = self.coerced(place, value)?;
            let stored = self.entity.value_to_side(self.side, place, value);
            Ok((
                place,
                stored.map_err(|error| self.unconverted(place, &error))?,
            ))
        });
        each.collect()
    }

    pub(super) fn increments(&self, fields: &Fields) -> Result<Vec<(usize, Value)>, Invalid> {
        let each = fields.iter().map(|(name, value)| {
            let place = self.changeable(name)?;
            let stored = self
                .entity
                .increment_to_side(self.side, place, value.clone());
            Ok((
                place,
                stored.map_err(|error| self.unconverted(place, &error))?,
            ))
        });
        each.collect()
    }

    /// What a row must be like, in the side's columns.
    pub(super) fn condition(
        &self,
        only_if: &Fields,
        at_least: &Fields,
    ) -> Result<Condition, Invalid> {
        Ok(Condition {
            equal: self.columns(only_if)?,
            at_least: self.bounds(at_least)?,
        })
    }

    fn bounds(&self, fields: &Fields) -> Result<Vec<(usize, Value)>, Invalid> {
        let each = fields.iter().map(|(name, value)| {
            let place = self.changeable(name)?;
            let bound = self.coerced(place, value)?;
            let stored = self.entity.bound_to_side(self.side, place, bound);
            Ok((
                place,
                stored.map_err(|error| self.unconverted(place, &error))?,
            ))
        });
        each.collect()
    }

    fn changeable(&self, name: &str) -> Result<usize, Invalid> {
        let place = self.field(name)?;
        if self.entity.key.contains(&place) {
            return Err(Invalid::KeyChange {
                index: self.index,
                entity: self.entity.name.to_string(),
                field: name.to_owned(),
            });
        }
        Ok(place)
    }

    pub(crate) fn field(&self, name: &str) -> Result<usize, Invalid> {
        self.entity
            .field(name)
            .ok_or_else(|| self.unknown(name, ""))
    }

    fn coerced(&self, place: usize, value: &Value) -> Result<Value, Invalid> {
        let field = &self.entity.fields[place];
        value
            .clone()
            .coerce(field.kind)
            .map_err(|error| self.wrong(&field.name, &error.to_string()))
    }

    fn unknown(&self, name: &str, place: &str) -> Invalid {
        let fields = || self.entity.fields.iter().map(|field| field.name.as_str());
        let hint = match suggest::nearest(name, fields()) {
            Some(near) => format!("{place}; did you mean `{near}`?"),
            None => format!(
                "{place}; fields are {}",
                fields().collect::<Vec<_>>().join(", ")
            ),
        };
        Invalid::UnknownField {
            index: self.index,
            entity: self.entity.name.to_string(),
            field: name.to_owned(),
            hint,
        }
    }

    fn unconverted(&self, place: usize, error: &ConvertError) -> Invalid {
        self.wrong(&self.entity.fields[place].name, &error.to_string())
    }

    fn wrong(&self, field: &str, problem: &str) -> Invalid {
        Invalid::WrongType {
            index: self.index,
            entity: self.entity.name.to_string(),
            field: field.to_owned(),
            problem: problem.to_owned(),
        }
    }
}
