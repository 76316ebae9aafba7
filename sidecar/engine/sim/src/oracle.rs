//! Sees both databases and every end of a transaction at its very instant, and
//! judges each by the invariants of the protocol:
//!
//! * **F1** a transaction commits only under the fence that its sidecar works
//!   under, in the right role;
//! * **F2** a fence only grows, there are never two primaries, and a side
//!   becomes primary only after the other handed over;
//! * **D1** the row and its marker commit together;
//! * **C1** where no marker stands and nobody holds the key lock, both sides
//!   hold the same row;
//! * **history**: the primary's rows are what the last accepted write of each
//!   key left, across flips, and no request is executed twice;
//! * **answers**: what was acknowledged happened, once; what was refused did
//!   not; what was read was true at some instant of the call.

mod copies;
mod fences;
mod history;
mod reads;
mod requests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use dualwrite_core::key::bucket;
use dualwrite_core::side::Side;
use dualwrite_core::value::Value;
use tokio::sync::Notify;

use crate::server::{Commit, Observer, Purpose, Server, Space};
use crate::shop::{self, Name, SERVICE};
use crate::trace::Trace;

pub use reads::Reading;
pub use requests::{Answered, RequestId};

/// A rule that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which rule, as one word.
    pub rule: &'static str,
    /// What was seen.
    pub what: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

/// The judge of one run.
#[derive(Debug)]
pub struct Oracle {
    servers: [Weak<Server>; 2],
    trace: Arc<Trace>,
    book: Mutex<Book>,
    first: Notify,
}

/// A row in the new side's form, or its absence.
type Row = Option<Vec<Value>>;

#[derive(Debug, Default)]
struct Book {
    violations: Vec<Violation>,
    /// Counts accepted writes.
    now: u64,
    /// What each key was after which accepted write; the last is the truth.
    versions: BTreeMap<Name, Vec<(u64, Row)>>,
    requests: BTreeMap<RequestId, requests::Known>,
    by_bucket: BTreeMap<u16, BTreeSet<Name>>,
    /// Whether C1 holds: not while rows are written without markers and not
    /// copied anew since.
    comparable: bool,
    marking: BTreeMap<u64, bool>,
}

/// Tells the oracle which server it is that it hears of.
#[derive(Debug)]
struct Ear {
    side: Side,
    oracle: Arc<Oracle>,
}

impl Observer for Ear {
    fn ended(&self, server: &Server, end: &Commit) {
        self.oracle.ended(self.side, server, end);
    }
}

impl Oracle {
    /// A judge of these two servers, legacy and new. With `comparable`, both
    /// hold the same rows now.
    #[must_use]
    pub fn watch(
        legacy: &Arc<Server>,
        new: &Arc<Server>,
        comparable: bool,
        trace: &Arc<Trace>,
    ) -> Arc<Self> {
        let oracle = Arc::new(Self {
            servers: [Arc::downgrade(legacy), Arc::downgrade(new)],
            trace: Arc::clone(trace),
            first: Notify::new(),
            book: Mutex::new(Book {
                comparable,
                ..Book::default()
            }),
        });
        for (side, server) in [(Side::Legacy, legacy), (Side::New, new)] {
            let oracle = Arc::clone(&oracle);
            server.observe(Arc::new(Ear { side, oracle }));
        }
        oracle
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn server(&self, side: Side) -> Option<Arc<Server>> {
        let at = match side {
            Side::Legacy => &self.servers[0],
            Side::New => &self.servers[1],
        };
        at.upgrade()
    }

    /// Notes a broken rule.
    pub fn broken(&self, rule: &'static str, what: String) {
        self.trace.note(format_args!("BROKEN {rule}: {what}"));
        self.book().violations.push(Violation { rule, what });
        self.first.notify_one();
    }

    /// Waits until a rule is broken.
    pub async fn first_broken(&self) {
        self.first.notified().await;
    }

    /// The rules broken so far.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.book().violations.clone()
    }

    /// From now on both sides hold the same rows, but for those with markers.
    pub fn comparable(&self) {
        self.book().comparable = true;
    }

    /// Whether both sides hold the same rows, but for those with markers.
    #[must_use]
    pub fn is_comparable(&self) -> bool {
        self.book().comparable
    }

    /// Every transaction is judged by what stands there at its end.
    fn ended(&self, side: Side, server: &Server, end: &Commit) {
        if end.committed {
            self.note_commit(side, end);
            match &end.purpose {
                Purpose::Foreground { epoch, token, .. } => {
                    self.judge_fence(side, server, *epoch, dualwrite_core::side::Role::Primary);
                    self.judge_markers(server, *epoch, *token, end);
                    self.write_history(side, end);
                }
                Purpose::Copy { epoch } => {
                    self.judge_fence(side, server, *epoch, dualwrite_core::side::Role::Secondary);
                }
                Purpose::Fence => self.judge_fence_change(side, end),
                Purpose::Clearing | Purpose::Other => {}
            }
        }
        self.compare(&self.touched(end));
    }

    fn note_commit(&self, side: Side, end: &Commit) {
        for one in &end.written {
            let (id, after) = (&one.id, one.after.as_ref().map(|version| &version.data));
            self.trace.note(format_args!(
                "{side} commits {:?} {id:?} {after:?}",
                end.purpose
            ));
        }
    }

    /// The keys whose copies may be judged otherwise after this end.
    fn touched(&self, end: &Commit) -> BTreeSet<Name> {
        let mut touched: BTreeSet<Name> = end.written.iter().filter_map(name_of).collect();
        let mut book = self.book();
        for name in &touched {
            let bucket = bucket(SERVICE, &name.entity, &name.key);
            book.by_bucket
                .entry(bucket)
                .or_default()
                .insert(name.clone());
        }
        for (_, bucket) in &end.released {
            let names = book.by_bucket.get(bucket).into_iter().flatten();
            touched.extend(names.cloned());
        }
        touched
    }
}

/// Whose row or marker was written.
fn name_of(written: &crate::server::Written) -> Option<Name> {
    let key = written.id.key.clone()?;
    let entity = match &written.id.space {
        Space::Row(table) => Arc::from(shop::entity_of(table)?),
        Space::Marker(_, entity) => Arc::clone(entity),
        Space::Fence(_) | Space::Receipt(..) | Space::Aside(..) => return None,
    };
    Some(Name { entity, key })
}
