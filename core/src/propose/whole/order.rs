//! The order of entities, and the root.

use std::cmp::Reverse;

use super::table_of;
use crate::propose::Proposed;
use crate::propose::remark::Remark;
use crate::propose::survey::SurveyedSides;
use crate::side::Side;

/// Puts entities before those that refer to them, those left out last, and
/// marks the root. Answers what is to be said about the root.
pub(super) fn arrange(
    service: &str,
    sides: &SurveyedSides,
    entities: &mut Vec<Proposed>,
) -> Vec<Remark> {
    let above: Vec<Vec<usize>> = (0..entities.len())
        .map(|at| parents(sides, entities, at))
        .collect();
    let depths = depths(&above);
    let mut order: Vec<usize> = (0..entities.len()).collect();
    order.sort_by_key(|at| (Reverse(entities[*at].offered), depths[*at], *at));
    let mut slots: Vec<Option<Proposed>> = entities.drain(..).map(Some).collect();
    entities.extend(order.into_iter().filter_map(|at| slots[at].take()));
    choose_root(service, sides, entities)
}

/// Chains of foreign keys that are longer keep the order that they have; those
/// in a circle would have no end.
const DEEPEST: usize = 16;

/// How many entities stand above each.
fn depths(above: &[Vec<usize>]) -> Vec<usize> {
    let mut depths = vec![0; above.len()];
    for _ in 0..DEEPEST {
        let deeper = above.iter().map(|parents| {
            let highest = parents.iter().map(|parent| depths[*parent] + 1).max();
            highest.unwrap_or(0)
        });
        let deeper: Vec<usize> = deeper.collect();
        if deeper == depths {
            break;
        }
        depths = deeper;
    }
    depths
}

/// The offered entities that one refers to, on either side.
fn parents(sides: &SurveyedSides, entities: &[Proposed], at: usize) -> Vec<usize> {
    let mut found = Vec::new();
    for side in Side::BOTH {
        let Some(table) = table_of(sides, side, &entities[at]) else {
            continue;
        };
        for key in &table.foreign_keys {
            let parent = entities.iter().position(|other| {
                other.offered
                    && table_of(sides, side, other).is_some_and(|info| info.name == key.references)
            });
            found.extend(parent.filter(|parent| *parent != at && !found.contains(parent)));
        }
    }
    found
}

/// The root is the one entity that others refer to and that refers to none.
fn choose_root(service: &str, sides: &SurveyedSides, entities: &mut [Proposed]) -> Vec<Remark> {
    let offered: Vec<usize> = (0..entities.len())
        .filter(|at| entities[*at].offered)
        .collect();
    let above: Vec<Vec<usize>> = (0..entities.len())
        .map(|at| parents(sides, entities, at))
        .collect();
    let referred = |at: usize| offered.iter().any(|other| above[*other].contains(&at));
    let tops: Vec<usize> = offered
        .iter()
        .copied()
        .filter(|at| above[*at].is_empty() && (referred(*at) || offered.len() == 1))
        .collect();
    let named = offered
        .iter()
        .copied()
        .find(|at| entities[*at].entity.name == service);
    let (root, why) = match (tops.as_slice(), named) {
        ([only], _) => (
            *only,
            "the other entities that are connected refer to it, and it to none",
        ),
        (_, Some(named)) => (named, "it has the service's name"),
        (_, None) => return none(entities, &offered, &tops),
    };
    let entity = &mut entities[root];
    entity.entity.root = true;
    if offered.len() > 1 {
        let remark = Remark::check(
            format!("it is taken for the root, which a bare key names: {why}"),
            "",
        );
        entity.remarks.push(remark.of(&entity.entity.name));
    }
    Vec::new()
}

fn none(entities: &[Proposed], offered: &[usize], tops: &[usize]) -> Vec<Remark> {
    if offered.is_empty() {
        return Vec::new();
    }
    let among = if tops.is_empty() { offered } else { tops };
    let names: Vec<&str> = among
        .iter()
        .map(|at| entities[*at].entity.name.as_str())
        .collect();
    vec![Remark::decide(
        format!(
            "no entity is the root, which a bare key names: it may be any of {}",
            names.join(", ")
        ),
        "write `root: true` under its name, or leave it so and always name the entity",
    )]
}
