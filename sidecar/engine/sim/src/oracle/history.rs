//! The one history of each key: what the last accepted write left, on whichever
//! side was primary then.

use dualwrite_core::side::Side;

use super::copies::row_of;
use super::{Book, Oracle, Row, name_of, requests};
use crate::server::{Commit, Purpose, Space, Version, Written};
use crate::shop::{self, Name, canonical};

impl Book {
    /// What a key is, as far as anything was ever written to it.
    pub(super) fn truth(&self, name: &Name) -> Option<&Row> {
        let versions = self.versions.get(name)?;
        versions.last().map(|(_, row)| row)
    }
}

impl Oracle {
    /// Takes an accepted write into the history.
    pub(super) fn write_history(&self, side: Side, end: &Commit) {
        let Purpose::Foreground { request, .. } = &end.purpose else {
            return;
        };
        let rows = || {
            let rows = end.written.iter();
            rows.filter(|one| matches!(one.id.space, Space::Row(_)))
        };
        let mut broken = Vec::new();
        let mut book = self.book();
        book.now += 1;
        let now = book.now;
        let mut images = Vec::new();
        for one in rows() {
            let Some(name) = name_of(one) else { continue };
            let (before, after) = (seen(one, side, Was::Before), seen(one, side, Was::After));
            if let Some(truth) = book.truth(&name)
                && *truth != before
            {
                broken.push(format!("{name} was {truth:?}, and {side} held {before:?}"));
            }
            let versions = book.versions.entry(name.clone()).or_default();
            if versions.is_empty() {
                versions.push((0, before));
            }
            versions.push((now, after.clone()));
            images.push((name, after));
        }
        let done = requests::executed(request.as_deref(), end, &images);
        if let Some(id) = done {
            let known = book.requests.entry(id.clone()).or_default();
            known.executions += 1;
            known.at = now;
            known.images.clone_from(&images);
            if known.executions > 1 {
                broken.push(format!("request {id} is executed twice"));
            }
            if known.refused {
                broken.push(format!("request {id} was refused and is executed"));
            }
        }
        drop(book);
        for what in broken {
            self.broken("history", what);
        }
    }

    /// The rows of this side are the truth, every one.
    pub fn judge_truth(&self, side: Side) {
        let Some(server) = self.server(side) else {
            return;
        };
        let mut broken = Vec::new();
        for (name, versions) in &self.book().versions {
            let held = row_of(&server, side, name);
            if let Some((_, truth)) = versions.last()
                && *truth != held
            {
                broken.push(format!("{name} is {truth:?}, and {side} holds {held:?}"));
            }
        }
        for what in broken {
            self.broken("history", what);
        }
    }
}

enum Was {
    Before,
    After,
}

/// One version of a row, in the new side's form.
fn seen(written: &Written, side: Side, was: Was) -> Row {
    let version = match was {
        Was::Before => written.before.as_ref(),
        Was::After => written.after.as_ref(),
    };
    let Space::Row(table) = &written.id.space else {
        return None;
    };
    let entity = shop::entity_of(table)?;
    let row = version.and_then(|version: &std::sync::Arc<Version>| version.row())?;
    Some(canonical(entity, side, row.to_vec()))
}
