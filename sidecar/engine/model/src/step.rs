//! One step of one actor.

use std::fmt;

use dualwrite_core::side::Side;

use crate::authority::By;

/// One step of one actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// A sidecar looks at both fences, or at one.
    Look(usize, Option<Side>),
    /// A sidecar is told of a plan, in the variant that believes plans.
    Told(usize),
    /// A sidecar dies and starts again.
    Crash(usize),
    /// A sidecar's foreground write.
    Write(usize, WriteStep),
    /// A sidecar's relay.
    Relay(usize, RelayStep),
    /// A sidecar's read.
    Read(usize, ReadStep),
    /// An executor; without executors, whoever.
    Execute(usize, ExecuteStep),
    /// The control plane.
    Plan(PlanStep),
    /// The writer outside.
    Outside(OutsideStep),
    /// A server, with the transaction whose client is gone.
    Server(usize, ServerStep),
}

/// What a foreground write does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WriteStep {
    /// An ask arrives.
    Arrive(u8),
    /// Looks for its receipt on the other side.
    Look,
    /// Answers from a look at the primary alone, in the variant that does.
    AnswerFromLook,
    /// Sends its statement, or begins on the primary.
    Begin,
    /// Begins and writes on the secondary.
    BeginSecondary,
    /// Sends the commit to the primary.
    SendCommit,
    /// The primary runs what was sent.
    PrimaryAnswers,
    /// What the primary did stays unknown.
    PrimaryUnknown,
    /// The secondary runs what was sent.
    SecondaryAnswers,
    /// What the secondary did stays unknown.
    SecondaryUnknown,
}

/// What a relay does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RelayStep {
    /// Takes up a key: fence and key lock on the secondary (or, in a variant,
    /// the row on the primary).
    Begin(usize),
    /// Reads token and row on the primary.
    Pull,
    /// Writes the copy and sends the commit.
    Apply,
    /// The secondary commits; the removal of the marker is sent.
    Committed,
    /// What the secondary did stays unknown.
    Unknown,
    /// The primary's transaction that held the row commits.
    Cleared,
}

/// What a read does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadStep {
    /// A read arrives.
    Arrive,
    /// Reads fence and rows.
    Read,
    /// Reads the rows, in the variant that read the fence before.
    ReadRows,
    /// Answers the caller.
    Answer,
}

/// What an executor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExecuteStep {
    /// Reads one fence more.
    ReadFence,
    /// Does what comes next.
    Act(By),
    /// Takes something for done, in the variants that do.
    Believe(By),
    /// Activates what it believes to be handed over.
    Activate,
    /// Forgets what it read: dies, or is overtaken.
    GiveUp,
}

/// What the control plane does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlanStep {
    /// Stores the next plan.
    Store,
    /// Decides to take it back.
    Abort,
    /// Closes a plan that has ended.
    Close,
}

/// What the writer outside does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutsideStep {
    /// Begins a transaction, with its snapshot.
    Begin,
    /// Writes; the trigger leaves the marker.
    Write,
    /// Is refused by the trigger.
    Refused,
    /// Commits.
    Commit,
    /// Rolls back.
    RollBack,
}

/// What a server does with a transaction whose client is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerStep {
    /// Runs what was sent, late.
    Late,
    /// Drops it.
    Drop,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Look(sidecar, None) => write!(f, "sidecar {sidecar}: looks at both fences"),
            Self::Look(sidecar, Some(side)) => {
                write!(f, "sidecar {sidecar}: looks at {side}'s fence")
            }
            Self::Told(sidecar) => write!(f, "sidecar {sidecar}: is told of an old plan"),
            Self::Crash(sidecar) => write!(f, "sidecar {sidecar}: crashes"),
            Self::Write(sidecar, step) => write!(f, "sidecar {sidecar}: write {step:?}"),
            Self::Relay(sidecar, step) => write!(f, "sidecar {sidecar}: relay {step:?}"),
            Self::Read(sidecar, step) => write!(f, "sidecar {sidecar}: read {step:?}"),
            Self::Execute(executor, step) => write!(f, "executor {executor}: {step:?}"),
            Self::Plan(step) => write!(f, "control plane: {step:?} plan"),
            Self::Outside(step) => write!(f, "writer outside: {step:?}"),
            Self::Server(_, ServerStep::Late) => {
                f.write_str("server: runs what an orphan had sent")
            }
            Self::Server(_, ServerStep::Drop) => f.write_str("server: drops an orphan"),
        }
    }
}
