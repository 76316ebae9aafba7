//! Proof by failure: real processes over real databases, faults from a seeded schedule, writers
//! that record a history, and a checker that judges from the history alone.
//!
//! Reading order:
//!
//! - [`history`]: what writers record, one JSON line an event; the words of everything else.
//! - [`check`]: decides whether a history is one that a single, correct database could have given.
//! - [`engines`], [`bed`]: which databases there are, and the two that a run is about.
//! - [`stage`]: the fleet, with a proxy between any two parties.
//! - [`writer`]: what applications do.
//! - [`schedule`], [`nemesis`]: which faults there will be, and how they are done.
//! - [`run`]: all of it, from the first write to the verdict; [`report`]: what is told of it.

pub mod history;

pub mod check;

pub mod engines;

pub mod bed;
pub mod stage;

pub mod writer;

pub mod nemesis;
pub mod schedule;

pub mod report;
pub mod run;
