//! Asking the secondary who is in the way.

use std::sync::Arc;

use super::{CLOSURE_MAX, Finding, Ground, Member, Need, picked};
use crate::store::{OpenApply, RowKey, Sought, StoreError};

/// Reads the members' rows, and finds whoever holds a unique value that one of
/// them takes, a row that one of them refers to, or refers to one that goes.
pub(in super::super) async fn survey(
    apply: &mut dyn OpenApply,
    ground: Ground<'_>,
    members: &mut [Member],
) -> Result<Vec<Finding>, StoreError> {
    let keys: Vec<RowKey> = members.iter().map(|one| one.on_secondary.clone()).collect();
    let rows = apply.read(&keys).await?;
    for (member, row) in members.iter_mut().zip(rows) {
        member.current = row;
    }
    let mut findings = Vec::new();
    let mut sought = Vec::new();
    for (place, member) in members.iter().enumerate() {
        for (need, one) in needs(ground, member) {
            findings.push(Finding {
                member: place,
                need,
                values: one.values.clone(),
                holders: Vec::new(),
            });
            sought.push(one);
        }
    }
    // One more than can be taken, so that too many are seen to be too many.
    let limit = u32::try_from(CLOSURE_MAX).unwrap_or(u32::MAX);
    let holders = apply.holders(&sought, limit.saturating_add(1)).await?;
    for ((finding, keys), asked) in findings.iter_mut().zip(holders).zip(&sought) {
        let row = |key| RowKey {
            table: Arc::clone(&asked.table),
            key,
        };
        finding.holders = keys.into_iter().map(row).collect();
    }
    Ok(findings)
}

fn needs(ground: Ground<'_>, member: &Member) -> Vec<(Need, Sought)> {
    let mut needs = Vec::new();
    if let Some(row) = member.comes() {
        arriving(ground, member, row, &mut needs);
    }
    if member.target.is_some() {
        leaving(ground, member, &mut needs);
    }
    needs
}

/// What a row needs that comes or changes. What it has already needs nothing.
fn arriving(
    ground: Ground<'_>,
    member: &Member,
    row: &super::Row,
    needs: &mut Vec<(Need, Sought)>,
) {
    let table = &member.on_secondary.table;
    let changed = |columns: &[usize]| {
        let values = picked(row, columns)?;
        let had = member
            .current
            .as_ref()
            .and_then(|current| picked(current, columns));
        (had.as_ref() != Some(&values)).then_some(values)
    };
    for unique in &table.uniques {
        if let Some(values) = changed(unique) {
            let sought = Sought {
                table: Arc::clone(table),
                columns: unique.clone(),
                values,
            };
            needs.push((Need::Unique(unique.clone()), sought));
        }
    }
    for reference in &table.references {
        let parent = ground.mapping.entity(&reference.parent);
        if let (Some(parent), Some(values)) = (parent, changed(&reference.columns)) {
            let sought = Sought {
                table: Arc::clone(parent.table(ground.side)),
                columns: reference.parent_columns.clone(),
                values,
            };
            needs.push((Need::Parent(reference.clone()), sought));
        }
    }
}

/// Who still refers to what goes.
fn leaving(ground: Ground<'_>, member: &Member, needs: &mut Vec<(Need, Sought)>) {
    let Some(current) = &member.current else {
        return;
    };
    for child in ground.mapping.all() {
        let table = child.table(ground.side);
        for reference in &table.references {
            if reference.parent != member.entity.name {
                continue;
            }
            let Some(values) = picked(current, &reference.parent_columns) else {
                continue;
            };
            let stays = member
                .comes()
                .and_then(|row| picked(row, &reference.parent_columns));
            if stays.as_ref() == Some(&values) {
                continue;
            }
            let sought = Sought {
                table: Arc::clone(table),
                columns: reference.columns.clone(),
                values,
            };
            needs.push((Need::Children(Arc::clone(table), reference.clone()), sought));
        }
    }
}
