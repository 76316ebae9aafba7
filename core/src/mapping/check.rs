//! Settings and the two real schemas in; a mapping, or everything that is in
//! its way, out.

mod build;
mod foreign;
mod kinds;
mod look;
mod side;

use std::sync::Arc;

use foreign::Among;
use look::{Look, Seen};

use super::{Mapping, MappingError, MappingProblem, Reference};
use crate::catalog::Catalog;
use crate::side::Side;
use crate::spec::{Entity, TableName};
use crate::value::Kind;

/// The mapping of these entities onto the two databases.
///
/// A side may be away (`None`) in the phases in which it is not written: its
/// table is then taken to be as the settings say, its kinds those that the
/// conversions make of the other side's, and nothing else of it is known. Such
/// a mapping serves until that side is needed, and is checked again then.
///
/// # Errors
/// Everything that is in the way, not only the first: tables or columns that
/// do not exist, keys that are none, types that cannot be carried or do not
/// match, and whatever would change rows behind the writers' backs.
pub fn check(
    service: &str,
    entities: &[Entity],
    legacy: Option<&Catalog>,
    new: Option<&Catalog>,
) -> Result<Mapping, Vec<MappingError>> {
    let mut errors = Vec::new();
    if legacy.is_none() && new.is_none() {
        errors.extend(
            entities
                .iter()
                .map(|entity| error(entity, MappingProblem::NoSchema)),
        );
    }
    let legacy = look::look(Side::Legacy, entities, legacy, &mut errors);
    let new = look::look(Side::New, entities, new, &mut errors);
    let legacy_ranks = ranks(&legacy, entities, &mut errors);
    let new_ranks = ranks(&new, entities, &mut errors);
    let placed = |look: &Look<'_>, ranks: &[u32], index: usize| Placed {
        rank: ranks[index],
        references: foreign::mapped_references(look, entities, index),
    };

    let mut maps = Vec::with_capacity(entities.len());
    for (index, entity) in entities.iter().enumerate() {
        let pair = Pair {
            legacy: legacy.of(index),
            new: new.of(index),
        };
        let kinds = kinds::check(entity, pair, &mut errors);
        let key = side::key_indexes(entity, &mut errors);
        if let (Some(kinds), Some(key)) = (kinds, key) {
            maps.push(Arc::new(build::build(
                entity,
                pair,
                &kinds,
                &key,
                [
                    placed(&legacy, &legacy_ranks, index),
                    placed(&new, &new_ranks, index),
                ],
            )));
        }
    }
    if errors.is_empty() {
        Ok(Mapping {
            service: service.to_owned(),
            entities: maps,
            probes: Vec::new(),
        })
    } else {
        Err(errors)
    }
}

/// What is known of one entity on both sides.
#[derive(Clone, Copy)]
struct Pair<'a> {
    legacy: Option<&'a Seen<'a>>,
    new: Option<&'a Seen<'a>>,
}

/// How one entity's table stands among the other tables of its side.
struct Placed {
    rank: u32,
    references: Vec<Reference>,
}

/// The kinds of one column.
#[derive(Clone, Copy)]
struct Kinds {
    legacy: Kind,
    new: Kind,
}

/// Checks what only the whole side shows, and gives the order of its tables.
/// A circle of foreign keys has an order where one of them can wait.
fn ranks(look: &Look<'_>, entities: &[Entity], errors: &mut Vec<MappingError>) -> Vec<u32> {
    foreign::check_actions(look, entities, errors);
    let ranked = super::rank::ranks(&foreign::parents(look, Among::All))
        .or_else(|_| super::rank::ranks(&foreign::parents(look, Among::Firm)));
    match ranked {
        Ok(ranks) => ranks,
        Err(circle) => {
            let names: Vec<String> = circle.iter().map(|at| entities[*at].name.clone()).collect();
            let first = circle.first().copied().unwrap_or(0);
            errors.push(MappingError {
                side: Some(look.side),
                table: look.of(first).map(|seen| seen.info.name.clone()),
                ..error(&entities[first], MappingProblem::Circle { circle: names })
            });
            vec![0; entities.len()]
        }
    }
}

/// An error of an entity as a whole; the caller narrows it down.
fn error(entity: &Entity, problem: MappingProblem) -> MappingError {
    MappingError {
        entity: entity.name.clone(),
        side: None,
        table: None,
        column: None,
        problem,
    }
}

/// An error of a table, or of one of its columns.
fn at_table(
    entity: &Entity,
    side: Side,
    table: &TableName,
    column: Option<&str>,
    problem: MappingProblem,
) -> MappingError {
    MappingError {
        side: Some(side),
        table: Some(table.clone()),
        column: column.map(str::to_owned),
        ..error(entity, problem)
    }
}
