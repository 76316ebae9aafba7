//! Who is connected, what they hold and what they report.
//!
//! A sidecar that connects takes a seat ([`crate::ControlPlane::join`]). The
//! seat has two halves: [`Commands`] is what the sidecar is told, [`Seat`] is
//! where what it says is [`Seat::heard`]. Of the settings only the newest
//! version waits for a slow sidecar; what is meant for it alone waits in a
//! bounded queue, and may be dropped when that is full, because whoever sends
//! it (see [`crate::reconcile`]) sends it again.
//!
//! All of this is in memory. After a restart of the control plane it comes
//! back as the sidecars reconnect.

mod command;
mod hear;
mod heard;
mod join;
mod question;
mod rate;
mod registry;
mod ring;
mod seat;
mod service;
mod session;

use std::time::Duration;

pub use command::{Command, PlanJob, ShardOrder};
pub use hear::HearError;
pub use heard::{
    CheckVerdict, Heard, Heartbeat, Hello, JobPlanned, KeyCheck, PlanOutcome, PlanProgress,
    PlannedShard, PoolUse, Report, ShardProgress,
};
pub use join::JoinError;
pub use question::{
    Answer, Answered, Ask, CheckKey, Diagnose, Question, Removals, Remove, RunTest, Unanswered,
};
pub(crate) use registry::Registry;
pub use seat::{Commands, End, Seat};
pub(crate) use service::{Instants, Service, oldest};
pub(crate) use session::LiveSession;

/// How often both sides of a session send heartbeats.
pub const HEARTBEAT: Duration = Duration::from_secs(2);

/// A session that said nothing for so long is dead: three heartbeats, so that
/// one lost packet or one slow second on either side is not a death.
pub const SILENT_AFTER: Duration = Duration::from_secs(6);

/// Commands that wait for one sidecar at most. Two leased shards, a plan and a
/// revocation are normal; the rest are questions, which time out.
pub const COMMANDS: usize = 64;
