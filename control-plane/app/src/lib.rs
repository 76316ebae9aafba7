//! The deciding half of the control plane: what operators may do, what a
//! fleet of sidecars is told, and what is done about what it reports.
//!
//! It has no wire and no SQL. Operators' calls are [`verbs`], one a file, each
//! one transaction on the [`ports::Store`]: read, decide by the rules of
//! `dualwrite_core`, write, record an event. Sidecars hold a seat in the
//! [`fleet`]; what they all must know is [`publish`]ed. What takes longer than
//! one call is carried on by [`reconcile`]: loops without input that look at
//! what is stored and at who is connected, and do the next step, so that the
//! normal way, a restart and a fail-over are one path.
//!
//! Read in this order: [`model`] (the nouns), [`ports`] (what is needed from
//! outside), [`app`] (the handle), [`verbs`], [`fleet`], [`reconcile`].

pub mod app;
mod asking;
mod change;
pub mod error;
pub mod figures;
pub mod fleet;
pub mod model;
mod observe;
pub mod ports;
pub mod publish;
pub mod reconcile;
pub mod verbs;
mod waiting;

pub use app::{ControlPlane, Setup, StartError};
pub use asking::AskError;
pub use waiting::{Acks, WaitError};
