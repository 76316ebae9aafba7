//! Whether each column means the same on both sides.

use super::look::Seen;
use super::{Kinds, Pair, error};
use crate::catalog::ColumnInfo;
use crate::convert::{Convert, carries};
use crate::mapping::{MappingError, MappingProblem};
use crate::spec::{Column, Entity};
use crate::value::Kind;

/// The kinds of every column; `None` where one of them is not known, which has
/// been said by then.
pub(super) fn check(
    entity: &Entity,
    pair: Pair<'_>,
    errors: &mut Vec<MappingError>,
) -> Option<Vec<Kinds>> {
    let mut all = Vec::with_capacity(entity.columns.len());
    for (at, column) in entity.columns.iter().enumerate() {
        let info = |seen: Option<&Seen<'_>>| -> Option<Option<ColumnInfo>> {
            seen.map(|seen| seen.columns[at].cloned())
        };
        let (kinds, problems) = match (info(pair.legacy), info(pair.new)) {
            (Some(Some(legacy)), Some(Some(new))) => both(entity, column, &legacy, &new),
            (Some(Some(legacy)), None) => legacy_alone(column, &legacy),
            (None, Some(Some(new))) => new_alone(column, &new),
            (None, None) | (Some(None), _) | (_, Some(None)) => (None, Vec::new()),
        };
        errors.extend(problems.into_iter().map(|problem| MappingError {
            column: Some(column.new.clone()),
            ..error(entity, problem)
        }));
        all.push(kinds);
    }
    all.into_iter().collect()
}

fn both(
    entity: &Entity,
    column: &Column,
    legacy: &ColumnInfo,
    new: &ColumnInfo,
) -> (Option<Kinds>, Vec<MappingProblem>) {
    let (Some(legacy_kind), Some(new_kind)) = (legacy.kind, new.kind) else {
        return (None, Vec::new());
    };
    let kinds = Kinds {
        legacy: legacy_kind,
        new: new_kind,
    };
    let mut problems = Vec::new();
    problems.extend(mismatch(column.convert, kinds));
    if entity.key.contains(&column.new) && problems.is_empty() && !same_key_kind(kinds) {
        problems.push(MappingProblem::KeyKindsDiffer {
            legacy: legacy_kind,
            new: new_kind,
        });
    }
    if legacy.generated != new.generated {
        problems.push(MappingProblem::GeneratedOnOneSide);
    }
    if column.convert.is_none() && declared_digits_differ(&legacy.native, &new.native) {
        problems.push(MappingProblem::PrecisionDiffers {
            legacy: legacy.native.clone(),
            new: new.native.clone(),
        });
    }
    (Some(kinds), problems)
}

fn legacy_alone(column: &Column, legacy: &ColumnInfo) -> (Option<Kinds>, Vec<MappingProblem>) {
    let Some(legacy) = legacy.kind else {
        return (None, Vec::new());
    };
    let new = column.convert.ends().map_or(legacy, |(_, gives)| gives);
    let kinds = Kinds { legacy, new };
    (
        Some(kinds),
        mismatch(column.convert, kinds).into_iter().collect(),
    )
}

fn new_alone(column: &Column, new: &ColumnInfo) -> (Option<Kinds>, Vec<MappingProblem>) {
    let Some(new) = new.kind else {
        return (None, Vec::new());
    };
    let legacy = column.convert.ends().map_or(new, |(takes, _)| takes);
    let kinds = Kinds { legacy, new };
    (
        Some(kinds),
        mismatch(column.convert, kinds).into_iter().collect(),
    )
}

/// What is wrong with a conversion between these kinds.
fn mismatch(convert: Convert, Kinds { legacy, new }: Kinds) -> Option<MappingProblem> {
    if joins(convert, legacy, new) {
        return None;
    }
    let remedy = remedy(legacy, new);
    Some(match convert.ends() {
        None => MappingProblem::KindsDiffer {
            legacy,
            new,
            remedy,
        },
        Some((takes, gives)) => MappingProblem::WrongConvert {
            convert: convert.name(),
            takes,
            gives,
            legacy,
            new,
            remedy,
        },
    })
}

/// Whether a conversion leads from one kind to the other. A named one may meet
/// numbers of another width at either end.
fn joins(convert: Convert, legacy: Kind, new: Kind) -> bool {
    match convert.ends() {
        None => carries(legacy, new),
        Some((takes, gives)) => carries(legacy, takes) && carries(gives, new),
    }
}

fn remedy(legacy: Kind, new: Kind) -> String {
    let fitting: Vec<String> = Convert::ALL
        .into_iter()
        .filter(|convert| joins(*convert, legacy, new))
        .map(|convert| {
            if convert.is_none() {
                "leave `convert` out".to_owned()
            } else {
                format!("`convert: {convert}`")
            }
        })
        .collect();
    if fitting.is_empty() {
        "no conversion joins them: change the type on one side".to_owned()
    } else {
        format!("use {}", fitting.join(" or "))
    }
}

/// Keys may differ in the sign of their integers, whose bytes are the same.
const fn same_key_kind(Kinds { legacy, new }: Kinds) -> bool {
    matches!(
        (legacy, new),
        (Kind::Int | Kind::UInt, Kind::Int | Kind::UInt)
    ) || legacy as u8 == new as u8
}

/// Whether both types declare digits after the point, and not as many: then
/// one side rounds, in silence, what the other holds.
fn declared_digits_differ(legacy: &str, new: &str) -> bool {
    match (declared_digits(legacy), declared_digits(new)) {
        (Some(legacy), Some(new)) => legacy != new,
        (None, _) | (_, None) => false,
    }
}

/// The digits after the point of `numeric(10,2)`, `decimal(10)` or
/// `timestamp(3) with time zone`.
fn declared_digits(native: &str) -> Option<u32> {
    let native = native.to_ascii_lowercase();
    let (name, rest) = native.split_once('(')?;
    let (digits, _) = rest.split_once(')')?;
    let digits = match name.trim() {
        "numeric" | "decimal" => digits.split_once(',').map_or("0", |(_, scale)| scale),
        "timestamp" | "timestamptz" | "datetime" | "time" | "timetz" => digits,
        _ => return None,
    };
    digits.trim().parse().ok()
}
