//! Foreign keys, where they matter to more than one entity.

use super::table_of;
use crate::catalog::{ForeignKey, TableInfo};
use crate::propose::Proposed;
use crate::propose::read::Read;
use crate::propose::remark::Remark;
use crate::propose::survey::SurveyedSides;
use crate::propose::tables::Pairing;
use crate::side::Side;

/// Columns of a pair that refer, alone and once on each side, to the tables of
/// one other pair.
pub(super) fn referring(
    (from, to): (usize, usize),
    legacy: &[Read<'_>],
    new: &[Read<'_>],
    pairing: &Pairing,
) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (old_parent, new_parent, _) in &pairing.pairs {
        let there = only_column(&legacy[from], &legacy[*old_parent]);
        let here = only_column(&new[to], &new[*new_parent]);
        found.extend(there.zip(here));
    }
    found
}

/// The one column by which a table refers to another.
fn only_column(child: &Read<'_>, parent: &Read<'_>) -> Option<usize> {
    let mut keys = child
        .info
        .foreign_keys
        .iter()
        .filter(|key| key.references == parent.info.name);
    match (keys.next(), keys.next()) {
        (Some(ForeignKey { columns, .. }), None) => match columns.as_slice() {
            [only] => child.place(only),
            _ => None,
        },
        (Some(_) | None, _) => None,
    }
}

/// Says of each offered entity which of its foreign keys could refuse a copy,
/// or change its rows from outside.
pub(super) fn remark(sides: &SurveyedSides, entities: &mut [Proposed]) {
    for at in 0..entities.len() {
        if !entities[at].offered {
            continue;
        }
        let mut told = Vec::new();
        for side in Side::BOTH {
            let Some(table) = table_of(sides, side, &entities[at]) else {
                continue;
            };
            for key in &table.foreign_keys {
                told.extend(of_key(sides, entities, at, side, table, key));
            }
        }
        let name = entities[at].entity.name.clone();
        let told = told.into_iter().map(|remark| remark.of(&name));
        entities[at].remarks.extend(told);
    }
}

fn of_key(
    sides: &SurveyedSides,
    entities: &[Proposed],
    at: usize,
    side: Side,
    table: &TableInfo,
    key: &ForeignKey,
) -> Option<Remark> {
    let parent = entities.iter().find(|other| {
        other.offered
            && table_of(sides, side, other).is_some_and(|info| info.name == key.references)
    });
    let Some(parent) = parent else {
        return Some(outside(side, key));
    };
    let other = side.other();
    let there = table_of(sides, other, &entities[at]);
    let parent_there = table_of(sides, other, parent);
    let kept = there.zip(parent_there).is_some_and(|(there, parent)| {
        let mut keys = there.foreign_keys.iter();
        keys.any(|key| key.references == parent.name)
    });
    let itself = key.references == table.name;
    (side == Side::New && !kept && !itself).then(|| {
        Remark::check(
            format!(
                "({}) refers to {} on the new side, and legacy does not keep that: the copy of a row without its parent is refused",
                key.columns.join(", "),
                key.references
            ),
            "see that legacy has no such rows",
        )
        .on(side)
    })
}

/// A foreign key to a table that is not in the mapping.
fn outside(side: Side, key: &ForeignKey) -> Remark {
    let columns = key.columns.join(", ");
    let target = &key.references;
    let changes = [("ON DELETE", key.on_delete), ("ON UPDATE", key.on_update)]
        .into_iter()
        .find(|(_, action)| action.changes_rows());
    if let Some((event, action)) = changes {
        return Remark::decide(
            format!(
                "({columns}) refers to {target}, which is not in this mapping, with {event} {}: a change there changes rows here without markers",
                action.as_sql()
            ),
            "use RESTRICT or NO ACTION, or know that such rows are never deleted and their keys never changed",
        )
        .on(side);
    }
    let remark = format!("({columns}) refers to {target}, which is not in this mapping");
    match side {
        Side::New => Remark::decide(
            format!("{remark}: a copy is refused unless that row is there"),
            "map that table as well, or drop the foreign key",
        ),
        Side::Legacy => Remark::check(
            format!("{remark}: once new is primary, a copy to legacy is refused unless that row is there"),
            "",
        ),
    }
    .on(side)
}
