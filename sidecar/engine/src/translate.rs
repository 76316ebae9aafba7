//! From a request in the application's words to mutations in one side's
//! columns: everything that can be wrong with a request is found here.

mod measure;
mod scope;

use std::sync::Arc;

use dualwrite_core::convert::ConvertError;
use dualwrite_core::flags::Mode;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::{EntityMap, Mapping};
use dualwrite_core::probe::is_probe;
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;

use crate::error::Invalid;
use crate::request::{MUTATIONS_MAX, RequestChange, RequestMutation, RowImage, WriteRequest};
use crate::store::{Change, Mutation};

pub(crate) use measure::{fingerprint, weight};
pub(crate) use scope::Scope;

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

/// Who asks for a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// An application, which knows its own entities.
    Application,
    /// A test run of ours, with the way to treat the secondary, whatever the
    /// flags say.
    Probe(Mode),
}

/// All mutations of a request, in the columns of `side`.
pub(crate) fn write(
    mapping: &Mapping,
    side: Side,
    request: &WriteRequest,
    caller: Caller,
) -> Result<Vec<Translated>, Invalid> {
    let each = request.mutations.iter().enumerate();
    each.map(|(index, mutation)| {
        let entity = match caller {
            Caller::Application => entity(mapping, index, &mutation.entity),
            Caller::Probe(_) => any_entity(mapping, index, &mutation.entity),
        };
        one(entity?, side, index, mutation)
    })
    .collect()
}

fn one(
    entity: &Arc<EntityMap>,
    side: Side,
    index: usize,
    mutation: &RequestMutation,
) -> Result<Translated, Invalid> {
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
            at_least,
        } => {
            if set.is_empty() && increment.is_empty() {
                return Err(Invalid::EmptyWrite);
            }
            let change = Change::Update {
                set: scope.columns(set)?,
                add: scope.increments(increment)?,
                only_if: scope.condition(only_if, at_least)?,
            };
            (scope.key(key)?, change)
        }
        RequestChange::Delete {
            key,
            only_if,
            at_least,
        } => (
            scope.key(key)?,
            Change::Delete {
                only_if: scope.condition(only_if, at_least)?,
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

/// The entity of this name, or what names there are. A probe is none.
pub(crate) fn entity<'a>(
    mapping: &'a Mapping,
    index: usize,
    name: &str,
) -> Result<&'a Arc<EntityMap>, Invalid> {
    match any_entity(mapping, index, name) {
        Ok(found) if is_probe(&found.name) => Err(unknown_entity(mapping, index, name)),
        found => found,
    }
}

/// The entity or the probe of this name.
fn any_entity<'a>(
    mapping: &'a Mapping,
    index: usize,
    name: &str,
) -> Result<&'a Arc<EntityMap>, Invalid> {
    let found = mapping.entity(name);
    found.ok_or_else(|| unknown_entity(mapping, index, name))
}

fn unknown_entity(mapping: &Mapping, index: usize, name: &str) -> Invalid {
    let known = mapping.entities.iter().map(|entity| &*entity.name);
    Invalid::UnknownEntity {
        index,
        entity: name.to_owned(),
        known: known.collect::<Vec<_>>().join(", "),
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
