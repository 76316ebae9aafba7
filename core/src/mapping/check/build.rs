//! An entity's mapping out of what was found of it.

use std::sync::Arc;

use super::look::Seen;
use super::{Kinds, Pair, Placed};
use crate::catalog::TableInfo;
use crate::mapping::{EntityMap, Field, Table, TableColumn};
use crate::side::Side;
use crate::spec::{Column, Entity};
use crate::value::Kind;

pub(super) fn build(
    entity: &Entity,
    pair: Pair<'_>,
    kinds: &[Kinds],
    key: &[usize],
    [legacy_placed, new_placed]: [Placed; 2],
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
        legacy_placed,
    );
    let new = shape.table(Side::New, pair.new, pair.legacy, &new_kinds, new_placed);
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
        placed: Placed,
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
            fk_rank: placed.rank,
            uniques: seen.map_or_else(Vec::new, |seen| self.uniques(side, seen.info)),
            references: placed.references,
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
