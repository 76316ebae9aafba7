//! What the real checker says: only what passes it is offered.

use super::Proposed;
use super::remark::{Level, Remark};
use super::survey::SurveyedSides;
use crate::mapping::{self, MappingError, MappingProblem};
use crate::spec::{Entity, Spec, TableName};

/// Leaves out, with the reason, what is in the way of a mapping, until the
/// rest of it passes.
pub(super) fn judge(service: &str, sides: &SurveyedSides, proposed: &mut [Proposed]) {
    loop {
        let entities = offered(proposed);
        let mut told = by_settings(service, &entities);
        if told.is_empty() && !entities.is_empty() {
            let (legacy, new) = (Some(&sides.legacy.catalog), Some(&sides.new.catalog));
            let errors = mapping::check(service, &entities, legacy, new).err();
            let errors = errors.unwrap_or_default().into_iter();
            told.extend(errors.map(|error| by_schema(error, proposed)));
        }
        if told.is_empty() {
            return;
        }
        // Each round leaves out at least one entity, so there is an end.
        for (name, remark) in told {
            leave_out(proposed, &name, remark);
        }
    }
}

fn offered(proposed: &[Proposed]) -> Vec<Entity> {
    proposed
        .iter()
        .filter(|one| one.offered)
        .map(|one| one.entity.clone())
        .collect()
}

/// What a manifest cannot say.
fn by_settings(service: &str, entities: &[Entity]) -> Vec<(String, Remark)> {
    let mut told = Vec::new();
    for entity in entities {
        for table in [&entity.legacy_table, &entity.new_table] {
            if TableName::parse(&table.to_string()).as_ref() != Ok(table) {
                let remark = Remark::refused(
                    format!("a manifest cannot name the table `{}`", table.name),
                    "rename it: a name has no dot, and is not blank",
                );
                told.push((entity.name.clone(), remark));
            }
        }
        let alone = Spec {
            entities: vec![entity.clone()],
            ..Spec::default()
        };
        let violations = alone.validate(service).into_iter();
        told.extend(violations.map(|violation| {
            let detail = format!("{}: {}", violation.path, violation.message);
            let remedy = format!("expected {}", violation.expected);
            (entity.name.clone(), Remark::refused(detail, remedy))
        }));
    }
    told
}

fn by_schema(error: MappingError, proposed: &[Proposed]) -> (String, Remark) {
    if let Some(remark) = undecided(&error, proposed) {
        return (error.entity, remark);
    }
    let remark = Remark {
        level: Level::Refused,
        subject: error.entity.clone(),
        column: error.column.unwrap_or_default(),
        side: error.side,
        detail: error.side.map_or_else(
            || error.problem.to_string(),
            |side| format!("on the {side} side, {}", error.problem),
        ),
        remedy: String::new(),
    };
    (error.entity, remark)
}

/// That a question stands in the way, and not the schema.
fn undecided(error: &MappingError, proposed: &[Proposed]) -> Option<Remark> {
    if error.problem != MappingProblem::UnmappedRequired {
        return None;
    }
    let (side, column) = (error.side?, error.column.as_ref()?);
    let one = proposed
        .iter()
        .find(|one| one.entity.name == error.entity)?;
    let mut lines = one.lines.iter();
    lines.find_map(|line| line.undecided(side, column))
}

/// Leaves one entity out, and says why unless that has been said of the same
/// column.
fn leave_out(proposed: &mut [Proposed], name: &str, remark: Remark) {
    let Some(one) = proposed.iter_mut().find(|one| one.entity.name == name) else {
        return;
    };
    one.offered = false;
    let remark = remark.of(name);
    let said = |other: &Remark| {
        let refused = other.level == Level::Refused && remark.level == Level::Refused;
        *other == remark || (refused && !remark.column.is_empty() && other.column == remark.column)
    };
    let lines = one.lines.iter().flat_map(|line| &line.remarks);
    if !one.remarks.iter().chain(lines).any(said) {
        one.remarks.push(remark);
    }
}
