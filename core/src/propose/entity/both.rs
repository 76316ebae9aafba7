//! A line for each column of a pair of tables.

use crate::convert::Convert;
use crate::propose::columns::{Edge, Likeness, Matched};
use crate::propose::joint::{Joint, joint};
use crate::propose::keys::Plain;
use crate::propose::read::Read;
use crate::propose::remark::Remark;
use crate::propose::{Line, sensitive};
use crate::side::Side;
use crate::spec::Column;

/// Both tables of an entity.
#[derive(Clone, Copy)]
pub(super) struct Both<'a> {
    pub(super) legacy: &'a Read<'a>,
    pub(super) new: &'a Read<'a>,
}

impl Both<'_> {
    /// A line for each question that was answered or left open, in the order
    /// of the new table; and the columns that are mapped as they are.
    pub(super) fn lines(self, matched: &Matched) -> (Vec<Line>, Vec<Plain>) {
        let mut lines: Vec<(usize, Line)> = Vec::new();
        let mut plain = Vec::new();
        for edge in &matched.pairs {
            let line = self.paired(*edge);
            if let ([only], true) = (line.columns.as_slice(), line.certain)
                && only.convert.is_none()
            {
                plain.push(Plain {
                    legacy: edge.legacy,
                    new: edge.new,
                });
            }
            lines.push((edge.new, line));
        }
        for edge in &matched.apart {
            lines.push((edge.new, self.apart(*edge)));
        }
        for group in &matched.open {
            let first = group.first().map_or(0, |edge| edge.new);
            lines.push((first, self.open(group)));
        }
        lines.sort_by_key(|(place, _)| *place);
        (lines.into_iter().map(|(_, line)| line).collect(), plain)
    }

    fn paired(self, edge: Edge) -> Line {
        let (from, to) = self.names(edge);
        let mut remarks = Vec::new();
        if edge.likeness != Likeness::Same {
            remarks.push(Remark::check(
                format!(
                    "legacy {from} is taken for new {to}: {}",
                    edge.likeness.why()
                ),
                "",
            ));
        }
        let (columns, certain) = match self.joint(edge) {
            Joint::One(convert, more) => {
                remarks.extend(more);
                (vec![self.column(edge, convert)], true)
            }
            Joint::Either(converts, why) => {
                remarks.push(why);
                let each = converts.into_iter();
                (
                    each.map(|convert| self.column(edge, convert)).collect(),
                    false,
                )
            }
            Joint::Not(why) => {
                remarks.push(why);
                (vec![self.column(edge, Convert::None)], false)
            }
        };
        remarks.extend(self.differences(edge));
        self.line(edge, columns, certain, remarks)
    }

    fn apart(self, edge: Edge) -> Line {
        let why = match self.joint(edge) {
            Joint::Not(why) => vec![why],
            Joint::One(..) | Joint::Either(..) => Vec::new(),
        };
        let columns = vec![self.column(edge, Convert::None)];
        self.line(edge, columns, false, why)
    }

    /// A question: every answer as a column that somebody can let in.
    fn open(self, group: &[Edge]) -> Line {
        let columns: Vec<Column> = group.iter().flat_map(|edge| self.answers(*edge)).collect();
        let told: Vec<String> = group
            .iter()
            .map(|edge| {
                let (from, to) = self.names(*edge);
                format!("{from} as {to}")
            })
            .collect();
        let Some(first) = group.first().copied() else {
            return Line {
                columns,
                certain: false,
                remarks: Vec::new(),
            };
        };
        let why = first.likeness.why();
        let mut remarks = vec![match told.as_slice() {
            [only] => Remark::decide(
                format!("perhaps legacy {only} on new: {why}"),
                "keep the line if it is right",
            ),
            [..] => Remark::decide(
                format!(
                    "several answers are equally good ({}): {why}",
                    told.join(", ")
                ),
                "keep the line that is right",
            ),
        }];
        if group.len() == 1 {
            match self.joint(first) {
                Joint::One(_, more) => remarks.extend(more),
                Joint::Either(_, why) => remarks.push(why),
                Joint::Not(_) => {}
            }
            remarks.extend(self.differences(first));
        }
        self.line(first, columns, false, remarks)
    }

    /// The ways in which two columns could be mapped.
    fn answers(self, edge: Edge) -> Vec<Column> {
        match self.joint(edge) {
            Joint::One(convert, _) => vec![self.column(edge, convert)],
            Joint::Either(converts, _) => {
                let each = converts.into_iter();
                each.map(|convert| self.column(edge, convert)).collect()
            }
            Joint::Not(_) => Vec::new(),
        }
    }

    fn joint(self, edge: Edge) -> Joint {
        joint(self.legacy.end(edge.legacy), self.new.end(edge.new))
    }

    fn names(self, edge: Edge) -> (String, String) {
        (
            self.legacy.columns[edge.legacy].info.name.clone(),
            self.new.columns[edge.new].info.name.clone(),
        )
    }

    fn column(self, edge: Edge, convert: Convert) -> Column {
        let (legacy, new) = self.names(edge);
        Column {
            legacy,
            new,
            convert,
            sensitive: self.telling(edge).is_some(),
        }
    }

    fn telling(self, edge: Edge) -> Option<&'static str> {
        let legacy = sensitive::telling(&self.legacy.columns[edge.legacy].words);
        legacy.or_else(|| sensitive::telling(&self.new.columns[edge.new].words))
    }

    /// What differs besides names and types.
    fn differences(self, edge: Edge) -> Vec<Remark> {
        let from = self.legacy.columns[edge.legacy].info;
        let to = self.new.columns[edge.new].info;
        let mut remarks = Vec::new();
        if let Some(word) = self.telling(edge) {
            remarks.push(Remark::check(
                format!(
                    "its name says `{word}`: its values are hashed wherever they leave the sidecar"
                ),
                "take `sensitive: true` away if it holds nothing that needs it",
            ));
        }
        if from.generated && to.generated {
            remarks.push(Remark::check(
                "both sides compute it by themselves, and it is only read",
                "see that both compute the same",
            ));
        }
        remarks.extend(nulls(from.nullable, to.nullable));
        remarks
    }

    fn line(self, edge: Edge, columns: Vec<Column>, certain: bool, remarks: Vec<Remark>) -> Line {
        let (_, name) = self.names(edge);
        Line {
            columns,
            certain,
            remarks: remarks.into_iter().map(|remark| remark.at(&name)).collect(),
        }
    }

    /// The places of the new side's primary key.
    pub(super) fn new_primary(self) -> Vec<usize> {
        let key = self.new.info.primary_key.iter();
        key.filter_map(|name| self.new.place(name)).collect()
    }
}

/// NULL on one side only.
fn nulls(legacy: bool, new: bool) -> Option<Remark> {
    let (side, effect) = match (legacy, new) {
        (true, false) => (Side::New, "the copy of a row with NULL is refused"),
        (false, true) => (Side::Legacy, "going back is refused for a row with NULL"),
        (true, true) | (false, false) => return None,
    };
    Some(
        Remark::check(
            format!("NULL is refused on the {side} side only: {effect}"),
            "let both sides refuse it, or neither, or know that no row has it",
        )
        .on(side),
    )
}
