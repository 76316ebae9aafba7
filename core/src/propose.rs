//! A manifest proposed from what both databases look like, so that nobody
//! writes one of forty tables by hand.
//!
//! Nothing is guessed silently: whatever does not follow from equal names and
//! equal types has a [`Remark`] that says what was seen and why it was taken
//! for a match; where two answers are equally good neither is taken; and what
//! cannot be mapped is left out with the reason. Whatever is offered passes
//! [`crate::mapping::check`], which is asked before anything is answered.
//!
//! In reading order: `words` (what names say), `read` (a table made ready for
//! comparing), `tables` (which table is which), `joint` (whether two types
//! join, and how), `columns` (which column is which), `entity` (a pair of
//! tables as an entity), `judge` (what the real checker says), `whole` (all
//! entities together), `text` (the manifest with its remarks).

mod columns;
mod entity;
mod joint;
mod judge;
mod keys;
mod limits;
mod read;
mod remark;
mod sensitive;
mod survey;
mod tables;
mod text;
mod unmatched;
mod whole;
mod words;

#[cfg(test)]
mod tests;

pub use remark::{Level, Remark};
pub use survey::{Survey, SurveyedSides};

use crate::manifest::Manifest;
use crate::phase::Phase;
use crate::side::Side;
use crate::spec::{Column, Entity, Spec};

/// What is proposed for one service.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The service.
    pub service: String,
    /// About the whole: what stands at the top of the manifest.
    pub head: Vec<Remark>,
    /// The entities, those that are left out among them.
    pub entities: Vec<Proposed>,
    /// About tables without a counterpart: what stands at the end.
    pub tail: Vec<Remark>,
}

/// One pair of tables, as an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposed {
    /// The entity with the columns that are certain enough to be offered.
    pub entity: Entity,
    /// Whether it is offered; else its remarks say why it is left out.
    pub offered: bool,
    /// About the entity as a whole.
    pub remarks: Vec<Remark>,
    /// Its columns, with those that are left open.
    pub lines: Vec<Line>,
}

/// One column of a proposed entity, or the question which it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// One column when `certain`; else the answers there are, maybe none.
    pub columns: Vec<Column>,
    /// Whether the column is offered.
    pub certain: bool,
    /// What to know about it.
    pub remarks: Vec<Remark>,
}

impl Line {
    /// That nothing can be copied before this question is answered, where it is
    /// one, and the column of this side is among its answers.
    fn undecided(&self, side: Side, column: &str) -> Option<Remark> {
        let asks = self.remarks.iter().any(|one| one.level == Level::Decide);
        let mut answers = self.columns.iter();
        let first = answers.clone().next().filter(|_| asks && !self.certain)?;
        answers.any(|answer| answer.name(side) == column).then(|| {
            Remark::decide(
                format!(
                    "left out until {} is decided, without which no copy could be inserted",
                    first.new
                ),
                "keep the line that is right, and with it the lines of this entity",
            )
        })
    }
}

impl Proposal {
    /// Every remark, in the order of the manifest.
    #[must_use]
    pub fn remarks(&self) -> Vec<&Remark> {
        let entities = self.entities.iter().flat_map(|proposed| {
            let lines = proposed.lines.iter().flat_map(|line| &line.remarks);
            proposed.remarks.iter().chain(lines)
        });
        self.head.iter().chain(entities).chain(&self.tail).collect()
    }

    /// The entities that are offered.
    #[must_use]
    pub fn offered(&self) -> Vec<Entity> {
        self.entities
            .iter()
            .filter(|proposed| proposed.offered)
            .map(|proposed| proposed.entity.clone())
            .collect()
    }

    /// The manifest of what is offered, in the phase where migrations start.
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        Manifest {
            name: self.service.clone(),
            phase: Some(Phase::LegacyOnly),
            spec: Spec {
                entities: self.offered(),
                ..Spec::default()
            },
        }
    }

    /// The manifest as YAML, with the remarks as comments where they belong. It
    /// reads back as [`Proposal::manifest`] when at least one entity is offered.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        text::render(self)
    }
}

/// Proposes a manifest for `service`. With `tables`, only these tables of the
/// legacy side are looked at (by name, with or without a schema).
#[must_use]
pub fn propose(service: &str, sides: &SurveyedSides, tables: &[String]) -> Proposal {
    whole::propose(service, sides, tables)
}
