//! What lies between a client and a server: time, and everything that can go
//! wrong on the way.
//!
//! The work of a call is done by a task of the server, so that it can outlive
//! the client that asked for it: a request whose client died may still commit,
//! and an open transaction holds its locks until the server notices.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use dualwrite_engine::fake::Call;
use dualwrite_engine::store::StoreError;
use tokio::sync::oneshot;
use tokio::time::sleep;

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes there and comes back, each way in so much time.
    Fine {
        /// Until the request is there.
        out: Duration,
        /// Until the reply is back.
        back: Duration,
    },
    /// The request never arrives; the client notices after so much time.
    LostRequest {
        /// Until the client notices.
        notice: Duration,
    },
    /// It is done, and the reply never arrives.
    LostReply {
        /// Until the request is there.
        out: Duration,
        /// From when it is done until the client notices.
        notice: Duration,
    },
    /// The client is told that the connection is lost, and the request arrives
    /// all the same, this much later.
    Late {
        /// Until the client is told.
        notice: Duration,
        /// From then until the request is there.
        arrives: Duration,
    },
    /// The server refuses it as a real one does now and then, and nothing
    /// happens.
    Refused {
        /// Until the client is told.
        back: Duration,
        /// With what.
        with: Refusal,
    },
}

/// An error that a server may give to any call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A serialisation failure.
    Conflict,
    /// A lock was not to be had.
    Busy,
    /// No connection is free.
    Exhausted,
}

impl Refusal {
    fn error(self) -> StoreError {
        let why = "as the simulation decided".to_owned();
        match self {
            Self::Conflict => StoreError::Conflict(why),
            Self::Busy => StoreError::Busy(why),
            Self::Exhausted => StoreError::Exhausted(why),
        }
    }
}

/// Decides what becomes of calls.
pub trait Weather: Send + Sync + std::fmt::Debug + 'static {
    /// What becomes of this one.
    fn fate(&self, call: Call) -> Fate;

    /// How long a server keeps a transaction whose client is gone.
    fn zombie(&self) -> Duration;
}

/// Nothing goes wrong, and nothing takes time.
#[derive(Debug, Clone, Copy)]
pub struct Fair;

impl Weather for Fair {
    fn fate(&self, _call: Call) -> Fate {
        Fate::Fine {
            out: Duration::ZERO,
            back: Duration::ZERO,
        }
    }

    fn zombie(&self) -> Duration {
        Duration::ZERO
    }
}

/// One client's way to one server.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    weather: Arc<dyn Weather>,
}

impl Wire {
    pub(crate) fn new(weather: Arc<dyn Weather>) -> Self {
        Self { weather }
    }

    /// Has the server do this work, and brings its answer back.
    pub(crate) async fn carry<T, F>(&self, call: Call, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let fate = self.weather.fate(call);
        if fate == Fair.fate(call) {
            // No way lies between: whoever gives up takes the work with it.
            pause(Duration::ZERO).await;
            return work.await;
        }
        let (reply, answer) = oneshot::channel();
        tokio::spawn(travel(fate, call, work, reply));
        answer.await.unwrap_or_else(|_| Err(lost(call)))
    }

    /// Rolls back what this holds, once the server notices that its client is
    /// gone.
    pub(crate) fn abandon<T: Send + 'static>(&self, held: T) {
        let keeps = self.weather.zombie();
        if keeps.is_zero() || tokio::runtime::Handle::try_current().is_err() {
            drop(held);
            return;
        }
        tokio::spawn(async move {
            sleep(keeps).await;
            drop(held);
        });
    }
}

async fn travel<T, F>(
    fate: Fate,
    call: Call,
    work: F,
    reply: oneshot::Sender<Result<T, StoreError>>,
) where
    F: Future<Output = Result<T, StoreError>> + Send + 'static,
{
    let told = match fate {
        Fate::Fine { out, back } => {
            pause(out).await;
            let done = work.await;
            pause(back).await;
            done
        }
        Fate::LostRequest { notice } => {
            pause(notice).await;
            Err(lost(call))
        }
        Fate::LostReply { out, notice } => {
            pause(out).await;
            let done = work.await;
            pause(notice).await;
            done.and(Err(lost(call)))
        }
        Fate::Late { notice, arrives } => {
            pause(notice).await;
            let _ = reply.send(Err(lost(call)));
            pause(arrives).await;
            drop(work.await);
            return;
        }
        Fate::Refused { back, with } => {
            pause(back).await;
            Err(with.error())
        }
    };
    // The client may be gone: what is in the reply is dropped with it.
    let _ = reply.send(told);
}

async fn pause(time: Duration) {
    if time.is_zero() {
        // Gives others their turn, as every real database does.
        tokio::task::yield_now().await;
    } else {
        sleep(time).await;
    }
}

/// What a client says of a call whose reply it will never get: that nothing
/// can have happened, where nothing can, and else that it does not know.
fn lost(call: Call) -> StoreError {
    let why = "the connection was lost".to_owned();
    match call {
        Call::Install
        | Call::ChangeFence
        | Call::Write
        | Call::CommitWrite
        | Call::CommitApply
        | Call::ClearMarkers
        | Call::Mark
        | Call::Settle
        | Call::ExpireReceipts
        | Call::Quarantine
        | Call::Release
        | Call::WritePlain
        | Call::Remove => StoreError::UnknownOutcome(why),
        Call::Ping
        | Call::Describe
        | Call::Fence
        | Call::BeginWrite
        | Call::BeginApply
        | Call::Apply
        | Call::ReadApply
        | Call::Pull
        | Call::Markers
        | Call::Backlog
        | Call::Read
        | Call::List
        | Call::Keys
        | Call::Split
        | Call::Receipt
        | Call::AdvanceSequences
        | Call::Quarantined
        | Call::Diagnose
        | Call::ReadPlain
        | Call::ListPlain => StoreError::Unavailable(why),
    }
}
