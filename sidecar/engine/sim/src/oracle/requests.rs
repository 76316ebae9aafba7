//! Requests: what became of each in the databases, and what its caller was
//! told.

use dualwrite_core::value::Value;

use super::{Oracle, Row};
use crate::server::{Commit, Space};
use crate::shop::{CART, Name};

/// Names a request: its idempotency key, or the mark that it leaves in the
/// state of a cart.
pub type RequestId = String;

/// What is known of a request.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// How often it was executed.
    pub(super) executions: u32,
    /// The number of that accepted write.
    pub(super) at: u64,
    /// The rows that its execution left.
    pub(super) images: Vec<(Name, Row)>,
    /// Its caller was told that nothing happened and nothing will.
    pub(super) refused: bool,
}

/// What a caller was told, as far as it can be judged.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// It is done. `changed` says whether any row matched, and `rows` are the
    /// rows that the caller was shown.
    Done {
        /// Whether any mutation matched a row.
        changed: bool,
        /// The rows that were shown.
        rows: Vec<(Name, Row)>,
    },
    /// It is not done, and never will be.
    Refused(String),
}

/// The requests that a commit executes: the one whose receipt it leaves, or
/// else the one whose mark it leaves.
pub(super) fn executed(
    request: Option<&str>,
    end: &Commit,
    images: &[(Name, Row)],
) -> Option<RequestId> {
    if let Some(request) = request {
        let left = end.written.iter().any(|one| match &one.id.space {
            Space::Receipt(_, id) => **id == *request && one.before.is_none(),
            Space::Fence(_) | Space::Row(_) | Space::Marker(..) | Space::Aside(..) => false,
        });
        return left.then(|| request.to_owned());
    }
    images.iter().find_map(|(_, row)| mark_of(row.as_ref()?))
}

/// The mark in the state of a cart.
fn mark_of(row: &[Value]) -> Option<RequestId> {
    match row.get(1) {
        Some(Value::Text(state)) if row.len() == 4 => Some(state.clone()),
        Some(_) | None => None,
    }
}

impl Oracle {
    /// A caller is told what became of its request.
    pub fn told(&self, id: &str, answered: &Answered) {
        let mut broken = None;
        {
            let mut book = self.book();
            let known = book.requests.entry(id.to_owned()).or_default();
            match answered {
                Answered::Done { changed, rows } => {
                    if known.executions == 0 && *changed {
                        broken = Some(format!("request {id} is acknowledged and not executed"));
                    } else if *changed && !shows(&known.images, rows) {
                        broken = Some(format!(
                            "request {id} left {:?}, and its caller was shown {rows:?}",
                            known.images
                        ));
                    }
                }
                Answered::Refused(why) => {
                    known.refused = true;
                    if known.executions > 0 {
                        broken = Some(format!("request {id} is executed, and refused: {why}"));
                    }
                }
            }
        }
        if let Some(what) = broken {
            self.broken("answers", what);
        }
    }

    /// Which accepted write a request was, if it was executed.
    #[must_use]
    pub fn executed_at(&self, id: &str) -> Option<u64> {
        let book = self.book();
        let known = book.requests.get(id)?;
        (known.executions > 0).then_some(known.at)
    }

    /// The carts that a request changed.
    #[must_use]
    pub fn carts_of(&self, id: &str) -> Vec<i64> {
        let book = self.book();
        let images = book.requests.get(id).into_iter();
        let names = images.flat_map(|known| &known.images).map(|(name, _)| name);
        let carts = names.filter(|name| *name.entity == *CART);
        let ids = carts.filter_map(|name| match name.key.parts() {
            [Value::Int(id)] => Some(*id),
            _ => None,
        });
        ids.collect()
    }

    /// How many requests were executed.
    #[must_use]
    pub fn executions(&self) -> u64 {
        let book = self.book();
        let executed = book.requests.values().filter(|known| known.executions > 0);
        u64::try_from(executed.count()).unwrap_or(u64::MAX)
    }
}

/// Whether every row that was shown is one that was left.
fn shows(left: &[(Name, Row)], shown: &[(Name, Row)]) -> bool {
    shown.iter().all(|(name, row)| {
        let mut same = left.iter().filter(|(other, _)| other == name);
        same.next().is_none_or(|(_, other)| other == row)
    })
}
