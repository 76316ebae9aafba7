//! Tables without a counterpart, and what is no table.

use super::is_called;
use crate::catalog::TableInfo;
use crate::propose::read::Read;
use crate::propose::remark::Remark;
use crate::propose::survey::{SurveyedSides, keeps_books, why_no_table};
use crate::propose::tables::Pairing;
use crate::propose::words;
use crate::side::Side;
use crate::suggest;

/// Names that one remark lists; the rest are counted.
const LISTED: usize = 20;

/// Everything that was looked at.
pub(super) struct Whole<'a> {
    pub(super) sides: &'a SurveyedSides,
    pub(super) legacy: &'a [Read<'a>],
    pub(super) new: &'a [Read<'a>],
    pub(super) pairing: &'a Pairing,
    /// The tables that were asked for; all when empty.
    pub(super) asked: &'a [String],
}

impl Whole<'_> {
    pub(super) fn remarks(&self) -> Vec<Remark> {
        let mut remarks = self.not_found();
        if self.asked.is_empty() {
            remarks.extend(
                self.pairing
                    .new_left
                    .iter()
                    .map(|at| self.new_alone(&self.new[*at])),
            );
        }
        remarks.extend(self.legacy_alone());
        for side in Side::BOTH {
            remarks.extend(self.books(side));
            remarks.extend(self.no_tables(side));
        }
        remarks
    }

    /// Tables that were asked for and do not exist.
    fn not_found(&self) -> Vec<Remark> {
        let tables = &self.sides.legacy.catalog.tables;
        let missing = self
            .asked
            .iter()
            .filter(|asked| !tables.iter().any(|info| is_called(info, asked)));
        let told = missing.map(|asked| {
            let names: Vec<String> = tables.iter().map(|info| info.name.name.clone()).collect();
            let near = suggest::nearest(asked, names.iter().map(String::as_str));
            let remedy = near.map_or_else(String::new, |near| format!("did you mean {near}?"));
            Remark::refused("the legacy side has no such table", remedy)
                .of(asked)
                .on(Side::Legacy)
        });
        told.collect()
    }

    fn new_alone(&self, table: &Read<'_>) -> Remark {
        let hidden = self.sides.legacy.others.iter().find(|relation| {
            let words = words::words(&relation.name.name);
            words == table.words || words == table.stripped
        });
        let remark = match hidden {
            Some(relation) => Remark::refused(
                format!(
                    "its legacy counterpart {} is {}",
                    relation.name,
                    why_no_table(relation.form)
                ),
                "map the table behind it, or let this user read it",
            ),
            None => Remark::decide(
                "no legacy table is like it: it is not in the mapping",
                "leave it so if nothing on legacy belongs to it; else write its entity by hand",
            ),
        };
        remark.of(&table.name.to_string()).on(Side::New)
    }

    /// A shared database has many tables of others: they are told in one.
    fn legacy_alone(&self) -> Option<Remark> {
        let names = self.pairing.legacy_left.iter();
        let names: Vec<String> = names.map(|at| self.legacy[*at].name.to_string()).collect();
        let first = names.first()?.clone();
        let detail = format!(
            "{} of the legacy side {} no counterpart on new and {} left alone: {}",
            count(names.len(), "table"),
            if names.len() == 1 { "has" } else { "have" },
            if names.len() == 1 { "is" } else { "are" },
            listed(&names)
        );
        let subject = if names.len() == 1 {
            first
        } else {
            String::new()
        };
        let remark = if self.asked.is_empty() {
            Remark::check(detail, "")
        } else {
            Remark::decide(
                detail,
                "create its table on the new side, or write its entity by hand",
            )
        };
        Some(remark.of(&subject).on(Side::Legacy))
    }

    fn books(&self, side: Side) -> Option<Remark> {
        let tables = self.sides.of(side).catalog.tables.iter();
        let books = |info: &&TableInfo| keeps_books(&info.name.name);
        let names: Vec<String> = tables
            .filter(books)
            .map(|info| info.name.to_string())
            .collect();
        (!names.is_empty()).then(|| {
            let detail = format!(
                "left out, since a tool of schema changes keeps its books there: {}",
                listed(&names)
            );
            Remark::check(detail, "").on(side)
        })
    }

    fn no_tables(&self, side: Side) -> Option<Remark> {
        let others = &self.sides.of(side).others;
        let told: Vec<String> = others
            .iter()
            .map(|relation| format!("{} ({})", relation.name, why_no_table(relation.form)))
            .collect();
        (!told.is_empty() && self.asked.is_empty())
            .then(|| Remark::check(format!("left out: {}", listed(&told)), "").on(side))
    }
}

fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(LISTED)].join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        rest => format!("{shown} and {rest} more"),
    }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}
