//! From a request in the application's words to mutations in one side's
//! columns: everything that can be wrong with a request is found here.

mod measure;

use std::sync::Arc;

use dualwrite_core::convert::ConvertError;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::{EntityMap, Mapping};
use dualwrite_core::side::Side;
use dualwrite_core::suggest;
use dualwrite_core::value::Value;

use crate::error::Invalid;
use crate::request::{
    Fields, MUTATIONS_MAX, RequestChange, RequestMutation, RowImage, WriteRequest,
};
use crate::store::{Change, Mutation};

pub(crate) use measure::{fingerprint, weight};

/// The longest idempotency key: a UUID has 36 characters, a trace id less.
const IDEMPOTENCY_KEY_MAX: usize = 200;

/// One mutation, found in the mapping and turned into one side's columns.
#[derive(Debug)]
pub(crate) struct Translated {
    /// Whose row.
    pub(crate) entity: Arc<EntityMap>,
    /// Which row, in canonical form.
    pub(crate) key: Key,
    /// What to do, in the side's columns.
    pub(crate) mutation: Mutation,
}

/// Checks what can be checked without a mapping.
pub(crate) fn check_shape(request: &WriteRequest) -> Result<(), Invalid> {
    if request.mutations.is_empty() {
        return Err(Invalid::EmptyWrite);
    }
    if request.mutations.len() > MUTATIONS_MAX {
        let limit = u64::try_from(MUTATIONS_MAX).unwrap_or(u64::MAX);
        return Err(Invalid::TooLarge {
            what: "the number of mutations".into(),
            limit,
        });
    }
    match &request.idempotency_key {
        Some(id) => check_request_id(id),
        None => Ok(()),
    }
}

/// Checks an idempotency key.
pub(crate) fn check_request_id(id: &str) -> Result<(), Invalid> {
    let right = !id.is_empty() && id.len() <= IDEMPOTENCY_KEY_MAX && !id.contains('\0');
    if right {
        Ok(())
    } else {
        Err(Invalid::IdempotencyKey)
    }
}

/// All mutations of a request, in the columns of `side`.
pub(crate) fn write(
    mapping: &Mapping,
    side: Side,
    request: &WriteRequest,
) -> Result<Vec<Translated>, Invalid> {
    let each = request.mutations.iter().enumerate();
    each.map(|(index, mutation)| one(mapping, side, index, mutation))
        .collect()
}

fn one(
    mapping: &Mapping,
    side: Side,
    index: usize,
    mutation: &RequestMutation,
) -> Result<Translated, Invalid> {
    let entity = entity(mapping, index, &mutation.entity)?;
    let scope = Scope {
        entity,
        side,
        index,
    };
    let (key, change) = match &mutation.change {
        RequestChange::Insert { values } => {
            let (key, values) = scope.split(values)?;
            (key, Change::Insert { values })
        }
        RequestChange::Upsert { values } => {
            let (key, values) = scope.split(values)?;
            (key, Change::Upsert { values })
        }
        RequestChange::Update {
            key,
            set,
            increment,
            only_if,
        } => {
            if set.is_empty() && increment.is_empty() {
                return Err(Invalid::EmptyWrite);
            }
            let change = Change::Update {
                set: scope.columns(set)?,
                add: scope.increments(increment)?,
                only_if: scope.columns(only_if)?,
            };
            (scope.key(key)?, change)
        }
        RequestChange::Delete { key, only_if } => (
            scope.key(key)?,
            Change::Delete {
                only_if: scope.columns(only_if)?,
            },
        ),
    };
    let side_key = scope.side_key(&key)?;
    let table = Arc::clone(entity.table(side));
    let must_match = mutation.must_match;
    let mutation = Mutation {
        table,
        key: side_key,
        change,
        must_match,
    };
    Ok(Translated {
        entity: Arc::clone(entity),
        key,
        mutation,
    })
}

/// The entity of this name, or what names there are.
pub(crate) fn entity<'a>(
    mapping: &'a Mapping,
    index: usize,
    name: &str,
) -> Result<&'a Arc<EntityMap>, Invalid> {
    mapping.entity(name).ok_or_else(|| Invalid::UnknownEntity {
        index,
        entity: name.to_owned(),
        known: mapping
            .entities
            .iter()
            .map(|entity| &*entity.name)
            .collect::<Vec<_>>()
            .join(", "),
    })
}

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
    fn split(&self, values: &Fields) -> Result<(Key, Vec<(usize, Value)>), Invalid> {
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

    fn increments(&self, fields: &Fields) -> Result<Vec<(usize, Value)>, Invalid> {
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

/// A row image in the application's words, out of a side's row.
pub(crate) fn image(
    entity: &EntityMap,
    side: Side,
    row: Vec<Value>,
) -> Result<RowImage, ConvertError> {
    let values = entity.from_side(side, row)?;
    let names = entity
        .fields
        .iter()
        .map(|field| Arc::from(field.name.as_str()));
    Ok(names.zip(values).collect())
}
