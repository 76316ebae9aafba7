//! From a request in the application's words to mutations in one side's
//! columns: everything that can be wrong with a request is found here.

use std::sync::Arc;

use dualwrite_core::convert::ConvertError;
use dualwrite_core::fingerprint::Fingerprint;
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

/// What tells this request from another one under the same idempotency key.
pub(crate) fn fingerprint(request: &WriteRequest) -> i64 {
    let mut print = Fingerprint::default();
    for mutation in &request.mutations {
        print.part(mutation.entity.as_bytes());
        print.part(&[u8::from(mutation.must_match)]);
        match &mutation.change {
            RequestChange::Insert { values } => add(&mut print, "insert", &[values]),
            RequestChange::Upsert { values } => add(&mut print, "upsert", &[values]),
            RequestChange::Update {
                key,
                set,
                increment,
                only_if,
            } => {
                add(&mut print, "update", &[key, set, increment, only_if]);
            }
            RequestChange::Delete { key, only_if } => add(&mut print, "delete", &[key, only_if]),
        }
    }
    print.finish()
}

fn add(print: &mut Fingerprint, verb: &str, groups: &[&Fields]) {
    print.part(verb.as_bytes());
    for group in groups {
        // Maps on the wire have no order, so the hash must not have one.
        let mut sorted: Vec<&(String, Value)> = group.iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        print.part(&sorted.len().to_be_bytes());
        for (name, value) in sorted {
            print.part(name.as_bytes());
            print.part(value.kind_word().as_bytes());
            print.part(value.to_text().unwrap_or_default().as_bytes());
        }
    }
}

/// About how much memory a request holds while it waits.
pub(crate) fn weight(request: &WriteRequest) -> u64 {
    let fields = |group: &Fields| -> usize {
        group
            .iter()
            .map(|(name, value)| name.len() + 48 + value_weight(value))
            .sum()
    };
    let bytes: usize = request
        .mutations
        .iter()
        .map(|mutation| match &mutation.change {
            RequestChange::Insert { values } | RequestChange::Upsert { values } => fields(values),
            RequestChange::Update {
                key,
                set,
                increment,
                only_if,
            } => fields(key) + fields(set) + fields(increment) + fields(only_if),
            RequestChange::Delete { key, only_if } => fields(key) + fields(only_if),
        })
        .sum();
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

fn value_weight(value: &Value) -> usize {
    match value {
        Value::Text(text) | Value::Json(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::UInt(_)
        | Value::Decimal(_)
        | Value::Float(_)
        | Value::Uuid(_)
        | Value::Timestamp(_)
        | Value::DateTime(_)
        | Value::Date(_)
        | Value::Time(_) => 16,
    }
}
