//! What must hold of one entity's table on one side, whatever the other is.

use super::look::Seen;
use super::{at_table, error};
use crate::catalog::ColumnInfo;
use crate::mapping::{MappingError, MappingProblem};
use crate::side::Side;
use crate::spec::Entity;
use crate::suggest;

pub(super) fn check(side: Side, entity: &Entity, seen: &Seen<'_>, errors: &mut Vec<MappingError>) {
    let mut push = |column: Option<&str>, problem| {
        errors.push(at_table(entity, side, &seen.info.name, column, problem));
    };
    for column in seen
        .columns
        .iter()
        .flatten()
        .filter(|column| column.kind.is_none())
    {
        let problem = MappingProblem::NotCarried {
            native: column.native.clone(),
            why: column.why.clone(),
        };
        push(Some(column.name.as_str()), problem);
    }
    for column in &seen.info.columns {
        let mapped = entity
            .columns
            .iter()
            .any(|mapped| mapped.name(side) == column.name);
        if !mapped && !column.nullable && !column.has_default && !column.generated {
            push(Some(column.name.as_str()), MappingProblem::UnmappedRequired);
        }
    }
    if entity.capture.is_none() {
        for trigger in seen
            .info
            .triggers
            .iter()
            .filter(|trigger| trigger.changes_rows)
        {
            push(
                None,
                MappingProblem::ChangingTrigger {
                    trigger: trigger.name.clone(),
                },
            );
        }
    }
    check_key(side, entity, seen, &mut push);
}

fn check_key(
    side: Side,
    entity: &Entity,
    seen: &Seen<'_>,
    push: &mut impl FnMut(Option<&str>, MappingProblem),
) {
    let positions = entity.key.iter().map(|field| {
        entity
            .columns
            .iter()
            .position(|column| column.new == *field)
    });
    let Some(key) = positions.collect::<Option<Vec<usize>>>() else {
        return; // Said by `key_indexes`.
    };
    let columns: Vec<&ColumnInfo> = key.iter().filter_map(|at| seen.columns[*at]).collect();
    if columns.len() < key.len() {
        return; // A missing column has been said already.
    }
    let names: Vec<String> = key
        .iter()
        .map(|at| entity.columns[*at].name(side).to_owned())
        .collect();
    let is_key =
        |set: &[String]| set.len() == names.len() && names.iter().all(|name| set.contains(name));
    let primary = is_key(&seen.info.primary_key);
    if !primary && !seen.info.uniques.iter().any(|set| is_key(set)) {
        let problem = MappingProblem::KeyNotUnique {
            key: names,
            primary: seen.info.primary_key.clone(),
        };
        push(None, problem);
    }
    for column in columns {
        check_key_column(column, primary, push);
    }
}

fn check_key_column(
    column: &ColumnInfo,
    primary: bool,
    push: &mut impl FnMut(Option<&str>, MappingProblem),
) {
    let mut problem = |problem| push(Some(column.name.as_str()), problem);
    // SQLite says that the columns of a primary key may be NULL; no application
    // means it, and a NULL that does turn up is refused when it is met.
    if column.nullable && !primary {
        problem(MappingProblem::KeyNullable);
    }
    if column.generated {
        problem(MappingProblem::KeyGenerated);
    }
    if column.collation_unsafe {
        problem(MappingProblem::KeyCollation);
    }
    if let Some(kind) = column.kind.filter(|kind| !kind.is_key()) {
        problem(MappingProblem::KeyKind { kind });
    }
}

/// Which columns make the key; `None`, with an error, if one does not exist.
pub(super) fn key_indexes(entity: &Entity, errors: &mut Vec<MappingError>) -> Option<Vec<usize>> {
    let mut found = Vec::with_capacity(entity.key.len());
    for field in &entity.key {
        let position = entity
            .columns
            .iter()
            .position(|column| column.new == *field);
        if position.is_none() {
            let names = entity.columns.iter().map(|column| column.new.as_str());
            let hint = suggest::hint(field, names);
            errors.push(MappingError {
                column: Some(field.clone()),
                ..error(entity, MappingProblem::NoColumn { hint })
            });
        }
        found.extend(position);
    }
    (found.len() == entity.key.len()).then_some(found)
}
