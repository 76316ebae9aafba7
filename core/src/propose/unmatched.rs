//! What of a pair of tables has no counterpart.

use super::Line;
use super::columns::{Edge, Matched};
use super::read::{Read, ReadColumn};
use super::remark::Remark;
use crate::side::Side;

/// A line for each column that is left on either side.
pub(super) fn columns(legacy: &Read<'_>, new: &Read<'_>, matched: &Matched) -> Vec<Line> {
    let mut lines = Vec::new();
    for (side, read, left) in [
        (Side::New, new, &matched.new_left),
        (Side::Legacy, legacy, &matched.legacy_left),
    ] {
        lines.extend(left.iter().map(|at| alone(side, &read.columns[*at])));
    }
    lines
}

fn alone(side: Side, column: &ReadColumn<'_>) -> Line {
    let info = column.info;
    let other = side.other();
    let remark = if info.generated {
        Remark::check(
            format!(
                "{side} column {} is computed by the database and not mapped",
                info.name
            ),
            "",
        )
    } else if info.nullable || info.has_default {
        Remark::check(
            format!(
                "{side} column {} has no {other} counterpart: rows copied there have its default or NULL",
                info.name
            ),
            format!("map it by hand if the {other} side has it under another name"),
        )
    } else {
        Remark::refused(
            format!(
                "{side} column {} has no {other} counterpart, and is NOT NULL without a default: no copy could be inserted",
                info.name
            ),
            "map it by hand, give it a default, or let it be NULL",
        )
    };
    Line {
        columns: Vec::new(),
        certain: false,
        remarks: vec![remark.at(&info.name).on(side)],
    }
}

/// Unique sets of one side that the other does not keep: what is allowed there
/// is refused here.
pub(super) fn uniques(
    legacy: &Read<'_>,
    new: &Read<'_>,
    pairs: &[Edge],
    key: &[usize],
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for set in sets(new, key, Side::New, pairs) {
        let implied = set
            .iter()
            .map(|name| counterpart(new, legacy, Side::New, name, pairs))
            .collect::<Option<Vec<&str>>>()
            .is_some_and(|names| is_unique(legacy, &names));
        if !implied {
            remarks.push(
                Remark::decide(
                    format!("({}) is unique on the new side and not on the legacy side: a row that legacy takes may be refused on new, and its key set aside", set.join(", ")),
                    "make it unique on the legacy side as well, or not on the new side until new is primary",
                )
                .on(Side::New),
            );
        }
    }
    for set in sets(legacy, key, Side::Legacy, pairs) {
        let implied = set
            .iter()
            .map(|name| counterpart(legacy, new, Side::Legacy, name, pairs))
            .collect::<Option<Vec<&str>>>()
            .is_some_and(|names| is_unique(new, &names));
        if !implied {
            remarks.push(
                Remark::check(
                    format!("({}) is unique on the legacy side and not on the new side: once new is primary, a row may be refused on legacy, and going back with it", set.join(", ")),
                    "make it unique on the new side as well",
                )
                .on(Side::Legacy),
            );
        }
    }
    remarks
}

/// Unique sets besides the key.
fn sets<'a>(read: &Read<'a>, key: &[usize], side: Side, pairs: &[Edge]) -> Vec<Vec<&'a str>> {
    let key: Vec<&str> = key
        .iter()
        .filter_map(|at| {
            let place = match side {
                Side::New => Some(*at),
                Side::Legacy => pairs
                    .iter()
                    .find(|edge| edge.new == *at)
                    .map(|edge| edge.legacy),
            };
            place.map(|place| read.columns[place].info.name.as_str())
        })
        .collect();
    let all = std::iter::once(&read.info.primary_key).chain(&read.info.uniques);
    all.filter(|set| !set.is_empty())
        .map(|set| set.iter().map(String::as_str).collect::<Vec<_>>())
        .filter(|set| !same(set, &key))
        .filter(|set| set.iter().any(|name| is_mapped(read, side, name, pairs)))
        .collect()
}

fn is_mapped(read: &Read<'_>, side: Side, name: &str, pairs: &[Edge]) -> bool {
    read.place(name)
        .is_some_and(|at| pairs.iter().any(|edge| place(*edge, side) == at))
}

fn counterpart<'a>(
    read: &Read<'_>,
    other: &Read<'a>,
    side: Side,
    name: &str,
    pairs: &[Edge],
) -> Option<&'a str> {
    let at = read.place(name)?;
    let edge = pairs.iter().find(|edge| place(**edge, side) == at)?;
    let there = place(*edge, side.other());
    Some(other.columns[there].info.name.as_str())
}

const fn place(edge: Edge, side: Side) -> usize {
    match side {
        Side::Legacy => edge.legacy,
        Side::New => edge.new,
    }
}

/// Whether the table keeps these columns apart: by a set of some of them.
fn is_unique(read: &Read<'_>, names: &[&str]) -> bool {
    std::iter::once(&read.info.primary_key)
        .chain(&read.info.uniques)
        .filter(|set| !set.is_empty())
        .any(|set| set.iter().all(|name| names.contains(&name.as_str())))
}

fn same(left: &[&str], right: &[&str]) -> bool {
    left.len() == right.len() && left.iter().all(|name| right.contains(name))
}
