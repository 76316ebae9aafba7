//! Settings and the two real schemas in; a mapping, or everything that is in
//! its way, out.

mod foreign;
mod kinds;
mod look;
mod side;

use std::sync::Arc;

use look::{Look, Seen};

use super::{EntityMap, Field, Mapping, MappingError, MappingProblem, Table, TableColumn};
use crate::catalog::{Catalog, TableInfo};
use crate::side::Side;
use crate::spec::{Column, Entity, TableName};
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

    let mut maps = Vec::with_capacity(entities.len());
    for (index, entity) in entities.iter().enumerate() {
        let pair = Pair {
            legacy: legacy.of(index),
            new: new.of(index),
        };
        let kinds = kinds::check(entity, pair, &mut errors);
        let key = side::key_indexes(entity, &mut errors);
        if let (Some(kinds), Some(key)) = (kinds, key) {
            maps.push(Arc::new(build(
                entity,
                pair,
                &kinds,
                &key,
                [legacy_ranks[index], new_ranks[index]],
            )));
        }
    }
    if errors.is_empty() {
        Ok(Mapping {
            service: service.to_owned(),
            entities: maps,
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

/// The kinds of one column.
#[derive(Clone, Copy)]
struct Kinds {
    legacy: Kind,
    new: Kind,
}

/// Checks what only the whole side shows, and gives the order of its tables.
fn ranks(look: &Look<'_>, entities: &[Entity], errors: &mut Vec<MappingError>) -> Vec<u32> {
    foreign::check_actions(look, entities, errors);
    match super::rank::ranks(&foreign::parents(look)) {
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

fn build(
    entity: &Entity,
    pair: Pair<'_>,
    kinds: &[Kinds],
    key: &[usize],
    [legacy_rank, new_rank]: [u32; 2],
) -> EntityMap {
    let name: Arc<str> = Arc::from(entity.name.as_str());
    let legacy_kinds: Vec<Kind> = kinds.iter().map(|kinds| kinds.legacy).collect();
    let new_kinds: Vec<Kind> = kinds.iter().map(|kinds| kinds.new).collect();
    let shape = Shape {
        entity,
        name: &name,
        key,
    };
    let legacy = shape.table(
        Side::Legacy,
        pair.legacy,
        pair.new,
        &legacy_kinds,
        legacy_rank,
    );
    let new = shape.table(Side::New, pair.new, pair.legacy, &new_kinds, new_rank);
    let fields = entity
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| Field {
            name: column.new.clone(),
            kind: kinds[at].new,
            convert: column.convert,
            sensitive: column.sensitive,
            nullable: legacy.columns[at].nullable && new.columns[at].nullable,
        })
        .collect();
    EntityMap {
        root: entity.root,
        captured: !entity.capture.is_none(),
        fields,
        key: key.to_vec(),
        legacy: Arc::new(legacy),
        new: Arc::new(new),
        name,
    }
}

/// What both tables of an entity have in common.
struct Shape<'a> {
    entity: &'a Entity,
    name: &'a Arc<str>,
    key: &'a [usize],
}

impl Shape<'_> {
    fn table(
        &self,
        side: Side,
        seen: Option<&Seen<'_>>,
        other: Option<&Seen<'_>>,
        kinds: &[Kind],
        fk_rank: u32,
    ) -> Table {
        let columns = self.entity.columns.iter().zip(kinds).enumerate();
        Table {
            entity: Arc::clone(self.name),
            name: seen.map_or_else(
                || self.entity.table(side).clone(),
                |seen| seen.info.name.clone(),
            ),
            key: self.key.to_vec(),
            columns: columns
                .map(|(at, (column, kind))| table_column(side, column, *kind, at, seen, other))
                .collect(),
            fk_rank,
            uniques: seen.map_or_else(Vec::new, |seen| self.uniques(side, seen.info)),
        }
    }

    /// Unique sets all of whose columns are mapped, without the key itself.
    fn uniques(&self, side: Side, info: &TableInfo) -> Vec<Vec<usize>> {
        let position = |name: &String| {
            self.entity
                .columns
                .iter()
                .position(|column| column.name(side) == name)
        };
        let sets = info.uniques.iter().chain([&info.primary_key]);
        let mut found: Vec<Vec<usize>> = Vec::new();
        for set in sets.filter(|set| !set.is_empty()) {
            let mapped: Option<Vec<usize>> = set.iter().map(position).collect();
            if let Some(mapped) = mapped
                && !same_set(&mapped, self.key)
                && !found.contains(&mapped)
            {
                found.push(mapped);
            }
        }
        found
    }
}

fn table_column(
    side: Side,
    column: &Column,
    kind: Kind,
    at: usize,
    seen: Option<&Seen<'_>>,
    other: Option<&Seen<'_>>,
) -> TableColumn {
    let info = seen.and_then(|seen| seen.columns[at]);
    let like = info.or_else(|| other.and_then(|other| other.columns[at]));
    TableColumn {
        name: column.name(side).to_owned(),
        native: info.map_or_else(String::new, |info| info.native.clone()),
        kind,
        nullable: like.is_none_or(|like| like.nullable),
        generated: like.is_some_and(|like| like.generated),
    }
}

fn same_set(left: &[usize], right: &[usize]) -> bool {
    left.len() == right.len() && left.iter().all(|at| right.contains(at))
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
