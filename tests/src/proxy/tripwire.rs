//! Waiting for one statement on its way to the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::mpsc;

/// When a tripwire lets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the statement: the server never gets it, and the connection is reset.
    Before,
    /// At the commit of the statement's transaction, which the server gets; its answer is lost
    /// with the connection.
    CommitUnknown,
    /// Before the statement, which waits until the proxy is told to let it go.
    Held,
}

/// One statement that is waited for, on however many proxies.
#[derive(Debug)]
pub struct Tripwire {
    id: u64,
    whose: usize,
    statement: String,
    moment: Moment,
    tripped: AtomicBool,
    told: mpsc::Sender<Tripped>,
}

/// Says that it was tripped; the statement of a wire that holds goes on once this is dropped.
#[derive(Debug)]
pub struct Tripped {
    /// Whose wire it was.
    pub whose: usize,
    /// The statement that was seen.
    pub statement: String,
    _held: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Tripwire {
    /// A wire of somebody's for the next statement that contains this text, and who is told of it.
    pub fn on(
        whose: usize,
        statement: &str,
        moment: Moment,
        told: mpsc::Sender<Tripped>,
    ) -> Arc<Self> {
        static IDS: AtomicU64 = AtomicU64::new(0);
        Arc::new(Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            whose,
            statement: statement.to_owned(),
            moment,
            tripped: AtomicBool::new(false),
            told,
        })
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn moment(&self) -> Moment {
        self.moment
    }

    /// Whether this statement is the one, which only the first is.
    pub(super) fn catches(&self, statement: &str) -> bool {
        statement.contains(&self.statement) && !self.tripped.swap(true, Ordering::SeqCst)
    }

    /// Tells of it, and waits where the wire holds.
    pub(super) async fn tell(&self, statement: &str) {
        let (held, release) = tokio::sync::oneshot::channel();
        let held = (self.moment == Moment::Held).then_some(held);
        let tripped = Tripped {
            whose: self.whose,
            statement: statement.to_owned(),
            _held: held,
        };
        // Nobody listens any more: then nothing is held either.
        drop(self.told.send(tripped).await);
        drop(release.await);
    }
}
