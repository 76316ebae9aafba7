//! Foreign keys between mapped tables: which of them change rows by
//! themselves, and in which order rows must be copied.

use super::at_table;
use super::look::Look;
use crate::catalog::ForeignKey;
use crate::mapping::{MappingError, MappingProblem};
use crate::spec::Entity;

/// For each entity, the mapped entities that it refers to, without itself:
/// rows of one table that refer to each other are copied in one statement.
pub(super) fn parents(look: &Look<'_>) -> Vec<Vec<usize>> {
    (0..look.tables.len())
        .map(|child| {
            let keys = references(look, child);
            keys.into_iter()
                .map(|(_, parent)| parent)
                .filter(|parent| *parent != child)
                .collect()
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
