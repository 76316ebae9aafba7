//! The writes of a closed set, in an order that the secondary takes at every
//! step: values that are in the way are parked, rows come parents first, rows
//! go children first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dualwrite_core::mapping::Reference;
use dualwrite_core::value::Value;

use super::{Judged, Member, Row, park};
use crate::ports::Entropy;
use crate::store::Copy;

/// The copies of all members that are neither refused nor left as they are.
pub(in super::super) fn arrange(
    members: &[Member],
    judged: &Judged,
    entropy: &dyn Entropy,
) -> Vec<Copy> {
    let taken = |place: &usize| !judged.refused.contains_key(place);
    let comes = ranked(members, |one| one.comes().is_some(), i64::from);
    let goes = ranked(members, Member::goes, |rank| -i64::from(rank));
    let comes = comes.into_iter().filter(taken).collect();
    let goes = goes.into_iter().filter(taken).collect();
    let comes = walk(comes, &edges(&judged.comes_after), members);
    let goes = walk(goes, &edges(&judged.goes_after), members);

    let mut copies = parked(members, judged, entropy);
    for place in &comes.order {
        let member = &members[*place];
        let row = member.comes().cloned();
        let loose = comes.cut.get(place);
        copies.push(member.copy(row.map(|row| without(row, loose))));
    }
    for place in comes.cut.keys() {
        copies.push(members[*place].copy(members[*place].comes().cloned()));
    }
    for (place, columns) in &goes.cut {
        let row = members[*place].current.clone();
        copies.push(members[*place].copy(row.map(|row| without(row, Some(columns)))));
    }
    for place in &goes.order {
        copies.push(members[*place].copy(None));
    }
    copies
}

/// Members of one sort, by the rank of their tables.
fn ranked(
    members: &[Member],
    sort: impl Fn(&Member) -> bool,
    rank: impl Fn(u32) -> i64,
) -> Vec<usize> {
    let mut places: Vec<usize> = (0..members.len())
        .filter(|place| sort(&members[*place]))
        .collect();
    places.sort_by_cached_key(|place| {
        let row = &members[*place].on_secondary;
        let entity = Arc::clone(&row.table.entity);
        (rank(row.table.fk_rank), entity, row.key.clone())
    });
    places
}

/// The rows as they stand, without the values that are in the way.
fn parked(members: &[Member], judged: &Judged, entropy: &dyn Entropy) -> Vec<Copy> {
    let mut columns: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (place, column) in &judged.parks {
        columns.entry(*place).or_default().insert(*column);
    }
    let mut copies = Vec::with_capacity(columns.len());
    for (place, columns) in columns {
        let member = &members[place];
        let Some(mut row) = member.current.clone() else {
            continue;
        };
        for column in columns {
            row[column] = park::value(&member.on_secondary.table.columns[column], entropy);
        }
        copies.push(member.copy(Some(row)));
    }
    copies
}

/// For each place, those that must come before it, by which reference.
type Edges<'a> = BTreeMap<usize, Vec<(usize, &'a Reference)>>;

fn edges(pairs: &[(usize, usize, Reference)]) -> Edges<'_> {
    let mut edges = Edges::new();
    for (after, before, reference) in pairs {
        edges.entry(*after).or_default().push((*before, reference));
    }
    edges
}

/// An order, and the references that are left open meanwhile because they run
/// in a circle: columns to be NULL, by place.
#[derive(Default)]
struct Walk {
    order: Vec<usize>,
    cut: BTreeMap<usize, BTreeSet<usize>>,
    seen: BTreeSet<usize>,
}

fn walk(places: Vec<usize>, edges: &Edges<'_>, members: &[Member]) -> Walk {
    let mut walk = Walk::default();
    for place in &places {
        walk.visit(*place, edges, members);
    }
    // Edges lead only to members of the same sort; whoever is refused is none.
    let wanted: BTreeSet<usize> = places.into_iter().collect();
    walk.order.retain(|place| wanted.contains(place));
    walk.cut.retain(|place, _| wanted.contains(place));
    walk
}

impl Walk {
    /// Depth first, without recursion: chains are as long as data makes them.
    fn visit(&mut self, start: usize, edges: &Edges<'_>, members: &[Member]) {
        if !self.seen.insert(start) {
            return;
        }
        let mut path = vec![(start, 0_usize)];
        while let Some((place, next)) = path.last_mut() {
            let edge = edges.get(place).and_then(|before| before.get(*next));
            let place = *place;
            let Some((before, reference)) = edge else {
                self.order.push(place);
                path.pop();
                continue;
            };
            *next += 1;
            if self.seen.insert(*before) {
                path.push((*before, 0));
            } else if path.iter().any(|(open, _)| open == before) {
                self.cut(place, *before, reference, members);
            }
        }
    }

    /// Leaves a reference of a circle open, where it may be NULL. Where it may
    /// not, the database can check it late, or nothing can be done.
    fn cut(&mut self, place: usize, before: usize, reference: &Reference, members: &[Member]) {
        let holds = |at: usize| {
            members[at]
                .on_secondary
                .table
                .references
                .contains(reference)
        };
        // Of rows that come, the later one refers; of rows that go, the earlier.
        let goes = members[place].goes();
        let child = if goes { before } else { place };
        if reference.deferrable || place == before || !holds(child) {
            return;
        }
        let table = &members[child].on_secondary.table;
        let can_be_null = |at: &usize| {
            let column = &table.columns[*at];
            column.nullable && !column.generated && !table.key.contains(at)
        };
        if let Some(column) = reference.columns.iter().copied().find(can_be_null) {
            self.cut.entry(child).or_default().insert(column);
        }
    }
}

fn without(mut row: Row, columns: Option<&BTreeSet<usize>>) -> Row {
    for column in columns.into_iter().flatten() {
        row[*column] = Value::Null;
    }
    row
}
