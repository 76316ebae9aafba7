//! All entities together.

mod leftovers;
mod name;
mod order;
mod references;

use super::entity::{Pair, entity};
use super::judge::judge;
use super::read::{self, Read};
use super::remark::Remark;
use super::survey::{SurveyedSides, keeps_books};
use super::tables::{self, Pairing};
use super::{Proposal, Proposed};
use crate::catalog::TableInfo;
use crate::side::Side;

pub(super) fn propose(service: &str, sides: &SurveyedSides, tables: &[String]) -> Proposal {
    let ours = |info: &TableInfo| !keeps_books(&info.name.name);
    let legacy = read::tables(&sides.legacy, service, |info| {
        ours(info) && is_wanted(info, tables)
    });
    let new = read::tables(&sides.new, service, ours);
    let pairing = tables::paired(&legacy, &new);
    let mut entities = entities(service, &legacy, &new, &pairing);
    judge(service, sides, &mut entities);
    let head = order::arrange(service, sides, &mut entities);
    references::remark(sides, &mut entities);
    let whole = leftovers::Whole {
        sides,
        legacy: &legacy,
        new: &new,
        pairing: &pairing,
        asked: tables,
    };
    Proposal {
        service: service.to_owned(),
        head,
        entities,
        tail: whole.remarks(),
    }
}

/// Whether a table was asked for; all are when none was.
fn is_wanted(info: &TableInfo, tables: &[String]) -> bool {
    tables.is_empty() || tables.iter().any(|asked| is_called(info, asked))
}

fn is_called(info: &TableInfo, asked: &str) -> bool {
    info.name.name == asked || info.name.to_string() == asked
}

/// An entity for each pair, and one that is left out for each answer to an
/// open question.
fn entities(
    service: &str,
    legacy: &[Read<'_>],
    new: &[Read<'_>],
    pairing: &Pairing,
) -> Vec<Proposed> {
    let mut names = name::Names::new(service);
    let mut made = Vec::new();
    for (from, to, why) in &pairing.pairs {
        let pair = Pair {
            legacy: &legacy[*from],
            new: &new[*to],
            name: names.of(&new[*to].info.name.name),
            remarks: why.iter().cloned().collect(),
        };
        let referring = references::referring((*from, *to), legacy, new, pairing);
        made.push(entity(pair, &referring));
    }
    for group in &pairing.open {
        let told: Vec<String> = group
            .iter()
            .map(|(from, to)| format!("{} as {}", legacy[*from].name, new[*to].name))
            .collect();
        for (from, to) in group {
            let remark = Remark::decide(
                format!("several answers are equally good: {}", told.join(", ")),
                "keep the entity that is right",
            );
            let pair = Pair {
                legacy: &legacy[*from],
                new: &new[*to],
                name: names.of(&new[*to].info.name.name),
                remarks: vec![remark],
            };
            let referring = references::referring((*from, *to), legacy, new, pairing);
            made.push(Proposed {
                offered: false,
                ..entity(pair, &referring)
            });
        }
    }
    made
}

/// The table of an entity on a side.
fn table_of<'a>(sides: &'a SurveyedSides, side: Side, one: &Proposed) -> Option<&'a TableInfo> {
    sides.of(side).catalog.table(one.entity.table(side))
}
