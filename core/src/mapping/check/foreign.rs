//! Foreign keys between mapped tables: which of them change rows by
//! themselves, and in which order rows must be copied.

use std::sync::Arc;

use super::at_table;
use super::look::Look;
use crate::catalog::ForeignKey;
use crate::mapping::{MappingError, MappingProblem, Reference};
use crate::spec::Entity;

/// Which foreign keys count for the order of tables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// All of them.
    All,
    /// Those that cannot wait: a row can be written with a reference that may
    /// be NULL left open, and one that is deferrable is checked in the end.
    Firm,
}

/// For each entity, the mapped entities that it refers to, without itself:
/// rows of one table that refer to each other are put in order one by one.
pub(super) fn parents(look: &Look<'_>, among: Among) -> Vec<Vec<usize>> {
    (0..look.tables.len())
        .map(|child| {
            let keys = references(look, child);
            keys.into_iter()
                .filter(|(key, _)| among == Among::All || !can_wait(look, child, key))
                .map(|(_, parent)| parent)
                .filter(|parent| *parent != child)
                .collect()
        })
        .collect()
}

fn can_wait(look: &Look<'_>, child: usize, key: &ForeignKey) -> bool {
    let is_nullable = |name: &String| {
        let column = look.of(child).and_then(|seen| seen.info.column(name));
        column.is_some_and(|column| column.nullable && !column.generated)
    };
    key.deferrable || key.columns.iter().any(is_nullable)
}

/// The foreign keys of an entity to mapped tables, by the places of their
/// columns; those with a column that is not mapped cannot be followed.
pub(super) fn mapped_references(
    look: &Look<'_>,
    entities: &[Entity],
    child: usize,
) -> Vec<Reference> {
    let places = |entity: &Entity, names: &[String]| -> Option<Vec<usize>> {
        let place = |name: &String| {
            let mut columns = entity.columns.iter();
            columns.position(|column| column.name(look.side) == name)
        };
        names.iter().map(place).collect()
    };
    let keys = references(look, child).into_iter();
    keys.filter_map(|(key, parent)| {
        Some(Reference {
            columns: places(&entities[child], &key.columns)?,
            parent: Arc::from(entities[parent].name.as_str()),
            parent_columns: places(&entities[parent], &key.referenced_columns)?,
            deferrable: key.deferrable,
        })
    })
    .collect()
}

/// Refuses keys by which the database changes mapped rows when other mapped
/// rows change: no statement names those rows, so nothing marks them. A capture
/// trigger on the changed table does.
pub(super) fn check_actions(look: &Look<'_>, entities: &[Entity], errors: &mut Vec<MappingError>) {
    for (child, entity) in entities.iter().enumerate() {
        let Some(seen) = look.of(child).filter(|_| entity.capture.is_none()) else {
            continue;
        };
        for (key, _) in references(look, child) {
            let events = [("ON DELETE", key.on_delete), ("ON UPDATE", key.on_update)];
            for (event, action) in events
                .into_iter()
                .filter(|(_, action)| action.changes_rows())
            {
                let problem = MappingProblem::CascadingKey {
                    foreign_key: key.name.clone(),
                    event,
                    action,
                    changed: entity.name.clone(),
                };
                errors.push(at_table(entity, look.side, &seen.info.name, None, problem));
            }
        }
    }
}

/// The foreign keys of an entity that lead to mapped tables, with those.
fn references<'a>(look: &Look<'a>, child: usize) -> Vec<(&'a ForeignKey, usize)> {
    let Some(seen) = look.of(child) else {
        return Vec::new();
    };
    let keys = seen.info.foreign_keys.iter();
    keys.filter_map(|key| {
        let parent = look.tables.iter().position(|table| {
            table
                .as_ref()
                .is_some_and(|table| table.info.name == key.references)
        })?;
        Some((key, parent))
    })
    .collect()
}
