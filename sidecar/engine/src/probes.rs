//! Test runs: a probe of each entity in each mode that the phase allows.
//!
//! A probe is a row of a table of ours that mirrors the entity's on both sides
//! ([`dualwrite_core::probe`]). It goes the very way of an application's row:
//! through the fence, with a marker and a receipt, by the relay or inside the
//! call. Only here is it special: nobody else can name it, it is not counted,
//! and it goes away.

mod leftovers;
mod run;
mod tables;

pub(crate) use leftovers::Leftovers;
pub(crate) use run::run;
pub(crate) use tables::{standing, wanted};
