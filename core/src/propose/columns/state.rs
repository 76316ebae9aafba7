//! Matching columns, reason by reason.

use super::{Edge, Likeness, Matched, is_plain, joins};
use crate::propose::joint::{Joint, joint};
use crate::propose::read::Read;

/// Which columns are still free, and what was found of the others.
pub(super) struct State {
    legacy_free: Vec<bool>,
    new_free: Vec<bool>,
    found: Matched,
}

impl State {
    /// Nothing is matched yet.
    pub(super) fn of(legacy: &Read<'_>, new: &Read<'_>) -> Self {
        Self {
            legacy_free: vec![true; legacy.columns.len()],
            new_free: vec![true; new.columns.len()],
            found: Matched::default(),
        }
    }

    /// Takes what this reason says without a choice; where there is one, or
    /// where the reason proves nothing, leaves the question open.
    pub(super) fn settle(&mut self, edges: &[Edge], likeness: Likeness) {
        let live: Vec<Edge> = edges
            .iter()
            .filter(|edge| edge.likeness == likeness && self.is_free(**edge))
            .copied()
            .collect();
        let mut asked = vec![false; live.len()];
        for at in 0..live.len() {
            if asked[at] {
                continue;
            }
            let group = connected(&live, at);
            for member in &group {
                asked[*member] = true;
            }
            let group: Vec<Edge> = group.into_iter().map(|member| live[member]).collect();
            for edge in &group {
                self.take(*edge);
            }
            match group.as_slice() {
                [only] if likeness >= Likeness::Place => self.found.pairs.push(*only),
                [..] => self.found.open.push(group),
            }
        }
    }

    /// Keeps columns that are alike by name from being matched for a worse
    /// reason.
    pub(super) fn set_apart(&mut self, edges: &[Edge], likeness: Likeness) {
        for edge in edges.iter().filter(|edge| edge.likeness == likeness) {
            if self.is_free(*edge) {
                self.take(*edge);
                self.found.apart.push(*edge);
            }
        }
    }

    /// Joins what is left of both primary keys, where it is one column each.
    pub(super) fn settle_key(&mut self, legacy: &Read<'_>, new: &Read<'_>) {
        let legacy_left = left_of_key(legacy, &self.legacy_free);
        let new_left = left_of_key(new, &self.new_free);
        let ([from], [to]) = (legacy_left.as_slice(), new_left.as_slice()) else {
            return;
        };
        let edge = Edge {
            legacy: *from,
            new: *to,
            likeness: Likeness::Place,
        };
        let same_kind = legacy.columns[*from].info.kind == new.columns[*to].info.kind;
        if same_kind && legacy.info.primary_key.len() == new.info.primary_key.len() {
            let plain = joint(legacy.end(*from), new.end(*to));
            if let Joint::One(..) = plain {
                self.take(edge);
                self.found.pairs.push(edge);
            }
        }
    }

    /// Pairs of columns that are left, each the only one for the other.
    pub(super) fn alone(&self, legacy: &Read<'_>, new: &Read<'_>) -> Vec<Edge> {
        let edges = self.left(legacy, new, Likeness::Alone, joins);
        let only = |edge: &&Edge| {
            let touching = |other: &&Edge| other.legacy == edge.legacy || other.new == edge.new;
            edges.iter().filter(touching).count() == 1
        };
        edges.iter().filter(only).copied().collect()
    }

    /// Pairs of columns that are left, of one kind and alike about NULL, each
    /// behind columns that are the same.
    pub(super) fn behind(&self, legacy: &Read<'_>, new: &Read<'_>) -> Vec<Edge> {
        let mut edges = self.left(legacy, new, Likeness::Behind, is_plain);
        edges.retain(|edge| {
            let before = edge.legacy.checked_sub(1).zip(edge.new.checked_sub(1));
            let paired = |(from, to)| {
                let mut pairs = self.found.pairs.iter();
                pairs.any(|pair| (pair.legacy, pair.new) == (from, to))
            };
            let (from, to) = (legacy.columns[edge.legacy].info, new.columns[edge.new].info);
            before.is_some_and(paired) && from.kind == to.kind && from.nullable == to.nullable
        });
        edges
    }

    /// Every pair of columns that are left, as far as `fits` says so. What a
    /// database computes is never asked about.
    fn left(
        &self,
        legacy: &Read<'_>,
        new: &Read<'_>,
        likeness: Likeness,
        fits: fn(&Read<'_>, &Read<'_>, Edge) -> bool,
    ) -> Vec<Edge> {
        let mut found = Vec::new();
        for n in places(&self.new_free) {
            for l in places(&self.legacy_free) {
                let edge = Edge {
                    legacy: l,
                    new: n,
                    likeness,
                };
                let computed = legacy.columns[l].info.generated || new.columns[n].info.generated;
                if !computed && fits(legacy, new, edge) {
                    found.push(edge);
                }
            }
        }
        found
    }

    fn is_free(&self, edge: Edge) -> bool {
        self.legacy_free[edge.legacy] && self.new_free[edge.new]
    }

    fn take(&mut self, edge: Edge) {
        self.legacy_free[edge.legacy] = false;
        self.new_free[edge.new] = false;
    }

    pub(super) fn finish(mut self) -> Matched {
        self.found.legacy_left = places(&self.legacy_free);
        self.found.new_left = places(&self.new_free);
        self.found.pairs.sort_by_key(|edge| edge.new);
        self.found
    }
}

fn places(free: &[bool]) -> Vec<usize> {
    let places = free.iter().enumerate().filter(|(_, free)| **free);
    places.map(|(at, _)| at).collect()
}

fn left_of_key(table: &Read<'_>, free: &[bool]) -> Vec<usize> {
    let places = table.info.primary_key.iter();
    places
        .filter_map(|name| table.place(name))
        .filter(|at| free[*at])
        .collect()
}

/// The edges that hang together with this one by a column of either side.
fn connected(edges: &[Edge], from: usize) -> Vec<usize> {
    let mut group = vec![from];
    let mut at = 0;
    while let Some(member) = group.get(at).copied() {
        for (other, edge) in edges.iter().enumerate() {
            let touches = edge.legacy == edges[member].legacy || edge.new == edges[member].new;
            if touches && !group.contains(&other) {
                group.push(other);
            }
        }
        at += 1;
    }
    group.sort_unstable();
    group
}
