//! A table made ready for comparing.

use std::collections::BTreeMap;

use super::joint::End;
use super::survey::Survey;
use super::words::{self, Unit};
use crate::catalog::{ColumnInfo, TableInfo};
use crate::spec::TableName;

/// One table, with what its names say.
#[derive(Debug)]
pub(super) struct Read<'a> {
    pub(super) info: &'a TableInfo,
    /// Its name as a manifest gives it.
    pub(super) name: TableName,
    /// The words of its name.
    pub(super) words: Vec<String>,
    /// The words without the prefix that it shares with its neighbours.
    pub(super) stripped: Vec<String>,
    pub(super) columns: Vec<ReadColumn<'a>>,
    pub(super) bounded: bool,
}

/// One column, with what its name says.
#[derive(Debug)]
pub(super) struct ReadColumn<'a> {
    pub(super) info: &'a ColumnInfo,
    pub(super) folded: String,
    pub(super) words: Vec<String>,
    /// The words without unit, time and truth, and without a prefix that all
    /// columns of the table share.
    pub(super) core: Vec<String>,
    pub(super) unit: Option<Unit>,
}

impl<'a> Read<'a> {
    /// The end of a joint at this column.
    pub(super) fn end(&self, at: usize) -> End<'a> {
        End {
            info: self.columns[at].info,
            unit: self.columns[at].unit,
            bounded: self.bounded,
        }
    }

    /// Where the column of this name stands.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column.info.name == name)
    }
}

/// The tables of one side that can be asked for.
pub(super) fn tables<'a>(
    survey: &'a Survey,
    service: &str,
    wanted: impl Fn(&TableInfo) -> bool,
) -> Vec<Read<'a>> {
    let mut found: Vec<&TableInfo> = survey
        .catalog
        .tables
        .iter()
        .filter(|info| wanted(info))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let firsts = shared_firsts(survey, service);
    let read = found.into_iter().map(|info| {
        let words = words::words(&info.name.name);
        Read {
            info,
            name: survey.short(info),
            stripped: stripped(&words, &firsts),
            words,
            columns: columns(info),
            bounded: survey.bounded,
        }
    });
    read.collect()
}

/// First words that say nothing: those of several tables of this side, the
/// service's own, and those that everybody uses.
fn shared_firsts(survey: &Survey, service: &str) -> Vec<String> {
    const USUAL: [&str; 4] = ["tbl", "tb", "t", "app"];
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for table in &survey.catalog.tables {
        let words = words::words(&table.name.name);
        if let [first, _, ..] = words.as_slice() {
            *counts.entry(first.clone()).or_default() += 1;
        }
    }
    let several = counts.into_iter().filter(|(_, count)| *count > 1);
    several
        .map(|(first, _)| first)
        .chain(words::words(service))
        .chain(USUAL.map(str::to_owned))
        .collect()
}

fn stripped(words: &[String], firsts: &[String]) -> Vec<String> {
    match words {
        [first, rest @ ..] if !rest.is_empty() && firsts.contains(first) => rest.to_vec(),
        _ => words.to_vec(),
    }
}

fn columns(info: &TableInfo) -> Vec<ReadColumn<'_>> {
    let all: Vec<Vec<String>> = info
        .columns
        .iter()
        .map(|column| words::words(&column.name))
        .collect();
    let shared = shared_first(&all);
    let read = info.columns.iter().zip(all).map(|(info, words)| {
        let own = if shared { &words[1..] } else { &words[..] };
        let (core, unit) = words::core(own);
        ReadColumn {
            info,
            folded: words::folded(&info.name),
            core,
            unit,
            words,
        }
    });
    read.collect()
}

/// Whether all columns begin with one word, as in `usr_name`, `usr_email`.
fn shared_first(all: &[Vec<String>]) -> bool {
    let Some(first) = all.first().and_then(|words| words.first()) else {
        return false;
    };
    all.len() > 2
        && all
            .iter()
            .all(|words| words.len() > 1 && words.first() == Some(first))
}
