//! What stands in the way of copies on the secondary, and how they are made in
//! spite of it.
//!
//! The primary checks its constraints after every transaction, the secondary
//! sees keys one by one. So it can hold, for a moment, a unique value under the
//! key that had it before, miss the parent of a child, or keep the child of a
//! parent that is gone. Each of those rows differs from the primary's, so it has
//! a marker too: the copies belong together. [`survey()`] finds those rows,
//! [`judge()`] says which keys must join and which have no marker after all (the
//! databases differ there), [`arrange()`] puts the writes in an order that the
//! secondary takes at every step.

mod arrange;
mod judge;
mod park;
mod survey;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use dualwrite_core::mapping::{EntityMap, Mapping, Reference, Table};
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;

use super::Refusal;
use crate::relay::Dirty;
use crate::store::{ConstraintKind, Copy, OpenApply, RowKey, StoreError};

pub(super) use arrange::arrange;
pub(super) use judge::judge;
pub(super) use survey::survey;

/// Keys of one transaction on the secondary at most, those that joined
/// included. A closure that is larger waits until the others' own copies have
/// made it smaller.
pub(super) const CLOSURE_MAX: usize = 1_024;

/// How often a batch starts again with more keys: each time one step further
/// along references, or to whoever took a value since.
pub(super) const ROUNDS_MAX: usize = 16;

/// A row of a table, in its mapped columns.
pub(super) type Row = Vec<Value>;

/// A key of the set, under its lock.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) entity: Arc<EntityMap>,
    /// What the secondary calls it.
    pub(super) on_secondary: RowKey,
    /// What becomes of it: `None` where it is not copied, because it has no
    /// marker.
    pub(super) target: Option<Target>,
    /// The secondary's row.
    pub(super) current: Option<Row>,
}

/// What a key becomes: this row, or absent.
#[derive(Debug, Clone)]
pub(super) struct Target(pub(super) Option<Row>);

/// Why rows are looked for.
#[derive(Debug, Clone)]
pub(super) enum Need {
    /// Nobody else may hold these columns' values.
    Unique(Vec<usize>),
    /// Somebody must hold what this refers to.
    Parent(Reference),
    /// Nobody may refer to it: the table and its reference.
    Children(Arc<Table>, Reference),
}

/// What was found for a need of a member.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) member: usize,
    pub(super) need: Need,
    /// The values that are looked for.
    pub(super) values: Vec<Value>,
    /// Who holds them on the secondary.
    pub(super) holders: Vec<RowKey>,
}

/// What follows from the findings.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Keys that must be in the set too.
    pub(super) join: Vec<Dirty>,
    /// Members that cannot be copied, with the reason.
    pub(super) refused: BTreeMap<usize, Refusal>,
    /// Members whose value in a column must get out of the way first.
    pub(super) parks: Vec<(usize, usize)>,
    /// A child among the members, its parent, and the reference between them:
    /// the parent comes first.
    pub(super) comes_after: Vec<(usize, usize, Reference)>,
    /// A parent among the members that goes, a child that goes, and the
    /// reference: the child goes first.
    pub(super) goes_after: Vec<(usize, usize, Reference)>,
}

/// The tables of the secondary, for whoever looks along references.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) side: Side,
}

// === impl Member ===

impl Member {
    /// The row that it becomes.
    pub(super) fn comes(&self) -> Option<&Row> {
        self.target.as_ref()?.0.as_ref()
    }

    /// Whether it becomes absent.
    pub(super) fn goes(&self) -> bool {
        matches!(self.target, Some(Target(None)))
    }

    pub(super) fn copy(&self, row: Option<Row>) -> Copy {
        Copy {
            table: Arc::clone(&self.on_secondary.table),
            key: self.on_secondary.key.clone(),
            row,
        }
    }
}

/// Writes copies of which some stand in each other's way; any other row in the
/// way is an error. For a transaction whose keys are all there are.
pub(crate) async fn fit(
    apply: &mut dyn OpenApply,
    (mapping, side): (&Mapping, Side),
    copies: Vec<Copy>,
    entropy: &dyn crate::ports::Entropy,
) -> Result<(), StoreError> {
    let ground = Ground { mapping, side };
    let members = copies.into_iter().filter_map(|copy| {
        let entity = Arc::clone(mapping.entity(&copy.table.entity)?);
        let (table, key) = (copy.table, copy.key);
        Some(Member {
            entity,
            on_secondary: RowKey { table, key },
            target: Some(Target(copy.row)),
            current: None,
        })
    });
    let mut members: Vec<Member> = members.collect();
    let findings = survey(apply, ground, &mut members).await?;
    let judged = judge(ground, &members, &findings);
    let refused = judged.refused.values().next();
    if let Some(why) = refused.map(|refusal| refusal.error.clone()) {
        return Err(StoreError::Value(why));
    }
    if let Some(other) = judged.join.first() {
        return Err(StoreError::Constraint {
            kind: ConstraintKind::Unique,
            table: other.entity.to_string(),
            constraint: "another key that is not yet copied".to_owned(),
        });
    }
    apply.apply(&arrange(&members, &judged, entropy)).await
}

/// The values of some columns, unless one of them is NULL.
pub(super) fn picked(row: &Row, columns: &[usize]) -> Option<Vec<Value>> {
    let values: Option<Vec<Value>> = columns.iter().map(|at| row.get(*at).cloned()).collect();
    values.filter(|values| !values.iter().any(Value::is_null))
}
